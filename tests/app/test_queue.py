"""The way to Redis: what it holds, what it refuses to hold twice, and how it behaves without Redis."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError, RedisError, TimeoutError
from rq import Queue
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from app.queue import RUN_JOB, JobName, RqQueue


@pytest.fixture
def queue(redis_url: str) -> Iterator[RqQueue]:
    queue = RqQueue(redis_url)
    yield queue
    queue.close()


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        yield client


def job_of(redis: Redis, id_: str) -> Job:
    return Job.fetch(id_, connection=redis, serializer=JSONSerializer)


def test_a_job_is_a_name_and_an_id_in_json(queue: RqQueue, redis: Redis) -> None:
    queue.push(JobName.DISPATCH, 7)
    job = job_of(redis, "dispatch-7")
    assert (job.func_name, list(job.args)) == (RUN_JOB, ["dispatch", 7])
    assert Queue("now", connection=redis).job_ids == ["dispatch-7"]


def test_recordings_wait_in_a_line_of_their_own(queue: RqQueue, redis: Redis) -> None:
    queue.push(JobName.TRANSCRIBE, 7)
    assert Queue("slow", connection=redis).job_ids == ["transcribe-7"]
    assert Queue("now", connection=redis).job_ids == []


def test_a_push_of_what_waits_already_changes_nothing(queue: RqQueue) -> None:
    for _ in range(5):
        queue.push(JobName.DISPATCH, 7)
    assert queue.waiting() == 1


@pytest.mark.parametrize("status", [JobStatus.STARTED, JobStatus.FAILED])
def test_a_push_while_the_job_runs_or_lies_dead_waits_beside_it(
    queue: RqQueue, redis: Redis, status: JobStatus
) -> None:
    queue.push(JobName.DISPATCH, 7)
    job = job_of(redis, "dispatch-7")
    Queue("now", connection=redis).empty()
    job.save()
    job.set_status(status)
    for _ in range(3):
        queue.push(JobName.DISPATCH, 7)
    assert Queue("now", connection=redis).job_ids == ["dispatch-7-next"]


def test_a_job_lost_by_a_worker_that_died_while_taking_it_is_pushed_again(
    queue: RqQueue, redis: Redis
) -> None:
    queue.push(JobName.DISPATCH, 7)
    redis.delete("rq:queue:now")  # taken off the list, not yet started
    queue.push(JobName.DISPATCH, 7)
    assert Queue("now", connection=redis).job_ids == ["dispatch-7-next"]


def test_without_redis_a_push_raises_what_the_database_layer_expects(tmp_path: Path) -> None:
    queue = RqQueue(f"unix://{tmp_path / 'nobody.sock'}")
    with pytest.raises(RedisError):
        queue.push(JobName.DISPATCH, 1)
    assert not queue.reachable()
    queue.close()


def test_a_redis_that_hangs_is_waited_for_once(redis_url: str, queue: RqQueue, redis: Redis) -> None:
    queue.push(JobName.DISPATCH, 1)
    redis.execute_command("CLIENT", "PAUSE", 3000, "ALL")
    with pytest.raises(TimeoutError):
        queue.push(JobName.DISPATCH, 2)
    for _ in range(50):
        with pytest.raises(ConnectionError, match="a moment ago"):
            queue.push(JobName.DISPATCH, 3)
    with Redis.from_url(redis_url) as other:
        assert other.ping()  # after the pause: nothing of this leaks into the next test
