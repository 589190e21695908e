"""What a kiosk knows beforehand; the page behind the square code; and the headers around them."""

from datetime import timedelta

from sqlalchemy import delete, select

from app.community import NUMBERS
from app.desk.units import add_unit
from models.activity import Activity
from models.service_item import ServiceItem
from models.station import Station
from models.unit import Unit
from tests.support.kiosk_door import Device


def test_everything_is_told_that_a_kiosk_needs_without_a_network(either: Device) -> None:
    answer = either.ask("GET", "/kiosk/api/bootstrap")
    facts = answer.get_json()
    assert facts["now"] == either.office.moment.isoformat()
    assert facts["kiosk"] == {"id": either.id, "slip_prefix": "A", "last_slip": 0}
    assert facts["station"] == {
        "name": "幸福里驿站", "address": "3栋楼下，菜市场对面", "hours": "08:00-21:00", "staffed": True, "open": True,
    }  # fmt: skip
    assert facts["profile"] == {"inches": 21.5, "distance_mm": 500, "printer_mm": 80, "speaker": True}
    assert facts["hotline"] == either.office.runtime.settings.hotline_number and facts["human_now"] is True
    assert facts["audio_url"] == "ws://127.0.0.1:8001/kiosk/audio"
    assert (facts["public_url"], facts["recording_seconds"]) == ("https://hotline.example", 120)
    assert [category["position"] for category in facts["categories"]] == [1, 2, 3, 4, 5, 6]
    (repairs,) = [category for category in facts["categories"] if category["code"] == "repairs"]
    assert {"id": either.item("楼道灯不亮"), "name": "楼道灯不亮", "picture": "lightbulb-off"} in repairs[
        "items"
    ]
    assert [place["label"] for place in facts["places"]] == ["幸福", "阳光"]
    assert [building["label"] for building in facts["places"][0]["buildings"]] == ["1", "2", "3"]
    assert facts["places"][0]["buildings"][0]["keeper_phone"] == NUMBERS.duty
    assert facts["places"][1]["buildings"][0]["keeper_phone"] == NUMBERS.desk
    (activity,) = facts["activities"]
    assert (activity["theme"], activity["weekly"]) == ("周三话家常", True)
    for number in (NUMBERS.zhao, NUMBERS.wang, NUMBERS.sun):
        assert number not in answer.text, "nobody's own"


def test_what_has_not_changed_is_not_sent_again(device: Device) -> None:
    first = device.ask("GET", "/kiosk/api/bootstrap")
    tag = {"If-None-Match": first.headers["ETag"]}
    device.office.pass_time(minutes=1)
    same = device.ask("GET", "/kiosk/api/bootstrap", headers=tag)
    assert (same.status_code, same.data) == (304, b"")
    with device.office.db.transaction() as session:
        session.scalars(select(ServiceItem).where(ServiceItem.name == "马桶堵了")).one().active = False
        session.scalars(select(Station)).one().staffed = False
    changed = device.ask("GET", "/kiosk/api/bootstrap", headers=tag)
    assert changed.status_code == 200 and "马桶堵了" not in changed.text


def test_closed_hours_far_activities_and_other_communities(device: Device) -> None:
    office = device.office
    with office.db.transaction() as session:
        elsewhere = add_unit(session, parent=None, kind="community", name="别的社区")
        add_unit(session, parent=elsewhere, kind="building", name="3栋")
        here = session.scalars(select(Unit).where(Unit.name == "幸福里社区")).one()
        add_unit(session, parent=here, kind="building", name="10栋", duty_phone="+8640012312")
        session.execute(delete(Activity))
        for days in (6, 8):
            at = office.moment + timedelta(days=days)
            session.add(
                Activity(unit_id=here.id, theme=f"{days}天后", place="楼下", starts_at=at, created_at=at)
            )
    office.pass_time(hours=12)
    facts = device.ask("GET", "/kiosk/api/bootstrap").get_json()
    assert facts["station"]["open"] is False
    assert [one["theme"] for one in facts["activities"]] == ["6天后"]
    outside = facts["places"][-1]
    assert (outside["unit_id"], outside["label"]) == (None, "")
    assert [(b["label"], b["keeper_phone"]) for b in outside["buildings"]] == [("10", "+8640012312")]


