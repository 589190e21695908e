"""The ticket's page in a real Chromium: listened to, put right and dispatched with the keyboard alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from models.audit import AuditEntry
from models.lifecycle import Status
from tests.console.test_ticket_media import picture
from tests.support.chromium import accessibility_faults, chromium, overflowing
from tests.support.heard_call import SAID, unclear_call
from tests.support.office import Office, open_office
from tests.support.served import Served, served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=20_000)  # machines with much else to do
    with chromium() as browser:
        yield browser
    expect.set_options(timeout=5_000)


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    with open_office(sqlite_url, tmp_path / "data", public_url="http://127.0.0.1") as office:
        yield office


@pytest.fixture
def site(office: Office) -> Iterator[Served]:
    with served(office) as site:
        yield site


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, selector: str) -> None:
    """With the Tab key, as somebody without a mouse does; fails if it cannot be reached."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} is not reached with the Tab key")


def test_listen_put_right_and_dispatch_with_the_keyboard_alone(
    browser: Browser, office: Office, site: Served
) -> None:
    number = unclear_call(office)
    with site.browser_of(browser, "sun") as context:
        page = context.new_page()
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{site.url}/staff/tickets/{number}")
        player = page.locator(".listen .player")
        press(page, "F8")
        expect(player).to_have_class("player playing")
        press(page, "Escape")
        expect(player).to_have_class("player")
        press(page, "F9")
        expect(player.locator("[data-speed]")).to_have_value("1.25")
        tab_to(page, ".seek")
        press(page, "End")
        assert int(page.locator(".listen .seek").get_attribute("aria-valuenow") or 0) >= 1
        press(page, "Home", "ArrowRight")
        expect(page.locator(".listen .seek")).not_to_have_attribute("aria-valuenow", "0")
        tab_to(page, "#transcript")
        press(page, "Control+a")
        page.keyboard.insert_text(SAID)
        expect(page.locator("#hint")).to_contain_text("规则3")
        expect(page.locator("#assignee option:checked")).to_contain_text("赵国强")
        tab_to(page, "[name=category]")
        press(page, "Space")
        tab_to(page, "#at-building")
        page.keyboard.type("3")
        press(page, "Control+Enter")
        expect(page.locator("#messages")).to_contain_text("改好了，已派单")
        assert faults == []
    with office.db.transaction(read_only=True) as session:
        ticket = office.ticket(session)
        assert (ticket.status, ticket.text, ticket.building) == (Status.DISPATCHED, SAID, "3")
        deeds = list(session.scalars(select(AuditEntry.deed)))
        assert deeds.count("hear_recording") == 1


def test_a_keeper_does_her_work_on_a_telephone(
    browser: Browser, office: Office, site: Served, tmp_path: Path
) -> None:
    office.open_one()
    with site.browser_of(browser, "sun") as context:
        page = context.new_page()
        page.goto(f"{site.url}/staff/tickets/1001")
        page.get_by_role("button", name="派单").click()
        expect(page.locator("#messages")).to_contain_text("已派单")
    (tmp_path / "after.jpg").write_bytes(picture())
    with site.browser_of(browser, "zhao", width=390, height=844) as context:
        page = context.new_page()
        page.goto(f"{site.url}/staff/tickets/1001")
        page.get_by_role("button", name="接单").click()
        expect(page.locator("#messages")).to_contain_text("接单了")
        page.locator("#photo-files").set_input_files(tmp_path / "after.jpg")  # sent off by itself
        expect(page.locator("#messages")).to_contain_text("照片存好了")
        page.locator("summary", has_text="办结").click()
        page.get_by_label("怎么办好的").fill("换了灯泡")
        page.locator(".act[open] button").click()
        expect(page.locator("#actions-page")).to_contain_text("撤回")
        assert overflowing(page, within="#content") == []
        assert accessibility_faults(page) == []
        page.get_by_role("button", name="现在就生效").click()
        expect(page.locator(".case-tags")).to_contain_text("待回访")


@pytest.mark.parametrize("width", [1920, 390])
def test_page_panel_and_print_have_no_faults(
    browser: Browser, office: Office, site: Served, width: int
) -> None:
    number = unclear_call(office)
    office.open_one("3栋2单元路灯不亮")
    with site.browser_of(browser, "sun", width=width) as context:
        page = context.new_page()
        for path in (f"{number}", "1002", "1002/print"):
            page.goto(f"{site.url}/staff/tickets/{path}")
            assert (accessibility_faults(page), overflowing(page, within="main")) == ([], []), path
        page.goto(f"{site.url}/staff/tickets/1002")
        page.evaluate("htmx.ajax('GET', '/staff/tickets/1001/panel', '.case-side')")
        expect(page.locator(".case-panel")).to_contain_text("去听录音")
        assert accessibility_faults(page) == []
        page.get_by_role("button", name="看电话和门牌").click()
        expect(page.locator("#revealed-panel")).to_contain_text("13800001111")
