"""Services, dispatch rules and their tester, stations, prompts, lists out and in."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from sqlalchemy import select

from app.desk.residents import find_by_phone
from models.category import Category
from models.resident import Resident
from models.routing_rule import RoutingRule
from models.service_item import ServiceItem
from models.station import Station
from models.unit import Unit
from speech.audio import encode_wav, to_pcm
from tests.support.console import Desk
from tests.support.office import NUMBERS, Office

Open = Callable[[str], Desk]
STATION: dict[str, object] = {
    "name": "幸福驿站", "letter": "a", "unit_id": "1", "address": "3栋楼下", "hours": "08:00-21:00", "inches": "21.5",
    "distance_mm": "500", "printer_mm": "58", "staffed": "1", "active": "1",
}  # fmt: skip


def test_the_tester_says_who_would_get_these_words_and_why(desk: Open) -> None:
    page = desk("wu").get("/staff/services", query_string={"words": "3栋路灯不亮"}).text
    assert "赵国强" in page
    assert "小修找楼栋网格员" in page


def test_rules_change_places_and_the_tester_follows(office: Office, desk: Open) -> None:
    wu = desk("wu")
    form: dict[str, object] = {
        "name": "路灯都给物业",
        "category": "repairs",
        "assignee_kind": "property",
        "active": "1",
    }
    wu.post("/staff/services/rules", form)
    with office.db.transaction(read_only=True) as session:
        id_ = session.scalars(select(RoutingRule.id).where(RoutingRule.name == "路灯都给物业")).one()
    assert "赵国强" in wu.get("/staff/services?words=3栋路灯不亮").text
    for _ in range(6):
        wu.post(f"/staff/services/rules/{id_}/up")
    assert "惠民物业</strong>" in wu.get("/staff/services?words=3栋路灯不亮").text
    wu.post(f"/staff/services/rules/{id_}", form | {"active": ""})
    assert "赵国强</strong>" in wu.get("/staff/services?words=3栋路灯不亮").text


def test_whoever_is_in_charge_of_a_part_does_not_change_rules_for_all(office: Office, desk: Open) -> None:
    wu = desk("wu")
    with office.db.transaction() as session:
        from models.staff import Staff

        grid = session.scalars(select(Unit.id).where(Unit.name == "第一网格")).one()
        session.scalars(select(Staff).where(Staff.login == "wu")).one().unit_id = grid
    assert wu.post("/staff/services/rules", {"name": "x"}).status_code == 403


def test_limits_have_bounds(office: Office, desk: Open) -> None:
    wu = desk("wu")
    assert "1 到 15" in wu.post("/staff/services/categories/repairs", {"simple_days": "40"}).text
    wu.post("/staff/services/categories/repairs", {"simple_days": "2"})
    with office.db.transaction(read_only=True) as session:
        assert session.get_one(Category, "repairs").simple_days == 2


def test_service_items_are_added_and_switched_off(office: Office, desk: Open) -> None:
    wu = desk("wu")
    wu.post(
        "/staff/services/items", {"item_name": "楼道灯不亮", "category": "repairs", "picture": "lightbulb"}
    )
    with office.db.transaction(read_only=True) as session:
        item = session.scalars(select(ServiceItem)).one()
        assert (item.name, item.picture, item.active) == ("楼道灯不亮", "lightbulb", True)
    wu.post(f"/staff/services/items/{item.id}/off")
    with office.db.transaction(read_only=True) as session:
        assert not session.scalars(select(ServiceItem)).one().active


def test_stations_have_letters_of_their_own(office: Office, desk: Open) -> None:
    wu = desk("wu")
    assert wu.post("/staff/stations", STATION).status_code == 303
    again = wu.post("/staff/stations", STATION)
    assert again.status_code == 400
    assert "字母 A 已经是别的驿站的了" in again.text
    assert wu.post("/staff/stations", STATION | {"letter": "B", "hours": "全天"}).status_code == 400
    with office.db.transaction(read_only=True) as session:
        assert session.scalars(select(Station.letter)).all() == ["A"]


def _wav() -> bytes:
    tone = np.sin(np.arange(16_000) / 8.0) * 8000
    return encode_wav(to_pcm(tone), 16_000)


def test_a_recorded_prompt_is_played_taken_out_and_put_back(desk: Open) -> None:
    wu = desk("wu")
    page = wu.get("/staff/prompts").text
    key = page.split("/staff/prompts/")[1].split('"')[0]
    assert wu.get(f"/staff/prompts/{key}.wav").status_code == 404  # nobody here can speak it
    refused = wu.post(f"/staff/prompts/{key}", {"file": (io.BytesIO(b"no sound"), "x.wav")})
    assert refused.status_code == 400
    wu.post(f"/staff/prompts/{key}", {"file": (io.BytesIO(_wav()), "x.wav")})
    assert wu.get(f"/staff/prompts/{key}.wav").data[:4] == b"RIFF"
    wu.post(f"/staff/prompts/{key}/remove")
    assert wu.get(f"/staff/prompts/{key}.wav").status_code == 404
    wu.post(f"/staff/prompts/{key}/restore")
    assert wu.get(f"/staff/prompts/{key}.wav").status_code == 200
    assert wu.get("/staff/prompts/0123456789abcdef.wav").status_code == 404


def _upload(desk: Desk, table: str, text: str, do: str = "import", name: str = "x.csv") -> str:
    data: dict[str, object] = {"do": do, "file": (io.BytesIO(text.encode()), name)}
    return desk.post(f"/staff/data/{table}", data).text


@pytest.mark.parametrize("kind", ["csv", "toml"])
@pytest.mark.parametrize(
    "table", ["units", "residents", "rosters", "service_items", "routing_rules", "stations", "activities"]
)
def test_what_goes_out_comes_in_again_and_changes_nothing(
    office: Office, desk: Open, table: str, kind: str
) -> None:
    wu, zheng = desk("wu"), desk("zheng")
    wu.post("/staff/stations", STATION)
    wu.post("/staff/services/items", {"item_name": "楼道灯不亮", "category": "repairs"})
    shift: dict[str, object] = {
        "unit_id": "1",
        "weekday": "0",
        "start": "20:00",
        "end": "06:00",
        "staff_id": "1",
    }
    wu.post("/staff/rosters", shift)
    out = zheng.get(f"/staff/data/{table}.{kind}")
    assert out.status_code == 200, out.text[-900:]
    rows = out.text.count("\r\n") - 1 if kind == "csv" else out.text.count("[[")
    assert rows > 0
    page = _upload(zheng, table, out.text, name=f"x.{kind}")
    assert f"新增 0 行，改动 0 行，不变 {rows} 行" in page


def test_a_rehearsal_changes_nothing_and_one_bad_line_keeps_all_out(office: Office, desk: Open) -> None:
    zheng = desk("zheng")
    good = "phone,name,unit,dialect\n13800001111,王桂兰,3栋,四川话\n13800005555,新来的,5栋,\n"
    assert "新增 1 行，改动 1 行" in _upload(zheng, "residents", good, do="check")
    bad = good + '12,谁,5栋,\n"13800005556","多\n行",不存在,\n'
    page = _upload(zheng, "residents", bad)
    assert "第 4 行" in page
    assert "第 5 行" in page
    assert "没有单位“不存在”" in page
    with office.db.transaction(read_only=True) as session:
        assert find_by_phone(session, "+8613800005555") is None
        assert find_by_phone(session, NUMBERS.wang).name == "王阿姨"  # type: ignore[union-attr]
    assert "导入好了" in _upload(zheng, "residents", good)
    with office.db.transaction(read_only=True) as session:
        wang = find_by_phone(session, NUMBERS.wang)
        assert wang is not None
        assert (wang.name, wang.dialect, wang.lives_alone) == ("王桂兰", "四川话", True)


@pytest.mark.parametrize(
    "text", ["", "phone,是什么\n1,2\n", "\x00\x01", "[[residents]]\nphone = ", "phone\n1,2,3\n"]
)
def test_files_that_cannot_be_read_are_refused_with_a_reason(desk: Open, text: str) -> None:
    assert 'role="alert"' in _upload(desk("zheng"), "residents", text)


def test_formulas_leave_as_words(office: Office, desk: Open) -> None:
    with office.db.transaction() as session:
        session.scalars(select(Resident).order_by(Resident.id)).first().note = "=HYPERLINK(1)"  # type: ignore[union-attr]
    assert "'=HYPERLINK(1)" in desk("zheng").get("/staff/data/residents.csv").text
    assert desk("wu").get("/staff/data/residents.csv").status_code == 403
