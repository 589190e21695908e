"""Who may write next: threads of one process, and processes on one SQLite file, in the order of their coming."""

import fcntl
import os
import threading
import time
from collections import deque
from pathlib import Path

_NAP = 0.0005  # seconds between two looks at a lock that another process holds


class FairGate:
    """Lets `width` threads in at a time, in the order of their coming."""

    def __init__(self, width: int = 1) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._free = width

    @property
    def awaited(self) -> bool:
        """Does anybody wait to be let in?"""
        return bool(self._waiting)

    def __enter__(self) -> None:
        with self._guard:
            if self._free:
                self._free -= 1
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()

    def __exit__(self, *_: object) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1


class Turnstile:
    """One process at a time, and whoever has just been inside queues up behind those who wait.

    SQLite's own busy handler polls with growing pauses, so that a process which writes without a break (the web
    process in a flood) shuts the others out for up to a second. Here an advisory lock on one file is for being
    inside, and the next in line holds another one meanwhile. Both go with the process that held them.
    One thread of a process at a time.
    """

    def __init__(self, place: Path) -> None:
        """`place` is the common beginning of the two files' names."""
        self._paths = (place.with_name(f"{place.name}-next"), place.with_name(f"{place.name}-inside"))
        self._handles: tuple[int, int] | None = None
        self._owner = 0

    def acquire(self, deadline: float) -> None:
        """Raises TimeoutError at `deadline`, by the monotonic clock."""
        next_in_line, inside = self._open()
        _lock(next_in_line, deadline)
        try:
            _lock(inside, deadline)
        finally:
            fcntl.flock(next_in_line, fcntl.LOCK_UN)

    def release(self) -> None:
        fcntl.flock(self._open()[1], fcntl.LOCK_UN)

    def close(self) -> None:
        if self._handles is not None and self._owner == os.getpid():
            for handle in self._handles:
                os.close(handle)
        self._handles = None

    def _open(self) -> tuple[int, int]:
        """A forked child would share its parent's locks: it opens the files anew."""
        if self._handles is None or self._owner != os.getpid():
            first, second = (
                os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600) for path in self._paths
            )
            self._handles, self._owner = (first, second), os.getpid()
        return self._handles


def _lock(handle: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise TimeoutError from None
            time.sleep(_NAP)
        else:
            return
