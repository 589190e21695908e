"""Everything that happened to a ticket, in one list: events, calls turn by turn, texts, photos, attempts, marks.

Personal numbers are masked here, so that no template can forget it. Seven statements, however long the story is.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.desk.residents import mask_phone
from app.desk.story import (
    AtKiosk,
    Clip,
    Entry,
    Happened,
    Marked,
    Phoned,
    Rang,
    Texted,
    Timeline,
    Turn,
    masked,
    unsure_words,
)
from models.base import Json
from models.call import Call, CallTurn
from models.callback import Attempt, AttemptState, Callback
from models.message import Message
from models.rating import Rating, RemedialAction
from models.recording import Recording
from models.staff import Staff
from models.ticket import Ticket, TicketEvent
from models.verified_example import VerifiedExample

_TOLD_ELSEWHERE = frozenset({"callback", "photo", "rating"})
"""Notes about what is in the list itself, or beside it."""
_SAME = timedelta(minutes=1)  # a kiosk's clock that is off by less is right
_Clips = dict[int, tuple[Clip, datetime, tuple[int | None, int]]]
"""Recordings by id, with when they were made and the call's turn they belong to (no call: made at a kiosk)."""


def timeline_of(session: Session, ticket: Ticket) -> Timeline:
    """Oldest first. Whether the actor may see the ticket has been asked before."""
    clips = _clips(session, ticket)
    events = session.scalars(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
    ).all()
    entries = [Entry(e.at, "event", _happened(e)) for e in events if e.action not in _TOLD_ELSEWHERE]
    calls, said_in, openings = _calls(session, ticket, clips)
    entries += calls
    entries += _texts(session, ticket)
    entries += _attempts(session, ticket)
    entries += _ratings(session, ticket)
    entries += [Entry(at, "recording", clip) for id_, (clip, at, _) in clips.items() if id_ not in said_in]
    entries.sort(key=lambda entry: entry.at)
    ordered = sorted(clips, key=lambda id_: (id_ not in openings, id_))
    ids = {e.what.actor_id for e in entries if isinstance(e.what, Happened)}
    ids |= {e.what.to_staff for e in entries if isinstance(e.what, Texted)}
    ids |= {_staff_in(e.what.data) for e in entries if isinstance(e.what, Happened)}
    ids |= {_actor_id(e.what.rating.asked_by) for e in entries if isinstance(e.what, Marked)}
    ids |= {r.owner_id for e in entries if isinstance(e.what, Marked) for r in e.what.remedies}
    return Timeline(
        tuple(entries),
        tuple(clips[id_][0] for id_ in ordered),
        _at_kiosk(ticket, events),
        _names(session, ids),
    )


def _at_kiosk(ticket: Ticket, events: Sequence[TicketEvent]) -> AtKiosk | None:
    if ticket.slip is None:
        return None
    shown = next((event.data.get("device_at") for event in events if event.action == "open"), None)
    try:
        device_at = datetime.fromisoformat(shown) if isinstance(shown, str) else None
    except ValueError:
        device_at = None
    if device_at is not None and abs(device_at - ticket.occurred_at) < _SAME:
        device_at = None
    return AtKiosk(ticket.slip, ticket.occurred_at, ticket.created_at, device_at)


def _clips(session: Session, ticket: Ticket) -> _Clips:
    rows = session.execute(
        select(Recording, VerifiedExample.transcript, CallTurn.heard)
        .outerjoin(VerifiedExample, VerifiedExample.recording_id == Recording.id)
        .outerjoin(CallTurn, (CallTurn.call_id == Recording.call_id) & (CallTurn.n == Recording.turn_n))
        .where(Recording.ticket_id == ticket.id)
        .order_by(Recording.id)
    ).all()
    return {
        row.id: (
            Clip(
                id=row.id,
                seconds=row.seconds,
                words=unsure_words(heard, row.confidence, row.transcript or ""),
                corrected=corrected,
                path=row.path,
                state=row.state,
                confidence=row.confidence,
                source=row.source,
            ),
            row.created_at,
            (row.call_id, row.turn_n),
        )
        for row, corrected, heard in rows
    }


