"""Group commit: writers who wait for each other on SQLite share one transaction, and one sync of the disk.

Each has a savepoint of its own inside it, so that one who fails takes nothing of the others along. Nobody gets an
answer before the common commit; if that fails, all of them fail, and carriers ask again (docs/benchmarks.md).
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from app.gates import FairGate, Turnstile

MEMBERS = 16
PATIENCE = 10.0  # seconds to wait for the lock, from when one asks: carriers give a webhook fifteen
SECONDS = 0.025  # so long may the first one wait for others, and other processes for the lock


@dataclass(eq=False)
class _Group:
    connection: Connection
    began: float
    members: int = 0
    done: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None


class GroupCommit:
    """Writing transactions of one process on one SQLite file."""

    def __init__(self, engine: Engine, turnstile: Turnstile) -> None:
        self._engine, self._turnstile = engine, turnstile
        self._gate = FairGate()
        self._sessions = sessionmaker(expire_on_commit=False, join_transaction_mode="create_savepoint")
        self._group: _Group | None = None

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session whose changes are on disk when the block is left without an error."""
        deadline = time.monotonic() + PATIENCE
        with self._gate:
            group = self._group or self._begin(deadline)
            try:
                with self._sessions(bind=group.connection) as session, session.begin():
                    yield session
            finally:
                self._leave(group)
        group.done.wait()
        if group.error is not None:
            raise group.error

    def _begin(self, deadline: float) -> _Group:
        try:
            self._turnstile.acquire(deadline)
        except TimeoutError:
            raise _failure("BEGIN", "database is locked") from None
        try:
            connection = self._engine.connect()
            try:
                connection.begin()
            except BaseException:
                connection.close()
                raise
        except BaseException:
            self._turnstile.release()
            raise
        self._group = _Group(connection, time.monotonic())
        return self._group

    def _leave(self, group: _Group) -> None:
        """Inside the gate. The last of a group commits for all."""
        group.members += 1
        full = group.members >= MEMBERS or time.monotonic() - group.began >= SECONDS
        broken = not group.connection.connection.dbapi_connection.in_transaction  # type: ignore[union-attr]
        if broken:
            # SQLite has taken everything back by itself (disk full, I/O error): nobody's changes are there any more
            group.error = _failure("COMMIT", "the common transaction was rolled back")
        if full or broken or not self._gate.awaited:
            self._finish(group)

    def _finish(self, group: _Group) -> None:
        self._group = None
        try:
            if group.error is None:
                group.connection.commit()
        except BaseException as error:
            group.error = error
        finally:
            try:
                if group.error is not None:
                    group.connection.invalidate()  # may still be inside its transaction: not for the next one
                group.connection.close()
            finally:
                self._turnstile.release()
                group.done.set()


def _failure(statement: str, reason: str) -> OperationalError:
    """As the driver's own: whoever asked answers 503, and the carrier asks again."""
    return OperationalError(statement, None, sqlite3.OperationalError(reason))
