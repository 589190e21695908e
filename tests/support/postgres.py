"""A PostgreSQL cluster of our own for the tests: one a session, on a unix socket, a database a test.

PostgreSQL refuses to run as root, so then the system's `postgres` user runs it (the Debian package
makes that user). Nothing listens on TCP, and durability is off: the cluster lives as long as the run.
"""

import contextlib
import getpass
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from app.supervisor import Program, Supervisor

REMEDY = "PostgreSQL's server is not installed (Debian: apt-get install postgresql)"
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60")


class NoPostgres(Exception):
    """There is no server on this machine that we could run."""


@dataclass(frozen=True)
class Cluster:
    """A running cluster; `socket_dir` is where its unix socket lies."""

    socket_dir: Path
    user: str

    def url(self, database: str) -> str:
        """SQLAlchemy's URL of a database."""
        return f"postgresql+psycopg://{self.user}@/{database}?host={self.socket_dir}"

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a new, empty database that is dropped afterwards, connections and all."""
        name = f"test_{uuid4().hex[:12]}"
        with self._administrator() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield self.url(name)
        finally:
            with self._administrator() as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def answers(self) -> bool:
        try:
            self._administrator().close()
        except psycopg.OperationalError:
            return False
        return True

    def _administrator(self) -> psycopg.Connection:
        return psycopg.connect(host=str(self.socket_dir), user=self.user, dbname="postgres", autocommit=True)


@contextlib.contextmanager
def running_cluster(settings: Sequence[str] = QUICK) -> Iterator[Cluster]:
    """Make a cluster in a temporary directory and run it with these server settings (the benches want durable
    ones); raises NoPostgres with what to install."""
    binaries = _find_binaries()
    # A short path: a unix socket's may have 107 bytes. pytest's own directories are private to root.
    home = Path(tempfile.mkdtemp(prefix="jc-pg-", dir="/tmp"))
    try:
        user, become = _owner(home)
        data = home / "data"
        initdb = [
            *(str(binaries / "initdb"), "--pgdata", str(data), "--username", user),
            *("--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
        ]
        subprocess.run([*become, *initdb], check=True, capture_output=True, cwd=home)
        options = (f"unix_socket_directories={home}", "listen_addresses=", *settings)
        command = [str(binaries / "postgres"), "-D", str(data), *(f"-c{option}" for option in options)]
        cluster = Cluster(home, user)
        with Supervisor(home / "logs", grace=10) as supervisor:
            supervisor.start(Program("postgres", [*become, *command], ready=cluster.answers, restart=False))
            yield cluster
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _find_binaries() -> Path:
    """Debian keeps the server off the PATH, one directory a version; the newest wins."""
    versions = Path("/usr/lib/postgresql")
    if versions.is_dir():
        for version in sorted(versions.iterdir(), key=lambda path: _number(path.name), reverse=True):
            if (version / "bin" / "postgres").exists():
                return version / "bin"
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise NoPostgres(REMEDY)


def _owner(home: Path) -> tuple[str, list[str]]:
    """Who runs the server, and the words in front of its commands to become that user."""
    if os.getuid() != 0:
        return getpass.getuser(), []
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        raise NoPostgres(f"{REMEDY}: no user `postgres`, and it refuses to run as root") from None
    os.chown(home, entry.pw_uid, entry.pw_gid)
    # setpriv (util-linux, always there) replaces itself by the server; runuser would stay in between.
    return "postgres", ["setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--init-groups"]


def _number(name: str) -> int:
    return int(name) if name.isdigit() else 0
