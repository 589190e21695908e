"""The console's queue over real HTTP, with 1,000, 10,000 and 100,000 tickets, on SQLite and on PostgreSQL.

Bars, for every page: p95 ≤ 150 ms, ≤ 20 SQL statements, and at 10,000 and 100,000 within ±20 % of 1,000. A browser at a
time: the sizes are asked one right after the other, round by round, and a round's times are compared with each other,
because a machine's speed drifts; what is told is the median of the rounds. The page's own
time at the server, its statements included; what a browser does with it is not in it.
"""

import http.client
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from flask import Flask
from sqlalchemy import event, select, text
from werkzeug.serving import WSGIRequestHandler, make_server

from app import migrate
from app.community import seed_community
from app.desk import signing
from app.desk.queue_filter import QueueFilter
from app.desk.queue_scope import scope_of
from app.desk.queue_view import every_row
from app.desk.rights import Actor
from app.factory import create_app
from app.runtime import Runtime, bootstrap
from app.settings import load_settings
from bench import machine, results
from bench.figures import Latency, percentile
from bench.load import LoadError
from bench.made_tickets import REGULAR, make_residents, make_tickets, phone_of
from bench.progress import Progress
from bench.table import render
from bench.world import DATABASES, DURABLE, working_directory
from models.staff import Staff
from models.unit import Unit
from tests.support.postgres import running_cluster

SIZES = (1_000, 10_000, 100_000)
P95_BAR, STATEMENTS_BAR, DRIFT_BAR = 150.0, 20, 0.2
_ROW = b'data-number="'  # what each row of a page has once
_SECRET = "b" * 64  # of a database that lives as long as the run


@dataclass(frozen=True, slots=True)
class Case:
    """A page that somebody opens; `held`: whether its time may not grow with the number of tickets."""

    name: str
    login: str
    path: str
    held: bool = True


CASES = (
    Case("queue, dispatcher", "sun", "/staff/tickets?state=open"),
    Case("queue, keeper of a grid", "zhao", "/staff/tickets?state=open"),
    Case("everything, newest first", "sun", "/staff/tickets?state=any"),
    Case("deep page", "sun", "/staff/tickets?state=any&after={middle}"),
    Case("filter: category", "sun", "/staff/tickets?state=open&category=care"),
    Case("filter: dialect", "sun", "/staff/tickets?state=open&dialect=1"),
    Case("search: number", "sun", "/staff/tickets?q=1500"),
    Case("search: telephone", "sun", f"/staff/tickets?q={phone_of(REGULAR).removeprefix('+86')}"),
    Case("search: frequent word", "sun", f"/staff/tickets?q={quote('路灯')}"),
    Case("search: word that nobody said", "sun", f"/staff/tickets?q={quote('外星人')}", held=False),
    Case("live: nothing new", "sun", "/staff/tickets/live?state=open&at={now}&told="),
)


@dataclass(frozen=True, slots=True)
class Row:
    """`drift`: against the smallest size in the same round, the median of the rounds; 0.1 = a tenth slower."""

    case: str
    database: str
    tickets: int
    rows: int
    latency: Latency
    statements: int
    drift: float | None
    passed: bool


