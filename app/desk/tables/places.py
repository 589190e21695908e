"""Units, rosters and stations as lists. A unit is named by its path of names: 幸福里社区/第一网格/幸福小区/3栋."""

from collections.abc import Iterator
from datetime import date, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk import rosters, stations, unit_tree
from app.desk.residents import normalise_phone
from app.desk.tables.files import Row
from app.desk.tables.table import Context, Did, Table, flag, number, yes
from app.errors import BadInput, NotFound
from app.texts.catalogue import mark
from models.roster import DutyShift
from models.staff import Staff
from models.station import Station
from models.unit import Unit

_WEEKDAYS = "一二三四五六日"


def path_names(session: Session) -> dict[int, str]:
    """Unit id → its path of names."""
    units = {unit.id: unit for unit in session.scalars(select(Unit))}
    return {
        unit.id: "/".join(units[int(step)].name for step in unit.path.strip("/").split("/"))
        for unit in units.values()
    }


def unit_at(context: Context, words: str | None) -> Unit:
    """By path of names, or by name alone where only one has it. Raises NotFound."""
    wanted = (words or "").strip().strip("/")
    names = path_names(context.session)
    exact = [id_ for id_, path in names.items() if path == wanted]
    loose = exact or [id_ for id_, path in names.items() if path.rsplit("/", 1)[-1] == wanted]
    if not wanted or len(loose) != 1:
        raise NotFound(
            "没有单位“{unit}”" if len(loose) < 2 else "“{unit}”有几个，请写全：上级/…/名称", unit=wanted[:60]
        )
    return unit_tree.seen(context.session, context.actor, loose[0])


def _phone(context: Context, word: str | None) -> str | None:
    return normalise_phone(word, context.cfg.default_region) if word else None


def _unit_rows(context: Context) -> Iterator[Row]:
    names = path_names(context.session)
    for row in unit_tree.tree(context.session, context.actor):
        unit = row.unit
        yield {
            "unit": names[unit.id],
            "kind": unit.kind,
            "label": unit.label,
            "duty_phone": unit.duty_phone or "",
            "hotline_number": unit.hotline_number or "",
        }


def _take_unit(context: Context, row: Row) -> Did:
    path = row.get("unit", "").strip("/")
    above, _, name = path.rpartition("/")
    given = unit_tree.Given(
        kind=row.get("kind", ""),
        name=name,
        label=row.get("label"),
        duty_phone=_phone(context, row.get("duty_phone")),
        hotline_number=_phone(context, row.get("hotline_number")),
    )
    found = [id_ for id_, names in path_names(context.session).items() if names == path]
    if found:
        unit = unit_tree.seen(context.session, context.actor, found[0])
        before = (unit.kind, unit.name, unit.label, unit.duty_phone, unit.hotline_number)
        after = (given.kind, given.name, given.label or unit.label, given.duty_phone, given.hotline_number)
        if before == after:
            return Did.SAME
        unit_tree.change(context.session, context.actor, unit.id, given, now=context.now)
        return Did.CHANGED
    if not above:
        raise BadInput("“{unit}”没有上级；最上面的单位请用 jiachang unit add 登记", unit=name)
    parent = unit_at(context, above)
    unit_tree.add_below(context.session, context.actor, parent.id, given, now=context.now)
    return Did.ADDED


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def _shift_rows(context: Context) -> Iterator[Row]:
    names = path_names(context.session)
    for row in unit_tree.tree(context.session, context.actor):
        query = (
            select(DutyShift, Staff.login)
            .outerjoin(Staff, Staff.id == DutyShift.staff_id)
            .where(DutyShift.unit_id == row.unit.id)
        )
        for shift, login in context.session.execute(query.order_by(DutyShift.id)):
            day = shift.on_date.isoformat() if shift.on_date else f"周{_WEEKDAYS[shift.weekday or 0]}"
            yield {
                "unit": names[row.unit.id],
                "day": day,
                "from": _clock(shift.from_minute),
                "to": _clock(shift.to_minute),
                "login": login or "",
                "phone": shift.phone or "",
            }


