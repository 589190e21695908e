import pytest

from bench.sayings import sayings
from ivr.flow import Heard
from ivr.hearing import meaning


def test_sayings_hardly_repeat_and_are_the_same_every_time() -> None:
    assert len(set(sayings(5000))) == 5000
    assert sayings(5000)[:100] == sayings(100)


def test_more_sayings_than_there_are_begin_again() -> None:
    many = sayings(100_000)
    assert len(many) == 100_000
    assert 40_000 < len(set(many)) < 60_000


@pytest.mark.parametrize("text", sayings(300))
def test_every_saying_is_heard_as_a_matter_with_its_building(text: str) -> None:
    heard = meaning("open", text, 0.97)
    assert isinstance(heard, Heard)
    assert heard.means == "matter"
    assert heard.facts["place"]["building"]
    assert heard.facts["what"]
