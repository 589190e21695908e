"""Migrations give exactly the schema that the records describe, on both databases."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from app.db import make_engine
from app.migrate import alembic_config, changing, current, head, upgrade
from models.all import metadata
from models.crypto import Keyring

KEYS = Keyring("k" * 32)


def test_migrations_are_numbered_and_have_one_head() -> None:
    scripts = list(ScriptDirectory.from_config(alembic_config()).walk_revisions())
    assert sorted(s.revision for s in scripts) == [f"{n:04d}" for n in range(1, len(scripts) + 1)]
    assert len(ScriptDirectory.from_config(alembic_config()).get_heads()) == 1


def test_migrated_schema_equals_the_records(database_url: str) -> None:
    engine = make_engine(database_url, KEYS)
    upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []
    assert current(engine) == head()
    engine.dispose()


def test_upgrade_twice_and_down_again(database_url: str) -> None:
    engine = make_engine(database_url, KEYS)
    upgrade(engine)
    upgrade(engine)
    with changing(engine) as connection:
        command.downgrade(alembic_config(connection), "base")
    assert current(engine) is None
    upgrade(engine)
    assert current(engine) == head()
    engine.dispose()


NOW = "2026-11-20 08:00:00+00:00"


def test_a_database_in_use_can_be_upgraded_and_taken_back(database_url: str) -> None:
    """SQLite alters a table by making it anew: rows that refer to it must survive that."""
    engine = make_engine(database_url, KEYS)
    with changing(engine) as connection:
        command.upgrade(alembic_config(connection), "0008")
        for statement in (
            "INSERT INTO residents (id, name, lives_alone, prefers_person, opted_out, created_at)"
            f" VALUES (7, NULL, false, false, false, '{NOW}')",
            "INSERT INTO resident_phones (id, resident_id, phone, phone_index, can_text)"
            " VALUES (1, 7, '', 'x', true)",
            "INSERT INTO calls (id, uid, carrier_sid, direction, hotline, resident_id, state, last_turn, started_at,"
            f" updated_at) VALUES (5, 'u', 'CA1', 'inbound', '', 7, '', 1, '{NOW}', '{NOW}')",
            "INSERT INTO recordings (id, call_id, turn_n, source, seconds, state, tries, due_at, created_at)"
            f" VALUES (3, 5, 1, 'stream', 1.5, 'done', 0, '{NOW}', '{NOW}')",
        ):
            connection.execute(text(statement))
    upgrade(engine)
    with changing(engine) as connection:
        assert connection.scalar(text("SELECT resident_id FROM resident_phones")) == 7
        assert connection.scalar(text("SELECT call_id FROM recordings")) == 5
        command.downgrade(alembic_config(connection), "0008")
        assert connection.scalar(text("SELECT seconds FROM recordings")) == 1.5
    engine.dispose()


def test_numbers_go_on_where_they_were_when_a_sequence_takes_over(postgres_url: str) -> None:
    engine = make_engine(postgres_url, KEYS)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0001")
        connection.execute(text("INSERT INTO counters (name, value) VALUES ('ticket', 1042)"))
    upgrade(engine)
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT nextval('ticket_numbers')")) == 1043
        command.downgrade(alembic_config(connection), "0001")
        assert connection.scalar(text("SELECT value FROM counters WHERE name = 'ticket'")) == 1043
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT nextval('ticket_numbers')")) == 1044
    engine.dispose()


def test_numbers_begin_at_1001(postgres_url: str) -> None:
    engine = make_engine(postgres_url, KEYS)
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT nextval('ticket_numbers')")) == 1001
    engine.dispose()