def test_the_stations_community_decides_which_building_is_meant(either: Device) -> None:
    with either.office.db.transaction() as session:
        elsewhere = add_unit(session, parent=None, kind="community", name="别的社区")
        other = add_unit(session, parent=elsewhere, kind="building", name="3栋").id
        ours = session.scalars(select(Unit.id).where(Unit.label == "3", Unit.id != other)).one()
    either.told(either.matter(estate=None), either.matter(words="3栋的灯坏了", estate=None, building=None))
    assert [ticket.unit_id for ticket in either.tickets()] == [ours, ours]
    with either.office.db.transaction() as session:
        session.scalars(select(Station)).one().unit_id = elsewhere.id
    either.told(either.matter(estate=None), either.matter(estate=None, building="77"))
    assert [ticket.unit_id for ticket in either.tickets()[2:]] == [other, elsewhere.id]


# ---- /p/… --------------------------------------------------------------------------------------------------


def test_the_slips_page_tells_how_it_stands_and_nothing_about_anybody(either: Device) -> None:
    matter = either.matter(phone="13800009999", words="我是王秀英，灯不亮")
    either.told(matter)
    (ticket,) = either.tickets()
    client = either.app.test_client()
    answer = client.get(f"/p/{matter['uuid']}", headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    assert answer.status_code == 200 and "基础设施维修" in answer.text and "已经记下，正在安排" in answer.text
    assert f"{ticket.promised_on.month}月{ticket.promised_on.day}日" in answer.text
    for hers in ("王秀英", "9999", "501", "3栋", "幸福", str(ticket.number)):
        assert hers not in answer.text
    assert "noindex" in answer.headers["X-Robots-Tag"] and 'content="noindex' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get(f"/p/{str(matter['uuid']).upper()}").status_code == 200


def test_the_slips_page_speaks_three_languages(device: Device) -> None:
    matter = device.matter()
    device.told(matter)
    client = device.app.test_client()
    for wanted, language, word in (
        ("en-GB,en;q=0.9", "en", "Repairs"), ("zh-TW", "zh-Hant", "基礎設施維修"), ("zh-Hant-HK", "zh-Hant", "基礎"),
        ("zh", "zh-Hans", "基础设施维修"), ("fr, en;q=0.2", "en", "Repairs"), ("fr", "zh-Hans", "基础"),
        ("", "zh-Hans", "基础"),
    ):  # fmt: skip
        answer = client.get(f"/p/{matter['uuid']}", headers={"Accept-Language": wanted})
        assert f'<html lang="{language}">' in answer.text and word in answer.text, wanted


def test_an_address_that_we_do_not_know_may_still_be_on_its_way(device: Device) -> None:
    client = device.app.test_client()
    refused = device.submission("dance")
    device.told(refused)
    for uuid in ("0b1f2c3d-0000-4000-8000-000000000000", refused["uuid"], "x", "1" * 500, "%00", "%ED%A0%80"):
        answer = client.get(f"/p/{uuid}")
        assert answer.status_code == 404 and "还没有查到这件事" in answer.text, uuid


# ---- headers -----------------------------------------------------------------------------------------------


def test_pages_of_the_kiosk_load_nothing_from_elsewhere_and_may_use_the_microphone(
    device: Device,
) -> None:
    for path in (
        "/kiosk/",
        "/kiosk/sw.js",
        "/kiosk/static/app.js",
        "/kiosk/api/bootstrap",
    ):
        answer = device.ask("GET", path)
        policy = dict(
            part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";")
        )
        assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["connect-src"] == "'self' ws://127.0.0.1:8001"
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Permissions-Policy"] == "microphone=(self), geolocation=()"
        assert answer.headers["Strict-Transport-Security"]
        if path.startswith("/kiosk/api"):
            assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
