"""The one clock: it says what is due, and does it itself while Redis does not answer.

Several may run; a lease in the database lets one act. The schedule lives in SQL rows, not in Redis.
"""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from uuid import uuid4

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app.desk.leases import give_back, take_lease
from app.jobs.registry import JOBS, Job
from app.jobs.schedule import SCHEDULE, Line
from app.queue import JobName
from app.runtime import Runtime, bootstrap
from app.settings import Settings

log = structlog.get_logger(__name__)

LEASE = "clock"
_TICK = 0.5  # seconds between two looks at the schedule


class Clock:
    """One look after another. `length` of the lease; `elapsed` gives seconds that never jump."""

    def __init__(
        self,
        runtime: Runtime,
        *,
        length: timedelta = timedelta(seconds=15),
        schedule: Sequence[Line] = SCHEDULE,
        jobs: Mapping[JobName, Job] = JOBS,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self.holder = f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid4().hex[:8]}"
        self._runtime, self._length, self._schedule, self._jobs = runtime, length, schedule, jobs
        self._elapsed = elapsed
        self._renew_at = self._held_until = float("-inf")
        self._due: dict[str, float] = {}
        self._without_redis = False

    def tick(self) -> bool:
        """Do what is due; False if another clock holds the lease."""
        for line in self._schedule:
            if not self._holds():
                return False
            if self._elapsed() < self._due.get(line.name, float("-inf")):
                continue
            self._due[line.name] = self._elapsed() + line.seconds
            self._run(line)
        return self._holds()

    def stop(self) -> None:
        """Let the next clock begin at once."""
        if self._elapsed() < self._held_until:
            with self._runtime.db.transaction() as session:
                give_back(session, LEASE, self.holder)
        self._held_until = self._renew_at = float("-inf")

    def _holds(self) -> bool:
        now = self._elapsed()
        if now < self._renew_at:
            return True
        with self._runtime.db.transaction() as session:
            held = take_lease(session, LEASE, self.holder, self._length)
        if held:
            # Counted from before the question was asked: never later than the database believes.
            self._held_until = now + self._length.total_seconds()
            self._renew_at = now + self._length.total_seconds() / 3
        else:
            self._held_until = self._renew_at = float("-inf")
        return held

    def _run(self, line: Line) -> None:
        try:
            work = list(line.sweep(self._runtime))
        except Exception as error:  # one broken sweep must not stop the others; its rows stay due
            log.exception("sweep_failed", sweep=line.name, error=type(error).__name__)
            return
        for name, id_ in work:
            if not self._holds():
                return
            if not self._push(name, id_):
                self._do(name, id_)

    def _push(self, name: JobName, id_: int) -> bool:
        try:
            self._runtime.queue.push(name, id_)
        except (RedisError, OSError) as error:
            if not self._without_redis:
                log.warning("redis_unreachable", error=type(error).__name__, then="jobs run in the clock")
            self._without_redis = True
            return False
        if self._without_redis:
            log.info("redis_is_back")
        self._without_redis = False
        return True

    def _do(self, name: JobName, id_: int) -> None:
        try:
            self._jobs[name](self._runtime, id_)
        except Exception as error:  # as in a worker: logged, and due again by its row
            log.exception("job_failed", job=name.value, id=id_, error=type(error).__name__)


def run_clock(settings: Settings) -> None:
    """Tick until SIGTERM or SIGINT; the lease is given back. Call it in the process's main thread."""
    stop = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)
    }
    runtime = bootstrap(settings)
    try:
        watch(runtime, stop)
    finally:
        runtime.close()
        for number, handler in before.items():
            signal.signal(number, handler)


def watch(runtime: Runtime, stop: threading.Event) -> None:
    """Tick with this runtime until `stop` is set. A database that is away for a while is waited for."""
    clock = Clock(runtime)
    log.info("clock_started", holder=clock.holder)
    while not stop.is_set():
        try:
            clock.tick()
        except SQLAlchemyError as error:
            log.error("clock_without_database", error=type(error).__name__)
            stop.wait(2)
        stop.wait(_TICK)
    clock.stop()
    log.info("clock_stopped", holder=clock.holder)
