"""At a kiosk: how good it was, and a call back. Whoever rates must know the number and the end of the telephone's."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.desk.callbacks import request_return_call, spoken_time
from app.desk.config import DeskConfig
from app.desk.feedback import as_own, give_marks, is_done
from app.desk.kiosk_limits import PROOFS
from app.desk.kiosk_said import RatingSaid, Result, ReturnCallSaid
from app.desk.progress import find_by_label, proven_ticket
from app.desk.residents import check_dialable, find_or_create, normalise_phone
from app.desk.rights import Actor
from app.desk.tickets import note
from app.errors import BadNumber
from models.kiosk import Kiosk
from models.lifecycle import OPEN

_NOT_PROVEN = "有人在自助屏上评价，但电话尾号对不上"


def rate(
    session: Session, cfg: DeskConfig, kiosk: Kiosk, said: RatingSaid, *, now: datetime
) -> tuple[Result, int | None]:
    """Her marks for a matter that is done. Without proof they count for nothing, but staff learn of it.

    Raises ProofLocked: too many wrong tries; it can be tried again in an hour.
    """
    _ = cfg.texts
    asker = f"kiosk:{kiosk.id}"
    ticket = proven_ticket(session, said.label, said.last_four, asker=asker, now=now, tries=PROOFS)
    if ticket is None or ticket.reporter_id is None:
        named = find_by_label(session, said.label)
        if named is not None:
            note(session, named, "remark", Actor("kiosk", kiosk.id), now=now, reason=_NOT_PROVEN)
        says = _("编号和电话后四位对不上，没有记上。请看看小票，重新评一次。")
        return Result("refused", says=says), None  # the receipt opens /p/…, which needs no proof any more
    own = as_own(session, ticket)
    if not is_done(own.ticket, now=now):
        says = _("{number}号还在办，办好以后再请您评。").format(number=ticket.number)
        return Result("refused", ticket=ticket.number, says=says), ticket.id
    give_marks(session, cfg, own, ticket.reporter_id, said.marks, channel="kiosk", now=now)
    again = own.ticket.status in OPEN
    says = _("对不起，没有给您办好。我们马上重新安排。") if again else _("谢谢您告诉我们。")
    promised_on = own.ticket.promised_on if again else None
    told = Result("taken", ticket=ticket.number, category=ticket.category, promised_on=promised_on, says=says)
    return told, ticket.id


def ring_back(
    session: Session, cfg: DeskConfig, said: ReturnCallSaid, *, now: datetime
) -> tuple[Result, int | None]:
    """A person rings her. Refused are only numbers that cannot be rung. The matter is named only if it is hers: a
    number alone must not get anybody rung about somebody else's."""
    _ = cfg.texts
    try:
        phone = normalise_phone(said.phone, cfg.default_region)
        check_dialable(cfg, phone)
    except BadNumber:
        return Result("refused", says=_("这个电话号码打不通，请看看有没有按错。")), None
    resident = find_or_create(session, phone, now=now)
    ticket = find_by_label(session, said.label) if said.label else None
    about = ticket if ticket is not None and ticket.reporter_id == resident.id else None
    callback = request_return_call(
        session,
        cfg,
        phone=phone,
        reason="kiosk",
        now=now,
        resident_id=resident.id,
        ticket_id=about.id if about else None,
    )
    says = _("{time}请工作人员给您打电话。").format(time=spoken_time(cfg, callback.due_at, now))
    told = Result("taken", ticket=about.number if about else None, at=callback.due_at, says=says)
    return told, about.id if about else None
