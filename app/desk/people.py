"""Everybody who works for the community: who is added, changed, let in and shut out, and by whom."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.desk import audit, passwords, signing, totp
from app.desk.passwords import Fresh
from app.desk.rights import Actor, oversees
from app.errors import BadInput, NotAllowed, NotFound
from app.hygiene import clean
from app.texts.catalogue import mark
from models.lifecycle import OPEN
from models.staff import AssigneeKind, Role, Staff
from models.ticket import Ticket
from models.unit import Unit

OPERATOR = Actor("operator")
"""Whoever may use the machine's own commands: nothing in the database is closed to her."""

_SEES: frozenset[Role] = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
_GIVES: Mapping[Role, frozenset[Role]] = {Role.ADMINISTRATOR: frozenset(Role)}
_TAKEN = mark("登录名或电话已经有人用了，请换一个")
_NOT_ONESELF = mark("自己的角色、单位和停用，要请另一位管理员来办。")
_LAST = mark("这是最后一位管理员，不能停用或改成别的角色。请先添加另一位管理员。")


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of somebody, as typed and checked; `phone` in E.164."""

    name: str
    role: Role
    unit_id: int
    kind: AssigneeKind = AssigneeKind.KEEPER
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody with her unit; whether the reader may change anything about her."""

    staff: Staff
    unit: Unit
    editable: bool


def people(session: Session, actor: Actor, *, words: str = "", role: Role | None = None) -> Sequence[Known]:
    """Those in the reader's subtree, active ones first. `words`: part of a login or a name. Raises NotAllowed."""
    if actor.kind != "operator" and actor.role not in _SEES:
        raise NotAllowed("这一页不归您管。")
    query = select(Staff, Unit).join(Unit, Unit.id == Staff.unit_id)
    if actor.kind != "operator":
        query = query.where(Unit.path.startswith(actor.unit_path or "-", autoescape=True))
    if role is not None:
        query = query.where(Staff.role == role)
    rows = session.execute(query.order_by(Staff.active.desc(), Staff.login)).all()
    wanted = words.strip().casefold()  # names are encrypted: the database cannot look for them
    return [
        Known(staff, unit, _edits(actor, unit))
        for staff, unit in rows
        if wanted in staff.login.casefold() or wanted in staff.name.casefold()
    ]


def person(session: Session, actor: Actor, staff_id: int) -> Known:
    """Raises NotFound, also for whoever works elsewhere."""
    row = session.execute(
        select(Staff, Unit).join(Unit, Unit.id == Staff.unit_id).where(Staff.id == staff_id)
    ).one_or_none()
    if row is None or not (_edits(actor, row[1]) or (actor.role in _SEES and oversees(actor, row[1].path))):
        raise NotFound("没有这个人")
    return Known(row[0], row[1], _edits(actor, row[1]))


def add_person(
    session: Session, actor: Actor, login: str, given: Person, first: Fresh, *, now: datetime
) -> Staff:
    """`first`: her first password, which she will have to change. Raises BadInput, NotAllowed, NotFound."""
    login = clean(login, limit=40)
    if not login or any(letter.isspace() for letter in login):
        raise BadInput("登录名要填，中间不能有空格")
    _may_give(session, actor, given)
    staff = Staff(login=login, **_columns(given))
    _set_password(staff, first)
    _save(session, lambda: session.add(staff))
    _note(session, actor, "person_added", staff, now, role=given.role.value, unit=given.unit_id)
    return staff


def change_person(
    session: Session,
    actor: Actor,
    staff_id: int,
    given: Person,
    *,
    now: datetime,
    keeps_phone: bool = False,
) -> Staff:
    """`keeps_phone`: whatever number is given. Raises BadInput, NotAllowed, NotFound."""
    staff = _editable(session, actor, staff_id)
    _may_give(session, actor, given)
    if (staff.role, staff.unit_id) != (given.role, given.unit_id):
        _not_oneself(actor, staff_id)
        if given.role is not Role.ADMINISTRATOR:
            _not_the_last(session, staff)
    if keeps_phone:
        given = replace(given, phone=staff.phone)
    values = _columns(given)
    changed = [
        name for name, value in values.items() if name != "phone_index" and getattr(staff, name) != value
    ]

    def write() -> None:
        for name, value in values.items():
            setattr(staff, name, value)

    _save(session, write)
    if changed:
        _note(
            session,
            actor,
            "person_changed",
            staff,
            now,
            what=changed,
            role=given.role.value,
            unit=given.unit_id,
        )
    return staff


