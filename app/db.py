"""Engine, transactions and after-commit work, on SQLite and PostgreSQL.

On SQLite the default transaction handling of the driver loses updates, so we begin every transaction ourselves
(`BEGIN IMMEDIATE`, or `BEGIN` for read-only ones; docs/adr/0002). A fair gate in front of the write lock keeps one
thread from starving: SQLite's own busy handler polls and lets late-comers in first.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg
import structlog
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    FromClause,
    Insert,
    Update,
    bindparam,
    create_engine,
    event,
    insert,
    make_url,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, make_transient_to_detached, sessionmaker
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.dml import ReturningInsert

from app.gates import FairGate, Turnstile
from app.group_commit import PATIENCE, GroupCommit
from app.queue import JobName
from models.base import Base
from models.crypto import Keyring, install_keyring

log = structlog.get_logger(__name__)

Push = Callable[[JobName, int], None]
_POSTGRESQL_WRITERS = 4  # transactions at a time that write, a process
# Whoever waits longer, for the server or for a row, answers 503: carriers give a webhook fifteen seconds and ask again
_LIBPQ = {"connect_timeout": "5", "options": f"-c lock_timeout={PATIENCE:g}s"}
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # NORMAL does not sync on commit: an accepted request could vanish with the power
    f"busy_timeout={PATIENCE * 1000:g}",
    "foreign_keys=ON",
    "journal_size_limit=67108864",
)


def make_engine(url: str, keyring: Keyring) -> Engine:
    """An engine whose transactions do not lose updates and whose columns can be encrypted."""
    if url.startswith("sqlite"):
        engine = _sqlite_engine(url)
    else:
        engine = create_engine(
            _postgresql_url(url),
            hide_parameters=True,
            pool_size=20,
            max_overflow=10,
            pool_pre_ping=True,
            pool_use_lifo=True,  # the last one used has its statements prepared and its server process awake
        )
    install_keyring(engine, keyring)
    return engine


def _postgresql_url(url: str) -> URL:
    """What the URL says itself counts; see libpq's parameters."""
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.update_query_dict({**_LIBPQ, **parsed.query})


