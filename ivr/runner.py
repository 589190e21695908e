"""Runs calls: load the call, advance its flow, do the effects, store the turn; one transaction a webhook.

A repeated webhook replays the stored TwiML. What was heard is stored before it is acted on, and what a hang-up
would leave to be done is stored with every turn (`ivr.leftover`).
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from app.db import insert_once, insert_row
from app.desk import callbacks, calls
from app.desk.calls import CallContext
from app.desk.residents import find_by_phone, normalise_phone
from app.desk.wording import short_date
from app.errors import BadNumber, NotFound
from app.queue import JobName, defer
from app.runtime import Runtime
from ivr import effects
from ivr.check import check
from ivr.flow import Dialled, Digits, Done, Flow, Input, Lost, Person, Silence, Started, State, advance
from ivr.flows.hotline import HOTLINE
from ivr.flows.rating import RATING_CALL
from ivr.hearing import interpret
from ivr.leftover import leftovers
from ivr.twiml import PERSON_NUMBER, Page, goodbye, render, waiting
from ivr.verbs import Text, Verb
from ivr.webhook import AnsweredCall, InboundCall, RecordingPost, StatusPost, TurnPost
from models.base import Json
from models.call import Call, CallTurn
from models.callback import Attempt, Callback, CallbackKind
from models.receipt import InboundReceipt
from models.recording import Recording
from models.resident import Resident
from models.ticket import Ticket

log = structlog.get_logger(__name__)

FLOWS: Mapping[str, Flow] = {flow.name: flow for flow in (HOTLINE, RATING_CALL)}
check(*FLOWS.values())

POLLS = 6  # times that we ask a resident to wait for a recording's words
_MOST_EFFECTS = 20  # in one turn; more means a flow that runs in circles
_TALKING = timedelta(minutes=3)  # a call without a turn for so long isn't on a stream
_TITLES = (
    "阿姨",
    "叔叔",
    "奶奶",
    "爷爷",
    "大爷",
    "大妈",
    "大叔",
    "大姐",
    "伯伯",
    "婆婆",
    "老师",
    "师傅",
    "先生",
    "女士",
)
_READ_ALOUD = frozenset({"repairs", "environment"})  # categories whose sentence harms nobody when overheard
_WAIT = Text("正在记录，请稍等。")
_SORRY = Text("对不起，电话出了点问题，请您再打一次。再见。")
_MACHINES = ("machine", "fax")

# Built once: building a statement takes longer than executing it, and these are every webhook's
_CALL = select(Call).where(Call.uid == bindparam("uid")).with_for_update()
_TURN = select(CallTurn).where(CallTurn.call_id == bindparam("call"), CallTurn.n == bindparam("n"))
_CALLS_SINCE = select(func.count(Call.id)).where(
    Call.settled_at.is_(None), Call.updated_at > bindparam("since"), Call.ended_at.is_(None)
)


@dataclass(frozen=True)
class Desk:
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
        self.call.state = {"flow": flow.name, "engine": state.to_json(), "leftovers": leftovers(flow, state)}

    def run(self, flow: Flow, state: State, given: Input) -> tuple[Verb, ...]:
        """Advance until the turn waits for the resident or the call ends; effects are done on the way."""
        said: tuple[Verb, ...] = ()
        for _ in range(_MOST_EFFECTS):
            turn = advance(flow, state, given)
            said, state = said + turn.verbs, turn.state
            if not turn.effects:
                self.keep(flow, state)
                return said
            facts: Json = {}
            for effect in turn.effects:
                facts |= effects.do(self.context, effect)
            given = Done(facts)
        raise RuntimeError(f"flow {flow.name}: more than {_MOST_EFFECTS} effects in one turn")

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
        insert_row(
            self.session,
            CallTurn(
                call_id=self.call.id,
                n=n,
                node=self.state.node,
                said=list(rendered.said),
                twiml=rendered.xml,
                listen=rendered.listen,
                token_hash=hashlib.sha256(token.encode()).hexdigest() if rendered.streamed else None,
                created_at=self.context.now,
            ),
        )
        self.call.last_turn = n
        self.call.updated_at = self.context.now
        return self.person_filled_in(rendered.xml)

    def person_filled_in(self, xml: str) -> str:
        """Staff numbers are not stored in plain text: they are put in on the way out."""
        if PERSON_NUMBER not in xml:
            return xml
        number = effects.person_number(self.session, self.runtime.desk, self.call)
        return xml.replace(PERSON_NUMBER, number or "")


# ---- calls begin -----------------------------------------------------------------------------------------


def start(runtime: Runtime, post: InboundCall) -> str:
    """Somebody rings the hotline. Five statements and one commit, once a CallSid."""
    now = runtime.now()
    with runtime.db.transaction() as session:
        if not _first(session, post.call_sid, now):
            return _replay_first(session, runtime, post.call_sid, now)
        phone = _e164(runtime, post.caller)
        resident = find_by_phone(session, phone) if phone else None
        facts: Json = {"home": bool(resident and resident.unit_id)}
        if runtime.capabilities.streams and _streams_full(session, runtime, now):
            facts["no_streams"] = True
        call = _new_call(post.call_sid, "inbound", phone, post.hotline or runtime.desk.hotline_number, now)
        call.resident_id = resident.id if resident else None
        return _begin(session, runtime, call, HOTLINE, facts, over=post.over, now=now)


def start_callback(runtime: Runtime, attempt_uid: str, post: AnsweredCall) -> str:
    """A call of ours was answered. The webhook may overtake the REST answer that made it: the attempt is adopted."""
    now = runtime.now()
    with runtime.db.transaction() as session:
        attempt = session.scalar(select(Attempt).where(Attempt.uid == attempt_uid).with_for_update())
        if attempt is None:
            raise NotFound(f"no attempt {attempt_uid}")
        if not _first(session, post.call_sid, now):
            return _replay_first(session, runtime, post.call_sid, now)
        if session.scalar(select(Call.id).where(Call.attempt_id == attempt.id)) is not None:
            raise NotFound(f"attempt {attempt_uid} belongs to another call")
        callbacks.attempt_status(
            session,
            runtime.desk,
            attempt.uid,
            "in-progress",
            post.call_sid,
            post.answered_by,
            now=now,
        )
        callback = session.get_one(Callback, attempt.callback_id)
        call = _new_call(post.call_sid, "outbound", callback.phone, runtime.desk.hotline_number, now)
        call.resident_id, call.attempt_id = callback.resident_id, attempt.id
        flow, facts = _callback_flow(session, runtime, callback)
        facts["machine"] = (post.answered_by or "").startswith(_MACHINES)
        return _begin(session, runtime, call, flow, facts, over=post.over, now=now)


def _begin(
    session: Session, runtime: Runtime, call: Call, flow: Flow, facts: Json, *, over: bool, now: datetime
) -> str:
    desk = Desk(runtime, CallContext(session, runtime.desk, call, now))
    call.ended_at = now if over else None
    if facts.get("machine"):
        call.state = {}
        insert_row(session, call)  # effects at once need the row
    verbs = desk.run(flow, State(), Started(facts))
    if call not in session:
        insert_row(session, call)
    return desk.speak(1, verbs)


def _new_call(sid: str, direction: str, phone: str | None, hotline: str, now: datetime) -> Call:
    return Call(
        uid=str(uuid4()),
        carrier_sid=sid,
        direction=direction,
        phone=phone,
        phone_index=phone,
        hotline=hotline[:20],
        last_turn=1,
        started_at=now,
        updated_at=now,
    )


def _first(session: Session, call_sid: str, now: datetime) -> bool:
    values = {"source": "voice", "external_id": call_sid, "request_hash": "", "at": now}
    return insert_once(session, InboundReceipt, values, ["source", "external_id"])


def _replay_first(session: Session, runtime: Runtime, call_sid: str, now: datetime) -> str:
    call = session.scalar(select(Call).where(Call.carrier_sid == call_sid))
    if call is None:
        raise NotFound(f"call {call_sid} left a receipt and no row")
    return _replay(Desk(runtime, CallContext(session, runtime.desk, call, now)), 1)


def _replay(desk: Desk, n: int) -> str:
    turn = desk.session.scalar(select(CallTurn).where(CallTurn.call_id == desk.call.id, CallTurn.n == n))
    if turn is None:
        raise NotFound(f"call {desk.call.uid} has no turn {n}")
    return desk.person_filled_in(turn.twiml)


def _e164(runtime: Runtime, caller: str | None) -> str | None:
    try:
        return normalise_phone(caller, runtime.settings.default_region) if caller else None
    except BadNumber:
        return None  # a claim that makes no sense: the same as withheld


def _streams_full(session: Session, runtime: Runtime, now: datetime) -> bool:
    """As many calls in progress as the gateway takes: better a menu by keys than a stream that is refused."""
    talking = session.scalar(_CALLS_SINCE, {"since": now - _TALKING})
    return (talking or 0) >= runtime.settings.gateway_max_calls


def _callback_flow(session: Session, runtime: Runtime, callback: Callback) -> tuple[Flow, Json]:
    ticket = session.get(Ticket, callback.ticket_id) if callback.ticket_id else None
    if callback.kind is not CallbackKind.EVALUATION or ticket is None:
        raise NotFound(f"callback {callback.id}: no dialogue for {callback.kind}")
    resident = session.get(Resident, callback.resident_id) if callback.resident_id else None
    name = (resident.name or "") if resident else ""
    sentence = ticket.matter or ticket.text
    readable = ticket.verified and ticket.category in _READ_ALOUD and len(sentence) <= 20
    return RATING_CALL, {
        "name": name if name.endswith(_TITLES) else "",
        "day": short_date(runtime.desk, runtime.desk.local(ticket.occurred_at).date()),
        "what": sentence if readable and sentence else ticket.category or "unsorted",
    }


# ---- turns -----------------------------------------------------------------------------------------------


def step(
    runtime: Runtime, call_uid: str, n: int, post: TurnPost, *, empty: bool = False, poll: int = 0
) -> str:
    """The answer to turn n-1 → the TwiML of turn n. Raises NotFound for a call or turn that nobody awaits."""
    now = runtime.now()
    with runtime.db.transaction() as session:
        call = _call(session, call_uid, post.call_sid)
        desk = Desk(runtime, CallContext(session, runtime.desk, call, now))
        if post.recording:
            _keep_recording(desk, post.recording, n - 1)
        if post.over and call.ended_at is None:
            call.ended_at = now
        if 1 <= n <= call.last_turn:
            return _replay(desk, n)
        if n != call.last_turn + 1 or call.settled_at is not None:
            raise NotFound(f"call {call_uid} awaits turn {call.last_turn + 1}, not {n}")
        turn = session.scalars(_TURN, {"call": call.id, "n": n - 1}).one()
        given = _given(desk, turn, post, empty=empty, poll=poll)
        if given is None:
            url = f"{runtime.settings.public_url.rstrip('/')}/voice/{call.uid}/turn/{n}?poll={poll + 1}"
            return waiting(_WAIT.render(runtime.translate), url)
        xml = desk.speak(n, desk.run(desk.flow, desk.state, given))
        if call.ended_at is not None:
            settle(desk)
        return xml


def _call(session: Session, uid: str, call_sid: str) -> Call:
    call = session.scalar(_CALL, {"uid": uid})
    if call is None or call.carrier_sid != call_sid:
        raise NotFound(f"no call {uid}")
    return call


def _given(desk: Desk, turn: CallTurn, post: TurnPost, *, empty: bool, poll: int) -> Input | None:
    """What came back for `turn`; None while its recording's words are awaited."""
    call, now = desk.call, desk.context.now
    if isinstance(desk.flow.nodes.get(desk.state.node), Person):
        bridged = call.person_accepted_at is not None
        return Dialled(bridged or (post.bridged is True and not desk.runtime.capabilities.dial_whisper))
    if turn.listen is None:
        raise NotFound(f"call {call.uid}: turn {turn.n} asked for nothing")
    expect = str(turn.listen["expect"])
    heard = turn.heard
    if heard is None:
        heard = _reported(desk, turn, post, empty=empty)
        if heard is None:
            return Lost()
        turn.heard, turn.heard_at = heard, now
    if heard["kind"] == "recording":
        words = _words_of(desk, heard, turn, last=poll >= POLLS or post.over)
        if words is None:
            return None
        turn.heard = heard = words
    if heard["kind"] == "hangup" and not heard.get("text"):
        return Lost()  # the stream broke off and the call goes on
    return interpret(expect, heard)


