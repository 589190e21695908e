"""A resident as staff know her: found by a number or a place, her wishes, who lives with her, what she has asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.desk.audit import record
from app.desk.config import DeskConfig
from app.desk.progress import number_of_slip
from app.desk.residents import can_text, find_by_phone, normalise_phone
from app.desk.rights import Actor, oversees
from app.desk.staff_calls import CALLERS
from app.errors import BadInput, BadNumber, NotAllowed, NotFound
from app.hygiene import clean
from app.settings import parse_hours
from models.resident import Resident, ResidentPhone
from models.ticket import FIRST_NUMBER, Ticket
from models.unit import Unit

_PAGE = 50
_LANGUAGES = (None, "zh_Hans", "zh_Hant", "en")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the form of a resident says. `preferred_hours` as in the settings; texts are cut to what the columns hold."""

    name: str | None
    unit_id: int | None
    room: str | None
    note: str | None
    dialect: str | None
    language: str | None
    preferred_hours: str | None
    lives_alone: bool
    hard_of_hearing: bool
    prefers_person: bool
    no_call: bool
    opted_out: bool


@dataclass(frozen=True, slots=True)
class Card:
    resident: Resident
    unit: Unit | None
    phones: Sequence[ResidentPhone]
    housemates: Sequence[Resident]
    tickets: Sequence[Ticket]


def open_card(session: Session, actor: Actor, resident_id: int) -> Card:
    """NotFound also for those whose unit is none of the actor's business."""
    resident = known(session, actor, resident_id)
    mates: Sequence[Resident] = ()
    if resident.household_id is not None:
        same = select(Resident).where(
            Resident.household_id == resident.household_id, Resident.id != resident.id
        )
        mates = session.scalars(same.order_by(Resident.id)).all()
    hers = (Ticket.reporter_id == resident.id) | (Ticket.beneficiary_id == resident.id)
    return Card(
        resident=resident,
        unit=session.get(Unit, resident.unit_id) if resident.unit_id else None,
        phones=session.scalars(
            select(ResidentPhone).where(ResidentPhone.resident_id == resident.id).order_by(ResidentPhone.id)
        ).all(),
        housemates=mates,
        tickets=session.scalars(select(Ticket).where(hers).order_by(Ticket.id.desc()).limit(20)).all(),
    )


def known(session: Session, actor: Actor, resident_id: int) -> Resident:
    resident = session.get(Resident, resident_id) if 0 < resident_id < 2**31 else None
    if resident is None or not may_know(session, actor, resident):
        raise NotFound("没有这位居民，或不归您管")
    return resident


def may_know(session: Session, actor: Actor, resident: Resident) -> bool:
    """Those who ring residents of her unit; of whom no unit is known, those at the top of the tree."""
    if actor.kind != "staff" or actor.role not in CALLERS:
        return False
    path = session.scalar(select(Unit.path).where(Unit.id == resident.unit_id)) if resident.unit_id else None
    return oversees(actor, path)


def search(session: Session, cfg: DeskConfig, actor: Actor, words: str) -> list[Resident]:
    """By any number: a telephone however it is written, or that of a matter or its slip. Names are ciphertext: nobody can search
    them, but a building's people can be looked through (`of_unit`)."""
    found: dict[int, Resident] = {}
    digits = "".join(character for character in clean(words, limit=40) if character.isdigit())
    number = number_of_slip(session, words) or int(digits or 0)
    if FIRST_NUMBER <= number < 2**31:
        people = select(Ticket.reporter_id, Ticket.beneficiary_id).where(Ticket.number == number)
        for row in session.execute(people):
            found |= {id_: session.get_one(Resident, id_) for id_ in row if id_ is not None}
    try:
        by_phone = find_by_phone(session, normalise_phone(words, cfg.default_region))
    except BadNumber:
        by_phone = None
    if by_phone is not None:
        found[by_phone.id] = by_phone
    return [resident for resident in found.values() if may_know(session, actor, resident)]


def of_unit(
    session: Session, actor: Actor, unit_id: int | None, *, after: int = 0
) -> tuple[list[tuple[Resident, Unit | None]], int | None]:
    """Who lives in the unit or below it, fifty at a time; and the id after which the next fifty begin. None: everybody
    of whom the actor may know."""
    if actor.role not in CALLERS or not actor.unit_path:
        raise NotAllowed("居民资料由服务台和回访员查看")
    path = actor.unit_path
    if unit_id is not None:
        unit = session.get(Unit, unit_id)
        if unit is None or not oversees(actor, unit.path):
            raise NotFound("没有这个单位，或不归您管")
        path = unit.path
    query = select(Resident, Unit).outerjoin(Unit, Unit.id == Resident.unit_id).where(Resident.id > after)
    below = Unit.path.startswith(path, autoescape=True)
    everywhere = unit_id is None and oversees(actor, None)
    query = query.where(below | Resident.unit_id.is_(None) if everywhere else below)
    rows = session.execute(query.order_by(Resident.id).limit(_PAGE + 1)).all()
    page: list[tuple[Resident, Unit | None]] = [(resident, unit) for resident, unit in rows[:_PAGE]]
    return page, page[-1][0].id if len(rows) > _PAGE else None


