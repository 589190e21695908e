"""Bringing a database to the newest schema, and asking how far it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

import models
from app.errors import SettingsError

_SCRIPTS = Path(models.__file__).resolve().parent / "migrations"
# Two processes that start together must not both migrate; the number is ours, the lock lives in PostgreSQL
_PG_LOCK = 730_214_001


def alembic_config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("path_separator", "os")
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def head() -> str:
    """The newest revision in this source tree."""
    newest = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if newest is None:
        raise SettingsError("没有找到数据库升级脚本：安装不完整，请重新安装")
    return newest


def current(engine: Engine) -> str | None:
    """The database's revision; None for an empty database."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine) -> None:
    """Migrate to the newest revision; harmless when already there, safe when two processes try at once."""
    with changing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_PG_LOCK})")
        command.upgrade(alembic_config(connection), "head")


@contextmanager
def changing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may change the schema. SQLite alters a table by making it anew, which rows that refer to the
    old one forbid: it looks at references at the end instead (sqlite.org/lang_altertable.html, section 7)."""
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if sqlite:
            _foreign_keys(connection, on=False)
        try:
            with connection.begin():
                yield connection
                if sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                    raise SettingsError(
                        f"数据库里有指向空处的记录（表 {broken[0]}），没有升级：请用备份恢复后再试"
                    )
        finally:
            if sqlite:
                _foreign_keys(connection, on=True)


def _foreign_keys(connection: Connection, *, on: bool) -> None:
    """Outside any transaction: inside one SQLite ignores it. Hence the driver's own connection."""
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")