def _reported(desk: Desk, turn: CallTurn, post: TurnPost, *, empty: bool) -> Json | None:
    """What this webhook says itself; None if the stream was lost: its result is not there and nobody spoke of it."""
    if post.keys is not None and not (post.recording and post.keys not in str((turn.listen or {})["keys"])):
        return {"kind": "keys", "keys": post.keys}
    if post.recording:
        return {"kind": "recording", "recording": post.recording.sid}
    if turn.token_hash is not None and not empty:
        return None
    return {"kind": "silence"}


def _words_of(desk: Desk, heard: Json, turn: CallTurn, *, last: bool) -> Json | None:
    """A recording's words once the worker has them; None: ask again in a moment."""
    recording = desk.session.scalar(select(Recording).where(Recording.carrier_sid == heard["recording"]))
    if recording is None:
        raise NotFound(f"recording {heard['recording']}")
    found = {
        "kind": "speech",
        "text": recording.transcript or "",
        "confidence": recording.confidence or 0.0,
        "speech_seconds": max(recording.seconds, 0.1),
        "recording_id": recording.id,
    }
    # A remark is kept as it is; nobody has to wait for its words.
    waits = recording.state not in ("done", "failed") and (turn.listen or {}).get("expect") != "remark"
    return None if waits and not last else found


