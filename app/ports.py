"""Ports: are they free, and does somebody answer there?"""

import http.client
import socket
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from app.errors import PortBusy


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Could we listen there? A port that only waits for its last packets counts as free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def claim_ports(base: int, names: Sequence[str], host: str = "127.0.0.1") -> tuple[int, ...]:
    """One port a name, from `base` upwards; PortBusy names the busy ones and a base that is free."""
    wanted = tuple(range(base, base + len(names)))
    if wanted[0] < 1 or wanted[-1] > 65535:
        raise PortBusy(f"端口 {base} 不能用：请在 1024 到 {65535 - len(names)} 之间选一个，例如 PORT=8100")
    busy = [f"{port}（{name}）" for port, name in zip(wanted, names, strict=True) if not is_free(port, host)]
    if not busy:
        return wanted
    other = next((n for n in range(base + 100, 65000, 100) if _all_free(n, len(names), host)), None)
    advice = f"请换一个端口再试，例如：make demo PORT={other}" if other else "请先停掉占用端口的程序"
    raise PortBusy(f"端口 {'、'.join(busy)} 已被别的程序占用。{advice}")


def http_ready(url: str, timeout: float = 2.0) -> Callable[[], bool]:
    """A readiness question for the supervisor: does a GET answer below 400?"""
    parts = urlsplit(url)
    host, port, path = parts.hostname or "127.0.0.1", parts.port or 80, parts.path or "/"

    def ask() -> bool:
        connection = http.client.HTTPConnection(host, port, timeout=timeout)
        try:
            connection.request("GET", path)
            return connection.getresponse().status < 400
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return ask


def tcp_ready(port: int, host: str = "127.0.0.1", timeout: float = 2.0) -> Callable[[], bool]:
    """A readiness question for the supervisor: does somebody accept connections?"""

    def ask() -> bool:
        try:
            socket.create_connection((host, port), timeout=timeout).close()
        except OSError:
            return False
        return True

    return ask


def _all_free(base: int, count: int, host: str) -> bool:
    return all(is_free(port, host) for port in range(base, base + count))
