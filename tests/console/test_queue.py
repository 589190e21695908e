"""The queue's pages: what stands there, saved views, bulk dispatch, the file, and how much is asked of the database."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from sqlalchemy import event, select

from app.desk.queue_export import safe
from app.desk.residents import find_by_phone
from models.audit import AuditEntry
from models.lifecycle import Status
from models.saved_view import SavedView
from models.ticket import Ticket, TicketEvent
from tests.support.console import Desk
from tests.support.office import MONDAY, NUMBERS, Office
from tests.support.queue import put_ticket, staff_id, unit_id

Open = Callable[[str], Desk]
MOST = 20  # statements a page


def test_the_page_of_a_full_queue_asks_a_fixed_number_of_statements(both_offices: Office) -> None:
    sun = Desk(both_offices, "sun")
    asked: list[str] = []
    event.listen(both_offices.db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    with both_offices.db.transaction() as session:
        put_ticket(session, 0)
    sun.get("/staff/tickets?state=open")
    asked.clear()
    sun.get("/staff/tickets?state=open")
    few = len(asked)
    with both_offices.db.transaction() as session:
        person = staff_id(session, "zhao")
        for n in range(1, 70):
            put_ticket(session, n, status=list(Status)[n % 8], assignee_id=person)
    asked.clear()
    answer = sun.get("/staff/tickets?state=open")
    assert answer.text.count('name="pick"') == 30
    assert few <= len(asked) <= few + 4 <= MOST, asked


def test_residents_are_named_and_their_numbers_masked(office: Office, desk: Open) -> None:
    office.open_one()
    page = desk("sun").get("/staff/tickets").text
    assert "王阿姨" in page
    assert "138****1111" in page
    assert NUMBERS.wang.removeprefix("+86") not in page


def test_viewers_and_keepers_find_no_way_to_dispatch(office: Office, desk: Open) -> None:
    office.open_one()
    for login in ("feng", "zhao", "zhou"):
        assert 'name="pick"' not in desk(login).get("/staff/tickets").text
        assert desk(login).get("/staff/tickets/dispatch?pick=1001.1").status_code == 403
        assert desk(login).post("/staff/tickets/dispatch", {"order": "1001.1.1"}).status_code == 403
    assert "/staff/tickets/export" not in desk("feng").get("/staff/tickets").text
    assert desk("feng").post("/staff/tickets/export").status_code == 403


def test_nothing_new_is_answered_with_nothing(office: Office, desk: Open) -> None:
    with office.db.transaction() as session:
        put_ticket(session, 0)
    sun = desk("sun")
    at = int(MONDAY.timestamp())
    same = sun.get(f"/staff/tickets/live?state=open&shown=1001.1&at={at}&told=")
    assert (same.status_code, same.text) == (204, "")
    with office.db.transaction() as session:
        put_ticket(session, 1)
    more = sun.get(f"/staff/tickets/live?state=open&shown=1001.1&at={at}&told=")
    assert "有 1 条新的，点此更新" in more.text
    told = re.search(r'name="told" value="([^"]*)"', more.text)
    assert told is not None
    again = sun.get(f"/staff/tickets/live?state=open&shown=1001.1&at={at}&told={told[1]}")
    assert again.status_code == 204, "said once"


def test_counts_are_told_once(office: Office, desk: Open) -> None:
    office.open_one()
    sun = desk("sun")
    assert "1 件待办" in sun.get("/staff/counts").text
    assert sun.get("/staff/counts?told=1.0").status_code == 204


def test_a_view_is_saved_opened_first_renamed_deleted_and_brought_back(office: Office, desk: Open) -> None:
    sun, zhou = desk("sun"), desk("zhou")
    saved = sun.post(
        "/staff/views", {"name": "我的急事", "query": "state=open&urgent=1&junk=2", "opens": "1"}
    )
    assert saved.headers["Location"] == "/staff/tickets?state=open&urgent=1"
    assert sun.get("/staff/tickets").headers["Location"] == "/staff/tickets?state=open&urgent=1"
    assert zhou.get("/staff/tickets").status_code == 200
    with office.db.transaction(read_only=True) as session:
        view = session.scalars(select(SavedView)).one().id
    for deed in ("name", "open", "delete"):
        assert zhou.post(f"/staff/views/{view}/{deed}", {"name": "x"}).status_code == 404
    sun.post(f"/staff/views/{view}/name", {"name": "急的"})
    page = sun.get("/staff/views").text
    assert "急的" in page
    assert 'value="我的急事"' in page, "the way back"
    sun.post(f"/staff/views/{view}/delete")
    page = sun.get("/staff/views").text
    fields = dict(re.findall(r'type="hidden" name="(name|query|opens)" value="([^"]*)"', page))
    sun.post("/staff/views", {key: value.replace("&amp;", "&") for key, value in fields.items()})
    assert sun.get("/staff/tickets").headers["Location"] == "/staff/tickets?state=open&urgent=1"
    assert sun.post("/staff/views", {"name": " ", "query": ""}).status_code == 400


def test_each_ticket_is_dispatched_or_refused_for_itself(office: Office, desk: Open) -> None:
    with office.db.transaction() as session:
        place = unit_id(session, "1栋")
        zhao, qian = staff_id(session, "zhao"), staff_id(session, "qian")
        put_ticket(session, 0, unit_id=place)
        put_ticket(session, 1, unit_id=place, status=Status.DISPATCHED, assignee_id=qian)
        put_ticket(session, 2, unit_id=place, status=Status.CLOSED)
        put_ticket(session, 3, unit_id=place, version=4)
    sun = desk("sun")
    plan = sun.get("/staff/tickets/dispatch?pick=1001.1&pick=1002.1&pick=1003.1&pick=1004.3&pick=9999.1")
    orders = re.findall(r'name="order" value="([^"]+)"', plan.text)
    assert orders == [f"1001.1.{zhao}", f"1002.1.{zhao}", f"1004.3.{zhao}"]
    assert "这一件现在不能派单" in plan.text
    done = sun.post("/staff/tickets/dispatch", {"order": [*orders, f"1003.1.{zhao}", f"9999.1.{zhao}"]}).text
    assert "2 件办成了" in done
    assert "3 件没办成" in done
    assert "1004 号刚被别人改过" in done
    back = re.findall(r'name="order" value="([^"]+)"', done)
    assert back == [f"1002.2.{qian}"], "the new one had nobody to go back to"
    sun.post("/staff/tickets/dispatch", {"order": back, "back": "1"})
    with office.db.transaction(read_only=True) as session:
        held = {row.number: (row.status, row.assignee_id) for row in session.scalars(select(Ticket))}
        reasons = session.scalars(
            select(TicketEvent.reason).where(TicketEvent.action == "dispatch").order_by(TicketEvent.id)
        ).all()
    assert held[1001] == (Status.DISPATCHED, zhao)
    assert held[1002] == (Status.DISPATCHED, qian)
    assert held[1004] == (Status.NEW, None)
    assert reasons == ["批量派单", "批量派单", "撤回刚才的派单"]
    assert sun.get("/staff/tickets/dispatch").status_code == 400


def test_the_file_is_safe_for_spreadsheets_and_written_down(office: Office, desk: Open) -> None:
    with office.db.transaction() as session:
        wang = find_by_phone(session, NUMBERS.wang)
        assert wang is not None
        first = unit_id(session, "1栋")
        put_ticket(session, 0, text='=HYPERLINK("http://x","y")', unit_id=first, reporter_id=wang.id)
        put_ticket(session, 1, text="说了,逗号\n和换行", unit_id=unit_id(session, "5栋"))
        put_ticket(session, 2, status=Status.CLOSED)
    answer = desk("sun").post("/staff/tickets/export?state=open")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert {row["编号"]: row["说的事"] for row in rows if row["编号"] in ("1001", "1002")} == {
        "1001": '\'=HYPERLINK("http://x","y")',
        "1002": "说了,逗号\n和换行",
    }
    assert [(row["居民"], row["电话"]) for row in rows if row["编号"] == "1001"] == [
        ("王阿姨", "138****1111")
    ]
    assert NUMBERS.wang.removeprefix("+86").encode() not in answer.data
    zhao = list(
        csv.DictReader(io.StringIO(desk("zhao").post("/staff/tickets/export").data.decode("utf-8-sig")))
    )
    assert "1002" not in {row["编号"] for row in zhao}, "5栋 is not hers"
    with office.db.transaction(read_only=True) as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.deed == "export_tickets")).all()
        assert [entry.staff_id for entry in entries] == [staff_id(session, "sun"), staff_id(session, "zhao")]


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@x", "\tx", "＝1"])
def test_no_cell_is_a_formula(value: str) -> None:
    assert safe(value) == f"'{value}"
    assert safe("3栋=坏了") == "3栋=坏了"
