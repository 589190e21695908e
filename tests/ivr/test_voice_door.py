"""The voice door: signature, repeats, disorder, carriers without streams, trouble with the database."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from app.community import NUMBERS
from app.db import Database
from app.desk import transcripts
from app.desk.settling import settle_call, unsettled_calls
from app.desk.spools import attach_spools, drop_spools
from app.desk.transcripts import transcribed
from app.queue import JobName
from models.all import metadata
from models.base import Base
from models.call import Call, CallTurn
from models.callback import Callback
from models.lifecycle import Status
from models.receipt import InboundReceipt
from models.recording import Recording
from models.ticket import Ticket
from speech.audio import mulaw_encode
from tests.support.line import Line, voice_app
from tests.support.office import Office, open_office

Ring = Callable[..., Line]
REC = {"RecordingUrl": "https://carrier.example/RE1", "RecordingDuration": "3"}


@pytest.fixture(params=["sqlite", "postgresql"])
def either_office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    with open_office(str(url), tmp_path) as office:
        yield office


@pytest.fixture
def without_streams(sqlite_url: str, tmp_path: Path) -> Iterator[Line]:
    """A line of a carrier that has no media streams."""
    with open_office(sqlite_url, tmp_path, carrier="compatible") as office:
        yield Line(office, voice_app(office.runtime).test_client())


def rows(office: Office, model: type[Base]) -> int:
    with office.db.transaction(read_only=True) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def all_rows(office: Office) -> dict[str, int]:
    with office.db.transaction(read_only=True) as session:
        return {
            t.name: session.scalar(select(func.count()).select_from(t)) or 0 for t in metadata.sorted_tables
        }


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What is sent to the database meanwhile, without the frame of the transaction."""
    found: list[str] = []

    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
            found.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


# ---- who may come in -------------------------------------------------------------------------------------

