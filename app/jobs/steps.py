"""Steps that could be taken back and were not; photos whose day in the bin is over."""

from app.desk import pending, photos
from app.queue import JobName
from app.runtime import Runtime


def sweep_steps(runtime: Runtime) -> list[tuple[JobName, int]]:
    """Does its work at once, each step in a transaction of its own: one that fails holds up no other."""
    with runtime.db.transaction(read_only=True) as session:
        due = pending.due(session, now=runtime.now())
    for step_id in due:
        with runtime.db.transaction() as session:
            pending.carry_out(session, runtime.desk, step_id, now=runtime.now())
    return []


def sweep_photos(runtime: Runtime) -> list[tuple[JobName, int]]:
    with runtime.db.transaction() as session:
        photos.expire(session, runtime.settings.data_dir, now=runtime.now())
    return []
