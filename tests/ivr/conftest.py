"""An office with the community in it, and telephone lines into its voice door."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.line import Line, voice_app
from tests.support.office import Office, open_office


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    with open_office(sqlite_url, tmp_path) as office:
        yield office


@pytest.fixture
def ring(office: Office) -> Callable[..., Line]:
    """Somebody rings the hotline."""
    client = voice_app(office.runtime).test_client()

    def make(caller: str = "+8613800001999", *, times: int = 1) -> Line:
        return Line(office, client, caller, times).dial()

    return make
