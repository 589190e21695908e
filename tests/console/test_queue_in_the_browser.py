"""The queue in a real Chromium: filter, open, dispatch several, be told what is new, all of it by keyboard too."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select, update

from models.lifecycle import Status
from models.ticket import Ticket
from tests.support.chromium import accessibility_faults, chromium, overflowing
from tests.support.office import Office, open_office
from tests.support.queue import put_ticket, staff_id, unit_id
from tests.support.served import Served, served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    with open_office(sqlite_url, tmp_path / "data", public_url="http://127.0.0.1") as office:
        yield office


@pytest.fixture
def site(office: Office) -> Iterator[Served]:
    with served(office) as site:
        yield site


def test_a_morning_at_the_queue(browser: Browser, office: Office, site: Served) -> None:
    with office.db.transaction() as session:
        place, zhao = unit_id(session, "1栋"), staff_id(session, "zhao")
        for n in range(6):
            put_ticket(session, n, due_in=n * 5 - 4, unit_id=place, category=("repairs", "care")[n % 2])
    with site.browser_of(browser, "sun", width=1920, height=1080) as context:
        page = context.new_page()
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{site.url}/staff/tickets")
        rows = page.locator("#queue-rows tr")
        expect(rows).to_have_count(6)
        expect(rows.first).to_contain_text("超时 4 小时")
        expect(page.locator("#count-tickets")).to_contain_text("6")
        assert accessibility_faults(page) == []
        assert overflowing(page, within="#content") == []

        # By keyboard: down, tick, open; search; help
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("x")
        page.keyboard.press("k")
        page.keyboard.press("x")
        expect(page.locator("#picked")).to_have_text("2")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page.locator("#panel")).to_contain_text("1002")
        expect(page.locator("tr[aria-selected=true]")).to_have_id("t-1002")
        page.keyboard.press("Escape")
        page.locator("#t-1001 .row-link").focus()
        page.keyboard.press("?")
        expect(page.locator("#queue-help")).to_be_visible()
        assert accessibility_faults(page) == []
        page.keyboard.press("Escape")

        # Something comes in, something leaves, something changes; nothing moves
        with office.db.transaction() as session:
            put_ticket(session, 6, due_in=-30, unit_id=place)
            session.execute(
                update(Ticket).where(Ticket.number == 1005).values(status=Status.CLOSED, version=2)
            )
            session.execute(
                update(Ticket).where(Ticket.number == 1001).values(matter="楼道灯坏了", version=2)
            )
        page.evaluate("htmx.trigger('#live', 'look')")
        bar = page.get_by_role("link", name="有 1 条新的，点此更新")
        expect(bar).to_be_visible()
        expect(page.locator("#t-1005")).to_have_class("gone")
        expect(page.locator("#t-1001")).to_contain_text("楼道灯坏了")
        expect(page.locator("#t-1001 [name=pick]")).to_be_checked()
        expect(page.locator("#t-1001 .row-link")).to_be_focused()
        numbers = [row.get_attribute("data-number") for row in rows.all()]
        assert numbers == ["1001", "1002", "1003", "1004", "1005", "1006"]
        expect(page).to_have_title(r"(1) 诉求 · 家常热线")
        assert accessibility_faults(page) == []
        bar.click()
        expect(rows.first).to_have_id("t-1007")
        expect(page.locator("#t-1005")).to_have_count(0)
        expect(page.locator("#panel")).to_contain_text("1002")

        # Two at once, chosen by hand
        page.locator("#t-1007 [name=pick]").check()
        page.locator("#t-1003 [name=pick]").check()
        page.locator("#bulk-button").click()
        dialog = page.locator("#dispatch-dialog")
        expect(dialog.get_by_role("heading", name="派 2 件")).to_be_visible()
        expect(dialog).to_contain_text("赵国强")
        dialog.get_by_label("派给谁").select_option(label="惠民物业（物业，幸福里社区，手里 0 件）")
        expect(dialog.get_by_role("row", name="1003 号")).to_contain_text("惠民物业")
        dialog.get_by_label("派给谁").select_option(str(zhao))
        expect(dialog.get_by_role("row", name="1003 号")).to_contain_text("赵国强")
        assert accessibility_faults(page) == []
        dialog.get_by_role("button", name="派出 2 件").click()
        expect(dialog).to_contain_text("2 件办成了")
        assert accessibility_faults(page) == []
        dialog.get_by_role("link", name="好的，回到列表").click()

        # Filtered, page by page, and kept
        page.get_by_text("更多筛选").click()
        page.get_by_label("类别").select_option("care")
        page.get_by_role("button", name="筛选", exact=True).click()
        expect(rows).to_have_count(3)
        page.get_by_role("button", name="存成视图").click()
        page.get_by_label("名字").fill("关怀的")
        page.get_by_role("button", name="存好").click()
        expect(page.get_by_role("link", name="关怀的")).to_have_attribute("aria-current", "page")
        assert faults == []
    with office.db.transaction(read_only=True) as session:
        taken = session.scalars(select(Ticket.number).where(Ticket.assignee_id == zhao)).all()
    assert sorted(taken) == [1003, 1007]


def test_on_a_telephone_a_row_opens_its_own_page(browser: Browser, office: Office, site: Served) -> None:
    office.open_one()
    with site.browser_of(browser, "zhao", width=390, height=844) as context:
        page = context.new_page()
        page.goto(f"{site.url}/staff/tickets")
        assert accessibility_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
            "only the views scroll sideways"
        )
        page.locator(".row-link").click()
        page.wait_for_url("**/staff/tickets/1001")
