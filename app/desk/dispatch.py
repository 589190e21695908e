"""Who gets a new matter: ordered rules, the first match wins, and every choice can be explained in one line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.desk.catalogue import NAMES
from app.desk.config import DeskConfig
from app.desk.notices import tell_assignee
from app.desk.rights import Actor
from app.desk.tickets import note, transition
from app.desk.wording import dispatch_text
from app.queue import JobName, defer
from models.lifecycle import OPEN, Action, Status
from models.routing_rule import RoutingRule
from models.staff import AssigneeKind, Role, Staff
from models.ticket import Ticket, TicketEvent
from models.unit import Unit

KIND_NAMES = {
    AssigneeKind.KEEPER: "网格员",
    AssigneeKind.PROPERTY: "物业",
    AssigneeKind.VOLUNTEER: "志愿者",
    AssigneeKind.DEPARTMENT: "部门",
}


@dataclass(frozen=True, slots=True)
class Matter:
    """What rules look at; `hour` is local."""

    category: str | None
    tier: str
    urgent: bool
    unit_path: str | None
    place: str  # for the explanation
    hour: int


@dataclass(frozen=True, slots=True)
class Candidate:
    id: int
    kind: AssigneeKind
    unit_path: str
    load: int  # open tickets
    field: bool = True  # does the work; dispatchers and clerks are assigned by name only
    name: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`assignee_id` is None where nobody could be chosen; `reason` says why either way."""

    assignee_id: int | None
    rule: RoutingRule | None
    reason: str


def rank(
    rules: Sequence[RoutingRule],
    matter: Matter,
    candidates: Sequence[Candidate],
    paths: Mapping[int, str],
) -> Suggestion:
    """The first rule that matches decides. A rule whose people are all full (`max_load`) does not match.

    `paths`: unit id → path, for the rules' units. Pure.
    """
    for rule in sorted((rule for rule in rules if rule.active), key=lambda rule: rule.position):
        if not _matches(rule, matter, paths):
            continue
        able = _able(rule, matter, candidates)
        free = [person for person in able if rule.max_load is None or person.load < rule.max_load]
        if able and not free:
            continue
        text = _described(rule, matter)
        if not free:
            return Suggestion(None, rule, f"{text}，但没有可派的{KIND_NAMES[rule.assignee_kind]}")
        best = min(free, key=lambda person: (-len(person.unit_path), person.load, person.id))
        return Suggestion(best.id, rule, text)
    return Suggestion(None, None, "没有适用的派单规则")


def dispatch_ticket(
    session: Session, cfg: DeskConfig, ticket_id: int, *, now: datetime
) -> TicketEvent | None:
    """Dispatch a new ticket by the rules, or leave it to the dispatcher with a note that says why. Runs twice safely."""
    ticket = session.scalar(select(Ticket).where(Ticket.id == ticket_id).with_for_update())
    if ticket is None or ticket.status is not Status.NEW:
        return None
    suggestion = suggest(session, cfg, ticket, now=now)
    if suggestion.assignee_id is not None and suggestion.rule is not None:
        return transition(
            session,
            cfg,
            ticket,
            Action.DISPATCH,
            Actor.rule(suggestion.rule.id),
            now=now,
            reason=suggestion.reason,
            assignee_id=suggestion.assignee_id,
        )
    if ticket.dispatch_reason == suggestion.reason[:200]:
        return None  # said before
    ticket.dispatch_reason = suggestion.reason[:200]
    actor = Actor.rule(suggestion.rule.id) if suggestion.rule else Actor("rule")
    return note(session, ticket, "undispatched", actor, now=now, reason=suggestion.reason)


def suggest(session: Session, cfg: DeskConfig, ticket: Ticket, *, now: datetime) -> Suggestion:
    """What the rules say of a ticket, whatever its status: the dispatcher sees it before deciding."""
    return suggest_all(session, cfg, [ticket], now=now)[ticket.id]


def suggest_all(
    session: Session, cfg: DeskConfig, tickets: Sequence[Ticket], *, now: datetime
) -> dict[int, Suggestion]:
    """By the tickets' ids; rules and people are read once."""
    (rules, paths), among = _rules(session), candidates(session)
    return {
        ticket.id: rank(rules, matter_of(session, cfg, ticket, now=now), among, paths) for ticket in tickets
    }


def matter_of(session: Session, cfg: DeskConfig, ticket: Ticket, *, now: datetime) -> Matter:
    """The ticket as rules look at it."""
    unit = session.get(Unit, ticket.unit_id) if ticket.unit_id else None
    return Matter(
        category=ticket.category,
        tier=ticket.tier,
        urgent=ticket.urgent,
        unit_path=unit.path if unit else None,
        place=unit.name if unit else "地点不明",
        hour=cfg.local(now).hour,
    )


