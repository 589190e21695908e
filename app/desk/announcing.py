"""Notices to all who live in a unit: drafted by staff, approved by somebody in charge, paused, cancelled.

Approval writes one row a telephone; from these rows app.desk.notifying tells them at an even pace.
"""

from datetime import datetime

from sqlalchemy import case, insert, literal, select
from sqlalchemy.orm import Session

from app.desk.reaching import numbers_of, progress
from app.desk.rights import Actor, oversees
from app.errors import BadInput, NotAllowed, NotFound
from app.hygiene import clean, mask_links
from app.texts.catalogue import mark
from models.notice import Notice, NoticeRecipient, NoticeState, RecipientState
from models.staff import Role
from models.unit import Unit

_DRAFT = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR})
_APPROVE = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
_LONGEST = 200  # characters: three segments, and half a minute read out
_NOT_NOW = {
    NoticeState.DRAFT: mark("{n} 号通知还是草稿，要先批准"),
    NoticeState.SENDING: mark("{n} 号通知正在发，这一步不用再办了"),
    NoticeState.PAUSED: mark("{n} 号通知已经暂停了，可以继续发，也可以取消"),
    NoticeState.DONE: mark("{n} 号通知已经发完了，不能再改"),
    NoticeState.CANCELLED: mark("{n} 号通知已经取消了，不能再改"),
}


def draft(
    session: Session,
    actor: Actor,
    unit: Unit,
    body: str,
    *,
    not_after: datetime,
    urgent: bool = False,
    now: datetime,
) -> Notice:
    """A notice that nobody has been told yet. `not_after`: from then on it is no news. Raises BadInput, NotAllowed."""
    _check(actor, unit, _DRAFT, mark("您不能起草“{unit}”的通知"))
    words = clean(body, limit=_LONGEST + 1)
    if not words:
        raise BadInput("通知里还没有字")
    if len(words) > _LONGEST:
        raise BadInput("通知太长了，请写在 {most} 个字以内，老人才看得完、听得完", most=_LONGEST)
    if mask_links(words) != words:
        raise BadInput("通知里不要写网址：收信的多是老人机，骗子也爱发网址")
    if not_after <= now:
        raise BadInput("截止时间已经过了")
    notice = Notice(
        unit_id=unit.id,
        body=words,
        urgent=urgent,
        state=NoticeState.DRAFT,
        created_by=actor.id,
        created_at=now,
        not_after=not_after,
    )
    session.add(notice)
    session.flush()
    return notice


def approve(session: Session, actor: Actor, notice: Notice, *, now: datetime) -> int:
    """From now on it is sent. To how many telephones. Raises NotAllowed, BadInput."""
    _check(actor, session.get_one(Unit, notice.unit_id), _APPROVE, mark("您不能批准“{unit}”的通知"))
    if notice.not_after <= now:
        raise BadInput("截止时间已经过了，请重新写一条")
    _move(session, notice, NoticeState.SENDING, {NoticeState.DRAFT})
    notice.approved_by, notice.approved_at = actor.id, now
    numbers = numbers_of(session, notice.unit_id).subquery()
    opted_out, waiting = (
        literal(state, NoticeRecipient.__table__.c.state.type)
        for state in (RecipientState.OPTED_OUT, RecipientState.WAITING)
    )
    rows = select(
        literal(notice.id),
        numbers.c.phone_index,
        numbers.c.resident_id,
        case((numbers.c.opted_out, opted_out), else_=waiting),
    )
    columns = ["notice_id", "phone_index", "resident_id", "state"]
    session.execute(insert(NoticeRecipient).from_select(columns, rows))
    return progress(session, notice).waiting


def pause(session: Session, actor: Actor, notice: Notice) -> None:
    """Nobody else is told until it goes on; what has been handed to the carrier has been handed over."""
    _check(actor, session.get_one(Unit, notice.unit_id), _DRAFT, mark("您不能暂停“{unit}”的通知"))
    _move(session, notice, NoticeState.PAUSED, {NoticeState.SENDING})


def resume(session: Session, actor: Actor, notice: Notice) -> None:
    _check(actor, session.get_one(Unit, notice.unit_id), _APPROVE, mark("您不能继续发“{unit}”的通知"))
    _move(session, notice, NoticeState.SENDING, {NoticeState.PAUSED})


def cancel(session: Session, actor: Actor, notice: Notice, *, now: datetime) -> None:
    """For good. Whoever has been told stays told."""
    _check(actor, session.get_one(Unit, notice.unit_id), _DRAFT, mark("您不能取消“{unit}”的通知"))
    started = {NoticeState.DRAFT, NoticeState.SENDING, NoticeState.PAUSED}
    _move(session, notice, NoticeState.CANCELLED, started)
    notice.done_at = now


def seen_by(session: Session, actor: Actor, notice_id: int) -> Notice:
    """Raises NotFound also for what belongs to other units."""
    notice = session.get(Notice, notice_id)
    if notice is None or not oversees(actor, session.get_one(Unit, notice.unit_id).path):
        raise NotFound("没有 {n} 号通知，请看一看通知的列表", n=notice_id)
    return notice


def _check(actor: Actor, unit: Unit, roles: frozenset[Role], refusal: str) -> None:
    if actor.role not in roles or not oversees(actor, unit.path):
        raise NotAllowed(refusal, unit=unit.name)


def _move(session: Session, notice: Notice, to: NoticeState, allowed: set[NoticeState]) -> None:
    session.refresh(notice, with_for_update=True)  # two people, or one twice
    if notice.state not in allowed:
        raise BadInput(_NOT_NOW[notice.state], n=notice.id)
    notice.state = to
    session.flush()
