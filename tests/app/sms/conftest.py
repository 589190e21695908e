"""An office on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.office import Office, open_office


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    with open_office(database_url, tmp_path / "data") as office:
        yield office


@pytest.fixture
def small_office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    """On SQLite only: for many conversations that say nothing about a database."""
    with open_office(sqlite_url, tmp_path / "data") as office:
        yield office
