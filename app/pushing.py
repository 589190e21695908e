"""Pushes jobs from a thread of its own, so that no caller waits for Redis, and at a measured pace.

A push costs as much as the rest of a short webhook (docs/benchmarks.md), and workers, which fork for every job, take
far fewer than a flood of calls would push. So beyond a burst pushes are paced, and beyond a backlog they are dropped:
the row is the work, and the clock's sweepers find it within seconds.
"""

import itertools
import queue
import threading
import time

import structlog

from app.db import Push
from app.queue import JobName

log = structlog.get_logger(__name__)

BURST = 50  # pushes at once after a quiet time
PER_SECOND = 50.0
BACKLOG = 500
_NAP = 0.2  # seconds
_CLOSING = 5.0  # seconds that `close` waits for what is left


class BackgroundPush:
    """Call it like the push that it wraps; texts, which may be alerts, go before everything else."""

    def __init__(
        self, push: Push, *, burst: int = BURST, per_second: float = PER_SECOND, backlog: int = BACKLOG
    ) -> None:
        self._push, self._burst, self._per_second = push, burst, per_second
        self._waiting: queue.PriorityQueue[tuple[int, int, JobName, int]] = queue.PriorityQueue(backlog)
        self._order = itertools.count()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()
        self._dropped = 0

    def __call__(self, name: JobName, id_: int) -> None:
        """Never waits and never raises."""
        urgency = 0 if name is JobName.SEND_MESSAGE else 1
        try:
            self._waiting.put_nowait((urgency, next(self._order), name, id_))
        except queue.Full:
            self._dropped += 1
        self._run()

    def close(self) -> None:
        """Push what is left, for some seconds at most."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join(_CLOSING)

    def _run(self) -> None:
        if self._thread is not None:
            return
        with self._starting:  # at the first push: whoever forked before has no thread
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="push", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        tokens, counted = float(self._burst), time.monotonic()
        while True:
            try:
                _, _, name, id_ = self._waiting.get(timeout=_NAP)
            except queue.Empty:
                self._tell()
                if self._closing.is_set():
                    return
                continue
            tokens, counted = self._refilled(tokens, counted)
            if tokens < 1:
                self._closing.wait((1 - tokens) / self._per_second)
                tokens, counted = self._refilled(tokens, counted)
            tokens -= 1
            try:
                self._push(name, id_)
            except Exception as error:  # whatever Redis says, the sweeper finds the row
                log.warning("push_failed", job=name.value, id=id_, error=type(error).__name__)

    def _refilled(self, tokens: float, counted: float) -> tuple[float, float]:
        now = time.monotonic()
        return min(float(self._burst), tokens + (now - counted) * self._per_second), now

    def _tell(self) -> None:
        if self._dropped:
            log.warning("pushes_left_to_the_sweepers", dropped=self._dropped)
            self._dropped = 0
