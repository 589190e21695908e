"""How calls begin: somebody rings the hotline, or picks up when we ring. One call a CallSid, however often it is told."""

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.db import insert_once, insert_row
from app.desk import callbacks
from app.desk.residents import normalise_phone
from app.desk.wording import short_date
from app.errors import BadNumber, NotFound
from app.runtime import Runtime
from ivr.conversation import conversation
from ivr.flow import Flow, Started, State
from ivr.flows.hotline import HOTLINE
from ivr.flows.notice import NOTICE_CALL
from ivr.flows.rating import RATING_CALL
from ivr.webhook import AnsweredCall, InboundCall
from models.base import Json
from models.call import Call
from models.callback import Attempt, Callback, CallbackKind
from models.crypto import BlindIndex
from models.receipt import InboundReceipt
from models.resident import Resident, ResidentPhone
from models.ticket import Ticket

_TALKING = timedelta(minutes=3)  # a call without a turn for so long isn't on a stream
_TITLES: tuple[str, ...] = ("阿姨", "叔叔", "奶奶", "爷爷", "大爷", "大妈", "大叔", "大姐", "伯伯", "婆婆")
_TITLES += ("老师", "师傅", "先生", "女士")
"""Endings of a name that can be said to its owner; 王秀英 alone would be rude."""
_READ_ALOUD = frozenset({"repairs", "environment"})  # categories whose sentence harms nobody when overheard
_MACHINES = ("machine", "fax")

# One statement, built once: who calls, as far as the number tells, and how many are talking (counted up to `most`)
_CALLS, _PHONES, _RESIDENTS = Call.__table__, ResidentPhone.__table__, Resident.__table__
_CALLER = (
    select(_PHONES.c.resident_id)
    .where(_PHONES.c.phone_index == bindparam("phone", type_=BlindIndex()))
    .scalar_subquery()
)
_TALKERS = (
    select(_CALLS.c.id)
    .where(
        _CALLS.c.settled_at.is_(None),
        _CALLS.c.updated_at > bindparam("since"),
        _CALLS.c.ended_at.is_(None),
    )
    .limit(bindparam("most"))
    .subquery()
)
_SITUATION = select(
    _CALLER.label("resident_id"),
    select(_RESIDENTS.c.unit_id).where(_RESIDENTS.c.id == _CALLER).scalar_subquery().label("unit_id"),
    select(func.count()).select_from(_TALKERS).scalar_subquery().label("talking"),
)


def start(runtime: Runtime, post: InboundCall) -> str:
    """Somebody rings the hotline. Four statements and one commit, once a CallSid."""
    now = runtime.now()
    with runtime.db.transaction() as session:
        if not _first(session, post.call_sid, now):
            return _replay_first(session, runtime, post.call_sid, now)
        phone = _e164(runtime, post.caller)
        most = runtime.settings.gateway_max_calls
        given = {"phone": phone, "since": now - _TALKING, "most": most}
        now_is = session.connection().execute(_SITUATION, given).one()
        facts: Json = {"home": now_is.unit_id is not None}
        if runtime.capabilities.streams and now_is.talking >= most:
            # As many calls in progress as the gateway takes: better a menu by keys than a stream that is refused
            facts["no_streams"] = True
        call = _new_call(post.call_sid, "inbound", phone, post.hotline or runtime.desk.hotline_number, now)
        call.resident_id = now_is.resident_id
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
    talk = conversation(runtime, session, call, now)
    call.ended_at = now if over else None
    if facts.get("machine"):
        call.state = {}
        insert_row(session, call)  # effects at once need the row
    verbs = talk.run(flow, State(), Started(facts))
    if call in session:
        talk.store()
    else:
        insert_row(session, call)
    return talk.speak(1, verbs)


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
    return conversation(runtime, session, call, now).replay(1)


def _e164(runtime: Runtime, caller: str | None) -> str | None:
    try:
        return normalise_phone(caller, runtime.settings.default_region) if caller else None
    except BadNumber:
        return None  # a claim that makes no sense: the same as withheld


def _callback_flow(session: Session, runtime: Runtime, callback: Callback) -> tuple[Flow, Json]:
    if callback.kind is CallbackKind.NOTICE and callback.words:
        return NOTICE_CALL, {"news": callback.words}
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
