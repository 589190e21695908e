"""What one kiosk may do: a child that presses on and on must not fill the queue, nor have strangers rung. Pure.

A bucket of thirty matters and return calls that fills again in ten minutes, kept as one moment: when it will be full
(generic cell rate algorithm, ITU-T I.371).
"""

from datetime import datetime, timedelta

AT_MOST, WITHIN = 30, timedelta(minutes=10)
PROOFS = 20  # wrong numbers or digits an hour at one kiosk, which many people use
_EACH = WITHIN / AT_MOST


def next_one(full_at: datetime | None, now: datetime) -> tuple[datetime | None, timedelta]:
    """The bucket after one more, and nothing to wait for; or None, and how long until there is room."""
    after = max(full_at or now, now) + _EACH
    wait = after - now - WITHIN
    return (None, wait) if wait > timedelta() else (after, timedelta())
