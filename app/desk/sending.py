"""Working off outgoing texts: claimed before the carrier is asked, finished under the claim's token.

An answer that got lost (`unknown`) is looked up at the carrier, not repeated: a keeper who gets one order twice
learns to ignore orders. Alerts of danger (`until_delivered`) are the exception: twice is better than never.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from app.carriers.codes import LANDLINE, PERMANENT, TRANSIENT
from app.desk.messages import DELIVERED, FAILED, PENDING, SENDING, SENT, UNKNOWN
from app.queue import JobName, defer
from models.message import Message
from models.resident import ResidentPhone

LEASE = timedelta(seconds=60)
"""Several times the carrier's time-out: a claim that outlives it belongs to a worker that died."""

_CLOCKS_DIFFER = timedelta(
    minutes=1
)  # the carrier's clock and ours: what we look for must not lie before "since"
_GIVE_UP = timedelta(hours=24)  # a text about yesterday's order misleads; alerts go on
_SETTLES = timedelta(seconds=60)  # after which the carrier's list shows what it took
_ASK_FOR = timedelta(hours=1)  # how long a lost answer is looked up while the carrier does not answer
_NO_RECEIPT = timedelta(minutes=3)  # an alert that nobody confirmed goes again
_UNREACHABLE = timedelta(
    minutes=5
)  # handset off: the carrier said that it did not arrive, so it may go again
_RESENDS = 3
_UNCONFIRMED = (
    10  # sends of an alert to a carrier that confirms nothing; by then others have been told as well
)


@dataclass(frozen=True)
class Claimed:
    """`attempt` counts the sends and travels in the status URL, so that late reports of an earlier one are known."""

    id: int
    phone: str
    body: str
    uid: str
    lease_token: str
    attempt: int


@dataclass(frozen=True)
class Unclear:
    """A text of which nobody knows whether the carrier took it; look for it from `since` on."""

    id: int
    phone: str
    body: str
    since: datetime


def claim_message(session: Session, id_: int, *, now: datetime) -> Claimed | None:
    """Take a due text for sending; None if there is nothing to do. Commit before asking the carrier."""
    message = _locked(session, id_)
    if message is None or message.state != PENDING or message.due_at > now:
        return None
    message.state = SENDING
    message.tries += 1
    message.lease_token, message.lease_until = str(uuid4()), now + LEASE
    return Claimed(message.id, message.phone, message.body, message.uid, message.lease_token, message.tries)


def message_sent(session: Session, id_: int, lease_token: str, sid: str, *, now: datetime) -> None:
    """The carrier took it. A status callback may have come first: then only the SID is added."""
    message = _locked(session, id_, wait=True)
    if message is None or message.lease_token != lease_token:
        return
    message.carrier_sid = sid
    if message.state in (SENDING, UNKNOWN):
        _arrived_at_carrier(message, now)


def message_refused(
    session: Session,
    id_: int,
    lease_token: str,
    *,
    now: datetime,
    permanent: bool,
    error: str,
    code: int | None = None,
) -> None:
    """The carrier surely did not take it."""
    message = _locked(session, id_, wait=True)
    if message is None or message.lease_token != lease_token or message.state != SENDING:
        return
    message.last_error = error[:200]
    _learn(session, message, code)
    if permanent or (not message.until_delivered and now - message.created_at > _GIVE_UP):
        _finish(message, FAILED)
    else:
        _again(message, now + backoff(message.tries))


def message_unclear(session: Session, id_: int, lease_token: str, *, now: datetime, error: str) -> None:
    """Nobody knows whether the carrier took it."""
    message = _locked(session, id_, wait=True)
    if message is None or message.lease_token != lease_token or message.state != SENDING:
        return
    _lose(message, now, error)


def message_status(
    session: Session,
    uid_or_sid: str,
    status: str,
    error_code: int | None,
    *,
    now: datetime,
    sid: str | None = None,
    attempt: int | None = None,
) -> bool:
    """What the carrier reports of a text; reports repeat, come late and out of order, so it only moves forward.

    False if there is no such text. `attempt` is the send that the report is about, from the status URL.
    """
    message = session.scalars(
        select(Message)
        .where(or_(Message.uid == uid_or_sid, Message.carrier_sid == uid_or_sid))
        .with_for_update()
        .limit(1)
    ).first()
    if message is None:
        return False
    if status in ("delivered", "read"):
        message.carrier_sid = message.carrier_sid or sid
        _finish(message, DELIVERED)
        return True
    if message.state not in (SENDING, UNKNOWN, SENT) or (attempt is not None and attempt != message.tries):
        return True
    if sid and message.carrier_sid is None:
        message.carrier_sid = sid
    if status in ("undelivered", "failed"):
        _learn(session, message, error_code)
        _undelivered(message, error_code, now)
    elif message.state != SENT:
        _arrived_at_carrier(message, now)
    return True


def expire_claims(session: Session, *, now: datetime) -> int:
    """Claims of workers that died between the carrier's order and our note of it: unknown. How many."""
    ids = session.scalars(
        select(Message.id).where(Message.state == SENDING, Message.lease_until < now).limit(200)
    ).all()
    for id_ in ids:
        message = _locked(session, id_)
        if message is not None and message.state == SENDING:
            _lose(message, now, "the worker died while it was sending")
    return len(ids)


