"""A whole office for tests of jobs and texts: a runtime on a real database with the fictional community in it.

The carrier lives in this process and the time stands where the test puts it; everything else is the real thing.
"""

import contextlib
import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.carriers.capabilities import capabilities_of
from app.carriers.memory import MemoryCarrier
from app.community import NUMBERS, seed_community
from app.db import Database, make_engine
from app.desk.config import from_settings
from app.desk.draft import Draft
from app.desk.tickets import actor_of, open_ticket, transition
from app.desk.understanding import understand
from app.jobs.callbacks import plan_callbacks
from app.queue import JobName, RqQueue
from app.runtime import Runtime
from app.settings import Settings
from app.texts.catalogue import translator
from models.all import metadata
from models.callback import Attempt
from models.crypto import Keyring
from models.lifecycle import Action
from models.message import Message
from models.resident import ResidentPhone
from models.staff import Staff
from models.ticket import Ticket
from speech.clips import ClipStore

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday, 10:00 in Shanghai
TOKEN = "test-token"
NO_REDIS = "unix:///nonexistent/redis.sock"


class Hands:
    """What was pushed, in order; jobs that nobody has run yet."""

    def __init__(self) -> None:
        self.pushed: list[tuple[JobName, int]] = []

    def push(self, name: JobName, id_: int) -> None:
        self.pushed.append((name, id_))


@dataclass
class Office:
    runtime: Runtime
    carrier: MemoryCarrier
    hands: Hands
    moment: datetime = MONDAY

    @property
    def db(self) -> Database:
        return self.runtime.db

    def pass_time(self, **parts: float) -> datetime:
        self.moment += timedelta(**parts)
        return self.moment

    def ticket(self, session: Session, number: int = 1001) -> Ticket:
        return session.scalars(select(Ticket).where(Ticket.number == number)).one()

    def open_one(self, text: str = "3栋路灯不亮") -> int:
        """A new matter of the resident 王; the ticket's id."""
        with self.db.transaction() as session:
            return self._open(session, text).id

    def resolve_one(self) -> int:
        """One that the dispatcher has resolved, with nobody asked about it yet; the ticket's id."""
        with self.db.transaction() as session:
            ticket = self._open(session, "3栋路灯不亮")
            sun = session.scalars(select(Staff).where(Staff.login == "sun")).one()
            actor = actor_of(session, sun)
            desk = self.runtime.desk
            transition(session, desk, ticket, Action.RESOLVE, actor, now=self.moment, text="换了灯泡")
            return ticket.id

    def plan_one(self) -> int:
        """The call that asks about one; the attempt's id."""
        plan_callbacks(self.runtime, self.resolve_one())
        with self.db.transaction(read_only=True) as session:
            return session.scalars(select(Attempt.id)).one()

    def _open(self, session: Session, text: str) -> Ticket:
        reporter = select(ResidentPhone.resident_id).where(ResidentPhone.phone_index == NUMBERS.wang)
        draft = Draft.from_understanding(
            understand(text),
            channel="phone",
            occurred_at=self.moment,
            reporter_id=session.scalars(reporter).one(),
            hotline=self.runtime.settings.hotline_number,
        )
        return open_ticket(session, self.runtime.desk, draft, now=self.moment)

    def texts_to(self, phone: str) -> list[str]:
        """Bodies of the texts in the database, oldest first, whatever became of them."""
        with self.db.transaction(read_only=True) as session:
            query = select(Message).where(Message.phone_index == phone, Message.direction == "outbound")
            return [row.body for row in session.scalars(query.order_by(Message.id))]


def office_settings(database_url: str, data_dir: Path, redis_url: str = NO_REDIS, **more: object) -> Settings:
    return Settings.model_validate(
        {
            "data_dir": data_dir,
            "database_url": database_url,
            "redis_url": redis_url,
            "encryption_key": SecretStr("k" * 40),
            "secret_key": SecretStr("s" * 40),
            "twilio_auth_token": SecretStr(TOKEN),
            "public_url": "https://hotline.example",
            "calling_hours": "00:00-24:00",
            "text_hours": "00:00-24:00",
            **more,
        }
    )


@contextlib.contextmanager
def open_office(
    database_url: str, data_dir: Path, redis_url: str = NO_REDIS, **more: object
) -> Iterator[Office]:
    """`more`: further settings. Pushed jobs are only noted (`hands`); the runtime's queue goes to `redis_url`."""
    settings = office_settings(database_url, data_dir, redis_url, **more)
    carrier, hands = MemoryCarrier(token=TOKEN), Hands()
    engine = make_engine(settings.db_url, Keyring("k" * 40))
    metadata.create_all(engine)
    queue = RqQueue(redis_url)
    clips = ClipStore.from_settings(settings)
    translate = translator(settings.locale)
    office: Office
    carrier.now = lambda: office.moment
    runtime = Runtime(
        settings=settings,
        db=Database(engine, hands.push),
        desk=dataclasses.replace(from_settings(settings), texts=translate),
        carrier=carrier,
        capabilities=capabilities_of(settings.carrier),
        queue=queue,
        clips=clips,
        translate=translate,
        now=lambda: office.moment,
    )
    office = Office(runtime, carrier, hands)
    with runtime.db.transaction() as session:
        seed_community(session, hotline_number=settings.hotline_number, now=MONDAY)
    try:
        yield office
    finally:
        runtime.close()


__all__ = ["MONDAY", "NO_REDIS", "NUMBERS", "TOKEN", "Hands", "Office", "office_settings", "open_office"]
