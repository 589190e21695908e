"""Notices go out at an even pace: a few telephones at each look of the clock."""

from app.desk import notifying
from app.queue import JobName
from app.runtime import Runtime

LOOK_EVERY = 5  # seconds


def sweep_notices(runtime: Runtime) -> list[tuple[JobName, int]]:
    """Does its work at once, each notice in a transaction of its own; all of them share the pace."""
    left = max(1, runtime.settings.notices_a_minute * LOOK_EVERY // 60)
    with runtime.db.transaction(read_only=True) as session:
        waiting = notifying.being_sent(session)
    for notice_id in waiting:
        with runtime.db.transaction() as session:
            left -= notifying.send_some(session, runtime.desk, notice_id, left, now=runtime.now())
        if left <= 0:
            break
    return []
