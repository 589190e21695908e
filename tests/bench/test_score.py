"""A cell of a table and its bar."""

import pytest

from bench.score import HEAD, Score, counted
from bench.table import render


@pytest.mark.parametrize(
    ("score", "met"),
    [
        (Score("a", 98, 100, least=0.98), True),
        (Score("a", 97, 100, least=0.98), False),
        (Score("a", 1, 100, most=0.01), True),
        (Score("a", 2, 100, most=0.01), False),
        (Score("a", 2, 100), None),
        (Score("a", 0, 0, least=0.5), False),
    ],
)
def test_a_bar_is_met_missed_or_not_there(score: Score, met: bool | None) -> None:
    assert score.met is met


def test_a_row_says_how_many_how_sure_and_whether_that_is_enough() -> None:
    lines = render(HEAD, [counted("danger found", [True, True, False], least=0.99).row()])
    for part in ("danger found", "3", "66.7", "20.8–93.9", "≥ 99%", "MISSED"):
        assert part in lines
    assert "≤ 1%" in render(HEAD, [Score("alarms", 0, 300, most=0.01).row()])


def test_the_json_keeps_the_interval() -> None:
    kept = Score("a", 15, 148).to_json()
    assert (kept["low"], kept["high"]) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert Score("a", 0, 0).to_json()["share"] is None
