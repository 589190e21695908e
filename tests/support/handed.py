"""A matter in a keeper's hands, for tests."""

from sqlalchemy import select

from app.desk.tickets import actor_of, transition
from models.lifecycle import Action
from models.staff import Staff
from models.ticket import Ticket
from tests.support.office import Office


def hand_to(office: Office, text: str = "3栋2单元路灯不亮了", *, login: str = "zhao") -> int:
    """What the resident 王 reported and a dispatcher gave to this keeper; its number."""
    id_ = office.open_one(text)
    with office.db.transaction() as session:
        ticket = session.get_one(Ticket, id_)
        sun = session.scalars(select(Staff).where(Staff.login == "sun")).one()
        keeper = session.scalars(select(Staff).where(Staff.login == login)).one()
        desk, actor = office.runtime.desk, actor_of(session, sun)
        now, to = office.moment, keeper.id
        transition(session, desk, ticket, Action.DISPATCH, actor, now=now, reason="测试", assignee_id=to)
        return ticket.number
