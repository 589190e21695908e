"""The worker process: real Redis, real processes, real kills."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq.registry import FailedJobRegistry
from rq.serializers import JSONSerializer
from sqlalchemy import select

from app.carriers.twilio import TwilioCarrier
from app.jobs import worker
from app.jobs.attempts import place_attempt, sweep_attempts, sweep_unknown_attempts
from app.jobs.worker import JobFailed, run_job, work
from app.queue import JobName
from app.settings import Settings
from models.callback import Attempt, AttemptState
from models.lifecycle import Status
from models.ticket import Ticket
from tests.support.carrier_server import Answer, CarrierServer, Request, carrier_server
from tests.support.office import TOKEN, Office, open_office

RUN = "import sys; from app.settings import load_settings; from app.jobs.{module} import {run}; {run}(load_settings())"


def until(true: Callable[[], Any], what: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert process.poll() is None, f"{what}: the process ended with {process.returncode}"
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def environment(settings: Settings) -> dict[str, str]:
    names = ("data_dir", "database_url", "redis_url", "public_url", "twilio_base_url", "calling_hours")
    values = {name: str(getattr(settings, name)) for name in names}
    values |= {"encryption_key": "k" * 40, "secret_key": "s" * 40, "twilio_auth_token": TOKEN}
    return {**os.environ, **{f"JIACHANG_{name.upper()}": value for name, value in values.items()}}


def start(office: Office, module: str = "worker") -> subprocess.Popen[bytes]:
    code = RUN.format(module=module, run=f"run_{module}")
    log = (office.runtime.settings.data_dir.parent / f"{module}.log").open("ab")
    with log:
        return subprocess.Popen(
            [sys.executable, "-c", code],
            env=environment(office.runtime.settings),
            stdout=log,
            stderr=subprocess.STDOUT,
        )


@pytest.fixture
def server() -> Iterator[CarrierServer]:
    with carrier_server() as server:
        yield server


@pytest.fixture
def office(database_url: str, tmp_path: Path, redis_url: str, server: CarrierServer) -> Iterator[Office]:
    with open_office(database_url, tmp_path / "data", redis_url, twilio_base_url=server.url) as office:
        office.moment = datetime.now(UTC)
        yield office


def test_a_pushed_job_is_run_and_forgotten(office: Office, redis_url: str) -> None:
    ticket_id = office.open_one()
    office.runtime.queue.push(JobName.DISPATCH, ticket_id)
    work(office.runtime, burst=True)
    with office.db.transaction(read_only=True) as session:
        assert session.get_one(Ticket, ticket_id).status is Status.DISPATCHED
    with Redis.from_url(redis_url) as redis:
        assert not redis.exists(f"rq:job:dispatch-{ticket_id}")


def test_a_job_that_fails_tells_redis_nothing_about_people(
    office: Office, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_runtime: object, _id: int) -> None:
        raise ValueError("+8613800001111 3栋")

    monkeypatch.setattr(worker, "JOBS", dict.fromkeys(JobName, broken))
    office.runtime.queue.push(JobName.DISPATCH, 1)
    work(office.runtime, burst=True)
    with Redis.from_url(redis_url) as redis:
        assert FailedJobRegistry("now", connection=redis, serializer=JSONSerializer).get_job_ids() == [
            "dispatch-1"
        ]
        everything = b"".join(dump for key in redis.scan_iter() if (dump := redis.dump(key)))
    assert b"13800001111" not in everything
    assert "3栋".encode() not in everything


def test_a_job_outside_a_worker_is_refused() -> None:
    with pytest.raises(JobFailed):
        run_job("dispatch", 1)


def test_a_worker_waits_for_redis_and_ends_cleanly(office: Office, redis_url: str) -> None:
    process = start(office)
    try:
        with Redis.from_url(redis_url) as redis:
            until(lambda: redis.scard("rq:workers") == 1, "the worker never came up", process)
            ticket_id = office.open_one()
            office.runtime.queue.push(JobName.DISPATCH, ticket_id)
            until(lambda: office.runtime.queue.waiting() == 0, "the job was never taken", process)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0
            assert redis.scard("rq:workers") == 0
    finally:
        process.kill()
        process.wait()


def test_a_clock_process_ends_cleanly(office: Office) -> None:
    from app.desk.leases import last_beat

    process = start(office, "clock")

    def beaten() -> bool:
        with office.db.transaction(read_only=True) as session:
            return last_beat(session, "clock") is not None

    try:
        until(beaten, "the clock never beat", process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
        assert not beaten()
    finally:
        process.kill()
        process.wait()


class Carrier:
    """Takes every order for a call, and answers none of them: the worker waits until it is killed."""

    def __init__(self) -> None:
        self.taken: list[datetime] = []
        self.silent = True

    def answer(self, request: Request) -> Answer:
        if request.method == "POST" and request.path.endswith("/Calls.json"):
            self.taken.append(datetime.now(UTC))
            sid = f"CA{len(self.taken)}"
            return Answer(201, json.dumps({"sid": sid}), hang=120 if self.silent else 0)
        if request.method == "GET" and request.path.endswith("/Calls.json"):
            return Answer(200, {"calls": [self._listed(n) for n in range(len(self.taken))]})
        return Answer(404)

    def _listed(self, n: int) -> dict[str, object]:
        return {
            "sid": f"CA{n + 1}",
            "to": "+8613800001111",
            "status": "in-progress",
            "direction": "outbound-api",
            "date_created": format_datetime(self.taken[n]),
        }


@pytest.mark.parametrize("taken", [True, False], ids=["order taken", "order never arrived"])
def test_a_worker_killed_between_claim_and_answer_rings_nobody_twice(
    office: Office, server: CarrierServer, taken: bool
) -> None:
    carrier = Carrier()
    server.answer = carrier.answer
    attempt_id = office.plan_one()
    office.runtime.queue.push(JobName.PLACE_ATTEMPT, attempt_id)
    process = start(office)
    try:
        until(lambda: carrier.taken, "the carrier never got the order", process)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
    finally:
        process.kill()
        process.wait()
    if not taken:
        carrier.taken.clear()  # the order died on the way
    carrier.silent = False

    def attempt() -> Attempt:
        with office.db.transaction(read_only=True) as session:
            return session.scalars(select(Attempt)).one()

    assert attempt().state is AttemptState.DIALING
    object.__setattr__(office.runtime, "carrier", TwilioCarrier.from_settings(office.runtime.settings))
    for seconds in (0, 5, 70, 5, 70):  # what the sweepers do afterwards, however often
        office.pass_time(seconds=seconds)
        for sweep in (sweep_attempts, sweep_unknown_attempts):
            for _, id_ in sweep(office.runtime):
                place_attempt(office.runtime, id_)
    assert len(carrier.taken) == 1
    assert (attempt().state, attempt().carrier_sid) == (AttemptState.PLACED, "CA1")


def test_work_left_by_a_killed_worker_can_be_pushed_again_at_once(
    office: Office, server: CarrierServer
) -> None:
    """RQ itself believes for minutes that the job is still running."""
    carrier = Carrier()
    server.answer = carrier.answer
    attempt_id = office.plan_one()
    office.runtime.queue.push(JobName.PLACE_ATTEMPT, attempt_id)
    process = start(office)
    try:
        until(lambda: carrier.taken, "the carrier never got the order", process)
    finally:
        process.kill()
        process.wait()
    office.runtime.queue.push(JobName.PLACE_ATTEMPT, attempt_id)
    assert office.runtime.queue.waiting() == 1
    office.moment += timedelta(seconds=70)
    object.__setattr__(office.runtime, "carrier", TwilioCarrier.from_settings(office.runtime.settings))
    work(office.runtime, burst=True)
    with office.db.transaction(read_only=True) as session:
        assert session.scalars(select(Attempt)).one().state is AttemptState.PLACED
    assert len(carrier.taken) == 1
