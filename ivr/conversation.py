"""One call in one transaction: advance its flow, do the effects, store the turn that comes out.

A repeated webhook replays the stored TwiML. What a hang-up would leave to be done is stored with every turn
(`ivr.leftover`).
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.orm import Session, defer
from sqlalchemy.orm.attributes import set_committed_value

from app.db import insert_values, sent_together
from app.desk.calls import CallContext
from app.errors import NotFound
from app.runtime import Runtime
from ivr import effects
from ivr.check import check
from ivr.flow import Flow, Input, State, run
from ivr.flows.hotline import HOTLINE
from ivr.flows.notice import NOTICE_CALL
from ivr.flows.rating import RATING_CALL
from ivr.leftover import leftovers
from ivr.twiml import PERSON_NUMBER, Page, render
from ivr.verbs import Verb
from models.base import Json
from models.call import Call, CallTurn

FLOWS: Mapping[str, Flow] = {flow.name: flow for flow in (HOTLINE, RATING_CALL, NOTICE_CALL)}
check(*FLOWS.values())

# Built once: building a statement takes longer than executing it, and these are every webhook's
_CALL = select(Call).where(Call.uid == bindparam("uid")).with_for_update()
_CALL_AND_TURN = (
    select(Call, CallTurn)
    .outerjoin(CallTurn, and_(CallTurn.call_id == Call.id, CallTurn.n == bindparam("n")))
    .where(Call.uid == bindparam("uid"))
    .options(defer(CallTurn.said), defer(CallTurn.twiml))  # ciphertext that only a replay opens
    .with_for_update(of=Call)
)
_TURNS = CallTurn.__table__
_HEARD = select(_TURNS.c.heard, _TURNS.c.heard_at).where(_TURNS.c.id == bindparam("turn"))
_HEAR = (
    update(_TURNS)  # type: ignore[arg-type]
    .where(_TURNS.c.id == bindparam("turn"), _TURNS.c.heard_at.is_(None))
    .values(heard=bindparam("heard"), heard_at=bindparam("at"))
)
_TURN = select(CallTurn).where(CallTurn.call_id == bindparam("call"), CallTurn.n == bindparam("n"))


@dataclass(frozen=True)
class Conversation:
    """One call in one transaction, with everything that its turns need."""

    runtime: Runtime
    context: CallContext

    @property
    def session(self) -> Session:
        return self.context.session

    @property
    def call(self) -> Call:
        return self.context.call

    @property
    def flow(self) -> Flow:
        return FLOWS[self.call.state["flow"]]

    @property
    def state(self) -> State:
        return State.from_json(self.call.state["engine"])

    def keep(self, flow: Flow, state: State) -> None:
        """Where the call stands now; `speak` writes it with the turn, else `store` must."""
        stand = {"flow": flow.name, "engine": state.to_json(), "leftovers": leftovers(flow, state)}
        set_committed_value(self.call, "state", stand)

    def store(self) -> None:
        self.context.store(state=self.call.state)

    def run(self, flow: Flow, state: State, given: Input) -> tuple[Verb, ...]:
        """Advance until the turn waits for the resident or the call ends; effects are done on the way."""
        said, state = run(flow, state, given, lambda effect: effects.do(self.context, effect))
        self.keep(flow, state)
        return said

    def speak(self, n: int, verbs: tuple[Verb, ...]) -> str:
        """Store turn `n` and give its TwiML."""
        settings, token = self.runtime.settings, secrets.token_urlsafe(24)
        page = Page(
            base_url=settings.public_url,
            media_url=settings.media_url,
            call=self.call.uid,
            n=n,
            token=token,
            can=self.runtime.capabilities,
            hotline=self.runtime.desk.hotline_number,
            can_play=self.runtime.clips.can_play,
            say=lambda text: text.render(self.runtime.translate),
        )
        rendered = render(verbs, page)
        with sent_together(self.session):
            insert_values(
                self.session,
                CallTurn,
                call_id=self.call.id,
                n=n,
                node=self.state.node,
                said=list(rendered.said),
                twiml=rendered.xml,
                listen=rendered.listen,
                token_hash=hashlib.sha256(token.encode()).hexdigest() if rendered.streamed else None,
                created_at=self.context.now,
            )
            if self.call.last_turn != n:  # a call that has just been written needn't be written again
                self.context.store(state=self.call.state, last_turn=n, updated_at=self.context.now)
        return self.person_filled_in(rendered.xml)

    def person_filled_in(self, xml: str) -> str:
        """Staff numbers are not stored in plain text: they are put in on the way out."""
        if PERSON_NUMBER not in xml:
            return xml
        number = effects.person_number(self.session, self.runtime.desk, self.call, now=self.context.now)
        return xml.replace(PERSON_NUMBER, number or "")

    def url(self, path: str) -> str:
        """Of ours, below this call."""
        return f"{self.runtime.settings.public_url.rstrip('/')}/voice/{self.call.uid}/{path}"

    def turn(self, n: int) -> CallTurn | None:
        return self.session.scalar(_TURN, {"call": self.call.id, "n": n})

    def hear(self, turn: CallTurn, heard: Json | None) -> Json | None:
        """Store what came back for `turn`, and give what counts: whatever was stored first.

        Whoever held the call's lock before may have stored something since `turn` was read. None stores nothing.
        """
        connection, at = self.session.connection(), self.context.now
        stored = (
            heard is not None
            and connection.execute(_HEAR, {"turn": turn.id, "heard": heard, "at": at}).rowcount
        )
        if not stored:
            heard, at = connection.execute(_HEARD, {"turn": turn.id}).one()
        set_committed_value(turn, "heard", heard)
        set_committed_value(turn, "heard_at", at)
        return heard

    def replay(self, n: int) -> str:
        """The TwiML of a turn that was spoken before. Raises NotFound."""
        turn = self.turn(n)
        if turn is None:
            raise NotFound(f"call {self.call.uid} has no turn {n}")
        return self.person_filled_in(turn.twiml)


def conversation(runtime: Runtime, session: Session, call: Call, now: datetime) -> Conversation:
    return Conversation(runtime, CallContext(session, runtime.desk, call, now))


def find(runtime: Runtime, session: Session, uid: str, call_sid: str, now: datetime) -> Conversation:
    """The call of this id, locked. Raises NotFound, also for one whose carrier calls it otherwise."""
    call = session.scalar(_CALL, {"uid": uid})
    return _own(runtime, session, call, uid, call_sid, now)


def find_at(
    runtime: Runtime, session: Session, uid: str, call_sid: str, n: int, now: datetime
) -> tuple[Conversation, CallTurn | None]:
    """The same together with turn `n`, which may be older than the lock: see `hear`."""
    call, turn = session.execute(_CALL_AND_TURN, {"uid": uid, "n": n}).one_or_none() or (None, None)
    return _own(runtime, session, call, uid, call_sid, now), turn


def _own(
    runtime: Runtime, session: Session, call: Call | None, uid: str, call_sid: str, now: datetime
) -> Conversation:
    if call is None or call.carrier_sid != call_sid:
        raise NotFound(f"no call {uid}")
    return conversation(runtime, session, call, now)
