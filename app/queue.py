"""The names of background jobs, how a service asks for one without knowing it, and the way to Redis.

Redis only says "look now". The rows are the work: a push that is lost is found by a sweeper, one that comes twice
finds nothing left to claim.
"""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from sqlalchemy.orm import Session

RUN_JOB = "app.jobs.worker.run_job"
"""What a worker calls, by name: nothing here imports a job."""

_TIMEOUT = {"now": 60, "slow": 180}  # seconds that one run of a job may take, by queue
_FAILURE_TTL = 60  # seconds; what failed is due again by its row, and its traceback is in our log


class JobName(StrEnum):
    """One member a job; app.jobs maps each to its function. The argument is always one id."""

    DISPATCH = "dispatch"  # ticket
    SEND_MESSAGE = "send_message"  # message
    PLACE_ATTEMPT = "place_attempt"  # attempt
    PLAN_CALLBACKS = "plan_callbacks"  # ticket
    TRANSCRIBE = "transcribe"  # recording
    SETTLE_CALL = "settle_call"  # call


QUEUES = ("now", "slow")
"""In the order in which workers serve them: an alert does not wait behind recordings."""

_FORGOTTEN = timedelta(seconds=60)
"""A job that "waits" longer may have been lost by a worker that died while taking it."""

_SLOW = frozenset({JobName.TRANSCRIBE})


def defer(session: Session, name: JobName, id_: int) -> None:
    """Have the job pushed once this transaction has committed; a sweeper covers a lost push."""
    session.info.setdefault("deferred", []).append((name, id_))


def connect(url: str, *, timeout: float | None = None) -> Redis:
    """`timeout` in seconds for one answer. Never retried here: whoever calls has a better plan than waiting."""
    client: Redis = Redis.from_url(
        url, socket_connect_timeout=1.0, socket_timeout=timeout, retry=Retry(NoBackoff(), 0)
    )
    return client


class RqQueue:
    """Pushes jobs to RQ. Nothing connects before the first push; a dead Redis is noticed within a second.

    A job has two places. `name-id` holds one that waits; while that one runs (or was left behind by a dead worker),
    a further push takes `name-id-next`, because the run may already have looked at the row. More than these two
    would tell nobody anything new.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._redis = connect(url, timeout=1.0)
        self._queues = {
            name: Queue(
                name, connection=self._redis, serializer=JSONSerializer, default_timeout=_TIMEOUT[name]
            )
            for name in QUEUES
        }

    def push(self, name: JobName, id_: int) -> None:
        """Raises redis.exceptions.RedisError at once if Redis does not answer."""
        place = f"{name}-{id_}"
        if self._enqueue(name, id_, place) or self._waits(place):
            return
        self._enqueue(name, id_, f"{place}-next")

    def reachable(self) -> bool:
        try:
            return bool(self._redis.ping())
        except (OSError, RedisError):
            return False

    def waiting(self) -> int:
        """Jobs that no worker has taken yet."""
        return sum(queue.count for queue in self._queues.values())

    def close(self) -> None:
        self._redis.close()

    def _enqueue(self, name: JobName, id_: int, place: str) -> bool:
        queue = self._queues["slow" if name in _SLOW else "now"]
        with suppress(DuplicateJobError):
            queue.enqueue_call(
                RUN_JOB,
                args=(name.value, id_),
                job_id=place,
                unique=True,
                result_ttl=0,
                failure_ttl=_FAILURE_TTL,
                description=place,
            )
            return True
        return False

    def _waits(self, place: str) -> bool:
        try:
            job = Job.fetch(place, connection=self._redis, serializer=JSONSerializer)
        except NoSuchJobError:
            return False  # it has just ended
        since = job.enqueued_at
        fresh = since is not None and datetime.now(UTC) - since < _FORGOTTEN
        return fresh and job.get_status(refresh=False) == JobStatus.QUEUED
