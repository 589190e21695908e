"""The names of background jobs, how a service asks for one without knowing it, and the way to Redis.

Redis only says "look now". The rows are the work: a push that is lost is found by a sweeper, one that comes twice
finds nothing left to claim.
"""

import time
from enum import StrEnum

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer
from sqlalchemy.orm import Session

RUN_JOB = "app.jobs.worker.run_job"
"""What a worker calls, by name: nothing here imports a job."""

_TIMEOUT = {"now": 60, "slow": 180}  # seconds that one run of a job may take, by queue
_SILENCE = 5.0  # seconds without asking a Redis that did not answer in time
_FAILURE_TTL = 60  # seconds; what failed is due again by its row, and its traceback is in our log


class JobName(StrEnum):
    """One member a job; app.jobs maps each to its function. The argument is always one id."""

    DISPATCH = "dispatch"  # ticket
    SEND_MESSAGE = "send_message"  # message
    PLACE_ATTEMPT = "place_attempt"  # attempt
    PLAN_CALLBACKS = "plan_callbacks"  # ticket
    TRANSCRIBE = "transcribe"  # recording
    SETTLE_CALL = "settle_call"  # call
    RING_HELP = "ring_help"  # kiosk help


QUEUES = ("now", "slow")
"""In the order in which workers serve them: an alert does not wait behind recordings."""

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
        self._silent_until = float("-inf")
        self._queues = {
            name: Queue(
                name, connection=self._redis, serializer=JSONSerializer, default_timeout=_TIMEOUT[name]
            )
            for name in QUEUES
        }

    def push(self, name: JobName, id_: int) -> None:
        """Raises redis.exceptions.RedisError at once if Redis does not answer."""
        if time.monotonic() < self._silent_until:
            raise RedisConnectionError("Redis was silent a moment ago")
        try:
            self._push(self._queues["slow" if name in _SLOW else "now"], name, id_)
        except RedisTimeoutError:
            # It hangs instead of refusing: the next requests must not wait for it one after the other.
            self._silent_until = time.monotonic() + _SILENCE
            raise

    def _push(self, queue: Queue, name: JobName, id_: int) -> None:
        place = f"{name}-{id_}"
        if _enqueue(queue, name, id_, place):
            return
        # By the list itself: a job also counts as queued after a worker died in the moment of taking it.
        if self._redis.lpos(queue.key, place) is None:
            _enqueue(queue, name, id_, f"{place}-next")

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


def _enqueue(queue: Queue, name: JobName, id_: int, place: str) -> bool:
    """False if the place is taken."""
    try:
        queue.enqueue_call(
            RUN_JOB,
            args=(name.value, id_),
            job_id=place,
            unique=True,
            result_ttl=0,
            failure_ttl=_FAILURE_TTL,
            description=place,
        )
    except DuplicateJobError:
        return False
    return True
