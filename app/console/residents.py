"""Residents: found by any number, their wishes, who lives with whom."""

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, field_validator

from app.console.access import CALLBACKS, page, who
from app.console.choices import units_below
from app.console.rendering import render, texts, why
from app.desk import audit, households, merging, resident_card
from app.desk.resident_card import Wishes
from app.errors import BadInput
from app.runtime import Runtime
from models.unit import Unit


class WishesForm(BaseModel):
    """What a browser sends: boxes that are not ticked are not sent at all, empty fields mean unknown."""

    name: str | None = None
    unit_id: int | None = None
    room: str | None = None
    note: str | None = None
    dialect: str | None = None
    language: str | None = None
    preferred_hours: str | None = None
    lives_alone: bool = False
    hard_of_hearing: bool = False
    prefers_person: bool = False
    no_call: bool = False
    opted_out: bool = False

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value

    def wishes(self) -> Wishes:
        return Wishes(**self.model_dump())


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    @page(blueprint, "/residents", allow=CALLBACKS)
    def residents() -> ResponseReturnValue:
        signed, words = who(), request.args.get("q", "").strip()
        unit_id, after = request.args.get("unit", type=int), request.args.get("after", 0, type=int)
        with runtime.db.transaction(read_only=True) as session:
            more = None
            if words:
                found = resident_card.search(session, runtime.desk, signed.actor, words)
                rows = [(one, session.get(Unit, one.unit_id) if one.unit_id else None) for one in found]
            else:
                rows, more = resident_card.of_unit(session, signed.actor, unit_id, after=after)
            return render(
                "residents/list.html",
                rows=rows,
                words=words,
                unit_id=unit_id,
                more=more,
                units=units_below(session, signed),
            )

    @page(blueprint, "/residents", allow=CALLBACKS, methods=("POST",))
    def resident_add() -> ResponseReturnValue:
        with runtime.db.transaction() as session:
            made = resident_card.add_resident(
                session, runtime.desk, who().actor, request.form.get("phone"), now=runtime.now()
            )
            path = f"/staff/residents/{made.id}"
        flash(texts(runtime)("登记好了，请补上姓名和住处。"), "good")
        return redirect(path, 303)

    @page(blueprint, "/residents/<int:resident_id>", allow=CALLBACKS)
    def resident(resident_id: int) -> ResponseReturnValue:
        return _card(resident_id)

    def _card(
        resident_id: int, *, seen: bool = False, wrong: str | None = None, form: WishesForm | None = None
    ) -> ResponseReturnValue:
        signed = who()
        with runtime.db.transaction(read_only=True) as session:
            card = resident_card.open_card(session, signed.actor, resident_id)
            answer = render(
                "residents/card.html",
                card=card,
                form=form or card.resident,
                wrong=wrong,
                seen=seen,
                units=units_below(session, signed),
                merges=merging.undoable(session, resident_id, now=runtime.now()),
            )
        return (answer, 400) if wrong else answer

    @page(blueprint, "/residents/<int:resident_id>", allow=CALLBACKS, methods=("POST",))
    def resident_change(resident_id: int) -> ResponseReturnValue:
        form = WishesForm.model_validate(request.form.to_dict())
        try:
            with runtime.db.transaction() as session:
                resident_card.change(
                    session,
                    who().actor,
                    resident_id,
                    form.wishes(),
                    now=runtime.now(),
                    keep_room="room" not in request.form,
                )
        except BadInput as error:
            return _card(resident_id, wrong=why(runtime, error), form=form)
        flash(texts(runtime)("记下了。"), "good")
        return redirect(f"/staff/residents/{resident_id}", 303)

    @page(blueprint, "/residents/<int:resident_id>/reveal", allow=CALLBACKS, methods=("POST",))
    def resident_reveal(resident_id: int) -> ResponseReturnValue:
        """Numbers and room in full, on this one page, and written down."""
        with runtime.db.transaction() as session:
            resident_card.known(session, who().actor, resident_id)
            audit.record(
                session,
                who().staff_id,
                "see_phone",
                now=runtime.now(),
                subject="resident",
                subject_id=resident_id,
            )
        return _card(resident_id, seen=True)

    @page(blueprint, "/residents/<int:resident_id>/phones", allow=CALLBACKS, methods=("POST",))
    def resident_phone(resident_id: int) -> ResponseReturnValue:
        try:
            with runtime.db.transaction() as session:
                resident_card.add_phone(
                    session,
                    runtime.desk,
                    who().actor,
                    resident_id,
                    request.form.get("phone", ""),
                    now=runtime.now(),
                )
        except BadInput as error:
            return _card(resident_id, wrong=why(runtime, error))
        flash(texts(runtime)("号码加上了。"), "good")
        return redirect(f"/staff/residents/{resident_id}", 303)

    @page(
        blueprint,
        "/residents/<int:resident_id>/phones/<int:phone_id>/drop",
        allow=CALLBACKS,
        methods=("POST",),
    )
    def resident_phone_drop(resident_id: int, phone_id: int) -> ResponseReturnValue:
        with runtime.db.transaction() as session:
            resident_card.drop_phone(session, who().actor, resident_id, phone_id, now=runtime.now())
        flash(texts(runtime)("号码去掉了。弄错了的话，重新加上就行。"), "good")
        return redirect(f"/staff/residents/{resident_id}", 303)

    @page(blueprint, "/residents/<int:resident_id>/household", allow=CALLBACKS, methods=("POST",))
    def resident_household(resident_id: int) -> ResponseReturnValue:
        """With somebody who is found by her number; without one: she lives apart from now on."""
        other, say = request.form.get("other", "").strip(), texts(runtime)
        with runtime.db.transaction() as session:
            if not other:
                households.live_apart(session, who().actor, resident_id, now=runtime.now())
                said = say("已从这一户分开。")
            else:
                found = resident_card.search(session, runtime.desk, who().actor, other)
                if len(found) != 1:
                    raise BadInput("按这个号码找不到一位居民，请核对；还没登记的，先登记。")
                households.live_together(session, who().actor, resident_id, found[0].id, now=runtime.now())
                said = say("记下了：住在一起。")
        flash(said, "good")
        return redirect(f"/staff/residents/{resident_id}", 303)
