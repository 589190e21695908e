"""Who is on duty now: a shift of the unit, else its standing number; and the plan by day and hour."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk.audit import record
from app.desk.config import DeskConfig
from app.desk.rights import Actor, oversees
from app.desk.units import ancestors
from app.errors import BadInput, NotAllowed, NotFound
from models.roster import DutyShift
from models.staff import Role, Staff
from models.unit import Unit

_CHARGE = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR})
_DAY = 24 * 60


def on_duty(shifts: Iterable[DutyShift], local: datetime) -> DutyShift | None:
    """The shift that holds at this local moment; one made for the day wins over the weekly one. Pure."""
    holding = [shift for shift in shifts if _holds(shift, local)]
    return min(holding, key=lambda shift: (shift.on_date is None, shift.id), default=None)


def _holds(shift: DutyShift, local: datetime) -> bool:
    minute, today = local.hour * 60 + local.minute, local.date()
    overnight = shift.to_minute <= shift.from_minute
    if _is_day(shift, today) and shift.from_minute <= minute < (_DAY if overnight else shift.to_minute):
        return True
    return overnight and minute < shift.to_minute and _is_day(shift, today - timedelta(days=1))


def _is_day(shift: DutyShift, day: date) -> bool:
    return shift.on_date == day if shift.on_date is not None else shift.weekday == day.weekday()


def duty_number(
    session: Session, cfg: DeskConfig, unit_id: int | None, *, now: datetime, public: bool = False
) -> str | None:
    """The number of whoever is on duty: the unit's, else the nearest one above it. `public`: fit to be told to
    anybody, so never somebody's own."""
    return next(iter(duty_chain(session, cfg, unit_id, now=now, public=public)), None)


def duty_chain(
    session: Session, cfg: DeskConfig, unit_id: int | None, *, now: datetime, public: bool = False
) -> list[str]:
    """Numbers on duty from the unit upwards."""
    chain = ancestors(session, unit_id)
    phones = duty_phones(session, cfg, chain, now=now, public=public)
    return [phones[unit.id] for unit in chain if unit.id in phones]


def duty_phones(
    session: Session, cfg: DeskConfig, units: Sequence[Unit], *, now: datetime, public: bool = False
) -> dict[int, str]:
    """Unit id → number of whoever is on duty there now; units without one are left out. One statement."""
    ids = [unit.id for unit in units]
    rows = session.execute(
        select(DutyShift, Staff)
        .outerjoin(Staff, Staff.id == DutyShift.staff_id)
        .where(DutyShift.unit_id.in_(ids))
    ).all()
    found = {unit.id: unit.duty_phone for unit in units if unit.duty_phone}
    for unit_id in ids:
        theirs = {shift.id: (shift, staff) for shift, staff in rows if shift.unit_id == unit_id}
        shift = on_duty((one for one, _ in theirs.values()), cfg.local(now))
        if shift is None:
            continue
        staff = theirs[shift.id][1]
        own = staff.phone if staff is not None and staff.active and not public else None
        phone = shift.phone or own
        if phone:
            found[unit_id] = phone
    return found


def add_shift(
    session: Session,
    actor: Actor,
    unit_id: int,
    *,
    start: time,
    end: time,
    weekdays: Sequence[int] = (),
    on_date: date | None = None,
    staff_id: int | None = None,
    phone: str | None = None,
    now: datetime,
) -> list[DutyShift]:
    """One for each weekday, or one for the day. `phone`: E.164, else the person's own. `end` 00:00 is midnight.

    Raises BadInput where nobody is named, the person has no number, or the time is taken.
    """
    unit = _unit(session, actor, unit_id)
    staff = session.get(Staff, staff_id) if staff_id is not None else None
    if staff is None and not phone:
        raise BadInput("请选一个人，或写一个值班电话")
    if staff is not None and not phone and not staff.phone:
        raise BadInput("{name}没有登记电话，请先登记，或在这里写一个", name=staff.name)
    if bool(weekdays) == (on_date is not None):
        raise BadInput("请选星期几，或选某一天")
    first, last = start.hour * 60 + start.minute, end.hour * 60 + end.minute
    if first == last and first != 0:
        raise BadInput("开始和结束不能是同一个时间")
    made = []
    for weekday in weekdays or (None,):
        shift = DutyShift(
            unit_id=unit.id,
            weekday=weekday,
            on_date=on_date,
            from_minute=first,
            to_minute=last or _DAY,
            staff_id=staff_id,
            phone=phone,
        )
        _check_free(session, shift)
        session.add(shift)
        made.append(shift)
    session.flush()
    record(session, actor.id, "change_roster", now=now, subject="unit", subject_id=unit.id)
    return made


def drop_shift(session: Session, actor: Actor, shift_id: int, *, now: datetime) -> None:
    shift = session.get(DutyShift, shift_id)
    if shift is None:
        raise NotFound("没有这一班，或已经去掉了")
    _unit(session, actor, shift.unit_id)
    session.delete(shift)
    record(session, actor.id, "change_roster", now=now, subject="unit", subject_id=shift.unit_id)


def shifts_of(session: Session, unit_id: int, *, today: date) -> list[tuple[DutyShift, Staff | None]]:
    """Days that are over are left out; single days first, then Monday to Sunday."""
    rows = session.execute(
        select(DutyShift, Staff)
        .outerjoin(Staff, Staff.id == DutyShift.staff_id)
        .where(DutyShift.unit_id == unit_id, (DutyShift.on_date.is_(None)) | (DutyShift.on_date >= today))
    ).all()

    def order(row: tuple[DutyShift, Staff | None]) -> tuple[bool, date, int, int]:
        shift = row[0]
        return shift.on_date is None, shift.on_date or today, shift.weekday or 0, shift.from_minute

    return sorted(((shift, staff) for shift, staff in rows), key=order)


def _check_free(session: Session, new: DutyShift) -> None:
    same = DutyShift.on_date == new.on_date if new.on_date else DutyShift.weekday == new.weekday
    for other in session.scalars(select(DutyShift).where(DutyShift.unit_id == new.unit_id, same)):
        if _minutes(other) & _minutes(new):
            raise BadInput("这段时间已经有人值班了，请先去掉原来的那一班")


def _minutes(shift: DutyShift) -> set[int]:
    end = shift.to_minute if shift.to_minute > shift.from_minute else shift.to_minute + _DAY
    return set(range(shift.from_minute, end))


def _unit(session: Session, actor: Actor, unit_id: int) -> Unit:
    unit = session.get(Unit, unit_id)
    if unit is None or not oversees(actor, unit.path):
        raise NotFound("没有这个单位，或不归您管")
    if actor.role not in _CHARGE:
        raise NotAllowed("值班表由服务台和负责人排")
    return unit
