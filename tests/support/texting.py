"""Texts to the door and what comes back, for tests of conversations."""

from dataclasses import dataclass, field
from uuid import uuid4

from sqlalchemy import select

from app.desk.messages import signed
from app.desk.tickets import actor_of, transition
from app.hygiene import utf16_units
from app.sms.dialogue import answer, keep
from app.sms.incoming import Incoming
from app.sms.reply import Reply
from models.lifecycle import Action
from models.question import Question
from models.staff import Staff
from models.ticket import Ticket
from tests.support.office import Office

SEGMENT = 70


@dataclass
class Phone:
    """A telephone that texts the hotline of `office`. Every answer must be one segment, sign included."""

    office: Office
    number: str
    said: list[str] = field(default_factory=list)

    def text(self, body: str, media: int = 0) -> str:
        """The answer without its sign."""
        return self.reply(body, media).text or ""

    def reply(self, body: str, media: int = 0) -> Reply:
        office = self.office
        incoming = Incoming(
            f"SM{uuid4().hex}", self.number, office.runtime.settings.hotline_number, body, media
        )
        with office.db.transaction() as session:
            reply = answer(session, office.runtime.desk, incoming, now=office.moment)
            said = signed(office.runtime.desk, reply.text) if reply.text else None
            keep(session, incoming, reply, said, now=office.moment)
        assert said is None or utf16_units(said) <= SEGMENT, said
        self.said.append(said or "")
        return reply


def tickets(office: Office) -> list[Ticket]:
    with office.db.transaction(read_only=True) as session:
        return list(session.scalars(select(Ticket).order_by(Ticket.number)))


def asked(office: Office) -> list[str]:
    """Kinds of the questions that are open or have not been worked off."""
    with office.db.transaction(read_only=True) as session:
        return list(session.scalars(select(Question.kind).order_by(Question.resident_id)))


def resolve(office: Office, number: int) -> None:
    """The dispatcher says that it is done."""
    with office.db.transaction() as session:
        sun = session.scalars(select(Staff).where(Staff.login == "sun")).one()
        ticket = office.ticket(session, number)
        actor = actor_of(session, sun)
        transition(
            session, office.runtime.desk, ticket, Action.RESOLVE, actor, now=office.moment, text="换了灯泡"
        )
