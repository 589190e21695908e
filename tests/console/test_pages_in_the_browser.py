"""The pages of administration in a real Chromium: no fault that axe-core knows, nothing sticks out on a telephone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from models.roster import DutyShift
from tests.support.chromium import accessibility_faults, chromium, overflowing
from tests.support.office import Office, open_office
from tests.support.served import Served, served

PAGES = (
    "residents", "residents/1", "activities", "notices", "units", "units/2", "rosters", "services?words=3栋电梯坏了",
    "stations", "prompts", "data", "people", "audit", "account",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=20_000)  # machines with much else to do
    with chromium() as browser:
        yield browser
    expect.set_options(timeout=5_000)


@pytest.fixture
def site(sqlite_url: str, tmp_path: Path) -> Iterator[Served]:
    with (
        open_office(sqlite_url, tmp_path / "data", public_url="http://127.0.0.1") as office,
        served(office) as site,
    ):
        office.open_one()
        yield site


def _said(page: Page) -> list[str]:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (390, 844)])
def test_every_page_is_accessible_fits_and_says_nothing_on_its_console(
    site: Served, browser: Browser, width: int, height: int
) -> None:
    with site.browser_of(browser, "zheng", width=width, height=height) as context:
        page = context.new_page()
        said = _said(page)
        for path in PAGES:
            answer = page.goto(f"{site.url}/staff/{path}")
            assert answer is not None
            assert answer.status == 200, path
            assert accessibility_faults(page) == [], path
            # The navigation is one row that is pushed sideways on a telephone
            assert overflowing(page, within="#content") == [], path
        assert said == []


def test_a_shift_is_planned_with_the_keyboard_alone(site: Served, browser: Browser) -> None:
    office: Office = site.office
    with site.browser_of(browser, "wu") as context:
        page = context.new_page()
        page.goto(f"{site.url}/staff/rosters")
        page.get_by_label("周一").focus()
        page.keyboard.press("Space")
        page.get_by_label("值班电话").focus()
        page.keyboard.type("13800009003")
        page.keyboard.press("Enter")
        expect(page.get_by_text("排好了。")).to_be_visible()
    with office.db.transaction(read_only=True) as session:
        assert session.scalars(select(DutyShift.weekday)).all() == [0]


def test_whoever_may_only_look_finds_a_matter_and_nothing_to_press(site: Served, browser: Browser) -> None:
    with site.browser_of(browser, "feng") as context:
        page = context.new_page()
        page.goto(f"{site.url}/staff/tickets")
        assert page.locator("nav a", has_text="登记").count() == 0
        page.get_by_role("searchbox").first.fill("1001")
        page.keyboard.press("Enter")
        expect(page.locator("#content")).to_contain_text("路灯不亮")
        page.goto(f"{site.url}/staff/tickets/1001")
        expect(page.locator("#content")).to_contain_text("138****1111")
        assert page.locator("#content form[method=post] button").count() == 0
        assert accessibility_faults(page) == []
        refused = page.goto(f"{site.url}/staff/intake")
        assert refused is not None
        assert refused.status == 403
        expect(page.get_by_role("alert")).to_contain_text("不归您管")
