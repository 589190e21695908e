"""Bringing a database to the newest schema, and asking how far it is."""

from pathlib import Path

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
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_PG_LOCK})")
        command.upgrade(alembic_config(connection), "head")
