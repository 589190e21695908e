"""When something was said at a kiosk, whatever its clock says."""

from datetime import datetime, timedelta

import pytest

from app.desk.kiosk_limits import AT_MOST, WITHIN, next_one
from app.desk.kiosk_times import occurred_at
from tests.support.office import MONDAY

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("at", "offset_s", "sent_at", "occurred"),
    [
        (-5 * HOUR, 0, timedelta(), -5 * HOUR),
        (-14 * HOUR, 9 * 3600, -9 * HOUR, -5 * HOUR),
        (-14 * HOUR, None, -9 * HOUR, -5 * HOUR),
        (-5 * HOUR, None, timedelta(seconds=-40), -5 * HOUR),
        (-5 * HOUR, None, None, -5 * HOUR),
        (3 * HOUR, 0, timedelta(), timedelta()),
        (timedelta(days=-31), 0, timedelta(), timedelta()),
        (timedelta(days=-29), 0, timedelta(), timedelta(days=-29)),
        (timedelta(), 1e10, timedelta(), timedelta()),
        (timedelta(), -1e11, timedelta(), timedelta()),
    ],
    ids=["waited", "behind", "behind, unknown", "40 s off", "nothing known", "ahead", "too old", "old", "far", "before time"],
)  # fmt: skip
def test_when_it_was_said(
    at: timedelta, offset_s: float | None, sent_at: timedelta | None, occurred: timedelta
) -> None:
    sent = MONDAY + sent_at if sent_at is not None else None
    assert occurred_at(MONDAY + at, offset_s, sent, MONDAY) == MONDAY + occurred


def test_no_time_at_all_is_now() -> None:
    assert occurred_at(None, 5.0, MONDAY, MONDAY) == MONDAY


def test_a_bucket_holds_thirty_and_fills_again() -> None:
    full_at: datetime | None = None
    for _ in range(AT_MOST):
        full_at, wait = next_one(full_at, MONDAY)
        assert full_at is not None and not wait
    refused, wait = next_one(full_at, MONDAY)
    assert refused is None and wait == WITHIN / AT_MOST
    later = MONDAY + wait
    after, _ = next_one(full_at, later)
    assert after is not None
    assert next_one(after, later)[0] is None
    assert next_one(after, later + WITHIN)[0] == later + WITHIN + WITHIN / AT_MOST
