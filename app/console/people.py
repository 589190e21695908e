"""People: the supervisor sees who works in her subtree, the administrator lets them in and out."""

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ValidationError, field_validator

from app.console.access import ADMINISTRATORS, CHARGE, page, who
from app.console.choices import units_below
from app.console.rendering import KINDS, ROLES, render, texts, why
from app.desk import passwords, people, signing
from app.desk.people import Person
from app.desk.residents import normalise_phone
from app.errors import BadInput, BadNumber
from app.runtime import Runtime
from models.staff import AssigneeKind, Role


class PersonForm(BaseModel):
    """As typed. Where somebody is changed her number is not shown: empty leaves it, `no_phone` takes it away."""

    name: str
    role: Role
    kind: AssigneeKind
    unit_id: int
    phone: str = ""
    no_phone: bool = False

    @field_validator("name")
    @classmethod
    def _named(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("empty")
        return value.strip()


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    _people(blueprint, runtime)
    _doors(blueprint, runtime)


def _people(blueprint: Blueprint, runtime: Runtime) -> None:
    @page(blueprint, "/people", allow=CHARGE)
    def people_list() -> ResponseReturnValue:
        words, role = request.args.get("q", ""), request.args.get("role", "")
        wanted = Role(role) if role in set(Role) else None
        with runtime.db.transaction(read_only=True) as session:
            found = people.people(session, who().actor, words=words, role=wanted)
        roles = [(None, texts(runtime)("所有角色")), *_choices(ROLES)]
        return render("people/list.html", people=found, words=words, wanted=wanted, roles=roles)

    @page(blueprint, "/people/new", allow=ADMINISTRATORS)
    def person_new() -> ResponseReturnValue:
        return _blank({})

    @page(blueprint, "/people", allow=ADMINISTRATORS, methods=("POST",))
    def person_add() -> ResponseReturnValue:
        try:
            given, first = _given(), passwords.fresh()
            with runtime.db.transaction() as session:
                login = request.form.get("login", "")
                staff = people.add_person(session, who().actor, login, given, first, now=runtime.now())
        except (ValidationError, BadInput) as error:
            return _blank(_errors(error)), 422
        return render("people/password.html", staff=staff, password=first.text, is_new=True)

    @page(blueprint, "/people/<int:staff_id>", allow=CHARGE)
    def person(staff_id: int) -> ResponseReturnValue:
        return _shown(staff_id, {})

    @page(blueprint, "/people/<int:staff_id>", allow=ADMINISTRATORS, methods=("POST",))
    def person_change(staff_id: int) -> ResponseReturnValue:
        now, keeps_phone = runtime.now(), not (request.form.get("phone") or request.form.get("no_phone"))
        try:
            given = _given()
            with runtime.db.transaction() as session:
                people.change_person(session, who().actor, staff_id, given, now=now, keeps_phone=keeps_phone)
        except (ValidationError, BadInput) as error:
            return _shown(staff_id, _errors(error)), 422
        flash(texts(runtime)("已保存"), "good")
        return redirect(f"/staff/people/{staff_id}", 303)

    @page(blueprint, "/people/<int:staff_id>/phone", allow=CHARGE, methods=("POST",))
    def person_phone(staff_id: int) -> ResponseReturnValue:
        """In full, on this one page, and written down."""
        with runtime.db.transaction() as session:
            phone = people.see_phone(session, who().actor, staff_id, now=runtime.now())
        return _shown(staff_id, {}, phone)

    def _blank(errors: dict[str, str]) -> str:
        with runtime.db.transaction(read_only=True) as session:
            units = units_below(session, who())
        return render(
            "people/new.html", errors=errors, units=units, roles=_choices(ROLES), kinds=_choices(KINDS)
        )

    def _shown(staff_id: int, errors: dict[str, str], phone: str | None = None) -> str:
        with runtime.db.transaction(read_only=True) as session:
            known = people.person(session, who().actor, staff_id)
            return render(
                "people/person.html",
                known=known,
                errors=errors,
                phone=phone,
                sessions=signing.of(session, staff_id, now=runtime.now()),
                units=units_below(session, who()),
                roles=_choices(ROLES),
                kinds=_choices(KINDS),
            )

    def _given() -> Person:
        """Raises ValidationError and BadNumber."""
        form = PersonForm.model_validate(request.form.to_dict())
        typed = "" if form.no_phone else form.phone.strip()
        number = normalise_phone(typed, runtime.settings.default_region) if typed else None
        return Person(form.name, form.role, form.unit_id, form.kind, number)

    def _errors(error: ValidationError | BadInput) -> dict[str, str]:
        say = texts(runtime)
        if isinstance(error, ValidationError):
            return {str(one["loc"][0]): say("请填写或选一个") for one in error.errors()}
        return {"phone" if isinstance(error, BadNumber) else "login": why(runtime, error)}

    def _choices(names: dict[Role, str] | dict[AssigneeKind, str]) -> list[tuple[str, str]]:
        return [(code.value, texts(runtime)(name)) for code, name in names.items()]


def _doors(blueprint: Blueprint, runtime: Runtime) -> None:
    @page(blueprint, "/people/<int:staff_id>/password", allow=ADMINISTRATORS, methods=("POST",))
    def person_password(staff_id: int) -> ResponseReturnValue:
        first = passwords.fresh()
        with runtime.db.transaction() as session:
            staff = people.reset_password(session, who().actor, staff_id, first, now=runtime.now())
        return render("people/password.html", staff=staff, password=first.text, is_new=False)

    @page(blueprint, "/people/<int:staff_id>/sessions/end", allow=ADMINISTRATORS, methods=("POST",))
    def person_sessions_end(staff_id: int) -> ResponseReturnValue:
        with runtime.db.transaction() as session:
            staff = people.end_sessions(session, who().actor, staff_id, now=runtime.now())
        return _back(staff_id, texts(runtime)("{name}已在各处退出。").format(name=staff.name), "good")

    @page(blueprint, "/people/<int:staff_id>/disable", allow=ADMINISTRATORS, methods=("POST",))
    def person_disable(staff_id: int) -> ResponseReturnValue:
        with runtime.db.transaction() as session:
            staff, in_hand = people.disable(session, who().actor, staff_id, now=runtime.now())
        say = texts(runtime)
        said = say("{name}已停用，不能再登录。停错了，可以在下面恢复。").format(name=staff.name)
        if in_hand:
            said += say("手里还有 {n} 件没办完，请改派。").format(n=in_hand)
        return _back(staff_id, said, "warn")

    @page(blueprint, "/people/<int:staff_id>/enable", allow=ADMINISTRATORS, methods=("POST",))
    def person_enable(staff_id: int) -> ResponseReturnValue:
        with runtime.db.transaction() as session:
            staff = people.enable(session, who().actor, staff_id, now=runtime.now())
        return _back(staff_id, texts(runtime)("{name}已恢复，可以登录了。").format(name=staff.name), "good")

    def _back(staff_id: int, message: str, kind: str) -> ResponseReturnValue:
        flash(message, kind)
        return redirect(f"/staff/people/{staff_id}", 303)