def _take_shift(context: Context, row: Row) -> Did:
    unit = unit_at(context, row.get("unit"))
    day = row.get("day", "").removeprefix("周").removeprefix("星期")
    weekdays = [_WEEKDAYS.index(day)] if len(day) == 1 and day in _WEEKDAYS else []
    try:
        on_date = None if weekdays else date.fromisoformat(day)
        start, end = (time.fromisoformat(row.get(name, "")) for name in ("from", "to"))
    except ValueError as error:
        raise BadInput("哪天请写 周一 或 2026-11-23，几点请写 08:00") from error
    login = row.get("login")
    staff_id = context.session.scalar(select(Staff.id).where(Staff.login == login)) if login else None
    if login and staff_id is None:
        raise BadInput("没有登录名“{login}”", login=login[:40])
    phone = _phone(context, row.get("phone"))
    same = DutyShift.on_date == on_date if on_date else DutyShift.weekday == weekdays[0]
    first, last = start.hour * 60 + start.minute, (end.hour * 60 + end.minute) or 24 * 60
    for known in context.session.scalars(select(DutyShift).where(DutyShift.unit_id == unit.id, same)):
        if (known.from_minute, known.to_minute, known.staff_id, known.phone) == (
            first,
            last,
            staff_id,
            phone,
        ):
            return Did.SAME
    rosters.add_shift(
        context.session,
        context.actor,
        unit.id,
        start=start,
        end=end,
        weekdays=weekdays,
        on_date=on_date,
        staff_id=staff_id,
        phone=phone,
        now=context.now,
    )
    return Did.ADDED


def _station_rows(context: Context) -> Iterator[Row]:
    names = path_names(context.session)
    for station, unit in stations.below(context.session, context.actor):
        yield {
            "letter": station.letter,
            "name": station.name,
            "unit": names[unit.id],
            "address": station.address,
            "hours": station.hours,
            "staffed": flag(station.staffed),
            "inches": f"{station.inches:g}",
            "distance_mm": str(station.distance_mm),
            "printer_mm": str(station.printer_mm or ""),
            "speaker": flag(station.speaker),
            "active": flag(station.active),
        }


def _take_station(context: Context, row: Row) -> Did:
    try:
        inches = float(row.get("inches") or 21.5)
    except ValueError as error:
        raise BadInput("屏幕几英寸请写数字") from error
    given = stations.Given(
        unit_id=unit_at(context, row.get("unit")).id,
        name=row.get("name", ""),
        letter=row.get("letter", "").upper(),
        address=row.get("address", ""),
        hours=row.get("hours") or "08:00-21:00",
        staffed=yes(row.get("staffed")),
        inches=inches,
        distance_mm=number(row, "distance_mm") or 500,
        printer_mm=number(row, "printer_mm"),
        speaker=yes(row.get("speaker")),
        active=yes(row.get("active", "是")),
    )
    known = context.session.scalar(select(Station).where(Station.letter == given.letter))
    fields = stations.Given.__dataclass_fields__
    if known is not None and all(getattr(known, name) == getattr(given, name) for name in fields):
        return Did.SAME
    stations.save(context.session, context.actor, known.id if known else None, given, now=context.now)
    return Did.CHANGED if known else Did.ADDED


UNITS = Table(
    "units",
    mark("单位", "menu"),
    ("unit", "kind", "label", "duty_phone", "hotline_number"),
    _unit_rows,
    _take_unit,
)
ROSTERS = Table(
    "rosters", mark("值班表"), ("unit", "day", "from", "to", "login", "phone"), _shift_rows, _take_shift
)
STATIONS = Table(
    "stations",
    mark("驿站", "menu"),
    (
        "letter", "name", "unit", "address", "hours", "staffed", "inches", "distance_mm", "printer_mm", "speaker",
        "active",
    ),
    _station_rows,
    _take_station,
)  # fmt: skip
