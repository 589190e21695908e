"""Recordings: fetched, heard, deleted at the carrier, and never lost whatever fails."""

import io
import wave
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import select

from app.desk import transcripts
from app.desk.draft import Draft
from app.desk.tickets import open_ticket
from app.desk.understanding import understand
from app.errors import CarrierBusy, CarrierRefused
from app.jobs.recordings import sweep_recordings, transcribe
from app.queue import JobName
from models.call import Call
from models.lifecycle import Status
from models.recording import Recording
from models.ticket import Ticket, TicketEvent
from speech.voice import synthesise
from tests.support.office import NUMBERS, Office

URL = "https://carrier.example/Recordings/RE1"


@cache
def spoken() -> bytes:
    return wav(synthesise("三栋二单元路灯不亮了"))


def wav(pcm: bytes) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(pcm)
    return file.getvalue()


def recorded(office: Office, *, text: str = "", with_ticket: bool = True) -> int:
    """A recording that the carrier has announced, of a matter that waits for somebody to listen."""
    with office.db.transaction() as session:
        call = Call(
            uid="c1",
            carrier_sid="CA1",
            direction="inbound",
            hotline="+864001234567",
            state={},
            started_at=office.moment,
            updated_at=office.moment,
        )
        session.add(call)
        ticket = None
        if with_ticket:
            draft = Draft.from_understanding(
                understand(text), channel="phone", occurred_at=office.moment, needs_listening=True
            )
            ticket = open_ticket(session, office.runtime.desk, draft, now=office.moment)
        session.flush()
        recording = Recording(
            call_id=call.id,
            turn_n=2,
            ticket_id=ticket.id if ticket else None,
            source="carrier",
            carrier_sid="RE1",
            carrier_url=URL,
            state="fetch",
            due_at=office.moment,
            created_at=office.moment,
        )
        session.add(recording)
        session.flush()
        return recording.id


def row(office: Office) -> Recording:
    with office.db.transaction(read_only=True) as session:
        return session.scalars(select(Recording)).one()


def the_ticket(office: Office) -> Ticket:
    with office.db.transaction(read_only=True) as session:
        return session.scalars(select(Ticket)).one()


def run_due(office: Office) -> int:
    found = sweep_recordings(office.runtime)
    for name, id_ in found:
        assert name is JobName.TRANSCRIBE
        transcribe(office.runtime, id_)
    return len(found)


def test_a_recording_is_fetched_heard_and_deleted_at_the_carrier(office: Office) -> None:
    office.carrier.recordings[URL] = spoken()
    id_ = recorded(office)
    run_due(office)
    kept = row(office)
    assert (kept.state, office.carrier.deleted) == ("transcribe", [])
    assert kept.path is not None
    assert (office.runtime.settings.data_dir / kept.path).stat().st_size > 1000
    assert kept.seconds > 1
    assert (JobName.TRANSCRIBE, id_) in office.hands.pushed
    run_due(office)
    heard = row(office)
    assert (heard.state, heard.carrier_url) == ("done", None)
    assert "灯" in (heard.transcript or "")
    assert office.carrier.deleted == ["RE1"]
    assert run_due(office) == 0
    ticket = the_ticket(office)
    assert (ticket.text, ticket.category) == (heard.transcript, "repairs")
    assert ticket.status is Status.NEEDS_LISTENING  # a machine heard it: a person still listens
    assert not ticket.verified


def test_without_a_model_the_audio_is_kept_for_a_person(office: Office, tmp_path: Path) -> None:
    object.__setattr__(office.runtime.settings, "speech_model", tmp_path / "no-model")
    office.carrier.recordings[URL] = spoken()
    recorded(office)
    run_due(office)
    run_due(office)
    run_due(office)
    kept = row(office)
    assert (kept.state, kept.transcript) == ("failed", None)
    assert kept.path is not None
    assert (office.runtime.settings.data_dir / kept.path).exists()
    with office.db.transaction(read_only=True) as session:
        assert "not_heard" in session.scalars(select(TicketEvent.action)).all()
    assert the_ticket(office).status is Status.NEEDS_LISTENING
    assert office.carrier.deleted == ["RE1"]  # ours is safe all the same


