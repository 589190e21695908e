"""Questions by text that nobody answered in time: what she wanted must not be lost."""

from app.desk import asking
from app.queue import JobName
from app.runtime import Runtime

_ROUNDS = 20  # the rest is for the next minute


def sweep_questions(runtime: Runtime) -> list[tuple[JobName, int]]:
    """Does its work at once, some questions a transaction."""
    for _ in range(_ROUNDS):
        with runtime.db.transaction() as session:
            if not asking.expire(session, runtime.desk, now=runtime.now()):
                break
    return []
