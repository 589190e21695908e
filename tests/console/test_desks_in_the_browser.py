"""A callback worker's and a keeper's day in a real browser: by keyboard, on a telephone, nobody shut out."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from app.desk import course
from app.desk.callbacks import request_return_call
from app.jobs.callbacks import plan_callbacks
from models.callback import Callback
from models.rating import Rating
from models.ticket import Ticket
from tests.support.chromium import accessibility_faults, chromium, overflowing
from tests.support.office import NUMBERS, Office, open_office
from tests.support.served import Served, served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def console(sqlite_url: str, tmp_path: Path) -> Iterator[Served]:
    with (
        open_office(sqlite_url, tmp_path / "data", public_url="http://127.0.0.1:1") as office,
        served(office) as running,
    ):
        yield running


def prepare(office: Office) -> None:
    """王阿姨 is to be asked about her lamp; 李叔叔 wants to be rung."""
    plan_callbacks(office.runtime, office.resolve_one())
    with office.db.transaction() as session:
        callback = session.scalars(select(Callback)).one()
        course.to_person(session, office.runtime.desk, callback, at=office.moment, now=office.moment)
        desk = office.runtime.desk
        request_return_call(session, desk, phone=NUMBERS.li, reason="asked_person", now=office.moment)


def sound(page: Page) -> None:
    assert accessibility_faults(page) == []
    assert overflowing(page, within="#content") == []


def test_a_callback_worker_goes_from_one_to_the_next_by_keyboard(console: Served, browser: Browser) -> None:
    prepare(console.office)
    with console.browser_of(browser, "zhou") as context:
        page = context.new_page()
        said: list[str] = []
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"{console.url}/staff/callbacks")
        sound(page)
        page.keyboard.press("Enter")  # 下一位 has the focus
        page.wait_for_selector("#result")
        sound(page)
        page.get_by_role("button", name="看号码，自己拨").click()
        page.wait_for_selector(".number")
        page.check("[name=outcome][value=answered]")
        page.fill("#words", "5栋下水道堵了")
        page.get_by_role("button", name="保存，下一位").click()
        page.wait_for_selector("[data-question]", state="attached")
        page.wait_for_load_state()  # keys count once the script has run
        for key in "1132":
            page.keyboard.press(key)
        assert "效果不满意" in page.inner_text("#then")
        sound(page)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{console.url}/staff/callbacks")
        assert page.locator(".undo").count() == 2
        assert said == []
    with console.office.db.transaction(read_only=True) as session:
        rating = session.scalars(select(Rating)).one()
        assert (rating.fact, rating.speed, rating.effect, rating.attitude) == (1, 1, 3, 2)
        assert session.scalars(select(Ticket.text).order_by(Ticket.id.desc())).first() == "5栋下水道堵了"


def test_leaving_a_case_gives_it_back(console: Served, browser: Browser) -> None:
    prepare(console.office)
    with console.browser_of(browser, "zhou") as context:
        page = context.new_page()
        page.goto(f"{console.url}/staff/callbacks/1")
        page.goto(f"{console.url}/staff/callbacks")
        for _ in range(100):  # the word that she has left comes when it comes
            with console.office.db.transaction(read_only=True) as session:
                if session.get_one(Callback, 1).claimed_by is None:
                    return
            page.wait_for_timeout(100)
    pytest.fail("the case was not given back")


def test_a_keeper_takes_a_matter_in_on_his_telephone(console: Served, browser: Browser) -> None:
    with console.browser_of(browser, "zhao", width=390, height=844) as context:
        page = context.new_page()
        said: list[str] = []
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"{console.url}/staff/intake")
        assert page.locator("[name=channel][value=visit]").is_checked()
        page.fill("#words", "李奶奶家暖气不热，3栋")
        page.wait_for_selector(".why")
        assert page.locator("#unit_id option:checked").inner_text().strip() == "3栋"
        page.fill("#phone", "13800001111")
        page.keyboard.press("Tab")
        page.wait_for_selector(".known")
        sound(page)
        expect(page.locator("#saved")).not_to_be_empty()
        page.reload()
        assert page.input_value("#words") == "李奶奶家暖气不热，3栋"
        page.get_by_role("button", name="登记", exact=True).click()
        page.wait_for_selector(".huge")
        sound(page)
        number = int(page.inner_text(".huge"))
        stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
        assert said == [] and "李奶奶" not in stored and "1380000" not in stored
    with console.office.db.transaction(read_only=True) as session:
        assert session.scalars(select(Ticket.number)).all() == [number]