@pytest.mark.parametrize("audio", [b"", b"<html>", wav(b"")[:20]])
def test_bytes_that_are_no_audio_are_asked_for_again(office: Office, audio: bytes) -> None:
    office.carrier.recordings[URL] = audio
    recorded(office)
    run_due(office)
    assert (row(office).state, row(office).path) == ("fetch", None)
    assert run_due(office) == 0
    office.carrier.recordings[URL] = spoken()
    office.pass_time(hours=1)
    run_due(office)
    assert row(office).state == "transcribe"
    assert office.carrier.deleted == []


def test_a_recording_that_the_carrier_does_not_have_is_said_on_the_ticket(office: Office) -> None:
    recorded(office)
    run_due(office)
    assert row(office).state == "failed"
    assert run_due(office) == 0


def test_a_carrier_that_is_down_is_asked_again_for_days(office: Office) -> None:
    office.carrier.silent = CarrierBusy("down")
    recorded(office)
    for _ in range(5):
        run_due(office)
        office.pass_time(hours=2)
    assert row(office).state == "fetch"
    office.carrier.silent = None
    office.carrier.recordings[URL] = spoken()
    run_due(office)
    assert row(office).state == "transcribe"


def test_a_copy_that_the_carrier_would_not_delete_is_deleted_later(office: Office) -> None:
    office.carrier.recordings[URL] = spoken()
    recorded(office)
    run_due(office)
    office.carrier.silent = CarrierRefused("no")
    run_due(office)
    assert row(office).state == "done"
    office.carrier.silent = None
    office.pass_time(hours=2)
    run_due(office)
    assert (office.carrier.deleted, row(office).carrier_url) == (["RE1"], None)


def test_two_workers_do_not_take_one_recording(office: Office) -> None:
    id_ = recorded(office)
    with office.db.transaction() as session:
        assert transcripts.claim_recording(session, id_, now=office.moment) is not None
        assert transcripts.claim_recording(session, id_, now=office.moment) is None


def test_audio_that_ends_its_worker_again_and_again_goes_to_a_person(office: Office) -> None:
    id_ = recorded(office)
    with office.db.transaction() as session:
        transcripts.fetched(session, id_, "recordings/x.wav", 1.0, now=office.moment)
    for _ in range(10):  # each time the process dies without a word
        with office.db.transaction() as session:
            transcripts.claim_recording(session, id_, now=office.moment)
        office.pass_time(minutes=6)
    assert row(office).state == "failed"


def test_danger_in_a_recording_does_not_wait_for_a_listener(office: Office) -> None:
    id_ = recorded(office)
    with office.db.transaction() as session:
        transcripts.fetched(session, id_, "recordings/x.wav", 1.0, now=office.moment)
        transcripts.transcribed(session, office.runtime.desk, id_, "三栋着火了快来人", 0.8, now=office.moment)
    ticket = the_ticket(office)
    assert (ticket.urgent, ticket.danger) == (True, "119")
    assert any("119" in text for text in office.texts_to(NUMBERS.desk) + office.texts_to(NUMBERS.duty))


def test_words_of_the_resident_are_not_replaced_by_those_of_the_machine(office: Office) -> None:
    id_ = recorded(office, text="路灯不亮")
    with office.db.transaction() as session:
        transcripts.fetched(session, id_, "recordings/x.wav", 1.0, now=office.moment)
        transcripts.transcribed(session, office.runtime.desk, id_, "别的话", 0.8, now=office.moment)
    assert the_ticket(office).text == "路灯不亮"


def test_a_recording_of_no_ticket_is_transcribed_as_well(office: Office) -> None:
    office.carrier.recordings[URL] = spoken()
    recorded(office, with_ticket=False)
    run_due(office)
    run_due(office)
    assert row(office).transcript
