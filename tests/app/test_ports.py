import http.server
import socket
import threading
from collections.abc import Iterator

import pytest

from app.errors import PortBusy
from app.ports import claim_ports, http_ready, is_free, tcp_ready


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_busy_port_is_named_with_a_way_out(busy_port: int) -> None:
    assert not is_free(busy_port)
    with pytest.raises(PortBusy, match=rf"{busy_port}（网页）.*make demo PORT=\d+"):
        claim_ports(busy_port, ["网页"])


def test_any_busy_port_of_several_is_found(busy_port: int) -> None:
    with pytest.raises(PortBusy, match=rf"{busy_port}（网关）"):
        claim_ports(busy_port - 1, ["网页", "网关"])


@pytest.mark.parametrize("base", [0, -1, 65535])
def test_port_numbers_that_do_not_exist_are_refused(base: int) -> None:
    with pytest.raises(PortBusy, match="不能用"):
        claim_ports(base, ["网页", "网关"])


def test_readiness_tells_a_listening_server_from_none(busy_port: int) -> None:
    assert tcp_ready(busy_port)()
    with socket.create_server(("127.0.0.1", 0)) as other:
        closed = other.getsockname()[1]
    assert not tcp_ready(closed)()
    assert not http_ready(f"http://127.0.0.1:{closed}/healthz")()


def test_http_readiness_wants_a_good_answer() -> None:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/healthz" else 503)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_address[1]}"
        assert http_ready(f"{base}/healthz")()
        assert not http_ready(f"{base}/readyz")()
        server.shutdown()
