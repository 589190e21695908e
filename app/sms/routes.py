"""The text door: webhooks of the carrier in, TwiML out."""

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from app.db import insert_once
from app.desk.messages import signed
from app.desk.sending import message_status
from app.errors import StaleTicket
from app.hygiene import clean
from app.runtime import Runtime
from app.sms.dialogue import answer, keep
from app.sms.incoming import Incoming
from app.sms.reply import to_twiml
from app.webguard import carrier_guard
from models.crypto import blind_index
from models.receipt import InboundReceipt

log = structlog.get_logger(__name__)

_LONGEST = 1600  # characters of one text; carriers join no more segments than that
_SOURCE = "sms"
_TRIES = 3
_EMPTY = to_twiml(None)


def make_sms(runtime: Runtime) -> Blueprint:
    door = Blueprint("sms", __name__, url_prefix="/sms")
    door.before_request(carrier_guard(runtime))

    @door.post("/incoming")
    def incoming() -> Response:
        sid = (request.form.get("MessageSid") or request.form.get("SmsSid") or "").strip()
        if not 0 < len(sid) <= 64:
            log.warning("text_without_sid", length=len(sid))
            return Response("MessageSid is missing", 400)
        text = Incoming(
            sid=sid,
            phone=clean(request.form.get("From", ""), limit=40),
            hotline=clean(request.form.get("To", ""), limit=20),
            text=clean(request.form.get("Body", ""), limit=_LONGEST),
            media=_count(request.form.get("NumMedia", "")),
        )
        return _xml(_receive(runtime, text))

    @door.post("/status")
    def status() -> Response:
        sid = request.form.get("MessageSid") or request.form.get("SmsSid") or ""
        uid = request.args.get("message") or sid
        attempt = request.args.get("attempt", "")
        code = request.form.get("ErrorCode", "")
        with runtime.db.transaction() as session:
            known = message_status(
                session,
                uid[:64],
                request.form.get("MessageStatus") or request.form.get("SmsStatus") or "",
                int(code) if code.isascii() and code.isdigit() and len(code) < 8 else None,
                now=runtime.now(),
                sid=sid[:64] or None,
                attempt=int(attempt)
                if attempt.isascii() and attempt.isdigit() and len(attempt) < 8
                else None,
            )
        if not known:
            log.warning("status_of_unknown_text")
        return Response(status=204)

    return door


class _Repeated(Exception):
    """This text has been answered before; what was begun for it again is rolled back."""


def _receive(runtime: Runtime, text: Incoming) -> str:
    """One transaction a text. Somebody who changes the same ticket at the same moment makes us start again."""
    for left in reversed(range(_TRIES)):
        try:
            with runtime.db.transaction() as session:
                return _answer_once(session, runtime, text)
        except _Repeated:
            # Among the writers: the first copy's answer may be in a group that is still to be committed
            with runtime.db.transaction() as session:
                return _first_answer(session, text)
        except StaleTicket:
            if not left:
                raise
    raise AssertionError("unreachable")


def _answer_once(session: Session, runtime: Runtime, text: Incoming) -> str:
    """The first copy of a text is answered and kept; repeats raise _Repeated, however many come at once."""
    now = runtime.now()
    reply = answer(session, runtime.desk, text, now=now)
    said = signed(runtime.desk, reply.text) if reply.text else None
    twiml = to_twiml(said)
    values = {
        "source": _SOURCE,
        "external_id": text.sid,
        "request_hash": _hash(session, text),
        "ticket_id": reply.ticket_id,
        "response": twiml,
        "at": now,
    }
    if not insert_once(session, InboundReceipt, values, ["source", "external_id"]):
        raise _Repeated
    keep(session, text, reply, said, now=now)
    return twiml


def _first_answer(session: Session, text: Incoming) -> str:
    first = session.get_one(InboundReceipt, (_SOURCE, text.sid))
    if first.request_hash != _hash(session, text):
        log.warning("text_repeated_with_other_content")
    return first.response or _EMPTY


def _hash(session: Session, text: Incoming) -> str:
    """Keyed: a number could be found by trying them all."""
    content = "\x1f".join((text.phone, text.hotline, text.text, str(text.media)))
    return blind_index(session.get_bind(), content)


def _count(number: str) -> int:
    return min(int(number), 10) if number.isascii() and number.isdigit() and len(number) < 4 else 0


def _xml(twiml: str) -> Response:
    return Response(twiml, mimetype="text/xml")
