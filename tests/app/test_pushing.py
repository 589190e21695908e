"""Pushes from a thread of their own: nobody waits for Redis, and a flood is left to the sweepers."""

import threading
import time

from app.pushing import BackgroundPush
from app.queue import JobName


class Redis:
    """Notes what is pushed; can be held up, and can fail."""

    def __init__(self) -> None:
        self.pushed: list[tuple[JobName, int]] = []
        self.open = threading.Event()
        self.open.set()
        self.broken = False

    def __call__(self, name: JobName, id_: int) -> None:
        assert self.open.wait(20)
        if self.broken:
            raise ConnectionError("gone")
        self.pushed.append((name, id_))

    def until(self, count: int) -> None:
        deadline = time.monotonic() + 20
        while len(self.pushed) < count:
            assert time.monotonic() < deadline, self.pushed
            time.sleep(0.005)


def test_a_push_arrives_without_the_caller_waiting() -> None:
    redis = Redis()
    redis.open.clear()
    push = BackgroundPush(redis)
    push(JobName.DISPATCH, 7)  # returns although Redis hangs
    assert redis.pushed == []
    redis.open.set()
    redis.until(1)
    push.close()
    assert redis.pushed == [(JobName.DISPATCH, 7)]


def test_texts_go_before_everything_that_waits() -> None:
    redis = Redis()
    redis.open.clear()
    push = BackgroundPush(redis)
    push(JobName.DISPATCH, 1)
    deadline = time.monotonic() + 20
    while not push._waiting.empty():  # the thread has taken the first one
        assert time.monotonic() < deadline
        time.sleep(0.005)
    push(JobName.DISPATCH, 2)
    push(JobName.SEND_MESSAGE, 3)
    redis.open.set()
    redis.until(3)
    push.close()
    assert [id_ for _, id_ in redis.pushed] == [1, 3, 2]


def test_a_dead_redis_stops_nothing() -> None:
    redis = Redis()
    redis.broken = True
    push = BackgroundPush(redis)
    push(JobName.DISPATCH, 1)
    deadline = time.monotonic() + 20
    while not push._waiting.empty():
        assert time.monotonic() < deadline
        time.sleep(0.005)
    redis.broken = False
    push(JobName.DISPATCH, 2)
    redis.until(1)
    push.close()
    assert redis.pushed[-1] == (JobName.DISPATCH, 2)


def test_what_waits_at_the_end_is_still_pushed() -> None:
    redis = Redis()
    push = BackgroundPush(redis, burst=1, per_second=0.1)  # at that pace: minutes
    for n in range(5):
        push(JobName.DISPATCH, n)
    push.close()
    assert len(redis.pushed) == 5


def test_beyond_the_backlog_pushes_are_left_to_the_sweepers() -> None:
    redis = Redis()
    redis.open.clear()
    push = BackgroundPush(redis, backlog=3)
    for n in range(100):
        push(JobName.DISPATCH, n)
    redis.open.set()
    push.close()
    assert 3 <= len(redis.pushed) <= 4  # the backlog, and the one that was under way


def test_without_a_push_there_is_no_thread() -> None:
    push = BackgroundPush(Redis())
    push.close()
    assert push._thread is None
