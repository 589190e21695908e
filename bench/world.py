"""The servers that are measured: database, Redis, the product's web process and the bare one, all on loopback."""

import os
import secrets
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import migrate, redis_server
from app.community import seed_community
from app.db import insert_row
from app.ports import http_ready
from app.runtime import Runtime, bootstrap
from app.settings import Settings, load_settings
from app.stage import ROUND_THE_CLOCK
from app.supervisor import Program, Supervisor
from bench.bare import make_tables
from bench.webhooks import phones
from models.resident import Resident, ResidentPhone
from models.staff import AssigneeKind, Role, Staff
from models.unit import Unit
from tests.support.postgres import running_cluster

DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on", "max_connections=80")
CALLERS = 1000  # different numbers that call and text
SERVERS = {"web": ("app", "serve"), "bare": ("bench.bare",), "twin": ("bench.bare", "twin")}
DATABASES = ("SQLite", "PostgreSQL")
NO_FLOOD = {"TEXTS_AN_HOUR": "1000000", "TEXTS_A_MINUTE": "1000000"}  # what is measured would be one


class World:
    """One database kind under test. `runtime` is a second process's view of the product's data: the bench's own."""

    def __init__(self, kind: str, runtime: Runtime, settings: Mapping[str, Settings], pids: "Pids") -> None:
        self.kind, self.runtime, self.settings = kind, runtime, settings
        self._pids = pids

    def port(self, name: str) -> int:
        return int(self.settings[name].web_bind.rpartition(":")[2])

    def cpu_seconds(self, name: str) -> float:
        """Processor time that a server has used so far, its children included."""
        return self._pids.cpu_seconds(name)

    def server_version(self) -> str | None:
        """Of PostgreSQL; None on SQLite, whose version belongs to the process."""
        if self.kind == "SQLite":
            return None
        with self.runtime.db.engine.connect() as connection:
            version = str(connection.execute(text("SHOW server_version")).scalar_one())
            durable = connection.execute(text("SHOW fsync")).scalar_one()
        if durable != "on":
            raise ValueError("this PostgreSQL does not sync: it is not what is to be measured")
        return version.split()[0]


class Pids:
    """Processor time of supervised servers, from /proc."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    def cpu_seconds(self, name: str) -> float:
        master = self._supervisor.pid(name)
        if master is None:
            raise ValueError(f"{name} is not running")
        ticks = sum(_ticks(pid) for pid in (master, *_children(master)))
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def running_world(kind: str, directory: Path, **overrides: str) -> Iterator[World]:
    """Start everything for one kind of database below `directory`, and end it again."""
    with ExitStack() as stack:
        data_dir = directory / kind.lower()
        data_dir.mkdir(parents=True)
        url_of = _database(kind, data_dir, stack)
        supervisor = stack.enter_context(Supervisor(data_dir / "logs"))
        redis = redis_server.plan(data_dir)
        supervisor.start(redis.program)
        common = {
            "REDIS_URL": redis.url,
            "ENCRYPTION_KEY": secrets.token_hex(32),
            "SECRET_KEY": secrets.token_hex(32),
            "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
            "TWILIO_BASE_URL": "http://127.0.0.1:9",  # nobody: no job runs here, and none may get out
            "CARRIER": "local",
            "CALLING_HOURS": ROUND_THE_CLOCK,
            "LOG_LEVEL": "INFO",
            **overrides,
        }
        environments, settings = {}, {}
        for name in SERVERS:
            port = free_port()
            values = common | {
                "DATA_DIR": str(data_dir / name),
                "DATABASE_URL": url_of(name),
                "WEB_BIND": f"127.0.0.1:{port}",
                "PUBLIC_URL": f"http://127.0.0.1:{port}",
            }
            environments[name] = {f"JIACHANG_{key}": value for key, value in values.items()}
            settings[name] = load_settings(environments[name])
        runtime = bootstrap(settings["web"])
        stack.callback(runtime.close)
        migrate.upgrade(runtime.db.engine)
        with runtime.db.transaction() as session:
            now = runtime.now()
            seed_community(session, hotline_number=runtime.settings.hotline_number, now=now)
            seed_residents(session, now)
        make_tables(settings["bare"])
        make_tables(settings["twin"])
        for name, command in SERVERS.items():
            ready = http_ready(f"http://{settings[name].web_bind}/healthz")
            program = (sys.executable, "-m", *command)
            supervisor.start(Program(name, program, env=environments[name], ready=ready, restart=False))
        yield World(kind, runtime, settings, Pids(supervisor))


def seed_residents(session: Session, now: datetime) -> None:
    """Four of five who call or text are known, with an address; the rest are strangers until their first ticket."""
    homes = session.scalars(select(Unit.id).where(Unit.kind == "building")).all()
    for n, phone in enumerate(phones(CALLERS)):
        if n % 5:
            resident = Resident(unit_id=homes[n % len(homes)], created_at=now)
            insert_row(session, resident)
            insert_row(session, ResidentPhone(resident_id=resident.id, phone=phone, phone_index=phone))


def seed_keepers(session: Session, count: int) -> list[str]:
    """So many keepers of the first grid; their numbers."""
    grid = session.scalars(select(Unit.id).where(Unit.kind == "grid").order_by(Unit.id).limit(1)).one()
    numbers = [f"+861392{n:07d}" for n in range(count)]
    for n, phone in enumerate(numbers):
        keeper = Staff(login=f"keeper{n}", name=f"网格员{n}", phone=phone, phone_index=phone, unit_id=grid)
        keeper.role, keeper.kind = Role.KEEPER, AssigneeKind.KEEPER
        insert_row(session, keeper)
    return numbers


@contextmanager
def working_directory() -> Iterator[Path]:
    """A directory of our own on a real disk (`JIACHANG_BENCH_DIR`, else /var/tmp), gone afterwards.

    /tmp is often held in memory, where every commit looks free.
    """
    parent = os.environ.get("JIACHANG_BENCH_DIR") or "/var/tmp"
    with TemporaryDirectory(prefix="jc-bench-", dir=parent, ignore_cleanup_errors=True) as name:
        yield Path(name)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _database(kind: str, data_dir: Path, stack: ExitStack) -> Callable[[str], str]:
    if kind == "SQLite":
        return lambda name: f"sqlite:///{data_dir / name}.db"
    cluster = stack.enter_context(running_cluster(DURABLE))
    urls = {name: stack.enter_context(cluster.database()) for name in SERVERS}
    return urls.__getitem__


def _children(pid: int) -> list[int]:
    try:
        text_ = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    found = [int(child) for child in text_.split()]
    return found + [grandchild for child in found for grandchild in _children(child)]


def _ticks(pid: int) -> int:
    """User and system time of a process, in clock ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
