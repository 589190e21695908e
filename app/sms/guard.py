"""Who is not answered, or not any more. Whatever was asked for has been done and stored all the same.

Machines answer machines, each answer costs money, and a flood is somebody's mistake or malice: after
`cfg.texts_an_hour` texts from one number, or `cfg.texts_a_minute` from all, answers stop. The sender is told once an
hour, the dispatcher too; whoever is in danger is still told whom to ring.
"""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.db import insert_once
from app.desk.config import DeskConfig
from app.desk.course import shown_hotline
from app.desk.dispatchers import tell_dispatcher
from app.desk.residents import mask_phone
from app.desk.understanding import understand
from app.sms.reply import Reply
from models.base import UtcDateTime
from models.crypto import blind_index
from models.lifecycle import OPEN
from models.receipt import InboundReceipt
from models.resident import Resident
from models.ticket import Ticket

log = structlog.get_logger(__name__)

_STAFF = 3  # times as many answers: they work by text
_AGAIN_WITHIN = timedelta(minutes=10)
_LONGEST = 80  # characters of an automatic reply; who writes more has something to say
_AUTOMATIC = re.compile(
    r"自动(?:回复|答复|应答)|auto.?matic reply|auto.?(?:reply|response)|out of (?:the )?office|请勿(?:直接)?回复|无需回复|不接收短信"
    r"|(?:稍后|一会儿?|晚点|回头|待会儿?|等会儿?|空了|忙完)\S{0,4}(?:再|会|给|跟|和|与)\S{0,4}(?:联系|回复|回电|打给|回给|答复)"
    r"|(?:现在|正在|目前|暂时)\S{0,3}(?:有事|开会|开车|忙|不方便|不便|无法|不能)\S{0,8}(?:稍后|一会|晚点|回头|接听|接电话|联系|回复)"
    r"|(?:can'?t|cannot) (?:talk|answer)|call you (?:back )?later|driving",
    re.IGNORECASE,
)
_COMPLAINS = re.compile("没人|没有人|不理|[给跟和]我|联系我|打我")
_CODE = re.compile(r"验证码\D{0,6}\d{4,8}|\d{4,8}\D{0,6}验证码|动态密码|校验码")
_SIGN = re.compile(r"【[^】]{2,12}】")


def is_machine(text: str) -> bool:
    """An automatic reply, a code, another sender's service text: nothing that anybody asks of us. Words that tell of a
    matter are never taken for one: 我现在有事不在家，家里水管爆了."""
    if len(text) > _LONGEST or not (_AUTOMATIC.search(text) or (_SIGN.match(text) and _CODE.search(text))):
        return False
    if _COMPLAINS.search(text):
        return False
    heard = understand(text)
    return not (heard.danger or heard.urgent or heard.outage or (heard.sure and heard.matter))


def hushed(
    session: Session,
    cfg: DeskConfig,
    phone: str,
    reply: Reply,
    *,
    recent: int,
    overall: int,
    now: datetime,
) -> Reply:
    """The reply, or what is left of it. `recent`: texts from this number within the last hour; `overall`: from all
    within the last minute; both without this one."""
    limit = cfg.texts_an_hour * (_STAFF if reply.staff_id is not None else 1)
    if recent < limit and overall < cfg.texts_a_minute:
        return reply
    log.warning("text_not_answered", recent=recent, overall=overall)
    hour = f"{now:%Y%m%d%H}"
    digest = blind_index(session.get_bind(), phone)[:16]
    if recent < limit:
        body = cfg.texts("一分钟来了{count}条短信，已停止自动回复。事情照常记下、派单，请留意。")
        tell_dispatcher(
            session,
            cfg,
            body.format(count=overall),
            "flood",
            now=now,
            dedup_key=f"flood:{hour}",
            may_wait=False,
        )
    else:
        body = cfg.texts("{phone}一小时发来{count}条短信，都已存下，不再自动回复，请看看。")
        tell_dispatcher(
            session,
            cfg,
            body.format(phone=mask_phone(phone), count=recent + 1),
            "flood",
            now=now,
            dedup_key=f"flood:{digest}:{hour}",
        )
    if recent < limit * _STAFF and _in_danger(session, reply):
        return reply
    text = None
    if recent >= limit and _first(session, f"{digest}:{hour}", now):
        text = cfg.texts("您发来的短信很多，都记下了，会有人看，先不一一回复了。有急事请打{hotline}。")
        text = text.format(hotline=shown_hotline(cfg))
    return replace(reply, text=text)


def said_before(session: Session, resident_id: int, words: str, *, now: datetime) -> Ticket | None:
    """The open ticket of exactly these words from this resident a few minutes ago: pressed twice, or sent twice by the
    network under two identifiers, it is one matter. Waits for whoever stores her other copy this moment."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":  # there writers come one after the other anyway
        connection.execute(_LOCKED, {"resident": resident_id})
    given = {"resident": resident_id, "since": now - _AGAIN_WITHIN, "words": words}
    ticket_id = connection.execute(_SAID, given).scalar()
    return session.get(Ticket, ticket_id) if ticket_id is not None else None


# Built once: every report needs them, and building a statement takes longer than executing it (docs/benchmarks.md)
_TICKETS = Ticket.__table__
_LOCKED = (
    select(Resident.__table__.c.id).where(Resident.__table__.c.id == bindparam("resident")).with_for_update()
)
_SAID = (
    select(_TICKETS.c.id)
    .where(
        _TICKETS.c.reporter_id == bindparam("resident"),
        _TICKETS.c.channel == "sms",
        _TICKETS.c.created_at > bindparam("since", type_=UtcDateTime()),
        _TICKETS.c.text == bindparam("words"),
        _TICKETS.c.status.in_(OPEN),
    )
    .order_by(_TICKETS.c.id.desc())
    .limit(1)
)


def _in_danger(session: Session, reply: Reply) -> bool:
    ticket = session.get(Ticket, reply.ticket_id) if reply.ticket_id else None
    return ticket is not None and ticket.danger is not None


def _first(session: Session, id_: str, now: datetime) -> bool:
    values = {"source": "flood", "external_id": id_, "request_hash": "", "at": now}
    return insert_once(session, InboundReceipt, values, ["source", "external_id"])
