"""The audit log is append-only for the application, and whoever gets round that is found out."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app import migrate
from app.db import Database, make_engine
from app.desk import audit, sealing
from models.crypto import Keyring
from tests.support.office import Office, open_office


def from_records(url: str, tmp_path: Path) -> None:
    with open_office(url, tmp_path / "data"):
        pass


def from_migrations(url: str, tmp_path: Path) -> None:
    engine = make_engine(url, Keyring("k" * 40))
    migrate.upgrade(engine)
    engine.dispose()


@pytest.mark.parametrize("make", [from_records, from_migrations])
def test_the_database_refuses_to_change_or_delete_entries_and_seals(
    database_url: str, tmp_path: Path, make: Callable[[str, Path], None]
) -> None:
    make(database_url, tmp_path)
    engine = make_engine(database_url, Keyring("k" * 40))
    insert = [
        "INSERT INTO audit_entries (at, deed, data) VALUES ('2026-11-23 02:00:00', 'see_phone', '{}')",
        "INSERT INTO audit_seals (at, last_id, entries, seal) VALUES ('2026-11-23 02:00:00', 1, 1, 'x')",
    ]
    with engine.begin() as connection:
        for statement in insert:
            connection.execute(text(statement))
    refused = [
        "UPDATE audit_entries SET deed = 'nothing'",
        "DELETE FROM audit_entries",
        "UPDATE audit_seals SET entries = 0",
        "DELETE FROM audit_seals",
    ]
    if engine.dialect.name == "postgresql":
        refused += ["TRUNCATE audit_entries", "TRUNCATE audit_seals"]
    for statement in refused:
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(statement))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT deed FROM audit_entries")).scalars().all() == ["see_phone"]
    engine.dispose()


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    with open_office(database_url, tmp_path / "data") as office:
        yield office


def write(office: Office, count: int) -> None:
    with office.db.transaction() as session:
        for number in range(count):
            audit.record(
                session,
                1,
                "see_phone",
                now=office.moment,
                subject="resident",
                subject_id=number,
                data={"n": number},
            )


def seal(office: Office) -> bool:
    return sealing.seal(office.db, now=office.moment)


def verify(office: Office) -> sealing.Verdict:
    with office.db.transaction(read_only=True) as session:
        return sealing.verify(session)


def three_hours(office: Office) -> None:
    """Entries 1–3, 4–6 and 7–9, each under its seal."""
    for _ in range(3):
        write(office, 3)
        office.pass_time(hours=1)
        assert seal(office)


def behind_the_triggers(office: Office, *statements: str) -> None:
    """As whoever owns the database can."""
    postgresql = office.db.engine.dialect.name == "postgresql"
    with office.db.engine.begin() as connection:
        for table in ("audit_entries", "audit_seals"):
            if postgresql:
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
            else:
                for deed in ("update", "delete"):
                    connection.execute(text(f"DROP TRIGGER {table}_no_{deed}"))
        for statement in statements:
            connection.execute(text(statement))


def test_what_nobody_touched_fits(office: Office) -> None:
    three_hours(office)
    write(office, 2)
    found = verify(office)
    assert (found.seals, found.entries, found.unsealed, found.broken) == (3, 9, 2, ())


def test_entries_are_sealed_once_and_only_when_settled(office: Office) -> None:
    write(office, 1)
    office.pass_time(minutes=9)
    assert not seal(office)
    office.pass_time(minutes=2)
    assert seal(office) and not seal(office)


@pytest.mark.parametrize(
    ("tampering", "ranges"),
    [
        ("UPDATE audit_entries SET deed = 'nothing' WHERE id = 5", [(3, 6)]),
        ("UPDATE audit_entries SET data = '{\"n\": 7}' WHERE id = 5", [(3, 6)]),
        ("UPDATE audit_entries SET staff_id = 2 WHERE id = 1", [(0, 3)]),
        ("UPDATE audit_entries SET at = '2026-11-23 01:00:00' WHERE id = 9", [(6, 9)]),
        ("DELETE FROM audit_entries WHERE id = 2", [(0, 3)]),
        ("DELETE FROM audit_seals WHERE last_id = 6", [(3, 9)]),
        ("UPDATE audit_seals SET entries = 2 WHERE last_id = 3", [(0, 3)]),
        ("UPDATE audit_seals SET seal = 'forged' WHERE last_id = 3", [(0, 3), (3, 6)]),
    ],
)
def test_tampering_is_named_where_it_is(
    office: Office, tampering: str, ranges: list[tuple[int, int]]
) -> None:
    three_hours(office)
    behind_the_triggers(office, tampering)
    assert [(one.after_id, one.last_id) for one in verify(office).broken] == ranges


def test_an_entry_slipped_in_later_breaks_its_seal(office: Office) -> None:
    three_hours(office)
    behind_the_triggers(office, "DELETE FROM audit_entries WHERE id = 8")
    with office.db.engine.begin() as connection:
        copied = (
            "SELECT 8, at, staff_id, 'harmless', subject, subject_id, data FROM audit_entries WHERE id = 9"
        )
        columns = "(id, at, staff_id, deed, subject, subject_id, data)"
        connection.execute(text(f"INSERT INTO audit_entries {columns} {copied}"))
    (broken,) = verify(office).broken
    assert (broken.after_id, broken.last_id, broken.sealed, broken.found) == (6, 9, 3, 3)


def test_a_noted_seal_tells_when_the_end_was_cut_off_and_sealed_anew(office: Office) -> None:
    three_hours(office)
    noted = verify(office).last_seal
    assert noted is not None
    behind_the_triggers(
        office, "DELETE FROM audit_entries WHERE id > 6", "DELETE FROM audit_seals WHERE last_id > 6"
    )
    write(office, 3)
    office.pass_time(hours=1)
    seal(office)
    assert verify(office).broken == ()  # alone, the chain cannot know
    with office.db.transaction(read_only=True) as session:
        assert not sealing.knows(session, noted)


def test_without_the_key_nobody_can_seal_anew(office: Office) -> None:
    three_hours(office)
    other = Database(make_engine(office.runtime.settings.db_url, Keyring("x" * 40)))
    with other.transaction(read_only=True) as session:
        assert len(sealing.verify(session).broken) == 3
    other.dispose()
