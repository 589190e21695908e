"""Fixtures that every test may use: real servers, started once a session, clean for each test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from app import redis_server
from app.errors import ProcessError
from tests.support.machine import missing
from tests.support.postgres import Cluster, NoPostgres, running_cluster


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have a hotline of their own configured."""
    for name in [name for name in os.environ if name.startswith("JIACHANG_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    try:
        running = running_cluster()
        cluster = running.__enter__()
    except NoPostgres as error:
        missing(str(error))
    try:
        yield cluster
    finally:
        running.__exit__(None, None, None)


@pytest.fixture
def postgres_url(postgres_cluster: Cluster) -> Iterator[str]:
    """SQLAlchemy's URL of an empty PostgreSQL database, this test's own."""
    with postgres_cluster.database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """SQLAlchemy's URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database; a test that asks for it runs on SQLite and on PostgreSQL."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture(scope="session")
def redis_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    try:
        running = redis_server.running(tmp_path_factory.mktemp("redis"))
        server = running.__enter__()
    except ProcessError as error:
        missing(str(error))
    try:
        yield server.url
    finally:
        running.__exit__(None, None, None)


@pytest.fixture
def redis_url(redis_session: str) -> Iterator[str]:
    """URL of a Redis of our own, empty at the start of each test."""
    with redis.Redis.from_url(redis_session) as client:
        client.flushall()
    yield redis_session
