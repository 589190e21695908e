"""What a keeper's command does to one of her tickets, and what she is told."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from app.desk import wording
from app.desk.config import DeskConfig
from app.desk.extending import extend
from app.desk.rights import Actor
from app.desk.tickets import actor_of, note, transition
from app.errors import BadInput, NotAllowed, TransitionError
from app.sms.meant import Intent, Reading
from app.texts.catalogue import mark
from models.lifecycle import Action, Status, find
from models.staff import Staff
from models.ticket import Ticket

ACTIONS: dict[Intent, Action] = {
    "accept": Action.ACCEPT,
    "resolve": Action.RESOLVE,
    "return": Action.RETURN,
    "extend": Action.HOLD,
}
WORDS: dict[Intent, str] = {
    "accept": mark("接", "command"),
    "resolve": mark("办结", "command"),
    "return": mark("退", "command"),
    "extend": mark("延", "command"),
    "arrive": mark("到", "command"),
}
"""How the commands are written in our answers: those that are about a ticket."""
_MISSING: dict[Intent, str] = {
    "resolve": mark("请写上怎么办好的，例如：办结{number} 换了灯泡"),
    "return": mark("请写上退单的原因，例如：退{number} 不归我管"),
    "extend": mark("请写上原因和要几天，例如：延{number} 等配件 3天"),
}
_LONG_AGO = timedelta(days=180)


def fits(intent: Intent, ticket: Ticket) -> bool:
    """Can this be done to a ticket as it stands? A wait ends by itself, and acceptance is implied."""
    if intent == "arrive":
        return True
    if intent == "extend":
        return ticket.status in (Status.DISPATCHED, Status.IN_PROGRESS, Status.ON_HOLD)
    action = ACTIONS[intent]
    return find(action, ticket.status) is not None or (
        ticket.status is Status.ON_HOLD and find(action, Status.IN_PROGRESS) is not None
    )


def act(
    session: Session, cfg: DeskConfig, staff: Staff, reading: Reading, ticket: Ticket, now: datetime
) -> str:
    """Do it, and say so; what is missing or not possible is said instead."""
    _, number = cfg.texts, ticket.number
    if reading.intent == "accept" and ticket.status is Status.IN_PROGRESS:
        said = _("{number}号您已经接了，{due}前办好。办好后回复“办结{number} 怎么办的”")
        return said.format(number=number, due=wording.when_of(cfg, ticket))
    if reading.intent in _MISSING and not reading.argument:
        return _(_MISSING[reading.intent]).format(number=number)
    actor = actor_of(session, staff)
    try:
        match reading.intent:
            case "arrive":
                note(session, ticket, "arrive", actor, now=now)
                return _("{number}号到场记下了。办好后回复“办结{number} 怎么办的”").format(number=number)
            case "extend":
                return _extend(session, cfg, actor, reading, ticket, now)
            case _:
                _step(session, cfg, actor, reading, ticket, now)
    except (TransitionError, NotAllowed, BadInput) as error:
        return error.said(_)
    match reading.intent:
        case "accept":
            said = _("{number}号已接单，{due}前办好。办好后回复“办结{number} 怎么办的”")
        case "resolve":
            said = _("{number}号已办结，辛苦了。我们会打电话问居民是不是真的办好了。")
        case _:
            said = _("{number}号已退回，调度员会另外派人。")
    return said.format(number=number, due=wording.when_of(cfg, ticket))


def _step(
    session: Session, cfg: DeskConfig, actor: Actor, reading: Reading, ticket: Ticket, now: datetime
) -> None:
    action, words = ACTIONS[reading.intent], reading.argument
    waited = ticket.status is Status.ON_HOLD
    if waited:  # whoever goes on with it has ended the wait
        transition(session, cfg, ticket, Action.RESUME, actor, now=now)
    if not (waited and action is Action.ACCEPT):
        transition(session, cfg, ticket, action, actor, now=now, reason=words, text=words)


def _extend(
    session: Session, cfg: DeskConfig, actor: Actor, reading: Reading, ticket: Ticket, now: datetime
) -> str:
    _, number = cfg.texts, ticket.number
    reason, __, until = reading.argument.rpartition("|")
    if not reason or not until:
        return _(_MISSING["extend"]).format(number=number)
    day = until_day(until, cfg.calendar.local_date(now))
    if day is None:
        raise BadInput("没有这个日期，请写几天，例如：延{number} 等配件 3天", number=number)
    if extend(session, cfg, ticket, actor, reason=reason, until=day, now=now):
        said = _("{number}号暂缓到{date}，会告诉居民。办好了随时回复“办结{number} 怎么办的”")
    else:
        said = _("{number}号延到{date}超过了最长时限，已请调度员定，请您先接着办。")
    return said.format(number=number, date=wording.short_date(cfg, day))


def until_day(written: str, today: date) -> date | None:
    """`3` days from today, or month-day: this year's, next year's where that is long past. None: no such day."""
    try:
        if "-" not in written:
            return today + timedelta(days=int(written))
        month, day = (int(part) for part in written.split("-"))
        this_year = date(today.year, month, day)
        return this_year if this_year > today - _LONG_AGO else date(today.year + 1, month, day)
    except (ValueError, OverflowError):
        return None
