"""What screens and the command line read: plain dictionaries, personal fields masked unless asked for."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from app.desk.config import DeskConfig
from app.desk.residents import mask_phone, phones_of
from app.desk.rights import Actor, allowed_actions, may_see, oversees
from app.desk.staff_calls import may_call
from app.desk.tickets import by_number, view_of
from app.desk.wording import category_name
from app.errors import NotFound
from models.base import Json
from models.callback import Attempt, Callback, CallbackState
from models.lifecycle import OPEN, Status
from models.message import Message
from models.rating import Rating, RemedialAction
from models.recording import Recording
from models.resident import Resident
from models.staff import Staff
from models.ticket import Ticket, TicketEvent
from models.unit import Unit


def ticket_view(
    session: Session, cfg: DeskConfig, number: int, *, actor: Actor | None = None, unmask: bool = False
) -> Json:
    """Everything about one ticket, its events in order. `actor`: adds what they can do now, and makes tickets of units
    that they don't oversee NotFound. Times are ISO 8601 UTC; `unmask` shows names, phones and the room."""
    ticket = by_number(session, number)
    view = view_of(session, ticket)
    if actor is not None and not may_see(actor, view):
        raise NotFound("没有 {n} 号", n=number)
    people = _staff(session, {ticket.assignee_id, ticket.first_responder_id})
    master = session.get(Ticket, ticket.duplicate_of_id) if ticket.duplicate_of_id else None
    return _row(cfg, ticket, people) | {
        "text": ticket.text,
        "verified": ticket.verified,
        "danger": ticket.danger,
        "place": {
            "estate": ticket.estate,
            "building": ticket.building,
            "unit": ticket.unit_no,
            "room": ticket.room if unmask or not ticket.room else "***",
            "landmark": ticket.landmark,
        },
        "unit": _unit(session, ticket.unit_id),
        "reporter": _resident(session, ticket.reporter_id, unmask),
        "beneficiary": _resident(session, ticket.beneficiary_id, unmask),
        "first_responder": people.get(ticket.first_responder_id),
        "dispatch_reason": ticket.dispatch_reason,
        "occurred_at": _iso(ticket.occurred_at),
        "respond_due_at": _iso(ticket.respond_due_at),
        "hard_due_at": _iso(ticket.hard_due_at),
        "accepted_at": _iso(ticket.accepted_at),
        "resolved_at": _iso(ticket.resolved_at),
        "closed_at": _iso(ticket.closed_at),
        "hold_until": _iso(ticket.hold_until),
        "review_on": _iso(ticket.review_on),
        "resolution": ticket.resolution,
        "close_reason": ticket.close_reason,
        "duplicate_of": master.number if master else None,
        "version": ticket.version,
        "allowed": [action.value for action in allowed_actions(actor, view)] if actor else None,
        "events": [_event(event) for event in _of(session, TicketEvent, ticket.id)],
        "ratings": [_rating(rating) for rating in _of(session, Rating, ticket.id)],
        "remedial": [
            {
                "cause": row.cause,
                "owner": row.owner_id,
                "due_on": _iso(row.due_on),
                "done_at": _iso(row.done_at),
            }
            for row in _of(session, RemedialAction, ticket.id)
        ],
        "callbacks": [_callback(session, row, unmask) for row in _of(session, Callback, ticket.id)],
        "recordings": [
            {"id": row.id, "path": row.path, "seconds": row.seconds, "transcript": row.transcript}
            for row in _of(session, Recording, ticket.id)
        ],
        "messages": [
            {
                "direction": row.direction,
                "phone": row.phone if unmask else mask_phone(row.phone),
                "purpose": row.purpose,
                "state": row.state,
                "body": row.body,
                "at": _iso(row.created_at),
            }
            for row in _of(session, Message, ticket.id)
        ],
    }


def list_tickets(
    session: Session,
    cfg: DeskConfig,
    *,
    now: datetime,
    actor: Actor | None = None,
    statuses: Iterable[Status] | None = None,
    assignee_id: int | None = None,
    overdue: bool = False,
    limit: int = 50,
) -> list[Json]:
    """Open tickets (or those of `statuses`), the most pressing first. `actor`: only what they oversee or have in hand."""
    query = select(Ticket).where(Ticket.status.in_(list(statuses) if statuses else list(OPEN)))
    if actor is not None and actor.role is None:
        return []
    if actor is not None:
        below = select(Unit.id).where(Unit.path.startswith(actor.unit_path or "-", autoescape=True))
        known = Ticket.unit_id.in_(below)
        seen = known | Ticket.unit_id.is_(None) if oversees(actor, None) else known
        query = query.where(seen | (Ticket.assignee_id == actor.id))
    if assignee_id is not None:
        query = query.where(Ticket.assignee_id == assignee_id)
    if overdue:
        query = query.where(Ticket.due_at < now)
    tickets = session.scalars(query.order_by(Ticket.due_at, Ticket.id).limit(limit)).all()
    people = _staff(session, {ticket.assignee_id for ticket in tickets})
    return [_row(cfg, ticket, people) | {"overdue": ticket.due_at < now} for ticket in tickets]


