"""Dispatching several tickets at once: who could take them, what would happen, and taking back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Database
from app.desk.config import DeskConfig
from app.desk.dispatch import candidates, suggest_all
from app.desk.rights import Actor, may
from app.desk.tickets import by_number, transition, view_of
from app.errors import BadInput, JiachangError, NotFound
from app.texts.catalogue import mark
from models.lifecycle import Action, Status, find
from models.staff import AssigneeKind, Staff
from models.ticket import Ticket
from models.unit import Unit

MOST = 100
Picked = Mapping[int, int]
"""Number → version of each ticket, as it was when somebody chose it."""


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody who can be made responsible; `load`: open tickets in hand."""

    id: int
    name: str
    kind: AssigneeKind
    unit: str
    load: int


@dataclass(frozen=True, slots=True)
class Planned:
    """What would become of one ticket. `to` is None where it would not be dispatched; `why`, to be translated, says why."""

    number: int
    version: int
    line: str
    status: Status
    now_with: int | None
    to: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Result:
    """`to`: who has it now; None if it was refused, with `error`. `before`: whoever had it until then."""

    number: int
    version: int
    to: int | None
    before: int | None
    error: JiachangError | None = None


def helpers(session: Session, actor: Actor) -> list[Helper]:
    """Active field staff of the actor's community."""
    root = f"/{(actor.unit_path or '-').strip('/').split('/')[0]}/"
    able = {one.id: one for one in candidates(session) if one.field and one.unit_path.startswith(root)}
    query = (
        select(Staff.id, Staff.name, Unit.name.label("unit"))
        .join(Unit, Unit.id == Staff.unit_id)
        .where(Staff.id.in_(able))
        .order_by(Unit.path, Staff.id)
    )
    return [
        Helper(row.id, row.name, able[row.id].kind, row.unit, able[row.id].load)
        for row in session.execute(query)
    ]


def plan(
    session: Session, cfg: DeskConfig, actor: Actor, picked: Picked, assignee_id: int | None, *, now: datetime
) -> list[Planned]:
    """What dispatching these would do; without an `assignee_id` each goes where the rules suggest. Tickets that the
    actor may not dispatch are left out. Raises BadInput for too many."""
    tickets = [
        ticket for ticket in _picked(session, picked) if may(actor, Action.DISPATCH, view_of(session, ticket))
    ]
    suggested = suggest_all(session, cfg, tickets, now=now)
    found = []
    for ticket in tickets:
        suggestion = suggested[ticket.id]
        to, why = (
            (assignee_id, "") if assignee_id is not None else (suggestion.assignee_id, suggestion.reason)
        )
        if find(Action.DISPATCH, ticket.status) is None:
            to, why = None, mark("这一件现在不能派单")
        elif to is not None and to == ticket.assignee_id:
            to, why = None, mark("已经在这个人手里")
        found.append(
            Planned(
                number=ticket.number,
                version=picked[ticket.number],
                line=ticket.matter or ticket.text,
                status=ticket.status,
                now_with=ticket.assignee_id,
                to=to,
                why=why,
            )
        )
    return found


def dispatch_many(
    db: Database,
    cfg: DeskConfig,
    actor: Actor,
    orders: Mapping[int, tuple[int, int]],
    *,
    now: datetime,
    reason: str,
) -> list[Result]:
    """One transaction a ticket: what cannot be done holds up nothing else. `orders`: number → (version, assignee)."""
    if len(orders) > MOST:
        raise BadInput("一次最多派 {most} 件，请分几次派", most=MOST)
    return [
        _dispatch(db, cfg, actor, number, *order, now=now, reason=reason) for number, order in orders.items()
    ]


def names_of(session: Session, ids: Collection[int | None]) -> dict[int | None, str]:
    wanted = {id_ for id_ in ids if id_ is not None}
    return {
        row.id: row.name for row in session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(wanted)))
    }


def _dispatch(
    db: Database,
    cfg: DeskConfig,
    actor: Actor,
    number: int,
    version: int,
    to: int,
    *,
    now: datetime,
    reason: str,
) -> Result:
    try:
        with db.transaction() as session:
            ticket = by_number(session, number)
            if not may(actor, Action.DISPATCH, view_of(session, ticket)):
                raise NotFound("没有 {n} 号", n=number)  # not theirs: not even that it exists
            before = ticket.assignee_id
            transition(
                session,
                cfg,
                ticket,
                Action.DISPATCH,
                actor,
                now=now,
                reason=reason,
                assignee_id=to,
                expected_version=version,
            )
            return Result(number, ticket.version, to, before)
    except JiachangError as error:
        return Result(number, version, None, None, error)


def _picked(session: Session, picked: Picked) -> Sequence[Ticket]:
    if len(picked) > MOST:
        raise BadInput("一次最多派 {most} 件，请分几次派", most=MOST)
    return session.scalars(select(Ticket).where(Ticket.number.in_(picked)).order_by(Ticket.due_at)).all()
