"""Audio of whoever was erased goes from the disk, and a restored backup forgets her again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.desk import erasure
from app.desk.residents import find_by_phone
from app.desk.rights import Actor
from app.errors import NotFound
from models.call import Call
from models.recording import Recording
from models.resident import Resident
from models.resident_change import Erasure
from models.staff import Role
from tests.support.office import NUMBERS, Office, open_office

WU = Actor("staff", 1, Role.SUPERVISOR, "/1/")


def _leave_a_recording(office: Office, resident: Resident) -> Path:
    path = office.runtime.settings.data_dir / "recordings" / "one.wav"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"RIFF")
    with office.db.transaction() as session:
        call = Call(
            uid="u", carrier_sid="CA1", direction="inbound", phone=NUMBERS.wang, phone_index=NUMBERS.wang,
            hotline="+864001234567", resident_id=resident.id, state={"heard": "王桂兰"}, started_at=office.moment,
            updated_at=office.moment,
        )  # fmt: skip
        session.add(call)
        session.flush()
        session.add(
            Recording(
                call_id=call.id,
                turn_n=1,
                source="stream",
                path="recordings/one.wav",
                transcript="我是王桂兰",
                state="done",
                due_at=office.moment,
                created_at=office.moment,
            )
        )
    return path


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    with open_office(sqlite_url, tmp_path / "data") as office:
        yield office


@pytest.fixture
def resident(office: Office) -> Resident:
    with office.db.transaction(read_only=True) as session:
        found = find_by_phone(session, NUMBERS.wang)
        assert found is not None
        return found


def test_her_recording_goes_from_row_and_disk(office: Office, resident: Resident) -> None:
    path = _leave_a_recording(office, resident)
    with office.db.transaction() as session:
        done = erasure.erase(session, WU, resident.id, "本人要求", now=office.moment)
    assert (done.calls, done.recordings) == (1, 1)
    assert path.exists()  # until the commit is certain
    with office.db.transaction() as session:
        assert erasure.drop_files(session, office.runtime.settings.data_dir) == 1
        row = session.scalars(select(Recording)).one()
        assert (row.transcript, row.path) == (None, None)
        assert session.scalars(select(Call)).one().state == {}
    assert not path.exists()


def test_after_a_restore_she_is_erased_again_once(office: Office, resident: Resident) -> None:
    data_dir = office.runtime.settings.data_dir
    with pytest.raises(NotFound):
        erasure.remembered(data_dir)
    erasure.remember_outside(data_dir, resident.id, office.moment)
    assert erasure.remembered(data_dir) == [resident.id]
    with office.db.transaction() as session:
        assert erasure.erase_again(session, resident.id, now=office.moment) is not None
    with office.db.transaction() as session:
        assert erasure.erase_again(session, resident.id, now=office.moment) is None
        assert len(session.scalars(select(Erasure)).all()) == 1
