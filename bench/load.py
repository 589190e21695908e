"""The load generator: a process of its own, so that it takes nothing from the server's interpreter lock.

Prepared requests go over kept-alive sockets, one outstanding on each; one thread with a selector does it all
(some 20 µs a request), because sixteen client threads would fight each other and be measured with the server.
"""

import base64
import json
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from bench.machine import ROOT

_STALLED = 30.0  # seconds without any answer
_END_OF_HEAD = b"\r\n\r\n"


class LoadError(Exception):
    """The server broke off, stalled or said something that is no HTTP."""


@dataclass
class Outcome:
    """Milliseconds in the order of completion; `seconds` from the first request to the last answer.

    `unexpected` counts answers without the expected words, with the first of them in `example`.
    """

    milliseconds: list[float] = field(default_factory=list)
    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    unexpected: int = 0
    example: str = ""

    @property
    def throughput(self) -> float:
        """Requests a second."""
        return len(self.milliseconds) / self.seconds if self.seconds else 0.0


@dataclass
class _Connection:
    socket: socket.socket
    received: bytearray = field(default_factory=bytearray)
    sent_at: float = 0.0


def fire(port: int, requests: Sequence[bytes], *, at_once: int, expect: str = "") -> Outcome:
    """Send all requests from a process of our own; raises LoadError."""
    order = {
        "port": port,
        "at_once": at_once,
        "expect": expect,
        "requests": [base64.b64encode(request).decode() for request in requests],
    }
    limit = _STALLED + len(requests)  # a request a second would still be in time
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        timeout=limit,
        cwd=ROOT,
    )
    if done.returncode != 0:
        raise LoadError(
            done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "load generator failed"
        )
    told = json.loads(done.stdout)
    return Outcome(
        told["milliseconds"],
        told["seconds"],
        Counter({int(status): count for status, count in told["statuses"].items()}),
        told["unexpected"],
        told["example"],
    )


def run(port: int, requests: Sequence[bytes], at_once: int, expect: str) -> Outcome:
    """Send all requests, `at_once` outstanding; raises LoadError."""
    outcome, waiting = Outcome(), iter(requests)
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        connections = []
        for _ in range(min(at_once, len(requests))):
            plug = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=_STALLED))
            plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connections.append(_Connection(plug))
            selector.register(plug, selectors.EVENT_READ, connections[-1])
        started = time.perf_counter()
        outstanding = sum(_send_next(connection, waiting) for connection in connections)
        while outstanding:
            ready = selector.select(_STALLED)
            if not ready:
                raise LoadError(f"no answer for {_STALLED:g} s, {outstanding} requests outstanding")
            for key, _ in ready:
                if _receive(key.data, outcome, expect.encode()):
                    outstanding += _send_next(key.data, waiting) - 1
        outcome.seconds = time.perf_counter() - started
    return outcome


def _receive(connection: _Connection, outcome: Outcome, wanted: bytes) -> bool:
    """Take what has come; True once that was the whole answer."""
    piece = connection.socket.recv(65536)
    if not piece:
        raise LoadError("the server closed a connection before it had answered")
    connection.received += piece
    answer = _complete(connection.received)
    if answer is None:
        return False
    outcome.milliseconds.append(round((time.perf_counter() - connection.sent_at) * 1000, 3))
    _count(outcome, *answer, wanted)
    connection.received.clear()
    return True


def _send_next(connection: _Connection, waiting: Iterator[bytes]) -> int:
    request = next(waiting, None)
    if request is None:
        return 0
    connection.sent_at = time.perf_counter()
    connection.socket.sendall(request)
    return 1


def _complete(received: bytearray) -> tuple[int, bytes] | None:
    """Status and body once the answer is whole. Our servers always send a Content-Length."""
    end = received.find(_END_OF_HEAD)
    if end < 0:
        return None
    head = bytes(received[:end]).lower()
    at = head.find(b"content-length:")
    if at < 0:
        raise LoadError("an answer without Content-Length")
    length = int(head[at + 15 :].split(b"\r\n", 1)[0])
    body = bytes(received[end + 4 :])
    return (int(head[9:12]), body) if len(body) >= length else None


def _count(outcome: Outcome, status: int, body: bytes, wanted: bytes) -> None:
    outcome.statuses[status] += 1
    if status != 200 or wanted not in body:
        outcome.unexpected += 1
        outcome.example = outcome.example or f"{status} {body[:300].decode('utf-8', 'replace')}"


def main() -> None:
    order = json.load(sys.stdin)
    requests = [base64.b64decode(request) for request in order["requests"]]
    done = run(order["port"], requests, order["at_once"], order["expect"])
    json.dump(
        {
            "milliseconds": done.milliseconds,
            "seconds": done.seconds,
            "statuses": done.statuses,
            "unexpected": done.unexpected,
            "example": done.example,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
