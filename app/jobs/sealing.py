"""The audit log is sealed every hour."""

from app.desk import sealing
from app.queue import JobName
from app.runtime import Runtime


def seal_audit(runtime: Runtime) -> list[tuple[JobName, int]]:
    """Does its work at once; nobody waits for the database while it reads."""
    sealing.seal(runtime.db, now=runtime.now())
    return []