def add_resident(
    session: Session, cfg: DeskConfig, actor: Actor, phone: str | None, *, now: datetime
) -> Resident:
    """Somebody new; BadInput if the number is somebody's already, BadNumber if it is none."""
    if actor.role not in CALLERS:
        raise NotAllowed("居民资料由服务台和回访员登记")
    number = normalise_phone(phone, cfg.default_region) if phone else None
    if number and find_by_phone(session, number) is not None:
        raise BadInput("这个号码已经登记过，请直接查找")
    resident = Resident(created_at=now, unit_id=None)
    session.add(resident)
    session.flush()
    if number:
        _attach(session, resident, number)
    record(session, actor.id, "add_resident", now=now, subject="resident", subject_id=resident.id)
    return resident


def change(
    session: Session,
    actor: Actor,
    resident_id: int,
    wishes: Wishes,
    *,
    now: datetime,
    keep_room: bool = False,
) -> Resident:
    """Write down what she said of herself; the audit names the fields, never their contents. `keep_room`: whoever
    filled in the form had not been shown it."""
    resident = known(session, actor, resident_id)
    new = _checked(session, actor, wishes)
    if keep_room:
        del new["room"]
    changed = [name for name, value in new.items() if getattr(resident, name) != value]
    for name in changed:
        setattr(resident, name, new[name])
    if changed:
        data = {"fields": changed}
        record(
            session,
            actor.id,
            "change_resident",
            now=now,
            subject="resident",
            subject_id=resident.id,
            data=data,
        )
    return resident


def add_phone(
    session: Session, cfg: DeskConfig, actor: Actor, resident_id: int, phone: str, *, now: datetime
) -> None:
    resident = known(session, actor, resident_id)
    number = normalise_phone(phone, cfg.default_region)
    other = find_by_phone(session, number)
    if other is not None:
        raise BadInput(
            "这个号码已经登记在这位居民名下"
            if other.id == resident.id
            else "这个号码登记在另一位居民名下；是同一个人的话，请合并"
        )
    try:
        _attach(session, resident, number)
    except IntegrityError as error:
        raise BadInput("这个号码刚被别人登记了，请重新打开再看") from error
    record(session, actor.id, "add_phone", now=now, subject="resident", subject_id=resident.id)


def drop_phone(session: Session, actor: Actor, resident_id: int, phone_id: int, *, now: datetime) -> str:
    """The number, so that a slip can be undone."""
    resident = known(session, actor, resident_id)
    row = session.get(ResidentPhone, phone_id)
    if row is None or row.resident_id != resident.id:
        raise NotFound("没有这个号码")
    number = row.phone
    session.delete(row)
    record(session, actor.id, "drop_phone", now=now, subject="resident", subject_id=resident.id)
    return number


def _attach(session: Session, resident: Resident, number: str) -> None:
    session.add(
        ResidentPhone(resident_id=resident.id, phone=number, phone_index=number, can_text=can_text(number))
    )
    session.flush()


def _checked(session: Session, actor: Actor, wishes: Wishes) -> dict[str, object]:
    if wishes.unit_id is not None:
        unit = session.get(Unit, wishes.unit_id)
        if unit is None or not oversees(actor, unit.path):
            raise BadInput("没有这个单位，或不归您管")
    if wishes.language not in _LANGUAGES:
        raise BadInput("没有这种语言")
    hours = clean(wishes.preferred_hours or "", limit=60) or None
    if hours:
        try:
            parse_hours(hours)
        except ValueError as error:
            raise BadInput("时间请这样写：09:00-10:30,15:00-17:00") from error
    return {
        "name": _text(wishes.name, 40),
        "unit_id": wishes.unit_id,
        "room": _text(wishes.room, 20),
        "note": _text(wishes.note, 500),
        "dialect": _text(wishes.dialect, 20),
        "language": wishes.language,
        "preferred_hours": hours,
        "lives_alone": wishes.lives_alone,
        "hard_of_hearing": wishes.hard_of_hearing,
        "prefers_person": wishes.prefers_person or wishes.hard_of_hearing,
        "no_call": wishes.no_call,
        "opted_out": wishes.opted_out,
    }


def _text(given: str | None, limit: int) -> str | None:
    return clean(given or "", limit=limit) or None
