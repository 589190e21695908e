"""One running community for each module of scenarios; a second one where a test needs other settings."""

from collections.abc import Iterator

import pytest

from app.stage import Stage
from tests.support.town import Town, free_ports


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with Stage(tmp_path_factory.mktemp("town"), free_ports()) as stage:
        yield Town(stage)
