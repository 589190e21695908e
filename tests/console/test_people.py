"""The people page: nobody gives more than she has, and what she may do ends where her subtree ends."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from models.audit import AuditEntry
from models.staff import Role, Staff
from models.unit import Unit
from tests.console.test_sign_in import PASSWORD, give_password, sign_in
from tests.support.console import Desk
from tests.support.office import Office


def id_of(office: Office, login: str) -> int:
    with office.db.transaction(read_only=True) as session:
        return session.scalars(select(Staff.id).where(Staff.login == login)).one()


def unit_of(office: Office, name: str) -> int:
    with office.db.transaction(read_only=True) as session:
        return session.scalars(select(Unit.id).where(Unit.name == name)).one()


def make(office: Office, login: str, role: Role, unit: str) -> int:
    with office.db.transaction() as session:
        unit_id = session.scalars(select(Unit.id).where(Unit.name == unit)).one()
        staff = Staff(login=login, name=login, role=role, unit_id=unit_id)
        session.add(staff)
        session.flush()
        return staff.id


def form(office: Office, **changes: object) -> dict[str, object]:
    unit = unit_of(office, str(changes.pop("unit", "第一网格")))
    return {"name": "宁平", "role": "keeper", "kind": "keeper", "unit_id": unit, "phone": "", **changes}


def deeds(office: Office) -> list[tuple[str, int | None]]:
    with office.db.transaction(read_only=True) as session:
        query = select(AuditEntry).where(AuditEntry.subject == "staff").order_by(AuditEntry.id)
        return [(entry.deed, entry.subject_id) for entry in session.scalars(query)]


def test_an_added_person_signs_in_with_her_first_password_and_must_change_it(
    office: Office, desk: Callable[[str], Desk]
) -> None:
    shown = desk("zheng").post("/staff/people", {"login": "ning", **form(office, phone="138 0000 5555")})
    first = re.search(r'class="first-password">([a-z0-9-]+)<', shown.text)
    assert shown.status_code == 200 and first is not None
    newcomer = Desk(office)
    sign_in(newcomer, "ning", first[1])
    assert newcomer.get("/staff/people").headers["Location"] == "/staff/password"
    assert deeds(office)[0] == ("person_added", id_of(office, "ning"))


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("login", "sun", "已经有人用了"),
        ("login", "li si", "不能有空格"),
        ("phone", "12", "电话号码"),
        ("phone", "13800002001", "已经有人用了"),
        ("name", "  ", "请填写"),
        ("role", "emperor", "请填写"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    office: Office, desk: Callable[[str], Desk], field: str, value: str, says: str
) -> None:
    typed = {"login": "heping", **form(office), field: value}
    answer = desk("zheng").post("/staff/people", typed)
    assert answer.status_code == 422 and says in answer.text
    if field != "login":
        assert 'value="heping"' in answer.text


def test_the_supervisor_sees_and_changes_nothing(office: Office, desk: Callable[[str], Desk]) -> None:
    wu, zhao = desk("wu"), id_of(office, "zhao")
    assert "赵国强" in wu.get("/staff/people").text
    page = wu.get(f"/staff/people/{zhao}").text
    assert "赵国强" in page and "重设密码" not in page
    for path in ("", "/password", "/disable", "/enable", "/sessions/end"):
        assert wu.post(f"/staff/people/{zhao}{path}", form(office)).status_code == 403
    assert wu.post("/staff/people", {"login": "x", **form(office)}).status_code == 403


def test_people_elsewhere_do_not_exist(office: Office, desk: Callable[[str], Desk]) -> None:
    make(office, "local", Role.ADMINISTRATOR, "第一网格")
    local, qian = desk("local"), id_of(office, "qian")
    listed = local.get("/staff/people").text
    assert "赵国强" in listed and "钱小梅" not in listed and "郑工" not in listed
    assert local.get(f"/staff/people/{qian}").status_code == 404
    for path in ("", "/password", "/disable", "/enable", "/sessions/end", "/phone"):
        assert local.post(f"/staff/people/{qian}{path}", form(office)).status_code == 404


def test_nobody_gives_a_unit_beyond_her_own(office: Office, desk: Callable[[str], Desk]) -> None:
    make(office, "local", Role.ADMINISTRATOR, "第一网格")
    local, zhao = desk("local"), id_of(office, "zhao")
    for unit in ("第二网格", "幸福里社区"):
        assert local.post("/staff/people", {"login": "x", **form(office, unit=unit)}).status_code == 404
        assert local.post(f"/staff/people/{zhao}", form(office, unit=unit)).status_code == 404
    assert local.post(f"/staff/people/{zhao}", form(office, unit="幸福小区")).status_code == 303


def test_nobody_disables_herself_or_changes_her_own_rights(
    office: Office, desk: Callable[[str], Desk]
) -> None:
    zheng, own = desk("zheng"), id_of(office, "zheng")
    make(office, "second", Role.ADMINISTRATOR, "幸福里社区")
    assert zheng.post(f"/staff/people/{own}/disable").status_code == 403
    rights = {"role": "viewer", "unit": "幸福里社区"}
    assert zheng.post(f"/staff/people/{own}", form(office, **rights)).status_code == 403
    same = form(office, name="郑工程师", role="administrator", unit="幸福里社区")
    assert zheng.post(f"/staff/people/{own}", same).status_code == 303


def test_the_last_administrator_stays(office: Office, desk: Callable[[str], Desk]) -> None:
    second = make(office, "second", Role.ADMINISTRATOR, "幸福里社区")
    zheng = id_of(office, "zheng")
    assert desk("zheng").post(f"/staff/people/{second}/disable").status_code == 303
    assert desk("zheng").post(f"/staff/people/{second}/enable").status_code == 303
    assert desk("second").post(f"/staff/people/{zheng}/disable").status_code == 303
    with office.db.transaction(read_only=True) as session:
        active = session.scalars(
            select(Staff.login).where(Staff.active, Staff.role == Role.ADMINISTRATOR)
        ).all()
    assert active == ["second"]


def test_disabling_ends_sessions_at_once_and_can_be_undone(
    office: Office, desk: Callable[[str], Desk]
) -> None:
    give_password(office, "zhao")
    zhao = Desk(office)
    sign_in(zhao, "zhao")
    path = f"/staff/people/{id_of(office, 'zhao')}"
    desk("zheng").post(f"{path}/disable")
    assert "/staff/login" in zhao.get("/staff/account").headers["Location"]
    assert sign_in(zhao, "zhao").status_code == 401
    desk("zheng").post(f"{path}/enable")
    assert "/staff/login" in zhao.get("/staff/account").headers["Location"]  # the old session stays ended
    assert sign_in(zhao, "zhao").status_code == 303


def test_a_reset_password_ends_sessions_and_the_old_one(office: Office, desk: Callable[[str], Desk]) -> None:
    give_password(office, "zhao")
    zhao = Desk(office)
    sign_in(zhao, "zhao")
    shown = desk("zheng").post(f"/staff/people/{id_of(office, 'zhao')}/password")
    first = re.search(r'class="first-password">([a-z0-9-]+)<', shown.text)
    assert first is not None and shown.headers["Cache-Control"] == "no-store"
    assert "/staff/login" in zhao.get("/staff/account").headers["Location"]
    assert sign_in(zhao, "zhao", PASSWORD).status_code == 401
    assert sign_in(zhao, "zhao", first[1]).status_code == 303


def test_numbers_are_masked_until_asked_for_and_that_is_written_down(
    office: Office, desk: Callable[[str], Desk]
) -> None:
    wu, zhao = desk("wu"), id_of(office, "zhao")
    pages = wu.get("/staff/people").text + wu.get(f"/staff/people/{zhao}").text
    assert "138****2001" in pages and "3800002001" not in pages
    assert deeds(office) == []
    assert "+8613800002001" in wu.post(f"/staff/people/{zhao}/phone").text
    assert deeds(office) == [("see_phone", zhao)]


def numbers(page: TestResponse) -> list[str]:
    return re.findall(r'<td class="num">([^<]*)</td>', page.text)


def test_an_unseen_number_stays_unless_replaced_or_taken_away(
    office: Office, desk: Callable[[str], Desk]
) -> None:
    zheng, path = desk("zheng"), f"/staff/people/{id_of(office, 'zhao')}"
    for change, shown in (
        ({}, "138****2001"),
        ({"phone": "13900002222"}, "139****2222"),
        ({"no_phone": "1"}, "—"),
    ):
        assert zheng.post(path, form(office, **change)).status_code == 303
        assert numbers(zheng.get("/staff/people?q=zhao")) == [shown]


def test_people_are_found_by_part_of_a_name_and_by_role(desk: Callable[[str], Desk]) -> None:
    wu = desk("wu")
    assert re.findall(r"<small>(\w+)</small></td>", wu.get("/staff/people?q=国强").text) == ["zhao"]
    assert re.findall(r"<small>(\w+)</small></td>", wu.get("/staff/people?role=viewer").text) == ["feng"]
    assert "没有找到这样的人" in wu.get("/staff/people?q=谁也不是").text
