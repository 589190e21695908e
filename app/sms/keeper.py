"""Texts from keepers and other staff: they touch only what is assigned to the sender, and say what to do next."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk import wording
from app.desk.config import DeskConfig
from app.desk.progress import number_of_slip
from app.desk.understanding import Understanding, understand
from app.hygiene import fit, mask_links
from app.sms.incoming import Incoming
from app.sms.keeper_acts import WORDS, act, fits
from app.sms.keeper_reports import claim, field_report
from app.sms.lines import joined
from app.sms.meant import Reading
from app.sms.reply import Reply
from app.sms.slips import read_staff_text
from models.lifecycle import Status
from models.staff import Staff
from models.ticket import Ticket

_IN_HAND = (Status.DISPATCHED, Status.IN_PROGRESS, Status.ON_HOLD)
_WITH_WORDS = ("resolve", "return", "extend")
"""What was done and why is told in these: 漏气已处理 is no danger."""
_MOST = 50
_SHOWN = 8  # units of each matter in a list


def answer_staff(
    session: Session, cfg: DeskConfig, staff: Staff, incoming: Incoming, *, now: datetime
) -> Reply:
    """Carry out a command. What is none but tells of a matter is taken as a report from the field; the answer to
    anything else says how commands are written."""
    _ = cfg.texts
    reading = read_staff_text(incoming.text, lambda slip: number_of_slip(session, slip))
    if reading.intent == "field_report":
        if not reading.argument and not incoming.media:
            return Reply(_("请写上在哪里、什么事，例如：报 3栋路灯不亮"), "field_report")
        return field_report(session, cfg, staff, understand(reading.argument), incoming, now)
    if reading.intent not in _WITH_WORDS and (heard := _matter(reading, incoming)):
        return field_report(session, cfg, staff, heard, incoming, now)
    if reading.intent == "claim":
        return claim(session, cfg, staff, reading, now)
    mine = _in_hand(session, staff)
    if reading.intent in WORDS:
        return _to_ticket(session, cfg, staff, reading, mine, now)
    match reading.intent:
        case "list":
            return _listed(session, cfg, staff, reading, mine)
        case "thanks":
            return Reply(_thanked(cfg, mine), "thanks")
        case "optout":
            return Reply(_("派单短信不能退订。不在岗请告诉调度员，会派给别人。"), "optout")
        case _:
            return Reply(_help(cfg, mine), reading.intent)


def _matter(reading: Reading, incoming: Incoming) -> Understanding | None:
    """A keeper who writes `3栋着火了` is not asked to learn our commands first; nor one who writes what is broken."""
    if reading.intent == "other" and incoming.media:
        return understand(incoming.text)
    heard = understand(mask_links(incoming.text, ""))
    told = reading.intent == "other" and heard.sure and heard.matter is not None
    return heard if heard.danger or told else None


def _to_ticket(
    session: Session, cfg: DeskConfig, staff: Staff, reading: Reading, mine: Sequence[Ticket], now: datetime
) -> Reply:
    if reading.more_numbers:
        return Reply(cfg.texts("一次请只写一个编号，例如：接1024"), reading.intent)
    chosen = _choose(session, cfg, staff, reading, mine)
    if isinstance(chosen, str):
        return Reply(chosen, reading.intent, reading.number)
    said = act(session, cfg, staff, reading, chosen, now)
    return Reply(said, reading.intent, chosen.number, chosen.id)


def _in_hand(session: Session, staff: Staff) -> Sequence[Ticket]:
    """The sender's open tickets, the most pressing first."""
    return session.scalars(
        select(Ticket)
        .where(Ticket.assignee_id == staff.id, Ticket.status.in_(_IN_HAND))
        .order_by(Ticket.due_at, Ticket.id)
        .limit(_MOST + 1)
    ).all()


def _choose(
    session: Session, cfg: DeskConfig, staff: Staff, reading: Reading, mine: Sequence[Ticket]
) -> Ticket | str:
    """The ticket that is meant, or an answer. Without a number only where nothing else can be meant."""
    _ = cfg.texts
    if reading.number is not None:
        return _numbered(session, cfg, staff, reading.number, mine)
    able = [ticket for ticket in mine if fits(reading.intent, ticket)]
    if len(able) == 1:
        return able[0]
    word = _(WORDS[reading.intent])
    if not able:
        return _list(cfg, mine, _("您手上没有可以“{word}”的事。").format(word=word))
    said = _("请写上编号，例如“{word}{number}”。").format(word=word, number=able[0].number)
    return _numbers(cfg, said, able)


def _numbered(
    session: Session, cfg: DeskConfig, staff: Staff, number: int, mine: Sequence[Ticket]
) -> Ticket | str:
    """One's own that is done with says so; whose or what another number is, is nobody's business."""
    _ = cfg.texts
    own = None
    if number < 2**31:
        own = session.scalar(select(Ticket).where(Ticket.number == number, Ticket.assignee_id == staff.id))
    if own is None:
        return _numbers(cfg, _("没有派给您的{number}号，请核对编号。").format(number=number), mine)
    if own.status in _IN_HAND:
        return own
    if own.status is Status.RESOLVED:
        return _("{number}号已经办结，等居民评价，不用再办。").format(number=number)
    return _("{number}号已经了结，不用再办。").format(number=number)


def _listed(
    session: Session, cfg: DeskConfig, staff: Staff, reading: Reading, mine: Sequence[Ticket]
) -> Reply:
    if reading.number is None:
        return Reply(_list(cfg, mine), "list")
    ticket = _numbered(session, cfg, staff, reading.number, mine)
    if isinstance(ticket, str):
        return Reply(ticket, "list", reading.number)
    return Reply(wording.dispatch_text(cfg, ticket), "list", ticket.number, ticket.id)


def _numbers(cfg: DeskConfig, begin: str, tickets: Sequence[Ticket]) -> str:
    """As many as one text holds, the most pressing first."""
    if not tickets:
        return begin
    _ = cfg.texts
    count = len(tickets) if len(tickets) <= _MOST else _("{count}多").format(count=_MOST)
    begin += _("派给您的{count}件：").format(count=count)
    items = [f"{ticket.number}{fit(wording.what_of(cfg, ticket), _SHOWN)}" for ticket in tickets]
    return joined(cfg, begin, items, "、", "。")


def _list(cfg: DeskConfig, mine: Sequence[Ticket], begin: str = "") -> str:
    return _numbers(cfg, begin, mine) if mine else begin + cfg.texts("现在没有派给您的事。")


def _thanked(cfg: DeskConfig, mine: Sequence[Ticket]) -> str:
    """收到 accepts nothing: who means 接 is told how to say so."""
    waiting = [ticket for ticket in mine if ticket.status is Status.DISPATCHED]
    if not waiting:
        return cfg.texts("好的，辛苦了。")
    return cfg.texts("好的。要接单请回复“接{number}”。").format(number=waiting[0].number)


def _help(cfg: DeskConfig, mine: Sequence[Ticket]) -> str:
    example = mine[0].number if mine else 1024
    return cfg.texts(
        "可以回：接{n}，到{n}，办结{n} 怎么办的，延{n} 原因 3天，退{n} 原因，单，报 什么事"
    ).format(n=example)
