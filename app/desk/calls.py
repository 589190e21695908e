"""What a call leaves behind: tickets, promised calls, ratings; and how a hang-up is settled, once.

The phone door writes into `Call.state["leftovers"]` what is to be done if the line goes dead now. Settling carries
that out, so it needs no dialogue and can be done by whoever notices first: webhook, gateway, job or sweeper.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from app.desk import callbacks, course, dialing, ratings
from app.desk.config import DeskConfig
from app.desk.draft import Draft
from app.desk.place import Place
from app.desk.recordings import add_recording, read_spool, store_audio
from app.desk.residents import find_or_create
from app.desk.tickets import open_ticket
from app.errors import BadNumber
from app.queue import JobName, defer
from models.base import Json
from models.call import Call, CallTurn
from models.callback import Attempt, Callback, Outcome
from models.rating import Rating
from models.recording import Recording
from models.ticket import Ticket
from speech.endpointing import Endpointer

log = structlog.get_logger(__name__)

GRACE = timedelta(seconds=10)
"""After the end of a call its last webhooks may still be on their way; a recording among them changes what is owed."""
SILENT = timedelta(minutes=15)
"""No listening turn lasts that long: the end of the call was never reported."""
_SPOOL_AGE = timedelta(minutes=5)  # longer than any turn: nobody is writing there any more
_SPOOL_REST = timedelta(seconds=30)  # where the call has ended or gone on without the result
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
_NEVER = 1e9  # seconds
_RECORDINGS = Recording.__table__
_RECORDINGS_BELONG = (
    update(_RECORDINGS)  # type: ignore[arg-type]
    .where(_RECORDINGS.c.call_id == bindparam("of_call"), _RECORDINGS.c.ticket_id.is_(None))
    .values(ticket_id=bindparam("to_ticket"))
)


@dataclass(frozen=True)
class CallContext:
    """A call in the hands of the services, inside one transaction."""

    session: Session
    cfg: DeskConfig
    call: Call
    now: datetime

    # ---- what residents' words lead to -------------------------------------------------------------------

    def open_ticket(
        self,
        *,
        text: str,
        category: str | None,
        tier: str,
        urgent: bool,
        danger: str | None,
        matter: str | None,
        place: Mapping[str, str],
        needs_listening: bool,
    ) -> Ticket:
        """Everything recorded in this call belongs to it. `place` by the fields of `Place`."""
        call, session = self.call, self.session
        # Call and turn are written once, at the end of the webhook: nothing here reads them from the database
        with session.no_autoflush:
            if call.resident_id is None and call.phone:
                call.resident_id = find_or_create(session, call.phone, now=self.now).id
            draft = Draft(
                channel="phone",
                occurred_at=call.started_at,
                text=text,
                category=category,
                tier=tier,
                urgent=urgent,
                danger=danger,
                matter=matter,
                place=Place(**place),
                reporter_id=call.resident_id,
                needs_listening=needs_listening,
                hotline=call.hotline,
            )
            ticket = open_ticket(session, self.cfg, draft, now=self.now)
            call.ticket_id = ticket.id
            session.execute(_RECORDINGS_BELONG, {"of_call": call.id, "to_ticket": ticket.id})
        return ticket

    def request_return_call(self, *, reason: str) -> Callback | None:
        """None where there is no number that we may ring."""
        call = self.call
        if not call.phone:
            return None
        try:
            return callbacks.request_return_call(
                self.session,
                self.cfg,
                phone=call.phone,
                reason=reason,
                now=self.now,
                resident_id=call.resident_id,
                ticket_id=call.ticket_id,
            )
        except BadNumber as error:
            log.info("no_return_call", call=call.uid, reason=type(error).__name__)
            return None

    # ---- what calls of ours lead to ----------------------------------------------------------------------

    @property
    def attempt(self) -> Attempt:
        return self.session.get_one(Attempt, self.call.attempt_id)

    @property
    def callback(self) -> Callback:
        return self.session.get_one(Callback, self.attempt.callback_id)

    @property
    def rating(self) -> Rating:
        return ratings.open_rating(self.session, self.cfg, self.callback, now=self.now)

    def apply_rating(self) -> None:
        ratings.apply_rating(self.session, self.cfg, self.rating, now=self.now)

    def decline(self) -> None:
        ratings.decline(self.session, self.cfg, self.callback, now=self.now)

    def finish_attempt(self, *, outcome: str) -> None:
        callbacks.finish_attempt(self.session, self.cfg, self.attempt, Outcome(outcome), now=self.now)

    def hand_to_person(self) -> Callback:
        """The attempt is over without an answer, and the robot does not try again."""
        callback = self.callback
        callbacks.finish_attempt(self.session, self.cfg, self.attempt, Outcome.CALL_LATER, now=self.now)
        if callback.state in course.OPEN:
            at = dialing.next_time(self.cfg.hours, self.cfg.zone, self.now)
            course.to_person(self.session, callback, at=at, now=self.now)
        return callback

    def carry_out(self, leftover: Json) -> None:
        """One stored leftover; raises ValueError if no service of this name can be left over."""
        given: dict[str, Any] = leftover["with"]
        match leftover["do"]:
            case "open_ticket":
                self.open_ticket(**given)
            case "request_return_call":
                self.request_return_call(**given)
            case "apply_rating":
                self.apply_rating()
            case "finish_attempt":
                self.finish_attempt(**given)
            case "hand_to_person":
                self.hand_to_person()
            case name:
                raise ValueError(f"call {self.call.uid}: {name!r} can't be left over")


# ---- settling --------------------------------------------------------------------------------------------


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


def attach_spools(session: Session, cfg: DeskConfig, data_dir: Path, *, now: datetime) -> list[int]:
    """Audio that a gateway had written when it died: ids of recordings made of it, for the worker to listen to.

    The files may go once the caller has committed: `drop_spools`.
    """
    made = []
    for turn, call in session.execute(
        select(CallTurn, Call)
        .join(Call, Call.id == CallTurn.call_id)
        .where(
            CallTurn.spool.is_not(None),
            CallTurn.heard_at.is_(None),
            or_(
                CallTurn.token_used_at < now - _SPOOL_AGE,
                and_(
                    CallTurn.token_used_at < now - _SPOOL_REST,
                    or_(Call.ended_at < now - GRACE, CallTurn.n < Call.last_turn),
                ),
            ),
        )
        .order_by(CallTurn.id)
        .limit(_AT_ONCE)
    ):
        pcm = read_spool(data_dir / "spool", str(turn.spool))
        turn.heard_at = now
        if not _has_speech(pcm):
            continue
        path, seconds = store_audio(data_dir, f"{call.uid}-{turn.n}-spool", pcm, now=now)
        recording = add_recording(
            session,
            call_id=call.id,
            turn_n=turn.n,
            source="spool",
            path=path,
            seconds=seconds,
            transcript=None,
            confidence=None,
            now=now,
            state="transcribe",
        )
        keep_recording(session, cfg, call, recording, now=now)
        defer(session, JobName.TRANSCRIBE, recording.id)
        made.append(recording.id)
    return made


def _has_speech(pcm: bytes) -> bool:
    ear = Endpointer(closing_silence=_NEVER, no_input=_NEVER, max_length=_NEVER)
    ear.feed(pcm)
    return ear.speech_started is not None


def drop_spools(session: Session, data_dir: Path) -> None:
    """Remove spool files whose audio is safe; call it in a transaction of its own, after the commit."""
    for file in (data_dir / "spool").glob("*.ulaw"):
        turn = session.scalar(select(CallTurn).where(CallTurn.spool == file.name))
        if turn is not None and turn.heard_at is not None:
            file.unlink(missing_ok=True)


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