def advise(session: Session, matter: Matter, among: Sequence[Candidate]) -> Suggestion:
    """What the rules in the database say of a matter. One statement."""
    rules, paths = _rules(session)
    return rank(rules, matter, among, paths)


def _rules(session: Session) -> tuple[list[RoutingRule], dict[int, str]]:
    """Those in use, and unit id → path for their units."""
    query = (
        select(RoutingRule, Unit.path)
        .outerjoin(Unit, Unit.id == RoutingRule.unit_id)
        .where(RoutingRule.active)
    )
    rows = session.execute(query).all()
    paths = {rule.unit_id: path for rule, path in rows if rule.unit_id is not None and path is not None}
    return [rule for rule, _ in rows], paths


def dispatch_again(
    session: Session, cfg: DeskConfig, ticket: Ticket, event: TicketEvent, *, now: datetime
) -> None:
    """More is known of the matter since `event`: where it is. Whoever has taken it up keeps it; else the rules choose
    once more, and whoever has it is told either way."""
    if ticket.status is Status.NEW:
        defer(session, JobName.DISPATCH, ticket.id)
        return
    suggestion = suggest(session, cfg, ticket, now=now)
    rule, to = suggestion.rule, suggestion.assignee_id
    if ticket.status is Status.DISPATCHED and rule is not None and to not in (None, ticket.assignee_id):
        actor = Actor.rule(rule.id)
        transition(
            session, cfg, ticket, Action.DISPATCH, actor, now=now, reason=suggestion.reason, assignee_id=to
        )
    elif ticket.status in OPEN:
        tell_assignee(session, cfg, ticket, dispatch_text(cfg, ticket), "dispatch", event, now=now)


def waiting(session: Session) -> list[int]:
    """New tickets that no rule has looked at yet: for the sweeper, should the job have been lost."""
    query = select(Ticket.id).where(Ticket.status == Status.NEW, Ticket.dispatch_reason.is_(None))
    return list(session.scalars(query.order_by(Ticket.id).limit(200)))


def candidates(session: Session) -> list[Candidate]:
    """Everybody who can be given a matter, with what they have in hand. One statement."""
    load = (
        select(Ticket.assignee_id, func.count().label("load"))
        .where(Ticket.status.in_(OPEN), Ticket.assignee_id.is_not(None))
        .group_by(Ticket.assignee_id)
        .subquery()
    )
    query = (
        select(Staff.id, Staff.name, Staff.kind, Staff.role, Unit.path, func.coalesce(load.c.load, 0))
        .join(Unit, Unit.id == Staff.unit_id)
        .outerjoin(load, load.c.assignee_id == Staff.id)
        .where(Staff.active, Staff.role != Role.VIEWER)
    )
    return [
        Candidate(id_, kind, path, load_, field=role is Role.KEEPER, name=name)
        for id_, name, kind, role, path, load_ in session.execute(query)
    ]


def _matches(rule: RoutingRule, matter: Matter, paths: Mapping[int, str]) -> bool:
    if rule.category is not None and rule.category != matter.category:
        return False
    if rule.tier is not None and rule.tier != matter.tier:
        return False
    if rule.urgent is not None and rule.urgent != matter.urgent:
        return False
    if rule.unit_id is not None:
        path = paths.get(rule.unit_id)
        if path is None or matter.unit_path is None or not matter.unit_path.startswith(path):
            return False
    return _within(rule.from_hour, rule.to_hour, matter.hour)


def _within(start: int | None, end: int | None, hour: int) -> bool:
    """`end` is exclusive; from 20 to 8 spans midnight."""
    start, end = start or 0, 24 if end is None else end
    return start <= hour < end if start < end else hour >= start or hour < end


def _able(rule: RoutingRule, matter: Matter, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The named person, else those of the rule's kind at the place or anywhere above it."""
    if rule.assignee_id is not None:
        return [person for person in candidates if person.id == rule.assignee_id]
    if matter.unit_path is None:
        return []
    return [
        person
        for person in candidates
        if person.field
        and person.kind is rule.assignee_kind
        and matter.unit_path.startswith(person.unit_path)
    ]


def _described(rule: RoutingRule, matter: Matter) -> str:
    """`规则4：基础设施维修 · 3栋 → 物业`."""
    what = NAMES.get(matter.category or "", "未分类")
    return f"规则{rule.position}：{what} · {matter.place} → {KIND_NAMES[rule.assignee_kind]}"
