"""A recording without a call: on the ticket's page, corrected, given up, and erased with whose it is."""

from sqlalchemy import select

from app.desk import erasure, examples, transcripts
from app.desk.residents import find_by_phone
from app.desk.rights import Actor
from app.desk.tickets import actor_of, transition
from app.desk.timeline import timeline_of
from models.lifecycle import Action, Status
from models.recording import Recording
from models.staff import Role, Staff
from models.ticket import Ticket
from tests.support.kiosk_door import Device, wav

PHONE = "13800009999"
WU = Actor("staff", 1, Role.SUPERVISOR, "/1/")


def voice(device: Device) -> tuple[Ticket, Recording]:
    device.told(device.matter(category=None, item=None, audio=wav(), phone=PHONE))
    (ticket,), (recording,) = device.tickets(), device.recordings()
    return ticket, recording


def test_it_stands_in_the_tickets_story_and_can_be_played(device: Device) -> None:
    ticket, recording = voice(device)
    with device.office.db.transaction(read_only=True) as session:
        told = timeline_of(session, session.get_one(Ticket, ticket.id))
    (clip,) = told.clips
    assert (clip.id, clip.seconds) == (recording.id, 1.0)
    assert [entry.kind for entry in told.entries].count("recording") == 1


def test_staff_write_down_what_they_heard_and_the_machines_words_come_too_late(device: Device) -> None:
    ticket, recording = voice(device)
    office = device.office
    with office.db.transaction() as session:
        row = session.get_one(Ticket, ticket.id)
        sun = actor_of(session, session.scalars(select(Staff).where(Staff.login == "sun")).one())
        kept = examples.correct(
            session,
            office.runtime.desk,
            row,
            sun,
            transcript="五栋的水管漏水",
            now=office.moment,
            recording_id=recording.id,
        )
        assert (kept.resident_id, kept.recording_id) == (row.reporter_id, recording.id)
        transcripts.transcribed(
            session, office.runtime.desk, recording.id, "五洞水管", 0.4, now=office.moment
        )
        assert row.status is Status.NEW and "五栋的水管漏水" in row.text and "五洞" not in row.text


def test_what_the_machine_cannot_hear_is_left_to_people(device: Device) -> None:
    ticket, recording = voice(device)
    with device.office.db.transaction() as session:
        transcripts.not_transcribed(session, recording.id, now=device.office.moment, error="no engine")
    (given_up,) = device.recordings()
    assert given_up.state == "failed"
    assert device.tickets()[0].status is Status.NEEDS_LISTENING
    assert device.events(ticket, "not_heard")


def test_it_is_erased_with_whose_it_is(either: Device) -> None:
    ticket, recording = voice(either)
    office = either.office
    file = office.runtime.settings.data_dir / str(recording.path)
    with office.db.transaction() as session:
        row = session.get_one(Ticket, ticket.id)
        sun = actor_of(session, session.scalars(select(Staff).where(Staff.login == "sun")).one())
        transition(
            session, office.runtime.desk, row, Action.CANCEL, sun, now=office.moment, reason="本人撤销"
        )
        resident = find_by_phone(session, f"+86{PHONE}")
        assert resident is not None
        done = erasure.erase(session, WU, resident.id, "本人要求", now=office.moment)
    assert (done.tickets, done.recordings) == (1, 1) and file.exists()
    with office.db.transaction() as session:
        erasure.drop_files(session, office.runtime.settings.data_dir)
    assert not file.exists()
    (gone,) = either.recordings()
    assert (gone.state, gone.path, gone.transcript) == ("erased", None, None)
