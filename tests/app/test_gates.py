"""Whoever comes first writes first: threads of a process, and processes."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.gates import FairGate, Turnstile

ROOT = Path(__file__).resolve().parent.parent.parent


def until(said: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not said():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_threads_get_in_in_the_order_of_their_coming() -> None:
    gate, order, threads = FairGate(), [], []

    def enter(n: int) -> None:
        with gate:
            order.append(n)

    with gate:
        assert not gate.awaited
        for n in range(8):
            threads.append(threading.Thread(target=enter, args=(n,)))
            threads[-1].start()
            until(lambda n=n: len(gate._waiting) == n + 1)  # type: ignore[misc]
        assert gate.awaited
    for thread in threads:
        thread.join(10)
    assert order == list(range(8))


@pytest.mark.parametrize("width", [1, 3])
def test_no_more_than_the_width_are_inside(width: int) -> None:
    gate, inside, most, guard = FairGate(width), 0, 0, threading.Lock()

    def work() -> None:
        nonlocal inside, most
        for _ in range(30):
            with gate:
                with guard:
                    inside += 1
                    most = max(most, inside)
                time.sleep(0.0002)
                with guard:
                    inside -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert most == width
    assert inside == 0


def test_an_error_inside_lets_the_next_one_in() -> None:
    gate = FairGate()
    with pytest.raises(ValueError, match="broken"), gate:
        raise ValueError("broken")
    with gate:
        pass


# ---- between processes -----------------------------------------------------------------------------------

_OTHER = """
import sys, time
from pathlib import Path
from app.gates import Turnstile
turnstile = Turnstile(Path(sys.argv[1]))
for line in sys.stdin:
    turnstile.release() if line.strip() == 'release' else turnstile.acquire(time.monotonic() + 20)
    print("done", flush=True)
"""


class Other:
    """Another process at the same turnstile."""

    def __init__(self, place: Path) -> None:
        command = [sys.executable, "-c", _OTHER, str(place)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )

    def ask(self, what: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()

    def wait(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "done\n"

    def __enter__(self) -> "Other":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


def test_a_process_that_waits_comes_before_one_that_was_just_inside(tmp_path: Path) -> None:
    place = tmp_path / "db"
    mine = Turnstile(place)
    mine.acquire(time.monotonic() + 20)
    with Other(place) as other:
        other.ask("acquire")
        # It holds the place of the next in line: we can't take that one
        until(lambda: _taken(place.with_name("db-next")))
        mine.release()
        second = threading.Thread(target=mine.acquire, args=(time.monotonic() + 20,))
        second.start()
        other.wait()
        assert second.is_alive()
        other.ask("release")
        other.wait()
        second.join(10)
        assert not second.is_alive()
    mine.close()


def test_what_a_killed_process_held_is_free(tmp_path: Path) -> None:
    place = tmp_path / "db"
    mine = Turnstile(place)
    with Other(place) as other:
        other.ask("acquire")
        other.wait()
        os.kill(other.process.pid, signal.SIGKILL)
        other.process.wait(10)
        mine.acquire(time.monotonic() + 20)
    mine.release()
    mine.close()


def test_waiting_ends_at_the_deadline(tmp_path: Path) -> None:
    place = tmp_path / "db"
    mine = Turnstile(place)
    with Other(place) as other:
        other.ask("acquire")
        other.wait()
        with pytest.raises(TimeoutError):
            mine.acquire(time.monotonic() + 0.05)
        other.ask("release")
        other.wait()
        mine.acquire(time.monotonic() + 20)  # the place of the next in line was given back
    mine.close()


def _taken(path: Path) -> bool:
    import fcntl

    with path.open("r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
