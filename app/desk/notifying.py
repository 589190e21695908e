"""Telling a notice, a few telephones at a time: each batch marks its rows in the transaction that queues their texts and
calls, so a crash at any moment leaves every number either told or waiting, and nobody is told twice.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk import dialing
from app.desk.config import DeskConfig
from app.desk.messages import queue_text
from app.desk.residents import may_text
from app.desk.telling import tell_by_call
from app.errors import BadNumber
from models.notice import Notice, NoticeRecipient, NoticeState, RecipientState
from models.resident import Resident, ResidentPhone


def being_sent(session: Session) -> list[int]:
    """Approved notices that are not through, the urgent ones first."""
    query = select(Notice.id).where(Notice.state == NoticeState.SENDING)
    return list(session.scalars(query.order_by(Notice.urgent.desc(), Notice.id)))


def send_some(session: Session, cfg: DeskConfig, notice_id: int, most: int, *, now: datetime) -> int:
    """Tell up to `most` of those who wait; how many were taken. With nobody left, or its time over, it is done."""
    notice = session.get(Notice, notice_id, with_for_update=True)
    if notice is None or notice.state is not NoticeState.SENDING:
        return 0
    if now >= notice.not_after:
        _finish(notice, now)
        return 0
    if not notice.urgent and not dialing.within_hours(cfg.text_hours, cfg.zone, now):
        return 0
    batch = session.scalars(
        select(NoticeRecipient)
        .where(NoticeRecipient.notice_id == notice.id, NoticeRecipient.state == RecipientState.WAITING)
        .order_by(NoticeRecipient.resident_id)
        .limit(most)
    ).all()
    for recipient in batch:
        _tell(session, cfg, notice, recipient, now)
    if len(batch) < most:
        _finish(notice, now)
    session.flush()
    return len(batch)


def _tell(
    session: Session, cfg: DeskConfig, notice: Notice, recipient: NoticeRecipient, now: datetime
) -> None:
    row = session.scalar(select(ResidentPhone).where(ResidentPhone.phone_index == recipient.phone_index))
    resident = session.get_one(Resident, recipient.resident_id)
    key = f"notice:{notice.id}:{recipient.phone_index}"
    if resident.opted_out:  # meanwhile
        recipient.state = RecipientState.OPTED_OUT
    elif row is None:
        recipient.state = RecipientState.UNREACHABLE
    elif row.can_text and may_text(cfg, row.phone):
        message = queue_text(
            session,
            cfg,
            phone=row.phone,
            body=notice.body,
            purpose="notice",
            now=now,
            resident_id=resident.id,
            dedup_key=key,
        )
        recipient.state, recipient.message_id = RecipientState.TEXTED, message.id
    else:
        recipient.state = _call(session, cfg, notice, recipient, row.phone, key, now)


def _call(
    session: Session,
    cfg: DeskConfig,
    notice: Notice,
    recipient: NoticeRecipient,
    phone: str,
    key: str,
    now: datetime,
) -> RecipientState:
    try:
        callback = tell_by_call(
            session,
            cfg,
            resident_id=recipient.resident_id,
            phone=phone,
            body=notice.body,
            dedup_key=key,
            not_after=notice.not_after,
            now=now,
        )
    except BadNumber:
        return RecipientState.UNREACHABLE
    recipient.callback_id = callback.id
    return RecipientState.CALLED


def _finish(notice: Notice, now: datetime) -> None:
    notice.state, notice.done_at = NoticeState.DONE, now
