"""Runs calls: what came back is stored, then acted on; one transaction a webhook."""

from datetime import datetime

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.desk import callbacks, settling
from app.errors import NotFound, StaleTicket
from app.runtime import Runtime
from ivr import recorded
from ivr.conversation import Conversation, conversation, find_at
from ivr.flow import Dialled, Digits, Input, Lost, Person, Silence
from ivr.hearing import interpret
from ivr.twiml import goodbye, waiting
from ivr.verbs import Text
from ivr.webhook import StatusPost, TurnPost
from models.base import Json
from models.call import Call, CallTurn
from models.recording import Recording

log = structlog.get_logger(__name__)

POLLS = 6  # times that we ask a resident to wait for a recording's words
_TRIES = 3  # of a turn whose ticket somebody else is changing
_WAIT = Text("正在记录，请稍等。")
_SORRY = Text("对不起，电话出了点问题，请您再打一次。再见。")


def step(
    runtime: Runtime, call_uid: str, n: int, post: TurnPost, *, empty: bool = False, poll: int = 0
) -> str:
    """The answer to turn n-1 → the TwiML of turn n. Raises NotFound for a call or turn that nobody awaits."""
    for left in reversed(range(_TRIES)):
        try:
            with runtime.db.transaction() as session:
                return _step(runtime, session, call_uid, n, post, empty=empty, poll=poll)
        except StaleTicket:  # somebody changed it at the same moment, and was first
            if not left:
                raise
    raise AssertionError("unreachable")


def _step(
    runtime: Runtime, session: Session, call_uid: str, n: int, post: TurnPost, *, empty: bool, poll: int
) -> str:
    now = runtime.now()
    talk, turn = find_at(runtime, session, call_uid, post.call_sid, n - 1, now)
    call = talk.call
    if post.recording:
        recorded.keep(talk, post.recording, n - 1)
    if post.over and call.ended_at is None:
        call.ended_at = now
    if 1 <= n <= call.last_turn:
        return talk.replay(n)
    if turn is None or n != call.last_turn + 1 or call.settled_at is not None:
        raise NotFound(f"call {call_uid} awaits turn {call.last_turn + 1}, not {n}")
    given = _given(talk, turn, post, empty=empty, poll=poll)
    if given is None:
        return waiting(_WAIT.render(runtime.translate), f"{talk.url(f'turn/{n}')}?poll={poll + 1}")
    xml = talk.speak(n, talk.run(talk.flow, talk.state, given))
    if call.ended_at is not None:
        settle(talk)
    return xml


def _given(talk: Conversation, turn: CallTurn, post: TurnPost, *, empty: bool, poll: int) -> Input | None:
    """What came back for `turn`; None while its recording's words are awaited."""
    call = talk.call
    if isinstance(talk.flow.nodes.get(talk.state.node), Person):
        bridged = call.person_accepted_at is not None
        return Dialled(bridged or (post.bridged is True and not talk.runtime.capabilities.dial_whisper))
    if turn.listen is None:
        raise NotFound(f"call {call.uid}: turn {turn.n} asked for nothing")
    expect = str(turn.listen["expect"])
    heard = turn.heard
    if heard is None:
        heard = talk.hear(turn, _reported(turn, post, empty=empty))
        if heard is None:
            return Lost()
    if heard["kind"] == "recording":
        words = recorded.words_of(talk, heard, turn, last=poll >= POLLS or post.over)
        if words is None:
            return None
        turn.heard = heard = words
    if heard["kind"] == "hangup" and not heard.get("text"):
        heard = heard | {"kind": "lost"}  # the stream broke off and the call goes on
    return interpret(expect, heard)


def _reported(turn: CallTurn, post: TurnPost, *, empty: bool) -> Json | None:
    """What this webhook says itself; None if the stream was lost: its result is not there and nobody spoke of it."""
    if post.keys is not None and not (post.recording and post.keys not in str((turn.listen or {})["keys"])):
        recording = {"recording": post.recording.sid} if post.recording else {}
        return {"kind": "keys", "keys": post.keys} | recording
    if post.recording:
        return {"kind": "recording", "recording": post.recording.sid}
    if turn.token_hash is not None and not empty:
        return None
    return {"kind": "silence"}


def save_heard(
    session: Session,
    runtime: Runtime,
    turn_id: int,
    heard: Json,
    *,
    now: datetime,
    call: Call | None = None,
) -> None:
    """The gateway's result for a turn: the first one counts. Settles the call if it has ended meanwhile.

    `call`: the turn's, where it is locked already.
    """
    if call is None:
        # The call first, as every other webhook does: who locks in another order waits for ever
        of_turn = select(CallTurn.call_id).where(CallTurn.id == turn_id).scalar_subquery()
        call = session.scalars(select(Call).where(Call.id == of_turn).with_for_update()).one()
    done = session.execute(
        update(CallTurn)
        .where(CallTurn.id == turn_id, CallTurn.heard_at.is_(None))
        .values(heard=heard, heard_at=now)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        return
    call.updated_at = now
    if call.settled_at is not None and (recording_id := heard.get("recording_id")):
        recording = session.get_one(Recording, recording_id)
        settling.keep_recording(session, runtime.desk, call, recording, now=now)
    elif call.ended_at is not None:
        settle(conversation(runtime, session, call, now))


def settle(talk: Conversation) -> None:
    """Act on what was heard last, then do what the hang-up leaves to be done. Once a call."""
    call, session = talk.call, talk.session
    if call.settled_at is not None:
        return
    session.flush()
    heeded, turn = False, talk.turn(call.last_turn)
    if turn and turn.heard and turn.listen and turn.heard["kind"] in ("speech", "hangup", "keys"):
        given = interpret(str(turn.listen["expect"]), turn.heard)
        if not isinstance(given, Silence) and not (isinstance(given, Digits) and not given.keys):
            talk.run(talk.flow, talk.state, given)
            talk.store()
            heeded = True
    session.flush()
    settling.settle_call(session, talk.runtime.desk, call.id, now=talk.context.now, heeded=heeded)


def status(runtime: Runtime, post: StatusPost, attempt_uid: str | None) -> None:
    """A call's status changed. Only its end matters to us, and it ends once, in whatever order it is told."""
    now = runtime.now()
    with runtime.db.transaction() as session:
        call = session.scalar(select(Call).where(Call.carrier_sid == post.call_sid).with_for_update())
        if call is not None and post.over and call.ended_at is None:
            call.ended_at = now
            talk = conversation(runtime, session, call, now)
            if _nothing_under_way(talk):
                settle(talk)
        if call is not None and post.over and call.settled_at is None:
            return  # settling finishes the attempt, with what is still being heard
        if attempt_uid is not None:
            callbacks.attempt_status(
                session, runtime.desk, attempt_uid, post.status, post.call_sid, post.answered_by, now=now
            )
        elif call is None:
            log.info("status_of_unknown_call", status=post.status)


def _nothing_under_way(talk: Conversation) -> bool:
    """Can the call be settled now? Not while a gateway still hears the last words, a recording may still be
    posted, or a Dial reported: then the gateway, that webhook or the sweeper settles it."""
    turn = talk.turn(talk.call.last_turn)
    if turn is None or turn.heard_at is not None:
        return True
    if turn.listen is None:
        return talk.state.ended
    return turn.token_hash is not None and turn.token_used_at is None


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
