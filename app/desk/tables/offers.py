"""Service items, dispatch rules and activities as lists."""

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import select

from app.desk import activities, services
from app.desk.tables.files import Row
from app.desk.tables.places import path_names, unit_at
from app.desk.tables.table import Context, Did, Table, flag, number, yes
from app.errors import BadInput, Names
from app.texts.catalogue import mark
from models.activity import Activity
from models.routing_rule import RoutingRule
from models.service_item import ServiceItem
from models.staff import AssigneeKind, Staff


def _item_rows(context: Context) -> Iterator[Row]:
    for item in services.items(context.session):
        yield {
            "category": item.category,
            "name": item.name,
            "picture": item.picture,
            "active": flag(item.active),
        }


def _take_item(context: Context, row: Row) -> Did:
    active = yes(row.get("active", "是"))
    known = context.session.scalar(
        select(ServiceItem).where(
            ServiceItem.category == row.get("category"), ServiceItem.name == row.get("name")
        )
    )
    if known is not None and known.active == active:
        return Did.SAME
    item = known or services.add_item(
        context.session,
        context.actor,
        row.get("category", ""),
        row.get("name", ""),
        row.get("picture") or "wrench",
        now=context.now,
    )
    services.switch_item(context.session, context.actor, item.id, on=active, now=context.now)
    return Did.CHANGED if known else Did.ADDED


def _rule_rows(context: Context) -> Iterator[Row]:
    names = path_names(context.session)
    logins = {row.id: row.login for row in context.session.execute(select(Staff.id, Staff.login))}
    for rule in services.rules(context.session):
        yield {
            "name": rule.name,
            "category": rule.category or "",
            "tier": rule.tier or "",
            "urgent": "" if rule.urgent is None else ("是" if rule.urgent else "否"),
            "unit": names.get(rule.unit_id, "") if rule.unit_id else "",
            "from_hour": "" if rule.from_hour is None else str(rule.from_hour),
            "to_hour": "" if rule.to_hour is None else str(rule.to_hour),
            "max_load": str(rule.max_load or ""),
            "assignee_kind": rule.assignee_kind.value,
            "login": logins.get(rule.assignee_id, "") if rule.assignee_id else "",
            "active": flag(rule.active),
        }


def _take_rule(context: Context, row: Row) -> Did:
    session = context.session
    try:
        kind = AssigneeKind(row.get("assignee_kind") or "keeper")
    except ValueError as error:
        raise BadInput("assignee_kind 请写：{known}", known=Names(AssigneeKind)) from error
    login = row.get("login")
    assignee = session.scalar(select(Staff.id).where(Staff.login == login)) if login else None
    if login and assignee is None:
        raise BadInput("没有登录名“{login}”", login=login[:40])
    urgent = row.get("urgent")
    given = services.RuleGiven(
        name=row.get("name", ""),
        category=row.get("category") or None,
        tier=row.get("tier") or None,
        urgent=yes(urgent) if urgent else None,
        unit_id=unit_at(context, row["unit"]).id if row.get("unit") else None,
        from_hour=number(row, "from_hour"),
        to_hour=number(row, "to_hour"),
        max_load=number(row, "max_load"),
        assignee_kind=kind,
        assignee_id=assignee,
        active=yes(row.get("active", "是")),
    )
    known = session.scalars(select(RoutingRule).where(RoutingRule.name == given.name)).first()
    fields = services.RuleGiven.__dataclass_fields__
    if known is not None and all(getattr(known, name) == getattr(given, name) for name in fields):
        return Did.SAME
    services.save_rule(session, context.actor, known.id if known else None, given, now=context.now)
    return Did.CHANGED if known else Did.ADDED


def _activity_rows(context: Context) -> Iterator[Row]:
    names = path_names(context.session)
    coming = activities.calendar(
        context.session, context.cfg, context.actor.unit_path or "-", now=context.now
    )
    for at, one, _ in coming:
        if one.cancelled_at is None:
            yield {
                "unit": names[one.unit_id],
                "theme": one.theme,
                "place": one.place,
                "starts_at": f"{at.astimezone(context.cfg.zone):%Y-%m-%d %H:%M}",
                "weekly": flag(one.weekly),
                "until": one.until.isoformat() if one.until else "",
            }


def _take_activity(context: Context, row: Row) -> Did:
    unit = unit_at(context, row.get("unit"))
    try:
        starts = datetime.fromisoformat(row.get("starts_at", "")).replace(tzinfo=context.cfg.zone)
        until = date.fromisoformat(row["until"]) if row.get("until") else None
    except ValueError as error:
        raise BadInput("时间请这样写：2026-11-25 15:00") from error
    weekly = yes(row.get("weekly"))
    same = select(Activity).where(
        Activity.unit_id == unit.id, Activity.theme == row.get("theme"), Activity.cancelled_at.is_(None)
    )
    for known in context.session.scalars(same):
        if activities.next_time(known, context.cfg.zone, context.now) == starts:
            return Did.SAME
    activities.add(
        context.session,
        context.actor,
        unit,
        row.get("theme", ""),
        row.get("place", ""),
        starts,
        weekly=weekly,
        until=until,
        now=context.now,
    )
    return Did.ADDED


ITEMS = Table(
    "service_items", mark("服务项目"), ("category", "name", "picture", "active"), _item_rows, _take_item
)
RULES = Table(
    "routing_rules",
    mark("派单规则", "menu"),
    (
        "name", "category", "tier", "urgent", "unit", "from_hour", "to_hour", "max_load", "assignee_kind", "login",
        "active",
    ),
    _rule_rows,
    _take_rule,
)  # fmt: skip
ACTIVITIES = Table(
    "activities",
    mark("活动", "menu"),
    ("unit", "theme", "place", "starts_at", "weekly", "until"),
    _activity_rows,
    _take_activity,
)
