"""A kiosk of the fictional community."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.kiosk_door import Device
from tests.support.office import open_office


@pytest.fixture
def device(sqlite_url: str, tmp_path: Path) -> Iterator[Device]:
    """For what the kind of database has no part in."""
    with open_office(sqlite_url, tmp_path / "data") as office:
        yield Device(office)


@pytest.fixture
def either(database_url: str, tmp_path: Path) -> Iterator[Device]:
    """A test that asks for it runs on SQLite and on PostgreSQL."""
    with open_office(database_url, tmp_path / "data") as office:
        yield Device(office)
