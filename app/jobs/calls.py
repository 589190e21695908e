"""What calls leave behind when they end, and audio that a gateway left behind when it died."""

from app.desk import settling, spools
from app.queue import JobName
from app.runtime import Runtime


def settle_call(runtime: Runtime, call_id: int) -> None:
    with runtime.db.transaction() as session:
        settling.settle_call(session, runtime.desk, call_id, now=runtime.now())


def sweep_calls(runtime: Runtime) -> list[tuple[JobName, int]]:
    """Spooled audio first: it may change what a call is settled to."""
    data_dir, now = runtime.settings.data_dir, runtime.now()
    with runtime.db.transaction() as session:
        spools.attach_spools(session, runtime.desk, data_dir, now=now)
    with runtime.db.transaction() as session:
        spools.drop_spools(session, data_dir)
        unsettled = settling.unsettled_calls(session, now=now)
    return [(JobName.SETTLE_CALL, id_) for id_ in unsettled]
