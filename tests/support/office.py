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
from app.queue import JobName, RqQueue
from app.runtime import Runtime
from app.settings import Settings
from app.texts.catalogue import translator
from models.all import metadata
from models.crypto import Keyring
from models.message import Message
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
        clips.close()
        queue.close()
        engine.dispose()


__all__ = ["MONDAY", "NO_REDIS", "NUMBERS", "TOKEN", "Hands", "Office", "office_settings", "open_office"]
