"""Asking residents whether their matter is really done: who is owed a call."""

from app.desk import callbacks
from app.queue import JobName
from app.runtime import Runtime


def plan_callbacks(runtime: Runtime, ticket_id: int) -> None:
    """Plan the evaluation of a resolved ticket; a call that is due at once is placed by its own job."""
    with runtime.db.transaction() as session:
        callbacks.plan_ticket(session, runtime.desk, ticket_id, now=runtime.now())


def sweep_callbacks(runtime: Runtime) -> list[tuple[JobName, int]]:
    with runtime.db.transaction(read_only=True) as session:
        found = callbacks.unplanned(session)
    return [(JobName.PLAN_CALLBACKS, id_) for id_ in found]
