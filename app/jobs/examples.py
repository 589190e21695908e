"""Verified examples follow the retention of what they are made of; drafts are given up after a week."""

from app.desk import examples, staff_drafts
from app.queue import JobName
from app.runtime import Runtime


def sweep_examples(runtime: Runtime) -> list[tuple[JobName, int]]:
    """Does its work at once: three statements."""
    with runtime.db.transaction() as session:
        examples.expire(session, now=runtime.now())
        staff_drafts.expire(session, now=runtime.now())
    return []