def _calls(session: Session, ticket: Ticket, clips: _Clips) -> tuple[list[Entry], set[int], set[int]]:
    """The calls; the recordings that are part of one; those in which she was asked what the matter is."""
    ours = (
        select(Attempt.id)
        .join(Callback, Callback.id == Attempt.callback_id)
        .where(Callback.ticket_id == ticket.id)
    )
    rows = session.execute(
        select(Call.id, Call.direction, Call.started_at, Call.ended_at, CallTurn)
        .outerjoin(CallTurn, CallTurn.call_id == Call.id)
        .where(or_(Call.ticket_id == ticket.id, Call.attempt_id.in_(ours)))
        .order_by(Call.id, CallTurn.n)
    ).all()
    at_turn = {place: clip for clip, _, place in clips.values()}
    turns: dict[int, list[Turn]] = {}
    heads: dict[int, tuple[str, datetime, datetime | None]] = {}
    found, openings = set(), set()
    for id_, direction, started_at, ended_at, row in rows:
        heads[id_] = (direction, started_at, ended_at)
        if row is None:
            continue
        turn = _turn(row, at_turn.get((id_, row.n)))
        turns.setdefault(id_, []).append(turn)
        if turn.clip is not None:
            found.add(turn.clip.id)
            if turn.expect in ("open", "category", "details"):
                openings.add(turn.clip.id)
    entries = [
        Entry(
            started_at,
            "call",
            Phoned(
                id_,
                direction == "outbound",
                ended_at,
                tuple(turns.get(id_, ())),
                int((ended_at - started_at).total_seconds()) if ended_at else None,
            ),
        )
        for id_, (direction, started_at, ended_at) in heads.items()
    ]
    return entries, found, openings


def _turn(row: CallTurn, clip: Clip | None) -> Turn:
    heard = row.heard or {}
    text = str(heard.get("text") or "")
    return Turn(
        at=row.created_at,
        said=tuple(masked(sentence) for sentence in row.said),
        words=unsure_words(heard, heard.get("confidence"), text),
        keys="" if len(str(heard.get("keys") or "")) > 6 else str(heard.get("keys") or ""),
        kind=heard.get("kind"),
        clip=clip,
        expect=str((row.listen or {}).get("expect", "")),
    )


def _texts(session: Session, ticket: Ticket) -> list[Entry]:
    rows = session.scalars(select(Message).where(Message.ticket_id == ticket.id).order_by(Message.id)).all()
    return [
        Entry(
            row.created_at,
            "text",
            Texted(
                inbound=row.direction == "inbound",
                to_staff=row.staff_id,
                phone=mask_phone(row.phone),
                body=_without_room(masked(row.body), ticket.room),
                purpose=row.purpose,
                state=row.state,
                sent_at=row.sent_at,
                due_at=row.due_at,
            ),
        )
        for row in rows
    ]


def _without_room(text: str, room: str | None) -> str:
    return text.replace(room, "***") if room and len(room) > 1 else text


def _attempts(session: Session, ticket: Ticket) -> list[Entry]:
    """Those that are over or under way; what is only planned stands at the top of the page."""
    rows = session.execute(
        select(Attempt, Callback)
        .join(Callback, Callback.id == Attempt.callback_id)
        .where(Callback.ticket_id == ticket.id, Attempt.state != AttemptState.PENDING)
        .order_by(Attempt.id)
    ).all()
    return [
        Entry(
            attempt.ended_at or attempt.intent_at or attempt.created_at,
            "ring",
            Rang(
                kind=callback.kind.value,
                n=attempt.n,
                outcome=attempt.outcome.value if attempt.outcome else None,
                state=attempt.state.value,
                by_person=attempt.intent_at is None,
            ),
        )
        for attempt, callback in rows
        if attempt.last_error != "dropped"
    ]


def _ratings(session: Session, ticket: Ticket) -> list[Entry]:
    rows = session.execute(
        select(Rating, RemedialAction)
        .outerjoin(RemedialAction, RemedialAction.rating_id == Rating.id)
        .where(Rating.ticket_id == ticket.id)
        .order_by(Rating.id, RemedialAction.id)
    ).all()
    remedies: dict[int, list[RemedialAction]] = {}
    for rating, remedy in rows:
        remedies.setdefault(rating.id, []).extend([remedy] if remedy is not None else [])
    given = {rating.id: rating for rating, _ in rows if rating.applied_at or rating.raw or rating.remark}
    return [Entry(row.created_at, "rating", Marked(row, tuple(remedies[id_]))) for id_, row in given.items()]


def _happened(event: TicketEvent) -> Happened:
    return Happened(
        id=event.id,
        action=event.action,
        actor=event.actor.partition(":")[0],
        actor_id=_actor_id(event.actor),
        reason=masked(event.reason) if event.reason else None,
        data=event.data,
        changed=event.source is not event.target,
        target=event.target.value,
    )


def _actor_id(label: str) -> int | None:
    kind, _, id_ = label.partition(":")
    return int(id_) if kind == "staff" and id_ else None


def _staff_in(data: Json) -> int | None:
    """The person that an event is about: of a dispatch whoever got it, of joint handling whoever helps."""
    found = data.get("assignee") or data.get("staff")
    return int(found) if isinstance(found, int) else None


def _names(session: Session, ids: Iterable[int | None]) -> dict[int, str]:
    query = select(Staff.id, Staff.name).where(Staff.id.in_({id_ for id_ in ids if id_ is not None}))
    return {row.id: row.name for row in session.execute(query)}
