"""Marks of people at the callback desk take effect when they can no longer be taken back."""

import structlog

from app.desk import person_calls
from app.errors import JiachangError
from app.queue import JobName
from app.runtime import Runtime

log = structlog.get_logger(__name__)


def sweep_marks(runtime: Runtime) -> list[tuple[JobName, int]]:
    """Each in a transaction of its own: one that cannot be settled stops no other."""
    with runtime.db.transaction(read_only=True) as session:
        due = person_calls.due(session, now=runtime.now())
    for callback_id in due:
        try:
            with runtime.db.transaction() as session:
                person_calls.settle(session, runtime.desk, callback_id, now=runtime.now())
        except JiachangError as error:  # somebody else changed the ticket first: again in a moment
            log.warning("mark_not_settled", callback=callback_id, reason=str(error))
    return []
