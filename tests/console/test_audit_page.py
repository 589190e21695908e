"""The audit page: found by who, deed, subject and day, page by page, and exported without formulas."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.console.csv_file import cell
from app.desk import audit
from models.audit import AuditEntry
from models.staff import Role, Staff
from tests.console.test_people import id_of, make
from tests.support.console import Desk
from tests.support.office import Office


def write(
    office: Office, login: str | None, deed: str, subject: str | None = None, id_: int | None = None
) -> None:
    with office.db.transaction() as session:
        staff = id_of(office, login) if login else None
        audit.record(session, staff, deed, now=office.moment, subject=subject, subject_id=id_)


def rows(page: str) -> list[tuple[str, ...]]:
    body = page.partition("<tbody>")[2]
    return [
        tuple(
            re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", c)).strip()
            for c in re.findall(r"(?s)<td>(.*?)</td>", r)
        )
        for r in re.findall(r"(?s)<tr>(.*?)</tr>", body)
    ]


def test_entries_say_who_did_what_to_whom(both_offices: Office) -> None:
    office = both_offices
    ticket = office.open_one()
    write(office, "sun", "see_phone", "ticket", ticket)
    write(office, "zhao", "hear_recording", "recording", 77)
    write(office, None, "sign_in_tried")
    wu = Desk(office, "wu")
    assert [row[1:4] for row in rows(wu.get("/staff/audit").text)] == [
        ("没有这个登录名", "尝试登录", "—"),
        ("赵国强", "听录音", "录音 77"),
        ("孙丽", "看完整号码", "诉求 1001"),
    ]
    for query, found in (
        (f"staff={id_of(office, 'sun')}", ["看完整号码"]),
        ("deed=hear_recording", ["听录音"]),
        ("subject=ticket&number=1001", ["看完整号码"]),
        ("subject=recording&number=77", ["听录音"]),
        ("subject=ticket&number=9999", []),
        ("number=x", []),
        (f"number={2**70}", []),
        ("day=2026-11-23", ["尝试登录", "听录音", "看完整号码"]),
        ("day=2026-11-22", []),
        ("day=nonsense", ["尝试登录", "听录音", "看完整号码"]),
    ):
        assert [row[2] for row in rows(wu.get(f"/staff/audit?{query}").text)] == found, query


def test_pages_stay_what_they_were_while_new_entries_come(both_offices: Office) -> None:
    office = both_offices
    for number in range(60):
        write(office, "sun", "see_phone", "resident", number + 1)
    wu = Desk(office, "wu")
    first = wu.get("/staff/audit").text
    older = re.search(r'href="/staff/audit\?(before=\d+)"', first)
    assert older is not None
    write(office, "sun", "see_phone", "resident", 61)
    second = wu.get(f"/staff/audit?{older[1]}").text
    seen = [row[3] for row in rows(first) + rows(second)]
    assert seen == [f"居民 {number}" for number in range(60, 0, -1)]


def test_only_what_happened_below_is_shown(office: Office, desk: Callable[[str], Desk]) -> None:
    make(office, "local", Role.SUPERVISOR, "第一网格")
    write(office, "zhao", "see_phone")
    write(office, "qian", "see_phone")
    write(office, "zheng", "see_phone")
    write(office, None, "sign_in_tried")
    assert [row[1] for row in rows(desk("local").get("/staff/audit").text)] == ["赵国强"]
    exported = desk("local").post("/staff/audit/export").get_data(as_text=True)
    assert "赵国强" in exported and "钱小梅" not in exported


def test_the_export_is_written_down_and_runs_no_formula(office: Office, desk: Callable[[str], Desk]) -> None:
    with office.db.transaction() as session:
        session.scalars(
            select(Staff).where(Staff.login == "zhao")
        ).one().name = '=HYPERLINK("http://evil.example")'
    write(office, "zhao", "see_phone", "resident", 5)
    answer = desk("wu").post("/staff/audit/export", {"deed": "see_phone"})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="audit-20261123.csv"' in answer.headers["Content-Disposition"]
    table = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert len(table) == 2
    assert table[1][1:4] == ["2026-11-23 10:00:00", '\'=HYPERLINK("http://evil.example")', "看完整号码"]
    with office.db.transaction(read_only=True) as session:
        exported = session.scalars(select(AuditEntry).where(AuditEntry.deed == "export")).one()
        assert (exported.staff_id, exported.data) == (id_of(office, "wu"), {"deed": "see_phone"})


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "＝1", "\r=1"])
def test_cells_are_text_that_no_spreadsheet_runs(text: str) -> None:
    assert cell(text) == f"'{text}"


def test_harmless_cells_stay_as_they_are() -> None:
    assert [cell(value) for value in ("3栋", None, -5, 1.5, "a=b")] == ["3栋", "", "-5", "1.5", "a=b"]
