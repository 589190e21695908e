"""Verified examples follow the retention of what they are made of."""

from app.desk import examples
from app.queue import JobName
from app.runtime import Runtime


def sweep_examples(runtime: Runtime) -> list[tuple[JobName, int]]:
    """Does its work at once: two statements."""
    with runtime.db.transaction() as session:
        examples.expire(session, now=runtime.now())
    return []
