"""When did she say it? Clocks of kiosks are wrong by hours, and what waited for the network is days old. Pure."""

from datetime import datetime, timedelta

LONGEST = timedelta(days=30)
"""What claims to be older has a clock that nobody can believe."""
LATE = timedelta(minutes=10)
_DRIFT = 60  # seconds by which a clock may differ before it counts as wrong


def occurred_at(
    device_at: datetime | None, offset_s: float | None, sent_at: datetime | None, now: datetime
) -> datetime:
    """By our clock; never in the future. `offset_s`: ours minus the kiosk's, as it knew it at that moment; without one,
    how far its clock is off now tells, in case it was never set. `now` where nothing makes sense."""
    if device_at is None:
        return now
    if offset_s is None and sent_at is not None:
        off = (now - sent_at).total_seconds()
        offset_s = off if abs(off) > _DRIFT else 0.0
    try:
        meant = device_at + timedelta(seconds=offset_s or 0.0)
    except OverflowError:
        return now
    return meant if now - LONGEST <= meant <= now else now
