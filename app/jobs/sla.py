"""Time limits: reminders, escalation, waits that are over."""

from app.desk import sla
from app.queue import JobName
from app.runtime import Runtime

_ROUNDS = 20  # the rest is for the next minute


def sweep_sla(runtime: Runtime) -> list[tuple[JobName, int]]:
    """Does its work at once, some tickets a transaction, so that nobody waits long for the database."""
    for _ in range(_ROUNDS):
        with runtime.db.transaction() as session:
            if not sla.sweep(session, runtime.desk, now=runtime.now()):
                break
    return []
