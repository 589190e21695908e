"""How a hang-up is settled, once, and audio that turns up afterwards.

The phone door writes into `Call.state["leftovers"]` what is to be done if the line goes dead now. Settling carries
that out, so it needs no dialogue and can be done by whoever notices first: webhook, gateway, job or sweeper.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.desk.calls import CallContext
from app.desk.config import DeskConfig
from models.base import Json
from models.call import Call, CallTurn
from models.recording import Recording

GRACE = timedelta(seconds=10)
"""After the end of a call its last webhooks may still be on their way; a recording among them changes what is owed."""
SILENT = timedelta(minutes=15)
"""No listening turn lasts that long: the end of the call was never reported."""
_AT_ONCE = 50
_WITH_A_PERSON = timedelta(hours=4)  # as long as a carrier lets two people talk
_UNHEARD: tuple[Json, ...] = (
    {
        "do": "open_ticket",
        "with": {
            "text": "",
            "category": None,
            "tier": "simple",
            "urgent": False,
            "danger": None,
            "matter": None,
            "place": {},
            "needs_listening": True,
        },
    },
    {"do": "request_return_call", "with": {"reason": "not_understood"}},
)
"""For a dialogue that came to its end without the audio that turned up afterwards."""


def settle_call(
    session: Session, cfg: DeskConfig, call_id: int, *, now: datetime, heeded: bool = False
) -> bool:
    """Do what a call that is over has left to be done; False if there was nothing to settle (any more).

    What was heard last but never acted on (the line went dead first) becomes a matter that a person listens to;
    `heeded`: it was acted on.
    """
    call = session.get(Call, call_id, with_for_update=True, populate_existing=True)
    if call is None or call.settled_at is not None:
        return False
    if call.ended_at is None:
        if call.updated_at > now - (_WITH_A_PERSON if call.person_accepted_at else SILENT):
            return False  # she is still talking
        call.ended_at = now
    leftovers = call.state.get("leftovers", {})
    kind = "said" if not heeded and _unheeded(session, call) else "silent"
    if call.person_accepted_at is not None and "accepted" in leftovers:
        kind = "accepted"
    context = CallContext(session, cfg, call, now)
    for leftover in leftovers.get(kind, ()):
        context.carry_out(leftover)
    if call.ticket_id is None and call.attempt_id is None and _left_audio(session, call):
        for leftover in _UNHEARD:
            context.carry_out(leftover)
    call.settled_at = now
    return True


def unsettled_calls(session: Session, *, now: datetime) -> list[int]:
    """Ended a moment ago, or silent for so long that their end must have gone unreported."""
    query = (
        select(Call.id)
        .where(
            Call.settled_at.is_(None),
            or_(
                Call.ended_at < now - GRACE,
                and_(Call.updated_at < now - SILENT, Call.person_accepted_at.is_(None)),
                Call.updated_at < now - _WITH_A_PERSON,
            ),
        )
        .order_by(Call.updated_at)
        .limit(_AT_ONCE)
    )
    return list(session.scalars(query))


def keep_recording(
    session: Session, cfg: DeskConfig, call: Call, recording: Recording, *, now: datetime
) -> None:
    """Audio that came in: to the ticket of its call; to a new one if the call was settled as if nobody had spoken."""
    if call.ticket_id is not None:
        recording.ticket_id = recording.ticket_id or call.ticket_id
    elif call.settled_at is not None and call.attempt_id is None:
        session.flush()
        context = CallContext(session, cfg, call, now)
        for leftover in call.state.get("leftovers", {}).get("said") or _UNHEARD:
            context.carry_out(leftover)


def _left_audio(session: Session, call: Call) -> bool:
    """Was something rescued from a gateway that died, while the call went on without it?"""
    spool = select(Recording.id).where(Recording.call_id == call.id, Recording.source == "spool").limit(1)
    return session.scalar(spool) is not None


def _unheeded(session: Session, call: Call) -> bool:
    """Did the last turn hear something that nobody has acted on?"""
    turn = session.scalar(select(CallTurn).where(CallTurn.call_id == call.id, CallTurn.n == call.last_turn))
    if turn is None:
        return False
    heard = turn.heard or {}
    if heard.get("text") or heard.get("speech_seconds", 0) > 0 or heard.get("recording_id"):
        return True
    late = select(Recording.id).where(Recording.call_id == call.id, Recording.turn_n == turn.n).limit(1)
    return session.scalar(late) is not None