PATHS = [
    "/voice/incoming",
    "/voice/status",
    "/voice/status?attempt=abc",
    "/voice/abc/turn/2",
    "/voice/abc/turn/2?empty=1",
    "/voice/abc/recording",
    "/voice/abc/whisper",
    "/voice/abc/whisper/accept",
    "/voice/callback/abc",
    "/voice/help/abc",
    "/voice/help/abc/key",
    "/voice/status?help=abc",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("signature", ["", "forged", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="])
def test_forged_and_missing_signatures_store_nothing(office: Office, path: str, signature: str) -> None:
    line = Line(office, voice_app(office.runtime).test_client())
    before = all_rows(office)
    assert line.post(path, signature=signature).status_code == 403
    assert all_rows(office) == before


def test_a_signature_of_another_host_path_or_body_is_refused(office: Office, ring: Ring) -> None:
    from twilio.request_validator import RequestValidator

    from tests.support.office import TOKEN

    line = ring()
    form = {"CallSid": "CA9", "From": line.caller, "To": "+86400", "CallStatus": "ringing"}
    sign = RequestValidator(TOKEN).compute_signature
    base = office.runtime.settings.public_url
    wrong = [
        sign("https://evil.example/voice/incoming", form),
        sign(f"{base}/voice/status", form),
        sign(f"{base}/voice/incoming?x=1", form),
        sign(f"{base}/voice/incoming", form | {"From": "+8613800009999"}),
    ]
    for signature in wrong:
        answer = line.client.post(
            "/voice/incoming", data=form, headers={"X-Twilio-Signature": signature, "Host": "evil.example"}
        )
        assert answer.status_code == 403
    right = sign(f"{base}/voice/incoming", form)
    assert (
        line.client.post("/voice/incoming", data=form, headers={"X-Twilio-Signature": right}).status_code
        == 200
    )
    assert rows(office, Call) == 2


def test_every_route_of_the_door_is_guarded(office: Office) -> None:
    app = voice_app(office.runtime)
    client = app.test_client()
    routes = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("voice.")]
    assert len(routes) == 12
    for rule in routes:
        path = (
            rule.rule.replace("<int:n>", "2")
            .replace("<call>", "a")
            .replace("<attempt>", "a")
            .replace("<uuid>", "a")
        )
        assert client.post(path).status_code == 403
        assert client.get(path).status_code in (403, 405)


def test_an_overlong_body_is_refused(office: Office) -> None:
    line = Line(office, voice_app(office.runtime).test_client())
    assert line.post("/voice/incoming", From="1" * 140_000).status_code == 413
    assert rows(office, Call) == 0


def test_senseless_values_are_refused_and_store_nothing(office: Office, ring: Ring) -> None:
    line = ring()
    before = all_rows(office)
    assert line.post(line.redirect, Digits="1;DROP TABLE").status_code == 400
    assert line.post("/voice/incoming", CallSid="not a sid").status_code == 400
    assert line.post("/voice/status", CallStatus="?").status_code == 400
    assert line.post("/voice/status?attempt=%E7%94%B2").status_code == 400
    assert all_rows(office) == before


# ---- unknown calls and turns -----------------------------------------------------------------------------


def test_unknown_calls_and_turns_hear_a_polite_goodbye(office: Office, ring: Ring) -> None:
    line = ring()
    before = all_rows(office)
    call = line.redirect.split("/")[2]
    for path in (
        "/voice/nobody/turn/2",
        f"/voice/{call}/turn/3",
        f"/voice/{call}/turn/99",
        f"/voice/{call}/turn/0",
    ):
        answer = line.post(path)
        assert answer.status_code == 200 and answer.mimetype == "text/xml"
        assert "再见" in answer.text and "<Hangup" in answer.text
    assert "再见" in line.post(f"/voice/{call}/turn/2", CallSid="CAother").text
    assert "再见" in line.post("/voice/nobody/recording", RecordingSid="RE1", **REC).text
    assert all_rows(office) == before


# ---- repeats and disorder --------------------------------------------------------------------------------


def test_fifty_copies_of_one_call_are_one_call(either_office: Office) -> None:
    office, sid = either_office, "CA" + "5" * 32
    app = voice_app(office.runtime)
    answers: list[str] = []

    def deliver() -> None:
        line = Line(office, app.test_client(), NUMBERS.wang, sid=sid)
        answers.append(line.post("/voice/incoming").text)

    threads = [threading.Thread(target=deliver) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 50 and len(set(answers)) == 1 and "<Connect>" in answers[0]
    assert (rows(office, Call), rows(office, CallTurn), rows(office, InboundReceipt)) == (1, 1, 1)


def test_parallel_copies_of_the_last_turn_open_one_ticket(either_office: Office) -> None:
    office = either_office
    app = voice_app(office.runtime)
    line = Line(office, app.test_client(), NUMBERS.wang).dial().says("三栋二单元路灯不亮了")
    line.gateway("keys", keys="1")
    answers: list[str] = []

    def deliver() -> None:
        copy = Line(office, app.test_client(), NUMBERS.wang, sid=line.sid)
        answers.append(copy.post(line.redirect).text)

    threads = [threading.Thread(target=deliver) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 1 and "幺零零幺" in answers[0]
    assert rows(office, Ticket) == 1


def test_late_copies_of_earlier_webhooks_change_nothing(office: Office, ring: Ring) -> None:
    line = ring()
    first, second = line.xml, line.redirect
    line.says("三栋二单元路灯不亮了")
    answer_2, third = line.xml, line.redirect
    line.says("对")
    line.over()
    before = all_rows(office)
    assert line.post("/voice/incoming", CallStatus="ringing").text == first
    assert line.post(second).text == answer_2
    assert line.post(third, Digits="2").text == line.xml
    line.over("in-progress")
    line.over()
    assert all_rows(office) == before
    with office.db.transaction(read_only=True) as session:
        assert session.scalars(select(Call)).one().ended_at is not None


def test_the_first_result_of_a_turn_counts(office: Office, ring: Ring) -> None:
    line = ring()
    line.gateway("speech", text="三栋二单元路灯不亮了", confidence=0.98, speech_seconds=2.0)
    line.gateway("silence")
    assert "三栋二单元路灯不亮" in line.go_on().said


def test_a_status_nobody_knows_is_noted_only(office: Office) -> None:
    line = Line(office, voice_app(office.runtime).test_client())
    before = all_rows(office)
    line.over()
    line.over("completed", "/voice/status?attempt=nobody")
    assert all_rows(office) == before


# ---- what a webhook costs --------------------------------------------------------------------------------


def test_a_webhook_costs_five_statements(office: Office, ring: Ring) -> None:
    with statements(office.db) as sent:
        line = ring(NUMBERS.wang)
    assert len(sent) <= 5, sent
    line.gateway("speech", text="三栋二单元路灯不亮了", confidence=0.98, speech_seconds=2.0)
    with statements(office.db) as sent:
        line.go_on()
    assert len(sent) <= 5, sent
    with statements(office.db) as sent:
        line.deliver(line.redirect.replace("turn/3", "turn/2"))
    assert len(sent) <= 3, sent


# ---- carriers without streams ----------------------------------------------------------------------------


def transcribe(line: Line, text: str, confidence: float = 0.9) -> None:
    """What the worker does with the recording."""
    office = line.office
    with office.db.transaction() as session:
        recording = session.scalars(select(Recording).order_by(Recording.id.desc())).first()
        assert recording is not None and recording.state == "fetch"
        assert (JobName.TRANSCRIBE, recording.id) in office.hands.pushed
        recording.path, recording.state = f"recordings/{recording.id}.wav", "transcribe"
        session.flush()
        transcripts.transcribed(
            session, office.runtime.desk, recording.id, text, confidence, now=office.moment
        )


def test_keys_and_a_recording_make_a_ticket(without_streams: Line) -> None:
    line = without_streams.dial()
    assert line.has("Gather") and not line.has("Connect")
    line.presses("1")
    action = line.find("Record").get("action", "").removeprefix("https://hotline.example")
    line.say_is(line.deliver(action, RecordingSid="RE1", **REC))
    assert "正在记录" in line.said and "poll=1" in line.redirect
    line.go_on()
    assert "poll=2" in line.redirect
    transcribe(line, "三栋二单元路灯不亮了")
    line.go_on()
    with line.office.db.transaction(read_only=True) as session:
        ticket = session.scalars(select(Ticket)).one()
        assert (ticket.category, ticket.building, ticket.status) == ("repairs", "3", Status.NEW)
        assert session.scalars(select(Recording.ticket_id)).all() == [ticket.id]
    assert "幺零零幺" in line.said and line.has("Hangup")


def test_a_slow_worker_keeps_nobody_waiting_for_ever(without_streams: Line) -> None:
    line = without_streams.dial().presses("1")
    action = line.find("Record").get("action", "").removeprefix("https://hotline.example")
    line.say_is(line.deliver(action, RecordingSid="RE1", **REC))
    for _ in range(6):
        assert line.has("Redirect")
        line.go_on()
    assert line.has("Hangup") and "给您回电话" in line.said
    with line.office.db.transaction(read_only=True) as session:
        assert session.scalars(select(Ticket)).one().status is Status.NEEDS_LISTENING
    transcribe(line, "三栋着火了")
    with line.office.db.transaction(read_only=True) as session:
        assert session.scalars(select(Ticket)).one().danger == "119", "words that come late still count"


def test_repeats_of_a_recording_make_one(without_streams: Line) -> None:
    line = without_streams.dial().presses("1")
    action = line.find("Record").get("action", "").removeprefix("https://hotline.example")
    callback = line.find("Record").get("recordingStatusCallback", "").removeprefix("https://hotline.example")
    first = line.deliver(action, RecordingSid="RE1", **REC)
    line.deliver(callback, RecordingSid="RE1", RecordingStatus="completed", **REC)
    assert line.deliver(action, RecordingSid="RE1", **REC) == first
    assert rows(line.office, Recording) == 1


def test_hang_up_in_a_recording_keeps_it(without_streams: Line) -> None:
    line = without_streams.dial().presses("1")
    action = line.find("Record").get("action", "").removeprefix("https://hotline.example")
    for _ in range(2):
        line.deliver(action, RecordingSid="RE1", Digits="hangup", CallStatus="completed", **REC)
    line.over()
    with line.office.db.transaction(read_only=True) as session:
        ticket = session.scalars(select(Ticket)).one()
        assert ticket.status is Status.NEEDS_LISTENING and ticket.category == "repairs"
        assert session.scalars(select(Recording.ticket_id)).all() == [ticket.id]
        assert len(session.scalars(select(Callback)).all()) == 1


def test_a_recording_that_comes_after_the_call_was_settled_is_not_lost(without_streams: Line) -> None:
    line, office = without_streams.dial().presses("1"), without_streams.office
    callback = line.find("Record").get("recordingStatusCallback", "").removeprefix("https://hotline.example")
    line.over()
    with office.db.transaction() as session:
        call = session.scalars(select(Call)).one()
        assert call.settled_at is None, "a recording may still be on its way"
        assert unsettled_calls(session, now=office.moment) == []
        assert unsettled_calls(session, now=office.pass_time(seconds=11)) == [call.id]
        settle_call(session, office.runtime.desk, call.id, now=office.moment)
    assert rows(office, Ticket) == 0
    for _ in range(2):
        line.deliver(callback, RecordingSid="RE1", RecordingStatus="completed", **REC)
    with office.db.transaction(read_only=True) as session:
        ticket = session.scalars(select(Ticket)).one()
        assert ticket.status is Status.NEEDS_LISTENING
        assert session.scalars(select(Recording.ticket_id)).all() == [ticket.id]
        assert len(session.scalars(select(Callback)).all()) == 1


def test_zero_ends_a_recording_with_a_person(without_streams: Line) -> None:
    line = without_streams.dial().presses("1")
    action = line.find("Record").get("action", "").removeprefix("https://hotline.example")
    line.say_is(line.deliver(action, RecordingSid="RE1", Digits="0", **REC))
    assert line.has("Dial")


def test_an_empty_recording_is_silence(without_streams: Line) -> None:
    line = without_streams.dial().presses("1").go_on()
    assert "没有听到您的声音" in line.said and rows(line.office, Ticket) == 0


# ---- a gateway that died ---------------------------------------------------------------------------------


def test_spooled_audio_of_a_dead_gateway_becomes_a_ticket(office: Office, ring: Ring) -> None:
    line, data_dir = ring(), office.runtime.settings.data_dir
    with office.db.transaction() as session:
        turn = line.turn_row(session)
        turn.token_used_at, turn.spool = office.moment, "spooled.ulaw"
    spool = office.runtime.settings.spool_dir
    spool.mkdir(parents=True)
    (spool / "spooled.ulaw").write_bytes(mulaw_encode(_voice()))
    line.over()
    office.pass_time(seconds=31)
    with office.db.transaction() as session:
        made = attach_spools(session, office.runtime.desk, data_dir, now=office.moment)
        assert (
            len(made) == 1 and attach_spools(session, office.runtime.desk, data_dir, now=office.moment) == []
        )
    with office.db.transaction() as session:
        drop_spools(session, data_dir)
        (call_id,) = unsettled_calls(session, now=office.moment)
        settle_call(session, office.runtime.desk, call_id, now=office.moment)
    assert not (spool / "spooled.ulaw").exists()
    with office.db.transaction(read_only=True) as session:
        ticket, recording = session.scalars(select(Ticket)).one(), session.scalars(select(Recording)).one()
        assert ticket.status is Status.NEEDS_LISTENING and recording.ticket_id == ticket.id
        assert (data_dir / str(recording.path)).is_file()
        assert len(session.scalars(select(Callback)).all()) == 1


def test_audio_that_turns_up_after_the_dialogue_has_ended_is_not_lost(office: Office, ring: Ring) -> None:
    """The gateway died, the redirect came, nobody said any more; minutes later the sweeper finds the spool."""
    line, data_dir = ring(), office.runtime.settings.data_dir
    with office.db.transaction() as session:
        turn = line.turn_row(session)
        turn.token_used_at, turn.spool = office.moment, "early.ulaw"
    office.runtime.settings.spool_dir.mkdir(parents=True)
    (office.runtime.settings.spool_dir / "early.ulaw").write_bytes(mulaw_encode(_voice()))
    line.go_on().is_silent().is_silent().over()
    assert rows(office, Ticket) == 0
    office.pass_time(minutes=1)
    with office.db.transaction() as session:
        assert len(attach_spools(session, office.runtime.desk, data_dir, now=office.moment)) == 1
    with office.db.transaction(read_only=True) as session:
        assert session.scalars(select(Ticket)).one().status is Status.NEEDS_LISTENING
        assert len(session.scalars(select(Callback)).all()) == 1, "one return call a number and hour"


def test_audio_rescued_while_the_call_went_on_without_it_is_not_lost(office: Office, ring: Ring) -> None:
    """The gateway died in her sentence; she heard the keypad menu, said nothing more and hung up."""
    line, data_dir = ring(), office.runtime.settings.data_dir
    with office.db.transaction() as session:
        turn = line.turn_row(session)
        turn.token_used_at, turn.spool = office.moment, "during.ulaw"
    office.runtime.settings.spool_dir.mkdir(parents=True)
    (office.runtime.settings.spool_dir / "during.ulaw").write_bytes(mulaw_encode(_voice()))
    line.go_on()
    office.pass_time(seconds=31)
    with office.db.transaction() as session:
        (recording_id,) = attach_spools(session, office.runtime.desk, data_dir, now=office.moment)
    with office.db.transaction() as session:
        transcribed(session, office.runtime.desk, recording_id, "三栋着火了", 0.9, now=office.moment)
    line.is_silent().is_silent().over()
    with office.db.transaction(read_only=True) as session:
        ticket = session.scalars(select(Ticket)).one()
        assert ticket.status is Status.NEEDS_LISTENING and ticket.danger == "119" and ticket.urgent
        assert session.scalars(select(Recording.ticket_id)).one() == ticket.id
        assert len(session.scalars(select(Callback)).all()) == 1


def test_a_long_talk_with_a_person_is_not_taken_for_a_lost_call(office: Office, ring: Ring) -> None:
    line = ring().presses("0")
    base = str(line.find("Number").get("url")).removeprefix("https://hotline.example")
    line.deliver(f"{base}/accept", CallSid="CAchild", Digits="1")
    office.pass_time(minutes=40)
    with office.db.transaction() as session:
        assert unsettled_calls(session, now=office.moment) == []
    action = str(line.find("Dial").get("action")).removeprefix("https://hotline.example")
    line.say_is(line.deliver(action, DialCallStatus="completed", DialBridged="true"))
    assert line.heard[-1] == "谢谢您，再见。"


def test_spooled_silence_is_nobodys_matter(office: Office, ring: Ring) -> None:
    line, data_dir = ring(), office.runtime.settings.data_dir
    with office.db.transaction() as session:
        turn = line.turn_row(session)
        turn.token_used_at, turn.spool = office.moment, "silent.ulaw"
    office.runtime.settings.spool_dir.mkdir(parents=True)
    (office.runtime.settings.spool_dir / "silent.ulaw").write_bytes(mulaw_encode(bytes(32_000)))
    line.over()
    office.pass_time(minutes=6)
    with office.db.transaction() as session:
        assert attach_spools(session, office.runtime.desk, data_dir, now=office.moment) == []
    assert rows(office, Recording) == 0


def _voice() -> bytes:
    """Two seconds that an ear takes for speech: a changing vowel in a quiet room."""
    import numpy as np

    at = np.arange(16_000) / 8000
    pitch = 130 + 25 * np.sin(2 * np.pi * 1.3 * at)
    phase = 2 * np.pi * np.cumsum(pitch) / 8000
    voice = sum(np.sin(k * phase) / k for k in range(1, 20)) * (0.35 + 0.3 * np.sin(2 * np.pi * 3 * at))
    voice *= (at > 0.5) & (at < 1.6)
    noise = np.random.default_rng(1).normal(0, 0.001, at.size)
    return (np.clip(voice * 0.3 + noise, -1, 1) * 32767).astype("<i2").tobytes()


# ---- trouble ---------------------------------------------------------------------------------------------


def test_a_database_in_trouble_is_503_so_that_the_carrier_tries_again(office: Office, ring: Ring) -> None:
    line = ring()
    with office.db.transaction() as session:
        session.execute(CallTurn.__table__.delete())  # type: ignore[attr-defined]
    metadata.drop_all(office.db.engine, tables=[CallTurn.__table__])  # type: ignore[list-item]
    answer = line.post("/voice/incoming", CallSid="CA" + "8" * 32)
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "1"
    with office.db.transaction(read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(Call)) == 1, "all of it was rolled back"
