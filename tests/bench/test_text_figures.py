"""The benches of texts under load: every kind of text gets its own answer; who waits too long or for ever is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.load import LoadError
from bench.text_intake import KINDS, Kind, written
from bench.text_load import ALLOWED, Case
from bench.world import seed_keepers, seed_residents
from tests.support.office import Office, open_office
from tests.support.texting import Phone


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    directory: Path = tmp_path_factory.mktemp("text-figures")
    with open_office(f"sqlite:///{directory / 'texts.db'}", directory / "data") as office:
        with office.db.transaction() as session:
            seed_residents(session, office.moment)
        yield office


@pytest.fixture(scope="module")
def keepers(office: Office) -> list[str]:
    with office.db.transaction() as session:
        return seed_keepers(session, 2)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_of_text_gets_its_own_answer(office: Office, keepers: list[str], kind: Kind) -> None:
    answers = [Phone(office, phone).text(text) for phone, text in written(kind, keepers, office.runtime, 3)]
    assert [answer for answer in answers if kind.expect not in answer] == []


def test_seconds_are_ranked_and_whoever_is_not_answered_fails_the_run() -> None:
    seconds = [n / 100 for n in range(100)]
    answered = Case.of("answered", seconds, 0)
    assert (answered.count, answered.p50, answered.p95, answered.worst) == (100, 0.49, 0.94, 0.99)
    assert answered.passed
    assert not Case.of("answered", seconds, 1).passed
    assert not Case.of("answered", [*seconds, ALLOWED + 1], 0).passed
    with pytest.raises(LoadError, match="nothing was measured"):
        Case.of("answered", [], 3)
