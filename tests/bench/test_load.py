"""The load generator against a real server: it counts what came back, and tells right answers from wrong ones."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench.load import LoadError, fire, run


@contextmanager
def server(answer: bytes, *, close_at_once: bool = False) -> Iterator[int]:
    """Gives the same bytes to every request of up to 16 kept-alive connections."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving: list[threading.Thread] = []

        def serve(connection: socket.socket) -> None:
            with connection:
                while connection.recv(65536):
                    if close_at_once:
                        return
                    connection.sendall(answer)

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                serving.append(threading.Thread(target=serve, args=(connection,), daemon=True))
                serving[-1].start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield int(listening.getsockname()[1])
        listening.shutdown(socket.SHUT_RDWR)
        for each in (thread, *serving):
            each.join(timeout=10)


def answer(status: str, body: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


REQUEST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"


def test_every_request_is_answered_and_timed_from_a_process_of_its_own() -> None:
    with server(answer("200 OK", "<Response/>")) as port:
        outcome = fire(port, [REQUEST] * 100, at_once=4, expect="<Response")
    assert len(outcome.milliseconds) == 100
    assert outcome.statuses == {200: 100}
    assert outcome.unexpected == 0
    assert outcome.throughput > 0
    assert all(taken > 0 for taken in outcome.milliseconds)


@pytest.mark.parametrize(
    "wrong", [answer("500 ERR", "<Response/>"), answer("200 OK", "sorry")], ids=["status", "words"]
)
def test_wrong_answers_are_counted_and_the_first_is_kept(wrong: bytes) -> None:
    with server(wrong) as port:
        outcome = run(port, [REQUEST] * 5, 2, "<Response")
    assert outcome.unexpected == 5
    assert outcome.example[:3] in ("500", "200")


def test_a_server_that_hangs_up_is_an_error() -> None:
    with server(b"", close_at_once=True) as port, pytest.raises(LoadError, match="closed"):
        run(port, [REQUEST], 1, "")


def test_an_answer_without_a_length_is_an_error() -> None:
    with (
        server(b"HTTP/1.1 200 OK\r\n\r\n<Response/>") as port,
        pytest.raises(LoadError, match="Content-Length"),
    ):
        run(port, [REQUEST], 1, "")
