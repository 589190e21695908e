"""What kiosks send becomes tickets: each once, as they were meant, whatever is wrong with them."""

import logging
import threading
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from app import group_commit
from app.community import NUMBERS
from app.db import Database, make_engine
from app.desk import transcripts
from app.jobs import recordings as heard
from models.audit import AuditEntry
from models.crypto import Keyring
from models.kiosk import Kiosk
from models.lifecycle import Status
from models.message import Message
from models.receipt import InboundReceipt
from models.resident import Resident, ResidentPhone
from models.ticket import Ticket
from speech.audio import decode_wav, read_wav
from tests.support.kiosk_door import Device, wav
from tests.support.office import MONDAY, open_office


def test_three_taps_make_a_ticket_of_the_right_unit(either: Device) -> None:
    matter = either.matter(slip="A017", phone="13800009999")
    (told,) = either.told(matter)
    (ticket,) = either.tickets()
    assert told == {
        "uuid": matter["uuid"],
        "status": "taken",
        "ticket": ticket.number,
        "category": "repairs",
        "promised_on": ticket.promised_on.isoformat(),
        "danger": None,
        "at": None,
        "says": None,
    }
    assert (ticket.text, ticket.matter) == ("楼道灯不亮（幸福3栋2单元）", "楼道灯不亮")
    assert (ticket.building, ticket.unit_no, ticket.room, ticket.slip) == ("3", "2", "501", "A017")
    assert ticket.status is Status.NEW
    with either.office.db.transaction(read_only=True) as session:
        (phone,) = session.scalars(
            select(ResidentPhone.phone).where(ResidentPhone.resident_id == ticket.reporter_id)
        )
        assert phone == "+8613800009999"
        name = session.execute(
            text("SELECT name FROM units WHERE id = :id"), {"id": ticket.unit_id}
        ).scalar_one()
    assert name == "3栋"
    (opened,) = either.events(ticket, "open")
    at = either.office.moment.isoformat()
    assert opened.data == {
        "channel": "kiosk",
        "kiosk": either.id,
        "device_at": at,
        "slip": "A017",
        "late_s": 0,
    }
    assert either.row().last_slip == 17