def due_messages(session: Session, *, now: datetime, limit: int = 200) -> list[int]:
    """Texts that need a job: due ones, lost ones to be looked up, alerts that nobody confirmed. Oldest first."""
    return list(
        session.scalars(
            select(Message.id)
            .where(
                Message.direction == "outbound",
                Message.due_at <= now,
                or_(
                    Message.state.in_((PENDING, UNKNOWN)),
                    and_(Message.state == SENT, Message.until_delivered, Message.tries < _UNCONFIRMED),
                ),
            )
            .order_by(Message.until_delivered.desc(), Message.due_at)
            .limit(limit)
        )
    )


def resend_unconfirmed(session: Session, id_: int, *, now: datetime) -> None:
    """Put an alert back in line that was sent (or perhaps sent) without anybody confirming its arrival."""
    message = _locked(session, id_)
    if message is None or not message.until_delivered or message.due_at > now:
        return
    if message.state in (SENT, UNKNOWN):
        _again(message, now)


def unclear_message(session: Session, id_: int, *, now: datetime) -> Unclear | None:
    """A text to be looked up at the carrier now, or None."""
    message = session.get(Message, id_)
    if message is None or message.state != UNKNOWN or message.due_at > now or message.lease_until is None:
        return None
    return Unclear(message.id, message.phone, message.body, message.lease_until - LEASE - _CLOCKS_DIFFER)


def known_sids(session: Session, sids: list[str]) -> set[str]:
    """Those of the carrier's identifiers that already belong to a row of ours."""
    found = session.scalars(select(Message.carrier_sid).where(Message.carrier_sid.in_(sids)))
    return {sid for sid in found if sid}


def message_found(session: Session, id_: int, sid: str, *, now: datetime) -> None:
    """The carrier had taken it after all."""
    message = _locked(session, id_, wait=True)
    if message is not None and message.state == UNKNOWN:
        message.carrier_sid = sid
        _arrived_at_carrier(message, now)


def message_absent(session: Session, id_: int, *, now: datetime) -> None:
    """The carrier knows nothing of it: send it."""
    message = _locked(session, id_, wait=True)
    if message is not None and message.state == UNKNOWN:
        _again(message, now)
        defer(session, JobName.SEND_MESSAGE, message.id)


def message_not_looked_up(session: Session, id_: int, *, now: datetime) -> None:
    """The carrier did not answer the question; asked again, and given up after an hour (never sent twice blindly)."""
    message = _locked(session, id_, wait=True)
    if message is None or message.state != UNKNOWN or message.lease_until is None:
        return
    if now - message.lease_until > _ASK_FOR:
        message.last_error = "nobody knows whether it was sent: the carrier did not answer for an hour"
        _finish(message, FAILED)
    else:
        message.due_at = now + _SETTLES


def backoff(tries: int) -> timedelta:
    """15 s, 30 s, 1 min, 2 min, 4 min, 8 min, then every ten minutes."""
    return min(timedelta(seconds=15 * 2 ** min(max(tries, 1) - 1, 10)), timedelta(minutes=10))


def _locked(session: Session, id_: int, *, wait: bool = False) -> Message | None:
    """The row under a lock. Without `wait` a row that somebody else holds counts as taken."""
    return session.scalars(
        select(Message)
        .where(Message.id == id_, Message.direction == "outbound")
        .with_for_update(skip_locked=not wait)
        .execution_options(populate_existing=True)
    ).first()


def _arrived_at_carrier(message: Message, now: datetime) -> None:
    message.state = SENT
    message.sent_at = now
    message.due_at = now + _NO_RECEIPT
    message.lease_until = None
    message.last_error = None


def _lose(message: Message, now: datetime, error: str) -> None:
    message.state = UNKNOWN  # the lease's times stay: they say when the carrier was asked
    message.last_error = error[:200]
    message.due_at = now + _SETTLES


def _again(message: Message, due_at: datetime) -> None:
    message.state = PENDING
    message.carrier_sid = None
    message.lease_token = message.lease_until = None
    message.due_at = due_at


def _learn(session: Session, message: Message, code: int | None) -> None:
    """A landline is not texted again: from now on what matters is told by telephone (app.desk.telling)."""
    if code in LANDLINE and message.resident_id is not None:
        mine = ResidentPhone.phone_index == message.phone_index
        session.execute(update(ResidentPhone).where(mine).values(can_text=False))


def _undelivered(message: Message, error_code: int | None, now: datetime) -> None:
    message.last_error = f"not delivered, code {error_code}"
    if error_code in PERMANENT:
        _finish(message, FAILED)
    elif message.until_delivered:
        _again(message, now + backoff(message.tries))
    elif error_code in TRANSIENT and message.tries < _RESENDS:
        _again(message, now + _UNREACHABLE)
    else:
        _finish(message, FAILED)


def _finish(message: Message, state: str) -> None:
    message.state = state
    message.lease_token = message.lease_until = None
