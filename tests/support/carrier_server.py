"""An HTTP server that answers like a carrier's REST API, exactly as a test tells it to."""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    form: dict[str, list[str]]
    authorization: str


@dataclass
class Answer:
    """`cut`: the connection is closed without an answer; `hang`: seconds before it comes."""

    status: int = 200
    body: Any = ""
    content_type: str = "application/json"
    hang: float = 0.0
    cut: bool = False
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class CarrierServer:
    """`answer` decides; every request is kept."""

    url: str = ""
    answer: Callable[[Request], Answer] = lambda request: Answer(404)
    requests: list[Request] = field(default_factory=list)


@contextlib.contextmanager
def carrier_server() -> Iterator[CarrierServer]:
    told = CarrierServer()
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            parts = urlsplit(self.path)
            form = parse_qs(self.rfile.read(length).decode(), keep_blank_values=True)
            request = Request(
                self.command, parts.path, parse_qs(parts.query), form, self.headers.get("Authorization", "")
            )
            told.requests.append(request)
            answer = told.answer(request)
            deadline = time.monotonic() + answer.hang
            while time.monotonic() < deadline and not over.wait(0.02):
                pass
            if answer.cut:
                self.close_connection = True
                return
            raw = answer.body if isinstance(answer.body, bytes | str) else json.dumps(answer.body)
            data = raw.encode() if isinstance(raw, str) else raw
            with contextlib.suppress(ConnectionError):
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", answer.headers.pop("Content-Length", str(len(data))))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

        do_GET = do_POST = do_DELETE = handle_one  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    server.block_on_close = True
    told.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield told
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()
