"""Kiosks at the console in a real Chromium: by keyboard, on a telephone, and what axe-core says of them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from app.desk import kiosks
from app.desk.people import OPERATOR
from models.kiosk import Kiosk
from tests.support.chromium import accessibility_faults, chromium, overflowing
from tests.support.kiosk_door import Device, wav
from tests.support.office import Office, open_office
from tests.support.served import Served, served


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
        yield site


def in_every_state(office: Office) -> int:
    """A kiosk that is well, one that is silent with a wrong clock, one that waits for its code, one out of use; the
    number of a matter that came late."""
    device = Device(office)
    told = device.submission(
        "matter",
        slip="A017",
        words="三栋路灯不亮",
        audio=wav(2.0),
        at=(office.moment - timedelta(hours=2)).isoformat(),
    )
    number = device.told(told)[0]["ticket"]
    silent, revoked = device.anew(), device.anew()
    with office.db.transaction() as session:
        lost = session.get_one(Kiosk, silent.id)
        lost.last_seen_at, lost.waiting = office.moment - timedelta(minutes=25), 3
        lost.clock_offset_s = 3 * 3600
        session.get_one(Kiosk, revoked.id).revoked_at = office.moment
        kiosks.add(session, OPERATOR, lost.station_id, now=office.moment)
    return int(number)


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_pages_that_speak_of_kiosks_are_accessible_and_fit(
    site: Served, browser: Browser, width: int, height: int
) -> None:
    number = in_every_state(site.office)
    with site.browser_of(browser, "zheng", width=width, height=height) as context:
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        for path in ("stations", "tickets?state=open", f"tickets/{number}"):
            page.goto(f"{site.url}/staff/{path}")
            for summary in page.locator(".kiosk .revoke summary").all():
                summary.click()
            assert accessibility_faults(page) == [], path
            within = "#queue" if path.startswith("tickets?") else "#content"  # chips are pushed sideways
            assert overflowing(page, within=within) == [], path
        page.goto(f"{site.url}/staff/stations")
        page.get_by_role("button", name="加一台自助屏").click()
        code = page.locator(".once-code [aria-hidden]")
        expect(code).to_be_visible()
        assert len(code.inner_text().replace(" ", "")) == 8
        assert float(code.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")) >= 40
        assert accessibility_faults(page) == [] and overflowing(page, within="#content") == []
        assert said == []


def test_a_kiosk_is_added_and_taken_out_of_use_with_the_keyboard(site: Served, browser: Browser) -> None:
    in_every_state(site.office)
    with site.browser_of(browser, "wu") as context:
        page = context.new_page()
        page.goto(f"{site.url}/staff/stations")
        page.get_by_role("button", name="加一台自助屏").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("在那台机器上")).to_be_visible()
        page.get_by_role("link", name="输好了").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("等着输入编码")).to_have_count(2)
        page.locator(".kiosk .revoke summary").first.focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="停用 A", exact=True).focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("自助屏 A 停用了")).to_be_visible()
    with site.office.db.transaction(read_only=True) as session:
        kiosk = session.scalars(select(Kiosk).where(Kiosk.slip_prefix == "A")).one()
        assert kiosk.revoked_at is not None
