"""Texts from residents: whatever is not a plain thank-you or an opt-out becomes a ticket, and is answered."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.desk import wording
from app.desk.config import DeskConfig
from app.desk.draft import Draft
from app.desk.residents import find_or_create
from app.desk.tickets import open_ticket
from app.desk.understanding import Understanding, understand
from app.sms.incoming import Incoming
from app.sms.keywords import parse_resident
from app.sms.reply import Reply
from models.resident import Resident
from models.ticket import Ticket


@dataclass(frozen=True)
class Sender:
    """`resident_id` is None for somebody who writes for the first time."""

    phone: str
    resident_id: int | None


def answer_resident(
    session: Session, cfg: DeskConfig, sender: Sender, incoming: Incoming, *, now: datetime
) -> Reply:
    _ = cfg.texts
    if not incoming.text and not incoming.media:
        return Reply(_("短信里没有字。请写明在哪里、什么事，例如：3栋路灯不亮。"), "other")
    intent = parse_resident(incoming.text).intent if not incoming.media else "other"
    if intent == "thanks":
        return Reply(_("不客气，有事随时发短信或打电话。"), "thanks")
    if intent == "help":
        return Reply(_("有事请直接写在哪里、什么事，例如：3栋路灯不亮。也可以打电话给我们。"), "help")
    resident_id = sender.resident_id
    if resident_id is None:
        resident_id = find_or_create(session, sender.phone, now=now).id
    if intent in ("optout", "optin"):
        session.get_one(Resident, resident_id).opted_out = intent == "optout"
        said = (
            _("好的，以后不再主动给您发短信。您有事照样可以发短信或打电话。")
            if intent == "optout"
            else _("好的，以后有通知再发给您。")
        )
        return Reply(said, intent)
    ticket = report(
        session, cfg, understand(incoming.text), incoming, reporter_id=resident_id, first=None, now=now
    )
    return Reply(acknowledgement(cfg, ticket), "report", ticket.number, ticket.id)


def report(
    session: Session,
    cfg: DeskConfig,
    heard: Understanding,
    incoming: Incoming,
    *,
    reporter_id: int | None,
    first: int | None,
    now: datetime,
) -> Ticket:
    """`first`: who of the staff reported it. Pictures nobody has seen yet, so without words a person calls back."""
    words = heard.text
    if incoming.media:
        words += cfg.texts("（附图{count}张，请回电问清）").format(count=incoming.media)
    draft = Draft.from_understanding(
        heard,
        channel="sms",
        occurred_at=now,
        reporter_id=reporter_id,
        first_responder_id=first,
        hotline=incoming.hotline,
        text=words,
        needs_listening=not heard.text,
    )
    return open_ticket(session, cfg, draft, now=now)


def acknowledgement(cfg: DeskConfig, ticket: Ticket) -> str:
    """Number, category, promised date: one segment with the sign. Danger: the emergency number before anything else."""
    _ = cfg.texts
    if ticket.danger:
        return _("请马上打{danger}！我们也通知了值班人员赶过去。编号{number}。").format(
            danger=ticket.danger, number=ticket.number
        )
    what = wording.category_name(cfg, ticket.category) if ticket.category else _("您反映的事")
    return _("收到，{what}已受理，编号{number}，{date}前给您办好，办好打电话告诉您。").format(
        what=what, number=ticket.number, date=wording.short_date(cfg, ticket.promised_on)
    )
