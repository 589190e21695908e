"""A worker process: takes job names and ids from Redis and runs the functions of the registry.

Jobs run in the worker's own process, not in a forked child: killing it kills the work with it, where a forked child
was seen to live on and place its call beside the copy that RQ had started again. What a killed worker leaves behind
is found by lease and sweeper, long before RQ itself notices.
"""

import signal
import time
from types import FrameType

import structlog
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from app.errors import JiachangError
from app.jobs.registry import JOBS
from app.queue import QUEUES, JobName, connect
from app.runtime import Runtime, bootstrap
from app.settings import Settings

log = structlog.get_logger(__name__)


class JobFailed(JiachangError):
    """What Redis gets to see of an error: no message, which could hold a number or an address."""


class _Worker(SimpleWorker):
    max_connection_wait_time = (
        5.0  # seconds; RQ's own minute is how long a resident would wait after Redis is back
    )
    told_to_stop = False

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """RQ ends its loop in silence for many reasons; this one is the only good one."""
        self.told_to_stop = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


_current: list[Runtime] = []  # RQ calls run_job by name and can pass it nothing but what is in Redis


def run_job(name: str, id_: int) -> None:
    """What RQ calls. Raises JobFailed; the row is due again by itself."""
    if not _current:
        raise JobFailed("run_job belongs into a process started by run_worker")
    try:
        JOBS[JobName(name)](_current[-1], id_)
    except Exception as error:
        log.exception("job_failed", job=name, id=id_, error=type(error).__name__)
        raise JobFailed(f"{name} {id_}: {type(error).__name__}") from None


def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT: the job in hand is finished first. Call it in the process's main thread."""
    runtime = bootstrap(settings)
    try:
        work(runtime)
    finally:
        runtime.close()


def work(runtime: Runtime, *, burst: bool = False) -> None:
    """Serve Redis with this runtime, waiting for it as long as it takes. `burst`: until nothing is left to do."""
    _current.append(runtime)
    log.info("worker_started")
    try:
        while not _serve(runtime.settings.redis_url, burst=burst):
            time.sleep(1)
    finally:
        _current.pop()
        log.info("worker_stopped")


def _serve(redis_url: str, *, burst: bool) -> bool:
    """True once the worker was told to stop, or its burst is over; False if Redis does not answer."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    connection = connect(redis_url)
    try:
        queues = [Queue(name, connection=connection, serializer=JSONSerializer) for name in QUEUES]
        worker = _Worker(
            queues,
            connection=connection,
            serializer=JSONSerializer,
            worker_ttl=30,
            maintenance_interval=20,
            job_monitoring_interval=5,
            log_job_description=False,
        )
        worker.work(burst=burst, logging_level="WARNING")
    except (RedisError, OSError) as error:
        log.warning("redis_unreachable", error=type(error).__name__)
        return False
    finally:
        connection.close()
        for number, handler in before.items():
            signal.signal(number, handler)  # RQ leaves its own behind, which belong to a worker that is gone
    return burst or worker.told_to_stop