def _keep_recording(desk: Desk, post: RecordingPost, turn_n: int) -> None:
    """Fetched and heard by the worker. The carrier may tell of it twice, by the verb and by a callback."""
    now = desk.context.now
    values: dict[str, Any] = {
        "call_id": desk.call.id,
        "turn_n": turn_n,
        "source": "carrier",
        "seconds": post.seconds,
        "carrier_sid": post.sid,
        "carrier_url": post.url,
        "state": "fetch",
        "tries": 0,
        "due_at": now,
        "created_at": now,
    }
    new = insert_once(desk.session, Recording, values, ["carrier_sid"])
    recording = desk.session.scalars(select(Recording).where(Recording.carrier_sid == post.sid)).one()
    if new:
        calls.keep_recording(desk.session, desk.runtime.desk, desk.call, recording, now=now)
    if post.ready and recording.state == "fetch":
        defer(desk.session, JobName.TRANSCRIBE, recording.id)


# ---- what comes beside the turns -------------------------------------------------------------------------


def save_heard(session: Session, runtime: Runtime, turn_id: int, heard: Json, *, now: datetime) -> None:
    """The gateway's result for a turn: the first one counts. Settles the call if it has ended meanwhile."""
    done = session.execute(
        update(CallTurn)
        .where(CallTurn.id == turn_id, CallTurn.heard_at.is_(None))
        .values(heard=heard, heard_at=now)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        return
    call = session.scalars(
        select(Call)
        .join(CallTurn, CallTurn.call_id == Call.id)
        .where(CallTurn.id == turn_id)
        .with_for_update()
    ).one()
    call.updated_at = now
    desk = Desk(runtime, CallContext(session, runtime.desk, call, now))
    if call.settled_at is not None and (recording_id := heard.get("recording_id")):
        recording = session.get_one(Recording, recording_id)
        calls.keep_recording(session, runtime.desk, call, recording, now=now)
    elif call.ended_at is not None:
        settle(desk)


def settle(desk: Desk) -> None:
    """Act on what was heard last, then do what the hang-up leaves to be done. Once a call."""
    call = desk.call
    if call.settled_at is not None:
        return
    session = desk.session
    session.flush()
    turn = session.scalar(select(CallTurn).where(CallTurn.call_id == call.id, CallTurn.n == call.last_turn))
    if turn and turn.heard and turn.listen and turn.heard["kind"] in ("speech", "hangup", "keys"):
        given = interpret(str(turn.listen["expect"]), turn.heard)
        if not isinstance(given, Silence) and not (isinstance(given, Digits) and not given.keys):
            desk.run(desk.flow, desk.state, given)
            # It has been acted on: what is left over must not count it again
            turn.heard = {**turn.heard, "text": "", "speech_seconds": 0.0, "recording_id": None}
    session.flush()
    calls.settle_call(session, desk.runtime.desk, call.id, now=desk.context.now)


def status(runtime: Runtime, post: StatusPost, attempt_uid: str | None) -> None:
    """A call's status changed. Only its end matters to us, and it ends once, in whatever order it is told."""
    now = runtime.now()
    with runtime.db.transaction() as session:
        call = session.scalar(select(Call).where(Call.carrier_sid == post.call_sid).with_for_update())
        if call is not None and post.over and call.ended_at is None:
            call.ended_at = now
            desk = Desk(runtime, CallContext(session, runtime.desk, call, now))
            if _nothing_under_way(session, call):
                settle(desk)
        if call is not None and post.over and call.settled_at is None:
            return  # settling finishes the attempt, with what is still being heard
        if attempt_uid is not None:
            callbacks.attempt_status(
                session, runtime.desk, attempt_uid, post.status, post.call_sid, post.answered_by, now=now
            )
        elif call is None:
            log.info("status_of_unknown_call", status=post.status)


def _nothing_under_way(session: Session, call: Call) -> bool:
    """Can the call be settled now? Not while a gateway still hears the last words, a recording may still be
    posted, or a Dial reported: then the gateway, that webhook or the sweeper settles it."""
    turn = session.scalar(select(CallTurn).where(CallTurn.call_id == call.id, CallTurn.n == call.last_turn))
    if turn is None or turn.heard_at is not None:
        return True
    if turn.listen is None:
        return bool(call.state["engine"]["ended"])
    return turn.token_hash is not None and turn.token_used_at is None


def recording_ready(runtime: Runtime, call_uid: str, call_sid: str, post: RecordingPost) -> None:
    """Raises NotFound for a call that isn't ours."""
    now = runtime.now()
    with runtime.db.transaction() as session:
        call = _call(session, call_uid, call_sid)
        desk = Desk(runtime, CallContext(session, runtime.desk, call, now))
        _keep_recording(desk, post, call.last_turn)


def person_accepts(runtime: Runtime, call_uid: str) -> None:
    """Whoever was rung pressed 1. Raises NotFound."""
    with runtime.db.transaction() as session:
        call = session.scalar(select(Call).where(Call.uid == call_uid).with_for_update())
        if call is None:
            raise NotFound(f"no call {call_uid}")
        call.person_accepted_at = call.person_accepted_at or runtime.now()


def sorry(runtime: Runtime) -> str:
    """For calls and turns that nobody awaits."""
    return goodbye(_SORRY.render(runtime.translate))
