"""A call in the hands of the services: what residents' words, and our own calls, lead to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from app.db import update_row
from app.desk import callbacks, course, dialing, ratings
from app.desk.config import DeskConfig
from app.desk.draft import Draft
from app.desk.place import Place
from app.desk.residents import find_or_create
from app.desk.tickets import open_ticket
from app.desk.transcripts import tell_waiting_words
from app.errors import BadNumber
from models.base import Json
from models.call import Call
from models.callback import Attempt, Callback, Outcome
from models.rating import Rating
from models.recording import Recording
from models.ticket import Ticket

log = structlog.get_logger(__name__)

_INTRODUCTION = 6.0  # seconds in which a call of ours says who rings
_CHARACTERS_A_SECOND = 3.0  # as slowly as the prompts are spoken
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
        place: Mapping[str, Any],
        needs_listening: bool,
        outage: str | None = None,
    ) -> Ticket:
        """Everything recorded in this call belongs to it. `place` by the fields of `Place`. `store` follows."""
        call, session = self.call, self.session
        with session.no_autoflush:  # nothing here reads what else may have changed
            resident_id = call.resident_id
            if resident_id is None and call.phone:
                resident_id = find_or_create(session, call.phone, now=self.now).id
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
                reporter_id=resident_id,
                needs_listening=needs_listening,
                outage=outage,
                hotline=call.hotline,
            )
            ticket = open_ticket(session, self.cfg, draft, now=self.now)
            set_committed_value(call, "resident_id", resident_id)
            set_committed_value(call, "ticket_id", ticket.id)
            session.connection().execute(_RECORDINGS_BELONG, {"of_call": call.id, "to_ticket": ticket.id})
            if needs_listening:
                tell_waiting_words(session, self.cfg, ticket, call.id, now=self.now)
        return ticket

    def store(self, **more: Any) -> None:
        """Write the call: its ticket and resident, and what else has changed."""
        call = self.call
        update_row(self.session, call, ticket_id=call.ticket_id, resident_id=call.resident_id, **more)

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

    def finish_told(self) -> None:
        """Whoever hangs up on something read out to her has been told it if she stayed long enough to hear it."""
        words = len(self.callback.words or "")
        stayed = (self.call.ended_at or self.now) - self.call.started_at
        enough = timedelta(seconds=_INTRODUCTION + words / _CHARACTERS_A_SECOND)
        self.finish_attempt(outcome=Outcome.ANSWERED if stayed >= enough else Outcome.NO_ANSWER)

    def hand_to_person(self) -> Callback:
        """The attempt is over without an answer, and the robot does not try again."""
        callback = self.callback
        callbacks.finish_attempt(self.session, self.cfg, self.attempt, Outcome.CALL_LATER, now=self.now)
        if callback.state in course.OPEN:
            at = dialing.next_time(self.cfg.hours, self.cfg.zone, self.now)
            course.to_person(self.session, self.cfg, callback, at=at, now=self.now)
        return callback

    def carry_out(self, leftover: Json) -> None:
        """One stored leftover; raises ValueError if no service of this name can be left over."""
        given: dict[str, Any] = leftover["with"]
        match leftover["do"]:
            case "open_ticket":
                self.open_ticket(**given)
                self.store()
            case "request_return_call":
                self.request_return_call(**given)
            case "apply_rating":
                self.apply_rating()
            case "finish_attempt":
                self.finish_attempt(**given)
            case "finish_told":
                self.finish_told()
            case "hand_to_person":
                self.hand_to_person()
            case name:
                raise ValueError(f"call {self.call.uid}: {name!r} can't be left over")