class Console:
    """The application behind a server of its own, in this process: statements can be counted."""

    def __init__(self, runtime: Runtime, app: Flask, port: int, size: int) -> None:
        self.runtime, self.size = runtime, size
        self._app, self._connection = app, http.client.HTTPConnection("127.0.0.1", port)
        self._cookies: dict[str, str] = {}
        self.statements = self.rows = 0
        event.listen(runtime.db.engine, "before_cursor_execute", self._count)

    def ask(self, case: Case) -> float:
        """Milliseconds until the whole answer is there; raises LoadError unless it is a page."""
        now = int(self.runtime.now().timestamp())
        path = case.path.format(middle=self.size // 2, now=now)
        self.statements, started = 0, time.perf_counter()
        self._connection.request("GET", path, headers={"Cookie": self._cookie(case.login), "X-Poll": "1"})
        answer = self._connection.getresponse()
        self.rows = answer.read().count(_ROW)
        if answer.status not in (200, 204):
            raise LoadError(f"{path}: {answer.status}")
        return (time.perf_counter() - started) * 1000

    def export_rate(self) -> float:
        """Rows a second of everything, as it is written to a file."""
        with self.runtime.db.transaction(read_only=True) as session:
            staff = session.scalars(select(Staff).where(Staff.login == "sun")).one()
            actor = Actor.of(staff, session.get_one(Unit, staff.unit_id))
            scope, wanted = scope_of(session, actor), QueueFilter.read("state=any")
            started, after, count = time.perf_counter(), None, 0
            for _ in range(10):
                rows, after = every_row(
                    session, self.runtime.desk, scope, wanted, now=self.runtime.now(), after=after, count=500
                )
                count += len(rows)
                if after is None:
                    break
        return count / (time.perf_counter() - started)

    def _cookie(self, login: str) -> str:
        if login not in self._cookies:
            with self.runtime.db.transaction() as session:
                staff = session.scalars(select(Staff).where(Staff.login == login)).one()
                staff.must_change_password = False
                token = signing.begin(session, staff.id, now=self.runtime.now())
            serializer = self._app.session_interface.get_signing_serializer(self._app)  # type: ignore[attr-defined]
            self._cookies[login] = (
                f"{self._app.config['SESSION_COOKIE_NAME']}={serializer.dumps({'token': token})}"
            )
        return self._cookies[login]

    def _count(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        self.statements += not statement.startswith("BEGIN")


def run(rounds: int = 40, sizes: Sequence[int] = SIZES, databases: Sequence[str] = DATABASES) -> bool:
    """Print the table, keep the result; False if a bar was missed."""
    found: list[Row] = []
    rates: list[tuple[str, int, float]] = []
    with working_directory() as directory:
        described = machine.describe(directory, rounds=rounds)
        for kind in databases:
            with ExitStack() as stack:
                consoles = [stack.enter_context(_console(kind, size, directory)) for size in sizes]
                found += _measured(kind, consoles, rounds)
                rates += [(kind, console.size, console.export_rate()) for console in consoles]
    print(machine.sentence(described), end="\n\n")
    print(render(_HEAD, [_line(row) for row in found]), end="\n\n")
    print(render(("export", "tickets", "rows/s"), rates))
    bars = {"p95_ms": P95_BAR, "statements": STATEMENTS_BAR, "drift": DRIFT_BAR}
    exports = [{"case": "export", "database": kind, "tickets": n, "rows_s": rate} for kind, n, rate in rates]
    results.write("console", described, bars, [*map(asdict, found), *exports])
    return all(row.passed for row in found)


def _measured(kind: str, consoles: Sequence[Console], rounds: int) -> Iterator[Row]:
    taken: dict[tuple[str, int], list[float]] = {}
    statements: dict[tuple[str, int], int] = {}
    rows: dict[tuple[str, int], int] = {}
    with Progress(f"queue on {kind}", rounds + 2) as progress:
        for n in range(rounds + 2):
            for case in CASES:
                for console in consoles:
                    milliseconds = console.ask(case)
                    if n >= 2:  # caches of statements and templates are warm
                        taken.setdefault((case.name, console.size), []).append(milliseconds)
                        statements[case.name, console.size] = console.statements
                        rows[case.name, console.size] = console.rows
            progress.step()
    for case in CASES:
        least = taken[case.name, consoles[0].size]
        for console in consoles:
            key = case.name, console.size
            latency = Latency.of(taken[key])
            ratios = [ms / first for ms, first in zip(taken[key], least, strict=True)]
            drift = None if console is consoles[0] else percentile(ratios, 0.5) - 1
            steady = not case.held or drift is None or abs(drift) <= DRIFT_BAR
            passed = latency.p95 <= P95_BAR and statements[key] <= STATEMENTS_BAR and steady
            yield Row(case.name, kind, console.size, rows[key], latency, statements[key], drift, passed)


_HEAD = ("page", "database", "tickets", "rows", "p50 ms", "p95 ms", "statements", "drift %", "bar")


def _line(row: Row) -> tuple[object, ...]:
    drift = None if row.drift is None else round(row.drift * 100)
    return (
        *(row.case, row.database, row.tickets, row.rows, row.latency.p50, row.latency.p95, row.statements),
        *(drift, row.passed),
    )


@contextmanager
def _console(kind: str, size: int, directory: Path) -> Iterator[Console]:
    with ExitStack() as stack:
        home = directory / f"{kind.lower()}-{size}"
        url = f"sqlite:///{home / 'queue.db'}"
        if kind != "SQLite":
            url = stack.enter_context(stack.enter_context(running_cluster(DURABLE)).database())
        settings = load_settings(
            {
                "JIACHANG_DATA_DIR": str(home),
                "JIACHANG_DATABASE_URL": url,
                "JIACHANG_REDIS_URL": "unix:///nonexistent",  # nothing is pushed: pages only read
                "JIACHANG_ENCRYPTION_KEY": _SECRET,
                "JIACHANG_TWILIO_AUTH_TOKEN": _SECRET,
                "JIACHANG_PUBLIC_URL": "http://127.0.0.1",
            }
        )
        runtime = bootstrap(settings)
        stack.callback(runtime.close)
        migrate.upgrade(runtime.db.engine)
        with runtime.db.transaction() as session, Progress(f"{size} tickets on {kind}", 1) as progress:
            now = runtime.now()
            seed_community(session, hotline_number=settings.hotline_number, now=now)
            make_tickets(session, size, make_residents(session, now), now)
            progress.step()
        if kind != "SQLite":  # its own autovacuum would do it within a minute
            with runtime.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))
        app = create_app(runtime)
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        yield Console(runtime, app, server.server_port, size)


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # one connection for all, as behind a real server

    def log_request(self, *_given: object) -> None: ...
