"""Percentiles and summaries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.figures import Latency, percentile


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1.0), (0.5, 50.0), (0.95, 95.0), (0.99, 99.0), (1.0, 100.0)]
)
def test_percentile_of_a_hundred_is_its_rank(share: float, expected: float) -> None:
    assert percentile([float(n) for n in range(100, 0, -1)], share) == expected


def test_99th_percentile_of_few_values_is_the_worst() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.99) == 3.0


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], 1.1), ([1.0], -0.1)])
def test_no_percentile_of_nothing_or_beyond_the_ends(values: list[float], share: float) -> None:
    with pytest.raises(ValueError, match="no percentile"):
        percentile(values, share)


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1))
def test_percentile_was_measured_and_enough_values_lie_below(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) * (1 - 1e-12)


def test_latency_never_decreases_towards_the_worst() -> None:
    latency = Latency.of([5.0, 1.0, 250.0, 7.0])
    assert (latency.p50, latency.p95, latency.p99, latency.worst) == (5.0, 250.0, 250.0, 250.0)