def _sqlite_engine(url: str) -> Engine:
    import pysqlite3  # bundles a SQLite free of the WAL-reset corruption (before 3.51.3); Debian's is not

    path = url.removeprefix("sqlite:///")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        hide_parameters=True,  # what residents wrote must not get into an error message
        module=pysqlite3,
        connect_args={"timeout": PATIENCE},
        pool_size=20,
        max_overflow=20,
        # Another connection's commit empties the page cache of all others: writers, who come one after the other,
        # take the connection that wrote last
        pool_use_lifo=True,
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions on its own
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get("jiachang_read_only", False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


class Database:
    """Sessions over one engine; `push` takes the jobs deferred by a transaction, after its commit."""

    def __init__(self, engine: Engine, push: Push | None = None) -> None:
        self.engine = engine
        self._push = push
        self._sessions = sessionmaker(engine, expire_on_commit=False)
        self._readers = sessionmaker(
            engine.execution_options(jiachang_read_only=True), expire_on_commit=False, autoflush=False
        )
        # PostgreSQL lets many write at a time, but more than the interpreter can serve only hold each other's row
        # locks longer: with sixteen the slowest waited twice as long as with four
        self._gate = FairGate(_POSTGRESQL_WRITERS)
        self._turnstile: Turnstile | None = None
        self._group: GroupCommit | None = None
        if engine.dialect.name == "sqlite":
            self._turnstile = Turnstile(Path(str(engine.url.database)))
            self._group = GroupCommit(engine, self._turnstile)

    @contextmanager
    def transaction(self, *, read_only: bool = False) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back on any error; deferred jobs are pushed after it."""
        if read_only:
            with self._readers() as session, session.begin():
                yield session
            return
        with self._writing() as session:
            yield session
        deferred: list[tuple[JobName, int]] = session.info.get("deferred", [])
        for name, id_ in deferred:
            self._push_one(name, id_)

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        if self._group is not None:
            with self._group.session() as session:
                yield session
        else:
            with self._sessions() as session, self._gate, session.begin():
                yield session

    def _push_one(self, name: JobName, id_: int) -> None:
        if self._push is None:
            return
        try:
            self._push(name, id_)
        except Exception as error:  # the row is the work: the sweeper finds it, whatever Redis says
            log.warning("push_failed", job=name.value, id=id_, error=type(error).__name__)

    def dispose(self) -> None:
        self.engine.dispose()
        if self._turnstile is not None:
            self._turnstile.close()


def insert_once(
    session: Session, model: type[Base], values: Mapping[str, Any], conflict: Sequence[str]
) -> bool:
    """INSERT … ON CONFLICT DO NOTHING; True if this call inserted the row."""
    dialect = session.get_bind().dialect.name
    statement = _insert_once(model.__table__, tuple(conflict), dialect)
    done = session.connection().execute(statement, dict(values))
    return bool(done.rowcount == 1)


def insert_row(session: Session, row: Base) -> None:
    """INSERT a new record at once; afterwards it is persistent, as if added and flushed.

    The unit of work costs three times as much, and intake writes rows all day (docs/benchmarks.md). Rows that this
    one refers to must be in the database already.
    """
    statement, makers, returned = _insert_of(type(row))
    given = vars(row)
    made = {name: make() for name, make in makers.items() if make is not None and name not in given}
    values = {name: value for name, value in given.items() if name in makers} | made
    done = session.connection().execute(statement, values).one()
    made |= dict(zip(returned, done, strict=True))
    # Everything is known: without this, what was left to its NULL would be fetched when somebody reads it
    given.update({name: None for name in makers if name not in values} | made)
    make_transient_to_detached(row)
    session.add(row)


def insert_values(session: Session, model: type[Base], **values: Any) -> None:
    """INSERT at once a row that nobody asks for again in this transaction: no record is made of it."""
    session.connection().execute(_plain_insert(model), values)


def update_row(session: Session, row: Base, **values: Any) -> None:
    """UPDATE these columns of a persistent record at once, as if set and flushed; for the same reason as `insert_row`.

    Not for records with a version: nothing is compared.
    """
    key = {f"of_{column.name}": getattr(row, column.name) for column in row.__table__.primary_key}
    session.connection().execute(_update_of(type(row), tuple(values)), key | values)
    for name, value in values.items():
        set_committed_value(row, name, value)


@contextmanager
def sent_together(session: Session) -> Iterator[None]:
    """PostgreSQL gets what is written inside in one go, and is waited for once, at the end: every wait is a queue
    for the interpreter as well. Only for statements of which nobody reads a row or a count. Raises DBAPIError."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    try:
        with driver.pipeline():
            yield
    except psycopg.Error as error:  # it came after SQLAlchemy had looked
        raise DBAPIError.instance(None, None, error, psycopg.Error, dialect=connection.dialect) from error


@lru_cache
def _plain_insert(model: type[Base]) -> Insert:
    return insert(model.__table__).inline()  # type: ignore[arg-type]


@lru_cache
def _update_of(model: type[Base], columns: tuple[str, ...]) -> Update:
    table = model.__table__
    same = (column == bindparam(f"of_{column.name}") for column in table.primary_key)
    return update(table).where(*same).values({name: bindparam(name) for name in columns})  # type: ignore[arg-type]


@lru_cache
def _insert_of(
    model: type[Base],
) -> tuple[ReturningInsert[Any], dict[str, Callable[[], Any] | None], tuple[str, ...]]:
    """The statement, built once; for each column what makes its default; and what the database adds."""
    table = model.__table__
    added = [c for c in table.columns if c.primary_key or (c.default is not None and c.default.is_sequence)]
    statement = insert(table).returning(*added)  # type: ignore[arg-type]
    return statement, {c.name: _maker(c.default) for c in table.columns}, tuple(c.name for c in added)


def _maker(default: Any) -> Callable[[], Any] | None:
    if default is None or default.is_sequence:
        return None
    if default.is_callable:
        return lambda: default.arg(None)
    return lambda: default.arg


@lru_cache
def _insert_once(table: FromClause, conflict: tuple[str, ...], dialect: str) -> Insert:
    """Built once a table: building it takes four times as long as executing it, and intake does it all day."""
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    once = insert(table).on_conflict_do_nothing(index_elements=conflict).inline()  # type: ignore[arg-type]
    return once.execution_options(preserve_rowcount=True)  # else PostgreSQL's count of an INSERT is lost: -1
