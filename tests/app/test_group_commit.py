"""Writers who wait for each other share a commit: all of it or nothing, and nobody hears of it before the disk does."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pysqlite3
import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import group_commit
from app.db import Database, make_engine
from app.gates import Turnstile
from models.all import metadata
from models.call import CallTurn
from models.crypto import Keyring
from models.housekeeping import Counter


@pytest.fixture
def db(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(
        group_commit, "SECONDS", 60.0
    )  # however slow the machine is, those who wait are one group
    database = Database(make_engine(sqlite_url, Keyring("k" * 32)))
    metadata.create_all(database.engine)
    yield database
    database.dispose()


@pytest.fixture
def commits(db: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object) -> None:
        seen.append("commit")

    event.listen(db.engine, "commit", note)
    yield seen
    event.remove(db.engine, "commit", note)


def names(db: Database) -> set[str]:
    with db.transaction(read_only=True) as session:
        return set(session.scalars(select(Counter.name)))


def together(db: Database, *works: object) -> list[BaseException | None]:
    """Run them in this order in one group: all wait at the gate while the first one is inside."""
    results: list[BaseException | None] = [None] * len(works)
    inside, go = threading.Event(), threading.Event()

    def first(session: Session) -> None:
        inside.set()
        assert go.wait(20)

    def run(n: int, work: object) -> None:
        try:
            with db.transaction() as session:
                if n == 0:
                    first(session)
                work(session)  # type: ignore[operator]
        except BaseException as error:
            results[n] = error

    threads = []
    for n, work in enumerate(works):
        threads.append(threading.Thread(target=run, args=(n, work)))
        threads[-1].start()
        if n == 0:
            assert inside.wait(20)
        else:
            _until_waiting(db, n)
    go.set()
    for thread in threads:
        thread.join(20)
    return results


def _until_waiting(db: Database, count: int) -> None:
    assert db._group is not None
    gate = db._group._gate
    for _ in range(2000):
        if len(gate._waiting) >= count:
            return
        threading.Event().wait(0.005)
    raise AssertionError("nobody waits")


def add(name: str) -> object:
    return lambda session: session.add(Counter(name=name, value=1))


def test_those_who_wait_share_one_commit(db: Database, commits: list[str]) -> None:
    assert together(db, add("a"), add("b"), add("c")) == [None, None, None]
    assert len(commits) == 1
    assert names(db) == {"a", "b", "c"}


def test_one_who_is_alone_does_not_wait(db: Database, commits: list[str]) -> None:
    with db.transaction() as session:
        session.add(Counter(name="alone", value=1))
    assert len(commits) == 1


def test_one_who_fails_takes_nothing_of_the_others_along(db: Database) -> None:
    def fail(session: Session) -> None:
        session.add(Counter(name="wrong", value=1))
        session.flush()
        raise ValueError("refused")

    results = together(db, add("a"), fail, add("c"))
    assert isinstance(results[1], ValueError)
    assert results[0] is results[2] is None
    assert names(db) == {"a", "c"}


def test_when_the_last_one_fails_the_others_are_committed(db: Database) -> None:
    def fail(session: Session) -> None:
        raise ValueError("refused")

    assert isinstance(together(db, add("a"), fail)[1], ValueError)
    assert names(db) == {"a"}


def test_on_disk_before_the_block_is_left(db: Database, tmp_path: Path) -> None:
    with db.transaction() as session:
        session.add(Counter(name="a", value=1))
    other = pysqlite3.connect(str(tmp_path / "test.db"))
    assert other.execute("SELECT name FROM counters").fetchall() == [("a",)]
    other.close()


def test_if_the_common_commit_fails_all_fail_and_nothing_is_kept(db: Database) -> None:
    def breaks_at_commit(session: Session) -> None:
        session.connection().exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        session.add(CallTurn(call_id=99, n=1, node="", said=[], twiml="", created_at=_now()))

    results = together(db, add("a"), breaks_at_commit, add("c"))
    assert all(isinstance(result, DBAPIError) for result in results)
    assert names(db) == set()
    with db.transaction() as session:
        session.add(Counter(name="later", value=1))
    assert names(db) == {"later"}


def test_if_sqlite_takes_everything_back_nobody_believes_in_a_commit(db: Database) -> None:
    def rolled_back(session: Session) -> None:
        session.connection().exec_driver_sql("ROLLBACK")  # what SQLite does by itself when the disk is full

    results = together(db, add("a"), rolled_back, add("c"))
    assert isinstance(results[0], DBAPIError)
    assert isinstance(results[1], DBAPIError)
    assert results[2] is None  # came after the break: a new transaction
    assert names(db) == {"c"}


def test_a_lock_that_never_comes_is_an_error_that_says_so(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "PATIENCE", 0.05)
    place = tmp_path / "test.db"
    other = Turnstile(place)
    other.acquire(time.monotonic() + 20)
    with pytest.raises(DBAPIError, match="database is locked"), db.transaction():
        raise AssertionError("let in")
    other.release()
    with db.transaction() as session:
        session.add(Counter(name="a", value=1))
    other.close()
    assert names(db) == {"a"}


def test_many_threads_lose_no_update(db: Database) -> None:
    with db.transaction() as session:
        session.add(Counter(name="n", value=0))

    def count() -> None:
        for _ in range(20):
            with db.transaction() as session:
                session.get_one(Counter, "n").value += 1

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with db.transaction(read_only=True) as session:
        assert session.get_one(Counter, "n").value == 160
        assert session.scalar(select(func.count()).select_from(Counter)) == 1


def _now() -> object:
    from app.runtime import utc_now

    return utc_now()
