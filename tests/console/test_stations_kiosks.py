"""The kiosks of stations at the console: a new one with its code, how it does, taking one out of use."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.community import furnish_station
from app.desk import kiosks
from app.errors import KioskRefused
from models.kiosk import Kiosk
from models.station import Station
from tests.support.console import Desk
from tests.support.office import Office

Open = Callable[[str], Desk]


@pytest.fixture
def station(office: Office) -> int:
    with office.db.transaction() as session:
        return furnish_station(session, now=office.moment).id


def code_shown(page: str) -> str:
    """As a person reads it off the page: eight digits, huge."""
    found = re.search(r'class="once-code[^>]*>\s*<span[^>]*>(\d{4}) (\d{4})<', page)
    assert found, page
    return found[1] + found[2]


def enrolled(office: Office, code: str) -> tuple[int, str]:
    with office.db.transaction() as session:
        done = kiosks.enrol(session, code, now=office.moment)
        assert done is not None
        return done.kiosk.id, done.token


def change(office: Office, kiosk_id: int, **values: object) -> None:
    with office.db.transaction() as session:
        kiosk = session.get_one(Kiosk, kiosk_id)
        for name, value in values.items():
            setattr(kiosk, name, value)


def test_a_new_kiosk_gets_a_code_that_works_once(office: Office, desk: Open, station: int) -> None:
    wu = desk("wu")
    assert "还没有自助屏" in wu.get("/staff/stations").text
    shown = wu.post(f"/staff/stations/{station}/kiosks")
    code = code_shown(shown.text)
    assert "https://hotline.example/kiosk/" in shown.text and shown.headers["Cache-Control"] == "no-store"
    waiting = wu.get("/staff/stations").text
    assert "等着输入编码" in waiting and code not in waiting
    enrolled(office, code)
    assert "在线" in wu.get("/staff/stations").text
    with office.db.transaction() as session:
        assert kiosks.enrol(session, code, now=office.moment) is None


def test_a_code_that_nobody_typed_runs_out(office: Office, desk: Open, station: int) -> None:
    wu = desk("wu")
    wu.post(f"/staff/stations/{station}/kiosks")
    office.pass_time(minutes=31)
    assert "编码过期了" in wu.get("/staff/stations").text
    again = code_shown(wu.post(f"/staff/stations/{station}/kiosks").text)
    enrolled(office, again)
    page = wu.get("/staff/stations").text
    assert "编码过期了" not in page and page.count('class="kiosk') == 2  # the list and its one line


def test_what_is_wrong_with_a_kiosk_is_said_in_words(office: Office, desk: Open, station: int) -> None:
    wu = desk("wu")
    id_, _ = enrolled(office, code_shown(wu.post(f"/staff/stations/{station}/kiosks").text))
    change(office, id_, waiting=3, clock_offset_s=3 * 3600)
    office.pass_time(minutes=9)
    fine = wu.get("/staff/stations").text
    assert "3 件还没送出" in fine and "它的钟慢 3 小时" in fine and "没有消息" not in fine
    office.pass_time(minutes=16)
    change(office, id_, clock_offset_s=-119, waiting=0)
    silent = wu.get("/staff/stations").text
    assert "25 分钟没有消息" in silent and "tag red" in silent and "电源和网络" in silent
    assert "件还没送出" not in silent and "它的钟" not in silent
    office.pass_time(hours=12)  # 22:25
    closed = desk("wu").get("/staff/stations").text
    assert "没有消息，驿站没开门" in closed and "tag red" not in closed


def test_a_kiosk_that_is_taken_out_of_use_is_let_in_no_more(office: Office, desk: Open, station: int) -> None:
    wu = desk("wu")
    id_, token = enrolled(office, code_shown(wu.post(f"/staff/stations/{station}/kiosks").text))
    change(office, id_, waiting=2)
    page = wu.get("/staff/stations").text
    assert "停用自助屏 A？" in page and "里面还有 2 件没送出" in page
    assert "停用了" in wu.post(f"/staff/kiosks/{id_}/revoke", follow_redirects=True).text
    with office.db.transaction() as session, pytest.raises(KioskRefused):
        kiosks.by_token(session, token)
    assert "编码" not in wu.get("/staff/stations").text
    assert "A1" in wu.post(f"/staff/stations/{station}/kiosks").text  # its slips stay its own


def test_the_queue_tells_whoever_is_in_charge_that_a_kiosk_is_silent(
    office: Office, desk: Open, station: int
) -> None:
    id_, _ = enrolled(office, code_shown(desk("wu").post(f"/staff/stations/{station}/kiosks").text))
    told = "幸福里驿站的自助屏 A"
    office.pass_time(minutes=5)
    assert told not in desk("sun").get("/staff/tickets?state=open").text
    office.pass_time(minutes=10)
    for login in ("sun", "wu", "zheng"):
        assert told in desk(login).get("/staff/tickets?state=open").text
    assert told in desk("sun").get("/staff/kiosks/silent").text  # the page that stays open asks again
    for login in ("zhao", "zhou", "feng"):  # they are not in charge of the station
        assert told not in desk(login).get("/staff/tickets?state=open").text
    assert 'href="/staff/stations"' in desk("wu").get("/staff/tickets?state=open").text
    office.pass_time(hours=12)
    change(office, id_, last_seen_at=office.moment - timedelta(minutes=30))
    assert told not in desk("wu").get("/staff/tickets?state=open").text  # nobody is there at night
    office.pass_time(hours=12)
    with office.db.transaction() as session:
        session.get_one(Station, station).active = False
    assert told not in desk("wu").get("/staff/tickets?state=open").text
