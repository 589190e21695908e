"""What the community offers and who does it: categories with their limits, service items, dispatch rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.desk.audit import record
from app.desk.config import DeskConfig
from app.desk.dispatch import Matter, Suggestion, advise, candidates
from app.desk.rights import Actor, oversees
from app.desk.understanding import Understanding, understand
from app.desk.units import unit_id_for
from app.errors import BadInput, Names, NotAllowed, NotFound
from app.hygiene import clean
from models.category import Category
from models.routing_rule import RoutingRule
from models.service_item import ServiceItem
from models.staff import AssigneeKind, Role, Staff
from models.unit import Unit

LIMITS = {
    "respond_hours": (1, 80),
    "simple_days": (1, 15),
    "complex_days": (1, 15),
    "reopen_days": (1, 15),
    "urgent_respond_minutes": (1, 24 * 60),
    "urgent_resolve_minutes": (1, 3 * 24 * 60),
}
"""The fields of a category that a community sets, with the least and the most; nothing exceeds the hard 15 days."""
_CHARGE = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class RuleGiven:
    """What the form of a rule says; None matches anything."""

    name: str
    category: str | None
    tier: str | None
    urgent: bool | None
    unit_id: int | None
    from_hour: int | None
    to_hour: int | None
    max_load: int | None
    assignee_kind: AssigneeKind
    assignee_id: int | None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Trial:
    """What would happen to these words."""

    meaning: Understanding
    unit: Unit | None
    suggestion: Suggestion
    assignee: str | None


def categories(session: Session) -> Sequence[Category]:
    return session.scalars(select(Category).order_by(Category.position)).all()


def set_limits(session: Session, actor: Actor, code: str, limits: dict[str, int], *, now: datetime) -> None:
    """Matters that are open keep the dates that were promised. Raises BadInput for a limit out of bounds."""
    _check(actor)
    category = session.get(Category, code)
    if category is None:
        raise NotFound("没有这个类别")
    for name, value in limits.items():
        least, most = LIMITS[name]
        if not least <= value <= most:
            raise BadInput(
                "{category}：请填 {least} 到 {most} 之间的数",
                category=Names((category.name,)),
                least=least,
                most=most,
            )
        setattr(category, name, value)
    record(session, actor.id, "change_limits", now=now, subject="category", data={"code": code})


def items(session: Session) -> list[ServiceItem]:
    """In the order of the kiosk's tiles."""
    query = select(ServiceItem).join(Category, Category.code == ServiceItem.category)
    return list(session.scalars(query.order_by(Category.position, ServiceItem.position, ServiceItem.id)))


def add_item(
    session: Session, actor: Actor, category: str, name: str, picture: str, *, now: datetime
) -> ServiceItem:
    _check(actor)
    words = clean(name, limit=15)
    if not words or len(words) > 14:
        raise BadInput("名称请写一到十四个字，屏幕上才放得下")
    if session.get(Category, category) is None:
        raise BadInput("请选类别")
    place = (
        session.scalar(select(func.max(ServiceItem.position)).where(ServiceItem.category == category)) or 0
    )
    item = ServiceItem(category=category, name=words, picture=clean(picture, limit=30), position=place + 1)
    session.add(item)
    session.flush()
    record(session, actor.id, "change_services", now=now, subject="service_item", subject_id=item.id)
    return item


def switch_item(session: Session, actor: Actor, item_id: int, *, on: bool, now: datetime) -> None:
    _check(actor)
    item = session.get(ServiceItem, item_id)
    if item is None:
        raise NotFound("没有这一项")
    item.active = on
    record(session, actor.id, "change_services", now=now, subject="service_item", subject_id=item.id)


def rules(session: Session) -> Sequence[RoutingRule]:
    return session.scalars(select(RoutingRule).order_by(RoutingRule.position)).all()


def save_rule(
    session: Session, actor: Actor, rule_id: int | None, given: RuleGiven, *, now: datetime
) -> RoutingRule:
    """A new one goes to the end: it changes nothing that another rule decides already. Rules are switched off, never
    deleted: the log of tickets names them. Raises BadInput."""
    _check(actor)
    name = clean(given.name, limit=80)
    if not name:
        raise BadInput("请给规则起个名字，例如：大修交给物业")
    for hour in (given.from_hour, given.to_hour):
        if hour is not None and not 0 <= hour <= 24:
            raise BadInput("钟点请填 0 到 24")
    if given.assignee_id is not None:
        person = session.get(Staff, given.assignee_id)
        if person is None or not person.active:
            raise BadInput("没有这个人，或已经不在岗")
    if given.unit_id is not None and session.get(Unit, given.unit_id) is None:
        raise BadInput("没有这个单位")
    if rule_id is None:
        last = session.scalar(select(func.max(RoutingRule.position))) or 0
        rule = RoutingRule(position=last + 1, name=name, assignee_kind=given.assignee_kind)
        session.add(rule)
    else:
        rule = _rule(session, rule_id)
    rule.name = name
    for field in (
        "category", "tier", "urgent", "unit_id", "from_hour", "to_hour", "max_load", "assignee_kind", "assignee_id",
        "active",
    ):  # fmt: skip
        setattr(rule, field, getattr(given, field))
    session.flush()
    record(session, actor.id, "change_rules", now=now, subject="routing_rule", subject_id=rule.id)
    return rule


def move_rule(session: Session, actor: Actor, rule_id: int, *, up: bool, now: datetime) -> None:
    """Change places with its neighbour; at the end of the list nothing happens."""
    _check(actor)
    ordered = list(rules(session))
    here = next((n for n, rule in enumerate(ordered) if rule.id == rule_id), None)
    if here is None:
        raise NotFound("没有这条规则")
    there = here + (-1 if up else 1)
    if not 0 <= there < len(ordered):
        return
    one, other = ordered[here], ordered[there]
    before = one.position, other.position
    one.position = -1  # positions are unique: somewhere in between
    session.flush()
    other.position = before[0]
    session.flush()
    one.position = before[1]
    session.flush()
    record(session, actor.id, "change_rules", now=now, subject="routing_rule", subject_id=rule_id)


def try_out(
    session: Session, cfg: DeskConfig, words: str, *, hour: int | None = None, now: datetime
) -> Trial:
    """What would happen to a resident's words now, or at another local hour; nothing is stored."""
    meaning = understand(clean(words, limit=400))
    unit_id = unit_id_for(session, meaning.place, None, cfg.hotline_number)
    unit = session.get(Unit, unit_id) if unit_id else None
    matter = Matter(
        category=meaning.category,
        tier=meaning.tier,
        urgent=meaning.urgent,
        unit_path=unit.path if unit else None,
        place=unit.name if unit else "地点不明",
        hour=cfg.local(now).hour if hour is None else hour,
    )
    suggestion = advise(session, matter, candidates(session))
    person = session.get(Staff, suggestion.assignee_id) if suggestion.assignee_id else None
    return Trial(meaning, unit, suggestion, person.name if person else None)


def _rule(session: Session, rule_id: int) -> RoutingRule:
    rule = session.get(RoutingRule, rule_id)
    if rule is None:
        raise NotFound("没有这条规则")
    return rule


def _check(actor: Actor) -> None:
    """They hold for all units, so only whoever is in charge of all may change them."""
    if actor.role not in _CHARGE or not oversees(actor, None):
        raise NotAllowed("服务和派单规则由社区负责人和管理员改")
