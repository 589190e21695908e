"""Texts from keepers and other staff: they touch only what is assigned to the sender, and say what to do next."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk import wording
from app.desk.config import DeskConfig
from app.desk.tickets import actor_of, transition
from app.errors import BadInput, NotAllowed, TransitionError
from app.hygiene import fit
from app.sms.keywords import Command, parse
from app.sms.reply import Reply
from app.texts.catalogue import mark
from models.lifecycle import Action, Status, find
from models.staff import Staff
from models.ticket import Ticket

_IN_HAND = (Status.DISPATCHED, Status.IN_PROGRESS, Status.ON_HOLD)
_ACTIONS = {"accept": Action.ACCEPT, "resolve": Action.RESOLVE, "return": Action.RETURN}
_WORDS = {"accept": mark("接"), "resolve": mark("办结"), "return": mark("退")}
_LISTED = 5


def answer_staff(session: Session, cfg: DeskConfig, staff: Staff, text: str, *, now: datetime) -> Reply:
    """Carry out a command; the answer to anything else says how commands are written."""
    command = parse(text)
    mine = _in_hand(session, staff)
    if command.intent == "list":
        return Reply(_list(cfg, mine), "list")
    if command.intent not in _ACTIONS:
        return Reply(_help(cfg, mine), command.intent)
    if command.more_numbers:
        return Reply(cfg.texts("一次请只写一个编号，例如：接1024"), command.intent)
    chosen = _choose(session, cfg, staff, command, mine)
    if isinstance(chosen, str):
        return Reply(chosen, command.intent, command.number)
    return Reply(_act(session, cfg, staff, command, chosen, now), command.intent, chosen.number, chosen.id)


def _in_hand(session: Session, staff: Staff) -> Sequence[Ticket]:
    """The sender's open tickets, the most pressing first."""
    return session.scalars(
        select(Ticket)
        .where(Ticket.assignee_id == staff.id, Ticket.status.in_(_IN_HAND))
        .order_by(Ticket.due_at, Ticket.id)
        .limit(50)
    ).all()


def _choose(
    session: Session, cfg: DeskConfig, staff: Staff, command: Command, mine: Sequence[Ticket]
) -> Ticket | str:
    """The ticket that is meant, or an answer. Without a number only where nothing else can be meant."""
    _ = cfg.texts
    if command.number is not None:
        for ticket in mine:
            if ticket.number == command.number:
                return ticket
        return _not_in_hand(session, cfg, staff, command.number, mine)
    able = [ticket for ticket in mine if _fits(command, ticket)]
    if len(able) == 1:
        return able[0]
    if not able:
        return _("您手上没有可以“{word}”的事。").format(word=_(_WORDS[command.intent])) + _list(cfg, mine)
    return _("您有{count}件事，请写上编号，例如“{word}{number}”。").format(
        count=len(able), word=_(_WORDS[command.intent]), number=able[0].number
    ) + _numbers(cfg, able)


def _fits(command: Command, ticket: Ticket) -> bool:
    action = _ACTIONS[command.intent]
    return find(action, ticket.status) is not None or (
        ticket.status is Status.ON_HOLD and find(action, Status.IN_PROGRESS) is not None
    )


def _not_in_hand(session: Session, cfg: DeskConfig, staff: Staff, number: int, mine: Sequence[Ticket]) -> str:
    """One's own that is done with says so; whose or what another number is, is nobody's business."""
    _ = cfg.texts
    own = None
    if number < 2**31:
        own = session.scalar(select(Ticket).where(Ticket.number == number, Ticket.assignee_id == staff.id))
    if own is None:
        return _("没有派给您的{number}号，请核对编号。").format(number=number) + _numbers(cfg, mine)
    if own.status is Status.RESOLVED:
        return _("{number}号已经办结，等居民评价，不用再办。").format(number=number)
    return _("{number}号已经了结，不用再办。").format(number=number)


def _act(
    session: Session, cfg: DeskConfig, staff: Staff, command: Command, ticket: Ticket, now: datetime
) -> str:
    _ = cfg.texts
    action, number = _ACTIONS[command.intent], ticket.number
    if action is Action.ACCEPT and ticket.status is Status.IN_PROGRESS:
        return _("{number}号您已经接了，{due}前办好。办好后回复“办结{number} 怎么办的”").format(
            number=number, due=wording.when_of(cfg, ticket)
        )
    if action is Action.RESOLVE and not command.rest:
        return _("请写上怎么办好的，例如：办结{number} 换了灯泡").format(number=number)
    if action is Action.RETURN and not command.rest:
        return _("请写上退单的原因，例如：退{number} 不归我管").format(number=number)
    actor = actor_of(session, staff)
    waited = ticket.status is Status.ON_HOLD
    try:
        if waited:  # whoever goes on with it has ended the wait
            transition(session, cfg, ticket, Action.RESUME, actor, now=now)
        if not (waited and action is Action.ACCEPT):
            transition(session, cfg, ticket, action, actor, now=now, reason=command.rest, text=command.rest)
    except (TransitionError, NotAllowed, BadInput) as error:
        return str(error)
    match action:
        case Action.ACCEPT:
            said = _("{number}号已接单，{due}前办好。办好后回复“办结{number} 怎么办的”")
        case Action.RESOLVE:
            said = _("{number}号已办结，辛苦了。我们会打电话问居民是不是真的办好了。")
        case _:
            said = _("{number}号已退回，调度员会另外派人。")
    return said.format(number=number, due=wording.when_of(cfg, ticket))


def _numbers(cfg: DeskConfig, tickets: Sequence[Ticket]) -> str:
    listed = "、".join(
        f"{ticket.number}{fit(wording.what_of(cfg, ticket), 8)}" for ticket in tickets[:_LISTED]
    )
    more = cfg.texts("等{count}件").format(count=len(tickets)) if len(tickets) > _LISTED else ""
    return cfg.texts("派给您的有：{listed}{more}。").format(listed=listed, more=more) if listed else ""


def _list(cfg: DeskConfig, mine: Sequence[Ticket]) -> str:
    return _numbers(cfg, mine) or cfg.texts("现在没有派给您的事。")


def _help(cfg: DeskConfig, mine: Sequence[Ticket]) -> str:
    example = mine[0].number if mine else 1024
    return cfg.texts(
        "接单请回“接{n}”，办好回“办结{n} 怎么办的”，不归您管回“退{n} 原因”，看有哪些回“列表”。"
    ).format(n=example)
