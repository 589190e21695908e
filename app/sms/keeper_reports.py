"""What staff report from the field (报), and wishes they want to claim (领)."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.desk import wording
from app.desk.config import DeskConfig
from app.desk.dispatchers import tell_dispatcher
from app.desk.draft import Draft
from app.desk.tickets import open_ticket
from app.desk.understanding import Understanding
from app.sms.incoming import Incoming
from app.sms.meant import Reading
from app.sms.reply import Reply
from models.staff import Staff
from models.ticket import Ticket


def field_report(
    session: Session, cfg: DeskConfig, staff: Staff, heard: Understanding, incoming: Incoming, now: datetime
) -> Reply:
    """首问负责: the sender is its first responder; who does the work is found by the rules, like every matter."""
    words = heard.text
    if incoming.media:
        words += cfg.texts("（附图{count}张，请回电问清）").format(count=incoming.media)
    draft = Draft.from_understanding(
        heard,
        channel="sms",
        occurred_at=now,
        first_responder_id=staff.id,
        unit_id=None if heard.place else staff.unit_id,
        hotline=incoming.hotline,
        text=words,
        needs_listening=not heard.text,
    )
    ticket = open_ticket(session, cfg, draft, now=now)
    return Reply(_said(cfg, ticket), "field_report", ticket.number, ticket.id)


def claim(session: Session, cfg: DeskConfig, staff: Staff, reading: Reading, now: datetime) -> Reply:
    """Wishes cannot be claimed yet: who asks is told so, and so is the desk, once a day and wish."""
    _ = cfg.texts
    what = "" if reading.number is None else str(reading.number)
    day = cfg.calendar.local_date(now).isoformat()
    body = _("{name}发短信想认领微心愿{number}，认领还没开放，请联系。").format(name=staff.name, number=what)
    key = f"claim:{staff.id}:{what}:{day}"
    tell_dispatcher(session, cfg, body, "claim", now=now, dedup_key=key, unit_id=staff.unit_id)
    said = _("微心愿现在还不能发短信认领，您想认领的事已经告诉工作人员，会有人联系您。")
    return Reply(said, "claim", reading.number)


def _said(cfg: DeskConfig, ticket: Ticket) -> str:
    _ = cfg.texts
    if ticket.danger:
        return _("请马上打{danger}！我们也通知了值班人员赶过去。编号{number}。").format(
            danger=ticket.danger, number=ticket.number
        )
    return _("已记下，编号{number}，{category}，{date}前办好，按规则派单。您是首问责任人。").format(
        number=ticket.number,
        category=wording.category_name(cfg, ticket.category),
        date=wording.short_date(cfg, ticket.promised_on),
    )
