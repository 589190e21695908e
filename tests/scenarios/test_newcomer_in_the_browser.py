"""The whole product, seen by somebody with a browser: she speaks into a microphone, and is rung back."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from app.community import NUMBERS
from models.rating import Rating
from speech.voice import synthesise
from tests.support.chromium import chromium, quiet_page, write_microphone
from tests.support.town import Town

pytestmark = [
    pytest.mark.scenario,
    pytest.mark.timeout(300),
]  # a call at the pace of speech, on a shared machine
GREETING = 8.0  # seconds from the microphone's first sample until she speaks: connecting, and the greeting
PATIENCE = 40_000  # ms


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    words = synthesise("三栋二单元路灯不亮了")
    path = write_microphone(tmp_path_factory.mktemp("voice") / "light.wav", words, after=GREETING)
    with chromium(path) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, town: Town) -> Iterator[Page]:
    with quiet_page(browser) as page:
        yield page


def address(town: Town, path: str) -> str:
    return f"http://127.0.0.1:{town.stage.ports.exchange}{path}"


def handset(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


def write(page: Page, name: str, body: str) -> None:
    box = handset(page, name).get_by_role("textbox")
    box.fill(body)
    box.press("Enter")


def shows(page: Page, name: str, text: str | re.Pattern[str]) -> None:
    expect(handset(page, name).get_by_role("log")).to_contain_text(text, timeout=PATIENCE)


def test_she_says_it_hears_her_number_and_rates_it_when_she_is_rung_back(page: Page, town: Town) -> None:
    # her microphone goes by the clock: the first call of all, which loads model and voice, is somebody else's
    town.ring(town.stranger(), [{"hangup": True, "wait_prompt": True}])
    page.goto(address(town, "/phone"))
    page.get_by_role("button", name="打热线").click()
    talk, state = page.get_by_role("log"), page.locator("body")
    expect(talk).to_contain_text("三栋二单元路灯不亮，是吗", timeout=PATIENCE)
    page.get_by_role("button", name="1", exact=True).click()
    expect(talk).to_contain_text("您的编号是", timeout=PATIENCE)
    [ticket] = town.tickets(NUMBERS.wang)
    assert (ticket.building, ticket.unit_no, ticket.category) == ("3", "2", "repairs")
    spoken = str(ticket.number).translate(str.maketrans("0123456789", "零幺二三四五六七八九"))
    expect(talk).to_contain_text(spoken)
    expect(talk).to_contain_text("〔说话")
    page.get_by_role("button", name="挂断").click()
    expect(state).to_have_attribute("data-state", "idle")

    page.get_by_label("只按键").check()
    town.wait("dispatch", town.status_is(ticket.number, "dispatched"))
    town.keeper(NUMBERS.zhao, f"接 {ticket.number}")
    town.keeper(NUMBERS.zhao, f"办结 {ticket.number} 换了灯泡")
    expect(state).to_have_attribute("data-state", "ringing", timeout=PATIENCE)
    page.get_by_role("button", name="接听").click()
    # is it she; is it fixed; speed, result, attitude
    for question in range(1, 6):
        expect(talk.locator("li:not(.mine)")).to_have_count(question, timeout=PATIENCE)
        page.keyboard.press("2" if question == 5 else "1")
        expect(talk.locator(".mine")).to_have_count(question)
    expect(talk.locator("li:not(.mine)")).to_have_count(6, timeout=PATIENCE)  # what else is there? nothing
    page.get_by_role("button", name="挂断").click()
    town.wait("closed", town.status_is(ticket.number, "closed"))
    with town.db() as session:
        rating = session.scalars(select(Rating).where(Rating.ticket_id == ticket.id)).one()
    assert (rating.fact, rating.speed, rating.effect, rating.attitude) == (1, 1, 1, 2)


def test_a_matter_goes_its_way_by_text_alone(page: Page, town: Town) -> None:
    numbers = (town.resident("3"), NUMBERS.zhao, NUMBERS.li)
    page.goto(address(town, "/handset?with=" + ",".join(number.replace("+", "%2B") for number in numbers)))
    resident, keeper, neighbour = "没登记的号码", "赵国强", "李叔叔"
    write(page, resident, "报修三栋一单元楼道灯坏了")
    shows(page, resident, "编号")
    [ticket] = town.tickets(numbers[0])
    shows(page, resident, str(ticket.number))
    shows(page, keeper, f"回复“接{ticket.number}”")
    write(page, keeper, f"接 {ticket.number}")
    shows(page, keeper, f"{ticket.number}号已接单")
    write(page, keeper, f"办结 {ticket.number} 换了灯泡")
    shows(page, keeper, f"{ticket.number}号已办结")
    assert town.ticket(ticket.number).resolution == "换了灯泡"
    expect(handset(page, neighbour).get_by_role("log")).to_contain_text("还没有短信")