def disable(session: Session, actor: Actor, staff_id: int, *, now: datetime) -> tuple[Staff, int]:
    """Every right and every session ends, the name stays; with how many matters she still has in hand."""
    staff = _editable(session, actor, staff_id)
    _not_oneself(actor, staff_id)
    _not_the_last(session, staff)
    if staff.active:
        staff.active = False
        signing.end_all(session, staff.id, now=now)
        _note(session, actor, "person_disabled", staff, now)
    in_hand = select(func.count()).where(Ticket.assignee_id == staff.id, Ticket.status.in_(OPEN))
    return staff, session.scalar(in_hand) or 0


def enable(session: Session, actor: Actor, staff_id: int, *, now: datetime) -> Staff:
    staff = _editable(session, actor, staff_id)
    if not staff.active:
        staff.active = True
        _note(session, actor, "person_enabled", staff, now)
    return staff


def reset_password(session: Session, actor: Actor, staff_id: int, first: Fresh, *, now: datetime) -> Staff:
    """A new first password; who knew the old one is out, and a lost authenticator is no longer asked for."""
    staff = _editable(session, actor, staff_id)
    _set_password(staff, first)
    totp.switch_off(staff)
    signing.end_all(session, staff.id, now=now)
    _note(session, actor, "password_reset", staff, now)
    return staff


def end_sessions(session: Session, actor: Actor, staff_id: int, *, now: datetime) -> Staff:
    staff = _editable(session, actor, staff_id)
    signing.end_all(session, staff_id, now=now)
    _note(session, actor, "sessions_ended", staff, now)
    return staff


def see_phone(session: Session, actor: Actor, staff_id: int, *, now: datetime) -> str | None:
    """In full; written down. Raises NotFound."""
    known = person(session, actor, staff_id)
    _note(session, actor, "see_phone", known.staff, now)
    return known.staff.phone


def _edits(actor: Actor, unit: Unit) -> bool:
    return actor.kind == "operator" or (bool(_gives(actor)) and oversees(actor, unit.path))


def _gives(actor: Actor) -> frozenset[Role]:
    if actor.kind == "operator":
        return frozenset(Role)
    return _GIVES.get(actor.role, frozenset()) if actor.role else frozenset()


def _editable(session: Session, actor: Actor, staff_id: int) -> Staff:
    known = person(session, actor, staff_id)
    if not known.editable or known.staff.role not in _gives(actor):
        raise NotAllowed("只有管理员可以改人员")
    return known.staff


def _may_give(session: Session, actor: Actor, given: Person) -> None:
    """Nobody gives more than she has: no role and no unit beyond her own."""
    unit = session.get(Unit, given.unit_id)
    if unit is None or not (actor.kind == "operator" or oversees(actor, unit.path)):
        raise NotFound("没有这个单位，或者不归您管")
    if given.role not in _gives(actor):
        raise NotAllowed("您不能给出这个角色")


def _not_oneself(actor: Actor, staff_id: int) -> None:
    if actor.id == staff_id:
        raise NotAllowed(_NOT_ONESELF)


def _not_the_last(session: Session, staff: Staff) -> None:
    """Locked, so that two do not take each other's rights at the same moment."""
    if staff.role is not Role.ADMINISTRATOR or not staff.active:
        return
    query = select(Staff.id).where(Staff.role == Role.ADMINISTRATOR, Staff.active)
    if list(session.scalars(query.order_by(Staff.id).with_for_update())) == [staff.id]:
        raise NotAllowed(_LAST)


def _columns(given: Person) -> dict[str, object]:
    name = clean(given.name, limit=40)
    if not name:
        raise BadInput("姓名要填")
    return {
        "name": name,
        "role": given.role,
        "kind": given.kind,
        "unit_id": given.unit_id,
        "phone": given.phone,
        "phone_index": given.phone,
    }


def _set_password(staff: Staff, first: Fresh) -> None:
    if wrong := passwords.fault(first.text, login=staff.login, name=staff.name, phone=staff.phone):
        raise BadInput(wrong)
    staff.password_hash, staff.must_change_password = first.kept, True


def _save(session: Session, write: Callable[[], object]) -> None:
    """Raises BadInput where login or number is somebody else's."""
    try:
        with session.begin_nested():
            write()
            session.flush()
    except IntegrityError as error:
        raise BadInput(_TAKEN) from error


def _note(session: Session, actor: Actor, deed: str, staff: Staff, now: datetime, **data: object) -> None:
    by = {"by": actor.kind} if actor.id is None else {}
    audit.record(session, actor.id, deed, now=now, subject="staff", subject_id=staff.id, data={**by, **data})
