"""What a resident says when she is rung back, written down by whoever rang: onto her ticket, or as a new one."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.desk.catalogue import NAMES
from app.desk.claims import is_held
from app.desk.config import DeskConfig
from app.desk.draft import Draft
from app.desk.rights import Actor, may
from app.desk.tickets import amend, open_ticket, transition, view_of
from app.desk.understanding import understand
from app.errors import BadInput
from models.callback import Callback, CallbackKind
from models.lifecycle import OPEN, Action, Status
from models.ticket import Ticket


def write_down(
    session: Session,
    cfg: DeskConfig,
    callback: Callback,
    actor: Actor,
    words: str,
    *,
    now: datetime,
    category: str | None = None,
    urgent: bool = False,
) -> Ticket:
    """Her words as a person heard them. A ticket that waited to be listened to gets them, and goes on where the actor
    may say so; to one that somebody works on already they are added; otherwise they are a matter of their own.

    Raises BadInput without words, or if the case is not in the actor's hands.
    """
    session.refresh(callback, with_for_update=True)
    if not words.strip():
        raise BadInput("请写下她说的话")
    if category is not None and category not in NAMES:
        raise BadInput("没有这个类别")
    if not is_held(callback, actor, now) or callback.kind is CallbackKind.EVALUATION:
        raise BadInput("这件回电已经不在您手里，请看下一位")
    ticket = session.get(Ticket, callback.ticket_id) if callback.ticket_id else None
    if ticket is None or ticket.status not in OPEN:
        return _new(session, cfg, callback, actor, words, category, urgent=urgent, now=now)
    heard = understand(words)
    empty = ticket.status is Status.NEEDS_LISTENING or not ticket.text
    amend(
        session,
        cfg,
        ticket,
        actor,
        now=now,
        text=words if empty or words in ticket.text else f"{ticket.text}\n{words}",
        category=category or (ticket.category or heard.category if heard.sure else None),
        danger=heard.danger,
        urgent=True if urgent or heard.urgent else None,
        matter=heard.matter if empty else None,
        place=heard.place if empty else None,
    )
    if ticket.status is Status.NEEDS_LISTENING and may(actor, Action.LISTEN, view_of(session, ticket)):
        transition(session, cfg, ticket, Action.LISTEN, actor, now=now)
    return ticket


def _new(
    session: Session,
    cfg: DeskConfig,
    callback: Callback,
    actor: Actor,
    words: str,
    category: str | None,
    *,
    urgent: bool,
    now: datetime,
) -> Ticket:
    heard = understand(words)
    draft = Draft.from_understanding(
        heard,
        channel="phone",
        occurred_at=callback.created_at,
        category=category or (heard.category if heard.sure else None),
        urgent=urgent or heard.urgent,
        reporter_id=callback.resident_id,
        first_responder_id=actor.id,
        verified=True,
        hotline=cfg.hotline_number,
    )
    ticket = open_ticket(session, cfg, draft, now=now)
    callback.ticket_id = ticket.id
    session.flush()
    return ticket
