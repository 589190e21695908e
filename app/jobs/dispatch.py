"""Finding somebody for a new ticket."""

from app.desk.dispatch import dispatch_ticket, waiting
from app.queue import JobName
from app.runtime import Runtime


def dispatch(runtime: Runtime, ticket_id: int) -> None:
    with runtime.db.transaction() as session:
        dispatch_ticket(session, runtime.desk, ticket_id, now=runtime.now())


def sweep_dispatch(runtime: Runtime) -> list[tuple[JobName, int]]:
    with runtime.db.transaction(read_only=True) as session:
        found = waiting(session)
    return [(JobName.DISPATCH, id_) for id_ in found]
