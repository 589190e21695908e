"""Activities, notices, units and rosters at the console."""

from collections.abc import Callable

from sqlalchemy import select

from models.activity import Activity
from models.notice import Notice, NoticeState
from models.roster import DutyShift
from models.unit import Unit
from tests.support.console import Desk
from tests.support.office import Office

Open = Callable[[str], Desk]


def _unit(office: Office, name: str) -> int:
    with office.db.transaction(read_only=True) as session:
        return session.scalars(select(Unit.id).where(Unit.name == name)).one()


def test_an_activity_is_added_told_taken_out_and_put_back(office: Office, desk: Open) -> None:
    sun = desk("sun")
    form: dict[str, object] = {
        "theme": "剪头发", "place": "3栋楼下", "unit_id": _unit(office, "第一网格"), "starts_at": "2026-11-25T15:00",
        "weekly": "1",
    }  # fmt: skip
    assert sun.post("/staff/activities", form).status_code == 303
    assert "剪头发" in desk("feng").get("/staff/activities").text
    with office.db.transaction(read_only=True) as session:
        id_ = session.scalars(select(Activity.id).where(Activity.theme == "剪头发")).one()
    sun.post(f"/staff/activities/{id_}/cancel")
    assert "已取消" in sun.get("/staff/activities").text
    sun.post(f"/staff/activities/{id_}/restore")
    assert "已取消" not in sun.get("/staff/activities").text


def test_what_was_typed_stays_when_an_activity_is_refused(office: Office, desk: Open) -> None:
    answer = desk("sun").post("/staff/activities", {"theme": "剪头发", "place": "3栋楼下", "starts_at": ""})
    assert answer.status_code == 400
    assert 'value="剪头发"' in answer.text
    assert desk("feng").post("/staff/activities", {"theme": "x"}).status_code == 403


def test_a_notice_is_drafted_by_the_desk_and_approved_by_somebody_in_charge(
    office: Office, desk: Open
) -> None:
    sun, wu = desk("sun"), desk("wu")
    form: dict[str, object] = {
        "body": "明天上午停水", "unit_id": _unit(office, "第一网格"), "not_after": "2026-11-24T12:00",
    }  # fmt: skip
    path = sun.post("/staff/notices", form).headers["Location"]
    assert "短信 1 个号码" in sun.get(path).text
    assert sun.post(f"{path}/approve").status_code == 403
    assert wu.post(f"{path}/approve").status_code == 303
    assert "正在发" in wu.get(path, headers={"HX-Request": "true"}).text
    sun.post(f"{path}/pause")
    with office.db.transaction(read_only=True) as session:
        assert session.scalars(select(Notice.state)).one() is NoticeState.PAUSED


def test_units_are_added_renamed_moved_and_removed_only_when_empty(office: Office, desk: Open) -> None:
    wu = desk("wu")
    first, second = _unit(office, "第一网格"), _unit(office, "第二网格")
    wu.post(f"/staff/units/{first}/below", {"name": "9栋", "kind": "building"})
    ninth = _unit(office, "9栋")
    wu.post(f"/staff/units/{ninth}/move", {"parent_id": str(second)})
    with office.db.transaction(read_only=True) as session:
        assert session.get_one(Unit, ninth).path.startswith(session.get_one(Unit, second).path)
    refused = wu.post(f"/staff/units/{second}/move", {"parent_id": str(ninth)})
    assert refused.status_code == 400
    assert wu.post(f"/staff/units/{ninth}/remove").status_code == 303
    assert "还有居民" in wu.post(f"/staff/units/{_unit(office, '3栋')}/remove").text
    assert desk("sun").get(f"/staff/units/{first}").status_code == 403


def test_moving_a_unit_takes_everything_below_along(both_offices: Office) -> None:
    wu = Desk(both_offices, "wu")
    estate, second = _unit(both_offices, "幸福小区"), _unit(both_offices, "第二网格")
    wu.post(f"/staff/units/{estate}/move", {"parent_id": str(second)})
    with both_offices.db.transaction(read_only=True) as session:
        building = session.get_one(Unit, _unit(both_offices, "3栋"))
        assert building.path.startswith(f"{session.get_one(Unit, second).path}{estate}/")


def test_a_shift_is_planned_shown_and_dropped(office: Office, desk: Open) -> None:
    sun, grid = desk("sun"), _unit(office, "第一网格")
    form: dict[str, object] = {
        "unit_id": grid, "weekday": ["0", "1"], "start": "08:00", "end": "20:00", "phone": "13800009003",
    }  # fmt: skip
    assert sun.post("/staff/rosters", form).status_code == 303
    page = sun.get(f"/staff/rosters?unit_id={grid}").text
    assert "现在" in page  # the office's clock stands at Monday, 10:00
    assert "138****9003" in page
    assert "138****9003" in sun.get("/staff/units").text
    assert sun.post("/staff/rosters", form | {"phone": ""}).status_code == 400
    with office.db.transaction(read_only=True) as session:
        ids = session.scalars(select(DutyShift.id)).all()
    assert len(ids) == 2
    sun.post(f"/staff/rosters/{ids[0]}/drop", {"unit_id": grid})
    assert desk("feng").post(f"/staff/rosters/{ids[1]}/drop").status_code == 403
