"""A web server on loopback that serves one model archive, well or badly: a real server, not a stand-in for one."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Shelf:
    """What the server holds and how it behaves; tests change it between requests."""

    body: bytes = b""
    etag: str | None = '"1"'
    modified: str | None = "Sun, 22 Nov 2026 10:00:00 GMT"
    ranges: bool = True
    length_told: bool = True
    status: int = 200
    redirect: str | None = None
    encoding: str | None = None
    breaks: list[int] = field(default_factory=list)
    """Bytes after which the next connections break; 0 = before the first byte of the body."""
    stalls: list[int] = field(default_factory=list)
    """Bytes after which the next connections fall silent until `go_on` is set."""
    lies: dict[str, str] = field(default_factory=dict)
    """Headers that replace the true ones in 206 answers."""
    go_on: threading.Event = field(default_factory=threading.Event)
    stalled: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    """Path and Range header of each request."""
    url: str = ""


class _Handler(BaseHTTPRequestHandler):
    shelf: Shelf

    def do_GET(self) -> None:
        shelf = self.shelf
        wanted = self.headers.get("Range")
        shelf.asked.append((self.path, wanted))
        if shelf.redirect:
            self.send_response(302)
            self.send_header("Location", shelf.redirect)
            self.end_headers()
            return
        if shelf.status != 200:
            self.send_error(shelf.status)
            return
        unchanged = self.headers.get("If-Range") in (None, shelf.etag, shelf.modified)
        start = int(wanted[len("bytes=") : -1]) if wanted and shelf.ranges and unchanged else 0
        if start >= len(shelf.body) > 0 and start:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(shelf.body)}")
            self.end_headers()
            return
        self._send(shelf, start)

    def _send(self, shelf: Shelf, start: int) -> None:
        body = shelf.body[start:]
        headers = {"ETag": shelf.etag, "Last-Modified": shelf.modified, "Content-Encoding": shelf.encoding}
        headers["Content-Length"] = str(len(body)) if shelf.length_told else None
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(shelf.body) - 1}/{len(shelf.body)}"
            headers |= shelf.lies
        self.send_response(206 if start else 200)
        for name, value in headers.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        if shelf.breaks:
            body = body[: shelf.breaks.pop(0)]
        if shelf.stalls:
            self.wfile.write(body[: (first := shelf.stalls.pop(0))])
            shelf.stalled.set()
            shelf.go_on.wait(30)
            body = body[first:]
        with contextlib.suppress(ConnectionError):  # the client has given up: that is what tests want
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """The tests' own messages suffice."""


@contextlib.contextmanager
def model_server() -> Iterator[Shelf]:
    """The shelf of a running server; its address is `shelf.url`."""
    shelf = Shelf()
    handler = type("Handler", (_Handler,), {"shelf": shelf})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        shelf.url = f"http://127.0.0.1:{server.server_port}/models"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield shelf
        finally:
            shelf.go_on.set()
            server.shutdown()
            thread.join()
