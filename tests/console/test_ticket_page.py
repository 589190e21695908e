"""What staff see of one ticket, what is masked, and who sees nothing."""

from collections.abc import Callable

import pytest
from sqlalchemy import event, select

from app.community import NUMBERS
from models.audit import AuditEntry
from tests.support.console import Desk
from tests.support.heard_call import unclear_call
from tests.support.office import Office

Open = Callable[[str], Desk]


def deeds(office: Office) -> list[tuple[str, str | None, int | None]]:
    with office.db.transaction(read_only=True) as session:
        return [
            (row.deed, row.subject, row.subject_id)
            for row in session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        ]


def test_the_page_tells_the_whole_story_with_numbers_masked(office: Office, desk: Open) -> None:
    number = unclear_call(office)
    page = desk("sun").get(f"/staff/tickets/{number}")
    assert page.status_code == 200
    for words in ("待听录音", "王阿姨", "138****1111", "居民来电", "请直接说您的事", "听完了，派单", "独居"):
        assert words in page.text
    assert NUMBERS.wang not in page.text
    assert NUMBERS.wang.removeprefix("+86") not in page.text


def test_words_that_were_heard_badly_are_marked_one_by_one(office: Office, desk: Open) -> None:
    page = desk("sun").get(f"/staff/tickets/{unclear_call(office)}").text
    assert "三<mark>动</mark>二单元路灯不<mark>两</mark>了" in page


def test_a_ticket_of_another_unit_is_not_there(office: Office, desk: Open) -> None:
    office.open_one("3栋路灯不亮")
    assert desk("sun").get("/staff/tickets/1001").status_code == 200
    for path in ("", "/panel", "/print"):
        assert (
            desk("qian").get(f"/staff/tickets/1001{path}", headers={"HX-Request": "true"}).status_code == 404
        )
    assert desk("qian").post("/staff/tickets/1001/reveal").status_code == 404
    assert desk("sun").get("/staff/tickets/99999999999999999").status_code == 404


def test_full_numbers_are_shown_once_asked_for_and_that_is_written_down(office: Office, desk: Open) -> None:
    ticket_id = office.open_one("3栋2单元501路灯不亮")
    sun = desk("sun")
    assert "501" not in sun.get("/staff/tickets/1001/print").text.replace("3栋2单元501路灯不亮", "")
    shown = sun.post("/staff/tickets/1001/reveal").text
    assert NUMBERS.wang.removeprefix("+86") in shown
    assert "501" in shown
    assert ("see_phone", "ticket", ticket_id) in deeds(office)


def test_whoever_may_only_look_sees_neither_numbers_nor_buttons(office: Office, desk: Open) -> None:
    number = unclear_call(office)
    feng = desk("feng")
    page = feng.get(f"/staff/tickets/{number}").text
    assert "<form" not in page.split('id="content"')[1]
    assert feng.post(f"/staff/tickets/{number}/reveal").status_code == 403
    assert feng.post("/staff/recordings/1/open").status_code == 403
    assert deeds(office) == []


def test_the_panel_is_a_fragment_and_a_page_for_those_without_scripts(office: Office, desk: Open) -> None:
    office.open_one()
    sun = desk("sun")
    fragment = sun.get("/staff/tickets/1001/panel", headers={"HX-Request": "true"})
    assert fragment.status_code == 200
    assert "<html" not in fragment.text
    assert "1001 号" in fragment.text
    assert sun.get("/staff/tickets/1001/panel").headers["Location"] == "/staff/tickets/1001"


def test_the_print_holds_numbers_only_when_asked(office: Office, desk: Open) -> None:
    office.open_one()
    sun = desk("sun")
    plain = sun.get("/staff/tickets/1001/print").text
    assert "居民签字" in plain
    assert "1111" not in plain
    assert NUMBERS.wang in sun.post("/staff/tickets/1001/print").text
    assert deeds(office)[-1][0] == "see_phone"


def test_similar_open_tickets_nearby_are_offered(office: Office, desk: Open) -> None:
    office.open_one("3栋路灯不亮")
    office.open_one("3栋的路灯一直不亮")
    office.open_one("5栋路灯不亮")
    page = desk("sun").get("/staff/tickets/1002").text
    assert "并到 1001 号" in page
    assert "并到 1003 号" not in page


@pytest.mark.parametrize("path", ["", "/panel"])
def test_a_page_takes_at_most_twenty_statements(both_offices: Office, path: str) -> None:
    number = unclear_call(both_offices)
    sun = Desk(both_offices, "sun")
    sun.get(f"/staff/tickets/{number}")
    said: list[str] = []
    event.listen(
        both_offices.db.engine, "before_cursor_execute", lambda _c, _k, statement, *_: said.append(statement)
    )
    assert sun.get(f"/staff/tickets/{number}{path}", headers={"HX-Request": "true"}).status_code == 200
    questions = [
        statement for statement in said if not statement.upper().startswith(("BEGIN", "PRAGMA", "COMMIT"))
    ]
    assert 0 < len(questions) <= 20, "\n".join(questions)
