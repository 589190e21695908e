"""A second process that writes to the product's database now and then, as gateway and worker do.

Each transaction reads a row and writes one through `app.db`, so it stands in the same queue as they would.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select

from app.db import Database, make_engine
from app.runtime import utc_now
from app.settings import Settings
from bench.machine import ROOT
from models.crypto import Keyring
from models.housekeeping import Lease

_NAME = "bench_writer"


@dataclass
class Writes:
    """How long each transaction took, ms, from asking for it to the end of its commit."""

    milliseconds: list[float] = field(default_factory=list)
    failed: int = 0


@contextmanager
def writing(settings: Settings, per_second: float) -> Iterator[Writes]:
    """For the length of the block; the result is filled in at its end."""
    order = {
        "url": settings.db_url,
        "key": settings.encryption_key.get_secret_value(),
        "pause": 1 / per_second,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.writer"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    writes = Writes()
    try:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        process.stdout.readline()  # it has written once: everything is loaded
        yield writes
        told, _ = process.communicate("stop\n", timeout=60)
        writes.milliseconds, writes.failed = json.loads(told)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _write(db: Database) -> None:
    now = utc_now()
    with db.transaction() as session:
        lease = session.scalars(select(Lease).where(Lease.name == _NAME)).one_or_none()
        if lease is None:
            session.add(Lease(name=_NAME, holder="bench", until=now, beat_at=now))
        else:
            lease.beat_at = now
            lease.until = now + timedelta(seconds=1)


def main() -> None:
    """Until a second line, or the end, comes on standard input."""
    order = json.loads(sys.stdin.readline())
    stop = threading.Event()

    def listen() -> None:
        sys.stdin.readline()
        stop.set()

    db = Database(make_engine(order["url"], Keyring(order["key"])))
    _write(db)
    print("ready", flush=True)
    threading.Thread(target=listen, daemon=True).start()
    taken, failed = [], 0
    while not stop.wait(order["pause"]):
        started = time.perf_counter()
        try:
            _write(db)
        except Exception as error:  # counted and shown: a lock that never came is a finding
            failed += 1
            print(type(error).__name__, file=sys.stderr)
        taken.append(round((time.perf_counter() - started) * 1000, 3))
    db.dispose()
    print(json.dumps([taken, failed]), flush=True)


if __name__ == "__main__":
    main()
