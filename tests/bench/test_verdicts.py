"""When a figure passes its bar, and how a wait is taken from what passed on the wire."""

from datetime import UTC, datetime

import pytest

from bench.compare import Comparison, Side
from bench.delay import Series, _wait, _webhook
from bench.figures import Latency
from bench.load import Outcome
from bench.tap import Stream


def side(throughput: float, p99: float = 50.0) -> Side:
    return Side(1500, Latency(10.0, 20.0, p99, 200.0), throughput, 2.0)


@pytest.mark.parametrize(
    ("product", "bare", "passed"),
    [
        (side(67.0), side(100.0), True),
        (side(66.9), side(100.0), False),
        (side(200.0, p99=150.1), side(100.0), False),
        (side(200.0, p99=150.0), side(100.0), True),
    ],
)
def test_both_bars_must_hold_and_the_twin_has_none(product: Side, bare: Side, passed: bool) -> None:
    comparison = Comparison("case", "SQLite", product, bare, twin=side(1000.0))
    assert comparison.passed is passed
    assert comparison.to_json()["passed"] is passed


def test_a_side_counts_all_its_slices() -> None:
    slices = [Outcome([10.0, 30.0], 0.5), Outcome([20.0, 40.0], 1.5)]
    found = Side.of(slices, cpu_seconds=0.01)
    assert (found.requests, found.throughput, found.cpu_ms) == (4, 2.0, 2.5)
    assert found.latency.worst == 40.0


def test_a_wait_begins_with_the_frame_that_decided() -> None:
    start = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    stream = Stream("CA1", 1, frames=[start.timestamp() + n * 0.02 for n in range(100)])
    after = Stream("CA1", 2, first_prompt=start.timestamp() + 1.3)
    webhook = {"sent_at": "2026-11-23T09:00:01.030000+00:00", "ms": 40.0}
    wait = _wait(stream, 50, webhook, after)  # the 50th frame passed after 0.98 s
    assert (wait.asked, wait.answered, wait.sounded) == pytest.approx((50.0, 90.0, 320.0), abs=0.2)
    assert _wait(stream, 50, webhook, None).sounded is None


def test_the_webhook_is_the_first_successful_one_of_that_turn() -> None:
    sent = [
        {"url": "http://x/voice/u/turn/2", "status": 200},
        {"url": "http://x/voice/u/turn/3?poll=1", "status": 503},
        {"url": "http://x/voice/u/turn/3?poll=1", "status": 200},
    ]
    assert _webhook(sent, 3) is sent[2]
    assert _webhook(sent, 4) is None


@pytest.mark.parametrize(("p95", "passed"), [(700.0, True), (700.1, False)])
def test_the_delay_is_judged_by_its_95th_percentile(p95: float, passed: bool) -> None:
    series = Series(1, 10, 40, Latency(100.0, p95, 5000.0, 5000.0), 50.0, None)
    assert series.passed is passed
