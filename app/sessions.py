"""Processes of one POSIX session, and the guard that ends them when we can't.

Every child of the supervisor leads a session of its own. A process group would not do: RQ's work
horse makes itself a new group, and a killed worker would leave it behind. Run as a program, this file
is the guard: it is told on its standard input which sessions exist (`+123`, `-123`) and ends what is
left when that pipe closes, which also happens when the supervisor dies by SIGKILL. It therefore
imports nothing but the standard library.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

_PROC = Path("/proc")
_STATE, _SESSION = 0, 3  # of the fields that follow the command in /proc/PID/stat


def members(session: int) -> list[int]:
    """Pids of the living processes of a session; where there is no /proc, the leader alone."""
    if not _PROC.joinpath("self/stat").exists():
        return [session] if _exists(session) else []
    found = []
    for entry in _PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = entry.joinpath("stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue  # it ended while we looked
        fields = stat.rpartition(")")[2].split()
        if int(fields[_SESSION]) == session and fields[_STATE] not in "ZX":
            found.append(int(entry.name))
    return found


def send(session: int, signum: signal.Signals) -> None:
    """Send a signal to every process of a session."""
    for pid in members(session):
        try:
            os.kill(pid, signum)
        except ProcessLookupError:
            continue


def end(sessions: Iterable[int], grace: float, *, reap: Callable[[], object] = lambda: None) -> None:
    """TERM, KILL after `grace` seconds, and wait until nobody is left. `reap` is called while waiting.

    Gives up after ten seconds more: a process that even KILL does not end sits in the kernel.
    """
    left = [session for session in sessions if members(session)]
    for session in left:
        send(session, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while left and time.monotonic() < deadline + 10:
        reap()
        left = [session for session in left if members(session)]
        if left and time.monotonic() > deadline:
            for session in left:
                send(session, signal.SIGKILL)
        time.sleep(0.02 if left else 0)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def guard(orders: Iterable[str], grace: float) -> None:
    """Follow the orders until they end, then end the sessions that are left."""
    sessions: set[int] = set()
    for order in orders:
        sign, number = order[0], int(order[1:])
        if sign == "+":
            sessions.add(number)
        else:
            sessions.discard(number)
    end(sessions, grace)


if __name__ == "__main__":
    guard(sys.stdin, grace=float(sys.argv[1]))
