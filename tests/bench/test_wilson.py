"""The score interval against published values."""

import pytest

from bench.wilson import wilson


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_the_published_one(right: int, count: int, low: float, high: float) -> None:
    assert wilson(right, count) == pytest.approx((low, high), abs=5e-5)


def test_all_right_is_the_mirror_of_none_right() -> None:
    low, high = wilson(20, 20)
    assert (1 - high, 1 - low) == pytest.approx(wilson(0, 20))
    assert high == 1.0


def test_more_cases_make_it_narrower() -> None:
    (low, high), (nearer, lower) = wilson(180, 200), wilson(1800, 2000)
    assert low < nearer < 0.9 < lower < high


@pytest.mark.parametrize(("right", "count"), [(0, 0), (3, 2), (-1, 5)])
def test_what_cannot_be_is_refused(right: int, count: int) -> None:
    with pytest.raises(ValueError, match="no interval"):
        wilson(right, count)
