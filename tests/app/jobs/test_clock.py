"""One clock acts, whatever dies; without Redis it does the work itself."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app import redis_server
from app.desk.leases import last_beat, take_lease
from app.jobs.clock import LEASE, Clock, watch
from app.jobs.schedule import Line
from app.queue import JobName, RqQueue
from app.runtime import Runtime
from models.housekeeping import Lease
from models.lifecycle import Status
from models.message import Message
from models.ticket import Ticket
from tests.support.office import NUMBERS, Office, open_office


class Beats:
    """A schedule of one line that counts how often it ran."""

    def __init__(self, work: list[tuple[JobName, int]] | None = None, seconds: float = 0) -> None:
        self.count = 0
        self._work = work or []
        self.schedule = (Line(self.sweep, seconds, frozenset(), "test"),)

    def sweep(self, _runtime: Runtime) -> list[tuple[JobName, int]]:
        self.count += 1
        return self._work


def until(true: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def test_of_two_clocks_one_acts(office: Office) -> None:
    first, second = Beats(), Beats()
    one, two = Clock(office.runtime, schedule=first.schedule), Clock(office.runtime, schedule=second.schedule)
    assert [one.tick(), two.tick(), one.tick(), two.tick()] == [True, False, True, False]
    assert (first.count, second.count) == (2, 0)


def test_the_next_clock_begins_at_once_when_the_first_stops(office: Office) -> None:
    one, two = Clock(office.runtime, schedule=()), Clock(office.runtime, schedule=())
    assert one.tick()
    one.stop()
    one.stop()
    assert two.tick()
    assert not one.tick()


def test_the_next_clock_takes_over_from_one_that_died(office: Office) -> None:
    beats = Beats()
    dead = Clock(office.runtime, schedule=(), length=timedelta(seconds=0.3))
    assert dead.tick()
    heir = Clock(office.runtime, schedule=beats.schedule)
    until(heir.tick, "the lease never ended")
    assert beats.count == 1


def test_a_clock_that_slept_too_long_asks_before_it_acts(office: Office) -> None:
    beats, now = Beats(), [0.0]
    sleeper = Clock(office.runtime, schedule=beats.schedule, elapsed=lambda: now[0])
    assert sleeper.tick()
    with office.db.transaction() as session:
        lease = session.get_one(Lease, LEASE)
        lease.until = lease.beat_at - timedelta(seconds=1)
    assert Clock(office.runtime, schedule=()).tick()
    now[0] = 100.0  # it wakes up
    assert not sleeper.tick()
    assert beats.count == 1


def test_a_lease_written_under_a_wrong_clock_is_not_waited_for(office: Office) -> None:
    length = timedelta(seconds=15)
    with office.db.transaction() as session:
        assert take_lease(session, LEASE, "somebody", length)
        row = session.get_one(Lease, LEASE)
        row.until = row.until + timedelta(days=3)
    with office.db.transaction() as session:
        assert take_lease(session, LEASE, "me", length)
        assert not take_lease(session, LEASE, "somebody", length)
        assert last_beat(session, LEASE) is not None


def test_each_line_runs_as_often_as_it_says(office: Office) -> None:
    now = [0.0]
    often, seldom = Beats(seconds=5), Beats(seconds=60)

    def sweep_seldom(runtime: Runtime) -> list[tuple[JobName, int]]:
        return seldom.sweep(runtime)

    schedule = (*often.schedule, Line(sweep_seldom, 60, frozenset(), "test"))
    clock = Clock(office.runtime, schedule=schedule, length=timedelta(hours=1), elapsed=lambda: now[0])
    for second in range(121):
        now[0] = float(second)
        clock.tick()
    assert (often.count, seldom.count) == (25, 3)


def test_a_broken_sweep_does_not_stop_the_others(office: Office) -> None:
    def broken(_runtime: Runtime) -> list[tuple[JobName, int]]:
        raise ValueError("broken")

    beats = Beats()
    schedule = (Line(broken, 0, frozenset(), "test"), *beats.schedule)
    assert Clock(office.runtime, schedule=schedule).tick()
    assert beats.count == 1


def test_with_redis_the_clock_only_says_what_is_due(sqlite_url: str, tmp_path: Path, redis_url: str) -> None:
    with open_office(sqlite_url, tmp_path / "data", redis_url) as office:
        ticket_id = office.open_one()
        Clock(office.runtime).tick()
        assert office.runtime.queue.waiting() == 1
        with office.db.transaction(read_only=True) as session:
            assert session.get_one(Ticket, ticket_id).status is Status.NEW


def test_without_redis_the_clock_does_the_work(office: Office) -> None:
    """Ticket → keeper found → keeper and resident texted, with nobody but the clock alive."""
    ticket_id = office.open_one()
    now = [0.0]
    clock = Clock(office.runtime, length=timedelta(hours=1), elapsed=lambda: now[0])
    for _ in range(3):
        clock.tick()
        now[0] += 60
    with office.db.transaction(read_only=True) as session:
        assert session.get_one(Ticket, ticket_id).status is Status.DISPATCHED
        assert session.scalars(select(Message.state)).all() == ["sent", "sent"]
    assert sorted(text.to for text in office.carrier.texts) == [NUMBERS.wang, NUMBERS.zhao]


def test_one_job_that_fails_in_the_clock_does_not_stop_the_others(office: Office) -> None:
    done: list[int] = []

    def job(_runtime: Runtime, id_: int) -> None:
        if id_ == 1:
            raise ValueError("broken")
        done.append(id_)

    beats = Beats([(JobName.DISPATCH, 1), (JobName.DISPATCH, 2)])
    clock = Clock(office.runtime, schedule=beats.schedule, jobs=dict.fromkeys(JobName, job))
    assert clock.tick()
    assert done == [2]


def test_redis_that_dies_is_noticed_and_its_return_as_well(sqlite_url: str, tmp_path: Path) -> None:
    done: list[int] = []
    beats = Beats([(JobName.DISPATCH, 7)])
    jobs = dict.fromkeys(JobName, lambda _runtime, id_: done.append(id_))
    data_dir = tmp_path / "redis-data"
    with redis_server.running(data_dir) as server:
        url = server.url
    with open_office(sqlite_url, tmp_path / "data", url) as office:
        clock = Clock(office.runtime, schedule=beats.schedule, jobs=jobs)
        clock.tick()
        assert done == [7]  # dead
        with redis_server.running(data_dir):
            clock.tick()
            assert (done, office.runtime.queue.waiting()) == ([7], 1)  # alive
        clock.tick()
        assert done == [7, 7]  # dead again


def test_watching_ends_when_told_and_gives_the_lease_back(office: Office) -> None:
    stop = threading.Event()
    watcher = threading.Thread(target=watch, args=(office.runtime, stop))
    watcher.start()

    def holder() -> str | None:
        with office.db.transaction(read_only=True) as session:
            return session.scalar(select(Lease.holder).where(Lease.name == LEASE))

    try:
        until(holder, "the clock never took its lease")
    finally:
        stop.set()
        watcher.join(timeout=30)
    assert not watcher.is_alive()
    assert holder() is None


@pytest.fixture(autouse=True)
def _no_redis_left(redis_url: str) -> None:
    """The session's Redis is empty; offices of this file mostly use none."""
    assert RqQueue(redis_url).waiting() == 0
