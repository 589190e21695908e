"""What came from a kiosk, at the console: its recording, when it was said and when it arrived, its slip."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.community import NUMBERS
from app.jobs.steps import sweep_steps
from models.lifecycle import Status
from models.recording import Recording
from models.verified_example import VerifiedExample
from tests.support.console import Desk
from tests.support.kiosk_door import Device, wav
from tests.support.office import Office

Open = Callable[[str], Desk]
QUEUE = "/staff/tickets?state=open"


@pytest.fixture
def device(office: Office) -> Device:
    return Device(office)


def said(device: Device, slip: str = "A017", **fields: object) -> dict[str, object]:
    """Put into the outbox now."""
    return device.submission("matter", slip=slip, offset_s=None, **fields)


def number_of(results: list[dict[str, object]]) -> int:
    number = results[0]["ticket"]
    assert isinstance(number, int)
    return number


def test_a_recording_of_a_kiosk_is_heard_on_the_ticket(office: Office, desk: Open, device: Device) -> None:
    number = number_of(device.told(said(device, audio=wav(2.0), building="3")))
    page = desk("sun").get(f"/staff/tickets/{number}").text
    assert "自助屏 A017" in page and "才送到" not in page and "才送" not in page
    assert "自助屏上的录音" in page and 'data-seconds="2.0"' in page and "<rect" in page
    with office.db.transaction(read_only=True) as session:
        recording = session.scalars(select(Recording)).one()
        assert (recording.call_id, recording.source) == (None, "kiosk")
    sun = desk("sun")
    way = sun.post(f"/staff/recordings/{recording.id}/open", more_headers={"HX-Request": "true"}).text
    with sun.get(way) as audio:
        assert audio.status_code == 200 and audio.data[:4] == b"RIFF"
    assert desk("feng").post(f"/staff/recordings/{recording.id}/open").status_code == 403


def test_what_was_only_spoken_is_heard_put_right_and_dispatched(
    office: Office, desk: Open, device: Device
) -> None:
    number = number_of(device.told(said(device, audio=wav(2.0))))
    sun, page = desk("sun"), f"/staff/tickets/{number}"
    listening = sun.get(page).text
    assert "听录音，改文字，派单" in listening and "自助屏 A017" in listening
    heard: dict[str, object] = {
        "transcript": "三栋二单元路灯不亮", "category": "repairs", "building": "3", "unit": "2", "recording_id": 1,
        "version": 1, "seen": 1,
    }  # fmt: skip
    assert sun.post(f"{page}/heard", heard).status_code == 303
    with office.db.transaction(read_only=True) as session:
        assert office.ticket(session, number).status is Status.NEW
        assert session.scalars(select(VerifiedExample.transcript)).all() == ["三栋二单元路灯不亮"]
    assert "工作人员听过，改好了" in sun.get(page).text


def test_words_that_she_confirmed_stand_beside_the_recording(desk: Open, device: Device) -> None:
    number = number_of(device.told(said(device, audio=wav(2.0), words="三栋路灯不亮", phone=NUMBERS.wang)))
    page = desk("zhao").get(f"/staff/tickets/{number}").text
    assert '<p class="words">三栋路灯不亮' in page and "王阿姨" in page


def test_what_arrived_late_says_when_it_was_said(office: Office, desk: Open, device: Device) -> None:
    waiting = said(device, words="三栋路灯不亮")  # 10:00
    office.pass_time(hours=2, minutes=40)
    late = number_of(device.told(waiting))
    fresh = number_of(device.told(said(device, category="repairs", building="3", slip="A018")))
    page = desk("sun").get(f"/staff/tickets/{late}").text
    assert "自助屏 A017" in page and "10:00 说的" in page and "12:40 才送到" in page
    assert "屏上的钟" not in page
    assert "才送到" not in desk("sun").get(f"/staff/tickets/{fresh}").text
    queue = desk("sun").get(QUEUE).text
    assert queue.count("晚到的") == 1 and "A018" in queue


def test_a_clock_that_was_wrong_is_told_with_what_it_showed(office: Office, desk: Open) -> None:
    device, shown = Device(office), office.moment - timedelta(hours=3)
    wrong = said(device, words="三栋路灯不亮", at=shown.isoformat())
    number = number_of(device.told(wrong, sent_at=shown))
    page = desk("sun").get(f"/staff/tickets/{number}").text
    assert "10:00 说的" in page and "才送到" not in page  # by our clock
    assert "屏上的钟是 11月23日 07:00，不准" in page


def test_a_slip_is_found_wherever_a_number_is(office: Office, desk: Open, device: Device) -> None:
    number = number_of(device.told(said(device, words="三栋路灯不亮", phone=NUMBERS.wang)))
    other = number_of(device.told(said(device, words="五栋垃圾没人清", slip="A018")))
    sun = desk("sun")
    for written in ("A017", "a017", "Ａ０１７", "#A017", "A017号"):
        found = sun.get("/staff/tickets", query_string={"q": written}).text
        assert f'id="t-{number}"' in found and f'id="t-{other}"' not in found, written
    assert f'id="t-{number}"' not in sun.get("/staff/tickets?q=A019").text
    assert "王阿姨" in sun.get("/staff/residents?q=A017").text


def test_a_search_for_words_that_look_like_a_slip_still_finds_the_words(
    office: Office, desk: Open, device: Device
) -> None:
    number = number_of(device.told(said(device, words="3栋门口AB123的车挡了路", slip="A020")))
    assert f'id="t-{number}"' in desk("sun").get("/staff/tickets?q=AB123").text


def test_a_duplicate_is_named_by_its_slip(office: Office, desk: Open, device: Device) -> None:
    first = number_of(device.told(said(device, words="三栋路灯不亮")))
    second = number_of(device.told(said(device, words="三栋路灯坏了", slip="A018")))
    sun = desk("sun")
    with office.db.transaction(read_only=True) as session:
        version = office.ticket(session, second).version
    form: dict[str, object] = {"duplicate_of": "a017", "reason": "同一盏灯", "version": version, "seen": 99}
    assert sun.post(f"/staff/tickets/{second}/do/duplicate", form).status_code == 303
    office.pass_time(minutes=2)  # until then it can be taken back
    sweep_steps(office.runtime)
    assert f"并到 {first} 号" in sun.get(f"/staff/tickets/{second}").text
