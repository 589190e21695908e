"""Categories with their limits, service items, dispatch rules, and what would happen to …."""

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ValidationError, field_validator

from app.console.access import CHARGE, page, who
from app.console.choices import staff_below, units_below
from app.console.rendering import KINDS, render, texts, why
from app.desk import services as service
from app.errors import BadInput
from app.runtime import Runtime
from app.texts.catalogue import mark
from models.staff import AssigneeKind

PICTURES = (
    "lightbulb", "droplets", "flame", "wrench", "zap", "building", "credit-card", "stethoscope", "book-open", "store",
    "leaf", "trash-2", "scale", "handshake", "users", "hand-heart", "heart-handshake", "utensils", "house", "music",
    "party-popper", "calendar-days", "megaphone",
)  # fmt: skip
TIERS = {"simple": mark("简单的"), "complex": mark("复杂的")}


class RuleForm(BaseModel):
    """An empty choice matches anything."""

    name: str = ""
    category: str | None = None
    tier: str | None = None
    urgent: bool | None = None
    unit_id: int | None = None
    from_hour: int | None = None
    to_hour: int | None = None
    max_load: int | None = None
    assignee_kind: AssigneeKind = AssigneeKind.KEEPER
    assignee_id: int | None = None
    active: bool | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_any(cls, value: object) -> object:
        return None if value == "" else value


def _given() -> service.RuleGiven:
    try:
        return service.RuleGiven(
            **RuleForm.model_validate(request.form.to_dict()).model_dump()
            | {"active": request.form.get("active") == "1"}
        )
    except ValidationError as error:
        raise BadInput("规则里有填得不对的地方，请检查钟点和件数") from error


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    def _page(wrong: str | None = None, trial: service.Trial | None = None) -> ResponseReturnValue:
        signed = who()
        with runtime.db.transaction(read_only=True) as session:
            units, people = units_below(session, signed), staff_below(session, signed)
            answer = render(
                "services.html",
                categories=service.categories(session),
                limits=service.LIMITS,
                items=service.items(session),
                pictures=PICTURES,
                rules=service.rules(session),
                tiers=TIERS,
                kinds=[(kind.value, texts(runtime)(name)) for kind, name in KINDS.items()],
                units=units,
                people=people,
                names_of_units={id_: name.strip() for id_, name in units},
                names_of_people=dict(people),
                form=request.values,
                trial=trial,
                wrong=wrong,
            )
        return (answer, 400) if wrong else answer

    def _done(part: str) -> ResponseReturnValue:
        flash(texts(runtime)("记下了。"), "good")
        return redirect(f"/staff/services#{part}", 303)

    @page(blueprint, "/services", allow=CHARGE)
    def services() -> ResponseReturnValue:
        """With ?words=…: what would happen to them."""
        words = request.args.get("words", "").strip()
        if not words:
            return _page()
        with runtime.db.transaction(read_only=True) as session:
            trial = service.try_out(
                session, runtime.desk, words, hour=request.args.get("hour", type=int), now=runtime.now()
            )
        return _page(trial=trial)

    @page(blueprint, "/services/categories/<code>", allow=CHARGE, methods=("POST",))
    def limits_change(code: str) -> ResponseReturnValue:
        given = {name: request.form.get(name, type=int) for name in service.LIMITS}
        limits = {name: value for name, value in given.items() if value is not None}
        try:
            with runtime.db.transaction() as session:
                service.set_limits(session, who().actor, code, limits, now=runtime.now())
        except BadInput as error:
            return _page(why(runtime, error))
        return _done("categories")

    @page(blueprint, "/services/items", allow=CHARGE, methods=("POST",))
    def item_add() -> ResponseReturnValue:
        form = request.form
        picture = form.get("picture", "")
        try:
            with runtime.db.transaction() as session:
                service.add_item(
                    session,
                    who().actor,
                    form.get("category", ""),
                    form.get("item_name", ""),
                    picture if picture in PICTURES else PICTURES[0],
                    now=runtime.now(),
                )
        except BadInput as error:
            return _page(why(runtime, error))
        return _done("items")

    @page(blueprint, "/services/items/<int:item_id>/<any(on,off):state>", allow=CHARGE, methods=("POST",))
    def item_switch(item_id: int, state: str) -> ResponseReturnValue:
        with runtime.db.transaction() as session:
            service.switch_item(session, who().actor, item_id, on=state == "on", now=runtime.now())
        return _done("items")

    @page(blueprint, "/services/rules", allow=CHARGE, methods=("POST",))
    def rule_add() -> ResponseReturnValue:
        return _save(None)

    @page(blueprint, "/services/rules/<int:rule_id>", allow=CHARGE, methods=("POST",))
    def rule_change(rule_id: int) -> ResponseReturnValue:
        return _save(rule_id)

    def _save(rule_id: int | None) -> ResponseReturnValue:
        try:
            with runtime.db.transaction() as session:
                service.save_rule(session, who().actor, rule_id, _given(), now=runtime.now())
        except BadInput as error:
            return _page(why(runtime, error))
        return _done("rules")

    @page(blueprint, "/services/rules/<int:rule_id>/<any(up,down):way>", allow=CHARGE, methods=("POST",))
    def rule_move(rule_id: int, way: str) -> ResponseReturnValue:
        with runtime.db.transaction() as session:
            service.move_rule(session, who().actor, rule_id, up=way == "up", now=runtime.now())
        return redirect("/staff/services#rules", 303)
