"""What lies between a kiosk and its server on a bad day: answers that are lost or wrong, and a line that stands still.

`Weather` sits before the real application in this process. `Relay` is a process of its own that can be stopped with
SIGSTOP: the line is up, and nothing comes back.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from kiosk.assets import STATIC

BLANK = "/kiosk/blank"
"""A page of the kiosk's origin with nothing on it, for scripts alone."""
MODULES = "/kiosk/modules/"
"""The kiosk's scripts one by one, which the application sends only as one."""
App = Callable[[dict[str, Any], Any], Iterable[bytes]]
Answer = Callable[[Request, App], Response]


def broken(request: Request, app: App) -> Response:
    """The server fails before it has done anything."""
    return Response("no", 500)


def answer_lost(request: Request, app: App) -> Response:
    """The server does its work, and nobody hears of it."""
    Response.from_app(app, request.environ)
    return Response("gateway time-out", 504)


def busy(request: Request, app: App) -> Response:
    return Response('{"error":"busy"}', 429, mimetype="application/json")


@dataclass
class Weather:
    """`next`: how the coming submissions are answered, one after the other; after that, as the application does.
    `asked`: every request's method and path with the query; `with_content`: deliveries that were no mere signs of life."""

    app: App
    next: list[Answer] = field(default_factory=list)
    always: Answer | None = None
    asked: list[str] = field(default_factory=list)
    with_content: int = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        self.asked.append(f"{request.method} {request.full_path.rstrip('?')}")
        if request.path == BLANK:
            blank = Response(
                '<!doctype html><html lang="zh-Hans"><title>-</title><link rel="icon" href="data:,">'
            )
            blank.mimetype = "text/html"
            return blank(environ, start_response)
        if request.path.startswith(MODULES):
            source = (STATIC / Path(request.path).name).read_bytes()
            return Response(source, mimetype="text/javascript")(environ, start_response)
        if request.path == "/kiosk/api/submissions":
            environ["wsgi.input"] = BytesIO(request.get_data())  # so that both may read it
            self.with_content += b'"uuid"' in request.get_data()
            answer = self.next.pop(0) if self.next else self.always
            if answer is not None:
                return answer(request, self.app)(environ, start_response)
        return self.app(environ, start_response)

    def posts(self) -> int:
        return self.asked.count("POST /kiosk/api/submissions")


@contextlib.contextmanager
def serving(app: App) -> Iterator[str]:
    """Its address, without a slash at the end."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Relay:
    """`url`: where the browser goes; what it sends goes on to the server as long as the relay runs."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process, self.url = process, f"http://127.0.0.1:{port}"

    def stall(self) -> None:
        os.kill(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self._process.pid, signal.SIGCONT)


@contextlib.contextmanager
def relay(url: str) -> Iterator[Relay]:
    command = [sys.executable, str(Path(__file__).with_name("relay_process.py")), str(urlsplit(url).port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield Relay(process, int(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
