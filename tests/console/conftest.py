"""An office whose console is open: `desk("sun")` is what the dispatcher sees."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.console import Desk
from tests.support.office import Office, open_office


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    with open_office(sqlite_url, tmp_path / "data") as office:
        yield office


@pytest.fixture
def both_offices(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """On SQLite and on PostgreSQL: for what a page asks the database."""
    with open_office(database_url, tmp_path / "data") as office:
        yield office


@pytest.fixture
def desk(office: Office) -> Callable[[str], Desk]:
    return lambda login: Desk(office, login)