def test_twenty_copies_at_once_are_one_ticket(either: Device) -> None:
    matter, told = either.matter(audio=wav()), []

    def deliver() -> None:
        told.append(either.told(matter)[0])

    threads = [threading.Thread(target=deliver) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (ticket,) = either.tickets()
    assert [result["ticket"] for result in told] == [ticket.number] * 20
    assert told == [told[0]] * 20
    (recording,) = either.recordings()
    directory = (either.office.runtime.settings.data_dir / str(recording.path)).parent
    assert [path.name for path in directory.iterdir()] == [str(recording.path).rpartition("/")[2]]


def test_whatever_was_lost_on_the_way_back_is_told_again(either: Device) -> None:
    lost = [either.matter(slip=f"A{n:03}") for n in (1, 2)]
    first = either.told(*lost)
    third = either.matter(slip="A003")
    assert either.told(*lost, third)[:2] == first
    assert [ticket.slip for ticket in either.tickets()] == ["A001", "A002", "A003"]


def test_a_device_that_is_enrolled_anew_sends_what_it_still_had_and_it_counts_once(either: Device) -> None:
    matter = either.matter()
    (first,) = either.told(matter)
    again = either.anew()
    assert again.id != either.id
    assert again.told(matter) == [first]
    assert len(either.tickets()) == 1


def test_another_content_under_the_same_name_is_a_conflict(either: Device) -> None:
    matter = either.matter(audio=wav())
    either.told(matter)
    answer = either.send(matter | {"room": "502", "audio": wav(2)})
    assert answer.status_code == 409
    assert answer.get_json()["results"][0]["status"] == "conflict"
    both = either.send(matter | {"room": "502"}, either.matter())
    assert both.status_code == 200
    assert [result["status"] for result in both.get_json()["results"]] == ["conflict", "taken"]
    assert [ticket.room for ticket in either.tickets()] == ["501", "501"]
    directory = either.office.runtime.settings.data_dir / "recordings"
    assert len([path for path in directory.rglob("*") if path.is_file()]) == 1
    assert either.told(matter | {"offset_s": 7})[0]["status"] == "taken", (
        "a clock that was set is no other content"
    )


def test_words_that_she_confirmed_are_understood(device: Device) -> None:
    (told,) = device.told(
        device.matter(
            category=None,
            item=None,
            words="五栋楼道里的灯不亮了",
            audio=wav(),
            estate=None,
            building=None,
            unit=None,
        )
    )
    (ticket,) = device.tickets()
    assert (ticket.text, ticket.building, ticket.category) == ("五栋楼道里的灯不亮了", "5", "repairs")
    assert told["category"] == "repairs" and ticket.status is Status.NEW and not ticket.verified
    (recording,) = device.recordings()
    assert (recording.state, recording.transcript, recording.source) == (
        "done",
        "五栋楼道里的灯不亮了",
        "kiosk",
    )
    assert recording.call_id is None


def test_what_she_tapped_wins_over_the_words_but_not_in_danger(device: Device) -> None:
    device.told(device.matter(category="care", item=None, words="路灯不亮了", building="2"))
    device.told(device.matter(category="care", item=None, words="五栋着火了", building="2"))
    tapped, burning = device.tickets()
    assert (tapped.category, tapped.building, tapped.danger) == ("care", "2", None)
    assert (burning.danger, burning.urgent, burning.building) == ("119", True, "2")
    assert burning.category != "care"
    with device.office.db.transaction(read_only=True) as session:
        assert session.scalars(
            select(Message).where(Message.ticket_id == burning.id, Message.purpose == "alert")
        ).all()


def test_a_voice_alone_waits_for_ears_and_its_danger_for_nobody(either: Device) -> None:
    (told,) = either.told(either.matter(category=None, item=None, audio=wav(2.5)))
    (ticket,) = either.tickets()
    (recording,) = either.recordings()
    assert ticket.status is Status.NEEDS_LISTENING and told["category"] is None and ticket.text == ""
    assert (recording.state, recording.seconds, recording.ticket_id) == ("transcribe", 2.5, ticket.id)
    file = either.office.runtime.settings.data_dir / str(recording.path)
    assert int.from_bytes(file.read_bytes()[24:28], "little") == 16000, "kept at 16 kHz for people"
    assert len(read_wav(file)) == 2 * 8000 * 2.5, "the worker hears it as any other"
    with either.office.db.transaction() as session:
        transcripts.transcribed(
            session, either.office.runtime.desk, recording.id, "厨房着火了", 0.9, now=either.office.moment
        )
    (ticket,) = either.tickets()
    assert (ticket.danger, ticket.text) == ("119", "厨房着火了")
    with either.office.db.transaction(read_only=True) as session:
        assert session.scalars(select(Message).where(Message.purpose == "alert")).all()


def test_a_tile_with_a_voice_is_heard_by_somebody_and_keeps_its_category(device: Device) -> None:
    device.told(device.matter(audio=wav()))
    (ticket,) = device.tickets()
    assert (ticket.status, ticket.category, ticket.matter) == (
        Status.NEEDS_LISTENING,
        "repairs",
        "楼道灯不亮",
    )


def test_bad_audio_costs_no_matter(device: Device) -> None:
    bad = ("no base64!", "UklGRg==", "", 7, ["a"], wav(0), "\ud800", "QUJD" * 100)
    told = device.told(*(device.matter(category=None, item=None, audio=audio) for audio in bad))
    assert [result["status"] for result in told] == ["taken"] * len(bad)
    for audio, ticket in zip(bad, device.tickets(), strict=True):
        assert ticket.status is Status.NEEDS_LISTENING, audio
        (remark,) = device.events(ticket, "remark")
        assert remark.reason is not None and "录音坏了" in remark.reason, audio
    assert device.recordings() == []


def test_recordings_of_other_rates_and_lengths_are_kept(device: Device) -> None:
    sounds = ((1.0, 48000), (1.0, 8000), (121.0, 16000))
    device.told(*(device.matter(audio=wav(*sound)) for sound in sounds))
    for (seconds, rate), recording in zip(sounds, device.recordings(), strict=True):
        assert recording.seconds == pytest.approx(seconds, abs=0.01), rate
        file = device.office.runtime.settings.data_dir / str(recording.path)
        assert len(decode_wav(file.read_bytes(), rate=16000)) == pytest.approx(seconds * 32000, rel=0.01)


def test_what_makes_no_sense_is_left_out_and_noted(device: Device) -> None:
    wrong: dict[str, object] = {
        "category": "weather", "item": 2**70, "estate": 5, "building": "九十九", "unit": ["2"], "room": True,
        "phone": "123", "slip": "'; DROP", "language": "tlh", "at": "yesterday", "offset_s": 2**70,
    }  # fmt: skip
    (told,) = device.told(device.matter(**wrong))
    (ticket,) = device.tickets()
    assert told["status"] == "taken" and ticket.reporter_id is None and ticket.slip is None
    assert ticket.occurred_at == device.office.moment
    (remark,) = device.events(ticket, "remark")
    for part in ("类别", "那一项", "电话"):
        assert part in str(remark.reason)
    assert "123" not in str(remark.reason)
    with device.office.db.transaction(read_only=True) as session:
        name = session.execute(
            text("SELECT name FROM units WHERE id = :id"), {"id": ticket.unit_id}
        ).scalar_one()
    assert name == "幸福里社区"


def test_letters_that_no_database_takes_are_taken_out(either: Device) -> None:
    (told,) = either.told(
        either.matter(words="灯\x00不亮\ud800了" + "啊" * 10_000, room="5\x0001", building="3\udfff")
    )
    (ticket,) = either.tickets()
    assert told["status"] == "taken"
    assert ticket.text.startswith("灯不亮了") and len(ticket.text) == 2000
    assert (ticket.room, ticket.building) == ("501", "3")


def test_a_gone_item_is_noted_and_its_tile_stays(device: Device) -> None:
    device.told(device.matter(item=9999))
    (ticket,) = device.tickets()
    assert ticket.category == "repairs" and ticket.text.startswith("基础设施维修")
    assert "已经没有" in str(device.events(ticket, "remark")[0].reason)


def test_what_is_no_submission_is_refused_and_the_others_go_on(device: Device) -> None:
    wrong: tuple[object, ...] = (
        None,
        5,
        "x",
        [],
        {"uuid": "no"},
        {"uuid": str(uuid.UUID(int=1))},
        {"kind": "matter"},
    )
    results = device.told(*wrong, device.matter())
    assert [result["status"] for result in results] == ["refused"] * len(wrong) + ["taken"]
    assert all(result["says"] for result in results[:-1])
    with device.office.db.transaction(read_only=True) as session:
        refused = select(AuditEntry.subject_id).where(AuditEntry.deed == "kiosk_refused")
        assert session.scalars(refused).all() == [device.id] * len(wrong)


def test_unknown_kinds_and_empty_matters_are_refused(device: Device) -> None:
    nothing = dict.fromkeys(("category", "item", "estate", "building", "unit", "room"))
    results = device.told(device.submission("dance"), device.matter(**nothing))
    assert [result["status"] for result in results] == ["refused", "refused"]
    assert device.tickets() == []


# ---- when it was said --------------------------------------------------------------------------------------


def test_the_clock_of_a_matter_starts_when_it_was_said(either: Device) -> None:
    said = MONDAY - timedelta(hours=5)
    slow = timedelta(hours=9)  # what its clock is behind
    known = either.matter(at=(said - slow).isoformat(), offset_s=slow.total_seconds())
    unknown = either.matter(at=(said - slow).isoformat(), offset_s=None)
    either.told(known, unknown, sent_at=MONDAY - slow)
    for ticket in either.tickets():
        assert (ticket.occurred_at, ticket.cycle_at, ticket.created_at) == (said, said, MONDAY)
        (opened,) = either.events(ticket, "open")
        assert (opened.data["late_s"], opened.data["device_at"]) == (5 * 3600, (said - slow).isoformat())


def test_a_clock_that_stands_at_1970_does_not_matter(device: Device) -> None:
    then = datetime(1970, 1, 1, 0, 10, tzinfo=UTC)
    off = (MONDAY - then).total_seconds()
    known = device.matter(at=(then - timedelta(minutes=2)).isoformat(), offset_s=off)
    unknown = device.matter(at=(then - timedelta(minutes=3)).isoformat(), offset_s=None)
    device.told(known, unknown, sent_at=then)
    said = [ticket.occurred_at for ticket in device.tickets()]
    assert said == [MONDAY - timedelta(minutes=2), MONDAY - timedelta(minutes=3)]
    assert device.row().clock_offset_s == int(off)


# ---- limits and trouble ------------------------------------------------------------------------------------


def test_thirty_matters_fill_a_kiosks_bucket_and_time_empties_it(device: Device) -> None:
    told = device.told(*(device.matter() for _ in range(20)))
    answer = device.send(*(device.matter() for _ in range(11)))
    told += answer.get_json()["results"]
    assert [result["status"] for result in told] == ["taken"] * 30 + ["later"]
    assert 0 < int(answer.headers["Retry-After"]) <= 21
    assert len(device.tickets()) == 30
    wish = device.submission("return_call", phone="13800009999")
    assert device.told(wish)[0]["status"] == "later", "nor has it thirty strangers rung"
    device.office.pass_time(seconds=21)
    assert device.told(device.matter(), device.matter())[0]["status"] == "taken"


def test_a_repeat_costs_nothing_of_the_bucket(device: Device) -> None:
    first = device.matter()
    for _ in range(40):
        assert device.told(first)[0]["status"] == "taken"


def test_more_than_twenty_at_once_or_too_many_bytes_are_not_read(device: Device) -> None:
    answer = device.send(*(device.matter() for _ in range(21)))
    assert (answer.status_code, answer.get_json()["error"]) == (413, "too_large")
    answer = device.ask("POST", "/kiosk/api/submissions", b"x" * (16 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.get_json()["error"]) == (413, "too_large")
    assert device.tickets() == []


def test_what_is_no_batch_is_answered_in_words(device: Device) -> None:
    for body in ("", "[]", "{", '{"submissions": 5}', "[" * 100_000, '{"a": 1' + "0" * 5000 + "}", b"\xff"):
        answer = device.ask("POST", "/kiosk/api/submissions", body)
        assert (answer.status_code, answer.get_json()["error"]) == (400, "bad_request"), body[:20]
        assert answer.get_json()["says"]


def test_a_locked_database_means_later_and_loses_nothing(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "PATIENCE", 0.2)
    impatient = database_url
    if database_url.startswith("postgresql"):
        impatient += "&options=-c%20lock_timeout%3D200ms"
    with open_office(impatient, tmp_path) as office:
        device = Device(office)
        matters = [device.matter(audio=wav()), device.matter()]
        another_process = Database(make_engine(database_url, Keyring("k" * 40)))
        with another_process.transaction() as session:
            session.execute(select(Kiosk).with_for_update()).all()
            answer = device.send(*matters)
        another_process.dispose()
        assert [result["status"] for result in answer.get_json()["results"]] == ["later", "later"]
        assert int(answer.headers["Retry-After"]) > 0
        assert device.tickets() == []
        assert [result["status"] for result in device.told(*matters)] == ["taken", "taken"]
        assert len(device.tickets()) == 2


def test_a_disk_that_takes_nothing_means_later_too(device: Device) -> None:
    matter = device.matter(audio=wav())
    in_the_way = device.office.runtime.settings.data_dir / "recordings"
    in_the_way.parent.mkdir(exist_ok=True)
    in_the_way.write_text("no directory")
    results = device.told(matter, device.matter())
    assert [result["status"] for result in results] == ["later", "taken"]
    in_the_way.unlink()
    assert device.told(matter)[0]["status"] == "taken"
    assert len(device.recordings()) == 1


def test_a_sign_of_life_tells_what_waits_and_how_the_clock_is(device: Device) -> None:
    assert device.told(waiting=3, version="1.2.3\x00" + "x" * 40, sent_at=MONDAY - timedelta(hours=9)) == []
    row = device.row()
    assert (row.waiting, row.clock_offset_s, row.last_seen_at) == (3, 9 * 3600, MONDAY)
    assert row.app_version == "1.2.3" + "x" * 15
    device.told(device.matter(), waiting=3)
    assert device.row().waiting == 2
    device.told(waiting=2**70, sent_at=datetime(2300, 1, 1, tzinfo=UTC))
    assert device.row().waiting == 100_000


def test_nothing_of_hers_is_in_the_log(
    device: Device, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        device.told(device.matter(words="我是王秀英，灯不亮", phone="13800009999", room="1702"))
        device.told(device.matter(phone="13800009998", audio="!"), {"kind": "matter", "phone": "13800009999"})
        device.told(device.submission("rating", number="1001", last4="9999", fact=1))
    logged = caplog.text + "".join(capsys.readouterr())
    for hers in ("13800009999", "13800009998", "王秀英", "1702"):
        assert hers not in logged


def test_a_repeat_after_her_erasure_tells_nothing_but_that_it_was_taken(device: Device) -> None:
    matter = device.matter(phone=NUMBERS.stranger)
    (first,) = device.told(matter)
    with device.office.db.transaction() as session:
        session.execute(update(InboundReceipt).values(response=None))
    (again,) = device.told(matter)
    assert (again["status"], again["ticket"]) == ("taken", first["ticket"])
    assert again["promised_on"] is None
    with device.office.db.transaction(read_only=True) as session:
        assert len(session.scalars(select(Ticket)).all()) == 1
        assert session.scalars(select(Resident)).all()
    assert heard.sweep_recordings(device.office.runtime) == []