def person_queue(
    session: Session,
    cfg: DeskConfig,
    *,
    now: datetime,
    actor: Actor | None = None,
    before: datetime | None = None,
    unmask: bool = False,
) -> list[Json]:
    """Callbacks and visits for a person, due ones first and among them who has waited longest. `actor`: only what is
    theirs to ring; `before`: only what is due until then."""
    query = select(Callback).where(Callback.state.in_((CallbackState.PERSON, CallbackState.VISIT)))
    if before is not None:
        query = query.where(Callback.due_at < before)
    later = Callback.due_at > now
    since = case((later, Callback.due_at), else_=Callback.created_at)
    rows = session.scalars(query.order_by(later, Callback.priority, since, Callback.id)).all()
    return [
        _callback(session, row, unmask) | _waiting(session, row, unmask) | {"due": row.due_at <= now}
        for row in rows
        if actor is None or may_call(session, cfg, actor, row)
    ]


def _waiting(session: Session, callback: Callback, unmask: bool) -> Json:
    ticket = session.get(Ticket, callback.ticket_id) if callback.ticket_id else None
    return {
        "number": ticket.number if ticket else None,
        "resident": _resident(session, callback.resident_id, unmask),
    }


def _row(cfg: DeskConfig, ticket: Ticket, people: dict[int | None, Json]) -> Json:
    return {
        "number": ticket.number,
        "status": ticket.status.value,
        "channel": ticket.channel,
        "category": ticket.category,
        "category_name": category_name(cfg, ticket.category),
        "tier": ticket.tier,
        "urgent": ticket.urgent,
        "matter": ticket.matter,
        "assignee": people.get(ticket.assignee_id),
        "created_at": _iso(ticket.created_at),
        "due_at": _iso(ticket.due_at),
        "promised_on": _iso(ticket.promised_on),
        "cycle": ticket.cycle,
        "escalation": ticket.escalation,
    }


def _of(session: Session, model: Any, ticket_id: int) -> list[Any]:
    return list(session.scalars(select(model).where(model.ticket_id == ticket_id).order_by(model.id)))


def _event(event: TicketEvent) -> Json:
    return {
        "action": event.action,
        "from": event.source.value if event.source else None,
        "to": event.target.value,
        "actor": event.actor,
        "reason": event.reason,
        "data": event.data,
        "at": _iso(event.at),
    }


def _rating(rating: Rating) -> Json:
    fields = ("cycle", "channel", "asked_by", "fact", "speed", "effect", "attitude", "raw", "remark")
    return {field: getattr(rating, field) for field in fields} | {"applied_at": _iso(rating.applied_at)}


def _callback(session: Session, callback: Callback, unmask: bool) -> Json:
    query = select(Attempt).where(Attempt.callback_id == callback.id).order_by(Attempt.n)
    return {
        "id": callback.id,
        "kind": callback.kind.value,
        "state": callback.state.value,
        "reason": callback.reason,
        "phone": callback.phone if unmask or not callback.phone else mask_phone(callback.phone),
        "cycle": callback.cycle,
        "words": callback.words,
        "due_at": _iso(callback.due_at),
        "outcome": callback.outcome.value if callback.outcome else None,
        "attempts": [
            {
                "n": row.n,
                "state": row.state.value,
                "outcome": row.outcome.value if row.outcome else None,
                "due_at": _iso(row.due_at),
                "ended_at": _iso(row.ended_at),
            }
            for row in session.scalars(query)
        ],
    }


def _resident(session: Session, resident_id: int | None, unmask: bool) -> Json | None:
    resident = session.get(Resident, resident_id) if resident_id else None
    if resident is None:
        return None
    phones = phones_of(session, resident.id)
    name = resident.name or ""
    return {
        "id": resident.id,
        "name": name if unmask else name[:1] + "*" * len(name[1:]),
        "phones": phones if unmask else [mask_phone(phone) for phone in phones],
        "dialect": resident.dialect,
        "prefers_person": resident.prefers_person,
    }


def _unit(session: Session, unit_id: int | None) -> Json | None:
    unit = session.get(Unit, unit_id) if unit_id else None
    return {"id": unit.id, "kind": unit.kind, "name": unit.name} if unit else None


def _staff(session: Session, ids: set[int | None]) -> dict[int | None, Json]:
    rows = session.scalars(select(Staff).where(Staff.id.in_([id_ for id_ in ids if id_ is not None])))
    return {row.id: {"id": row.id, "login": row.login, "name": row.name} for row in rows}


def _iso(value: datetime | date | None) -> str | None:
    return value.isoformat() if value is not None else None
