"""Whole stories at the kiosk, in a real Chromium: what somebody presses and says, and what staff find of it afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from app.community import NUMBERS
from app.desk import kiosks
from app.settings import load_settings
from models.callback import Callback, CallbackKind
from models.kiosk_help import HelpState, KioskHelp
from models.rating import Rating
from models.ticket import Ticket
from models.unit import Unit
from speech.audio import read_wav
from speech.engine import Engine
from speech.voice import synthesise
from speech.vosk_engine import VoskEngine
from tests.support.chromium import chromium, launched, write_microphone
from tests.support.station import OPERATOR, UPRIGHT, Screen, Station, covering, station
from tests.support.tour import asked, resolve, somebody_comes

pytestmark = pytest.mark.timeout(180)
SAID = "三栋二单元路灯不亮了"
PHONE = "13800000001"
LAMP = "楼道灯不亮"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return VoskEngine.load(load_settings({}).speech_model)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[Station]:
    with station(tmp_path_factory.mktemp("station"), engine) as here:
        yield here


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    path = write_microphone(tmp_path_factory.mktemp("voice") / "light.wav", synthesise(SAID), after=1.0)
    expect.set_options(timeout=20_000)
    with chromium(path) as browser:
        yield browser
    expect.set_options(timeout=5_000)


def by_tile(screen: Screen, here: Station, *, phone: str | None = PHONE) -> Ticket:
    """The lamp in 3-2-501, from the first screen to the number; the ticket that came of it."""
    screen.press("category", "repairs")
    screen.at("items")
    screen.pick(LAMP)
    screen.at("place")
    screen.pick("幸福小区")
    screen.pick("3")
    screen.dial("2")
    screen.press("ok")
    screen.dial("501")
    screen.press("ok")
    return reached(screen, here, phone)


def reached(screen: Screen, here: Station, phone: str | None) -> Ticket:
    """How to reach her, and the number; that ticket."""
    screen.at("contact")
    if phone is None:
        screen.press("no-phone")
    else:
        screen.dial(phone)
        screen.press("phone")
    screen.at("done")
    ticket = here.tickets()[-1]
    assert screen.number == str(ticket.number)
    return ticket


def on_the_console(here: Station, browser: Browser, ticket: Ticket) -> tuple[str, bytes | None]:
    """The ticket's page as the dispatcher sees it, and what she hears there."""
    with here.site.browser_of(browser, "sun") as context:
        page = context.new_page()
        page.goto(f"{here.url}/staff/tickets/{ticket.number}")
        text = page.locator("body").inner_text()
        if not page.locator(".player").count():
            return text, None
        with page.expect_response(
            lambda answer: "/staff/recordings/" in answer.url and "pass=" in answer.url
        ) as found:
            page.keyboard.press("F8")
        way = found.value.url
        return text, context.request.get(way).body()


def understood(engine: Engine, wav: bytes, path: Path) -> str:
    """What the real recogniser makes of it."""
    path.write_bytes(wav)
    recogniser = engine.recogniser()
    recogniser.accept(read_wav(path))
    return recogniser.finish().text


# -- a matter ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "language"), covering(0))
def test_she_says_it_and_staff_hear_her(
    here: Station, browser: Browser, engine: Engine, tmp_path: Path, size: tuple[int, int], language: str
) -> None:
    with here.kiosk(browser, size, language) as screen:
        screen.press("speak")
        screen.at("hear")
        expect(screen.page.locator("blockquote")).to_have_text(SAID)
        screen.press("yes")
        ticket = reached(screen, here, PHONE)
        expect(screen.page.locator("main")).to_contain_text("138****0001")
        expect(screen.page.locator("main")).not_to_contain_text(PHONE)
    assert (ticket.category, ticket.building, ticket.unit_no) == ("repairs", "3", "2")
    assert (ticket.channel, ticket.slip) == ("kiosk", here.opened(ticket)["slip"])
    text, audio = on_the_console(here, browser, ticket)
    assert str(ticket.slip) in text
    assert audio is not None and "路灯" in understood(engine, audio, tmp_path / "heard.wav")


@pytest.mark.parametrize(("size", "language"), covering(1))
def test_four_presses_by_tile_and_no_telephone(
    here: Station, browser: Browser, size: tuple[int, int], language: str
) -> None:
    with here.kiosk(browser, size, language) as screen:
        ticket = by_tile(screen, here, phone=None)
        screen.press("finish")
        screen.at("home")
    assert (ticket.category, ticket.building, ticket.unit_no, ticket.room) == ("repairs", "3", "2", "501")
    assert ticket.reporter_id is None and not here.recordings(ticket)
    text, audio = on_the_console(here, browser, ticket)
    assert LAMP in text and str(ticket.slip) in text and audio is None


@pytest.mark.parametrize(("size", "language"), covering(2))
def test_nobody_has_to_know_a_place(
    here: Station, browser: Browser, size: tuple[int, int], language: str
) -> None:
    with here.kiosk(browser, size, language) as screen:
        screen.press("category", "care")
        screen.at("items")
        screen.press("item")
        screen.at("place")
        screen.press("skip")
        ticket = reached(screen, here, PHONE)
    assert (ticket.category, ticket.building) == ("care", None)


def test_danger_words_bring_119_and_an_urgent_ticket(here: Station, browser: Browser, tmp_path: Path) -> None:
    fire = write_microphone(tmp_path / "fire.wav", synthesise("着火了快来人"), after=1.0)
    with launched(browser.browser_type, fire) as other, here.kiosk(other) as screen:
        screen.press("speak")
        dialog = screen.page.locator("dialog[open]")
        expect(dialog).to_contain_text("119", timeout=30_000)
        screen.press("stay")
        expect(dialog).to_have_count(0)
        screen.at("hear")
        screen.press("yes")
        ticket = reached(screen, here, None)
    assert ticket.urgent and here.recordings(ticket)


# -- afterwards -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "language"), covering(1))
def test_how_it_stands_with_number_and_last_four(
    here: Station, browser: Browser, size: tuple[int, int], language: str
) -> None:
    with here.kiosk(browser, size, language) as screen:
        ticket = by_tile(screen, here)
        screen.press("finish")
        for last4, then in (("9999", "progress"), ("0001", "progress-result")):
            screen.press("home") if then == "progress-result" else None
            screen.press("ask")
            screen.press("progress")
            screen.dial(str(ticket.number))
            screen.press("ok")
            screen.dial(last4)
            screen.press("ok")
            screen.at(then)
            if then == "progress":
                expect(screen.page.locator(".notice").first).not_to_be_empty()
        expect(screen.main).to_contain_text(str(ticket.number))
        expect(screen.main).not_to_contain_text("501")


@pytest.mark.parametrize(("size", "language"), covering(2))
def test_she_rates_what_was_done(
    here: Station, browser: Browser, size: tuple[int, int], language: str
) -> None:
    with here.kiosk(browser, size, language) as screen:
        ticket = by_tile(screen, here)
        resolve(here, ticket)
        screen.press("finish")
        screen.press("ask")
        screen.press("rate")
        screen.at("rate")
        screen.dial(str(ticket.slip))
        screen.press("ok")
        screen.dial("0001")
        screen.press("ok")
        for mark in (1, 1, 2, ""):
            screen.press("mark", mark)
        screen.at("thanks")
    with here.office.db.transaction(read_only=True) as session:
        rating = session.scalars(select(Rating).where(Rating.ticket_id == ticket.id)).one()
    assert (rating.fact, rating.speed, rating.effect, rating.attitude) == (1, 1, 2, None)


@pytest.mark.parametrize(("size", "language"), covering(0))
def test_this_week_and_who_looks_after_the_building(
    here: Station, browser: Browser, size: tuple[int, int], language: str
) -> None:
    with here.office.db.transaction(read_only=True) as session:
        keeper = session.scalars(select(Unit.duty_phone).where(Unit.name == "第一网格")).one()
    with here.kiosk(browser, size, language) as screen:
        screen.press("ask")
        screen.press("activities")
        screen.shows("周三话家常")
        screen.press("finish")
        screen.press("ask")
        screen.press("keeper")
        screen.pick("幸福小区")
        screen.pick("3")
        expect(screen.page.locator(".number")).to_be_visible()
        assert screen.number == str(keeper).replace("+86", "")
    assert keeper != NUMBERS.zhao  # the duty telephone, nobody's own


# -- a person ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "language"), covering(1))
def test_a_person_comes(here: Station, browser: Browser, size: tuple[int, int], language: str) -> None:
    with here.kiosk(browser, size, language) as screen:
        screen.press("person")
        expect(screen.page.locator("main[data-screen=person]")).to_be_visible()
        somebody_comes(here, asked(here, screen))
        expect(screen.page.locator("main[data-step=coming]")).to_be_visible()
        screen.press("finish")
        screen.at("home")


@pytest.mark.parametrize(("size", "language"), covering(2))
def test_nobody_comes_and_she_is_rung_back(
    here: Station, browser: Browser, size: tuple[int, int], language: str
) -> None:
    with here.kiosk(browser, size, language) as screen:
        screen.press("person")
        screen.at("person")
        ring = asked(here, screen)
        with here.office.db.transaction() as session:
            session.get_one(KioskHelp, ring.id).state = HelpState.NOBODY
        screen.at("person-phone")
        screen.dial(PHONE)
        screen.press("ok")
        screen.at("thanks")
        expect(screen.main).to_contain_text("138****0001")
    with here.office.db.transaction(read_only=True) as session:
        wanted = Callback.kind == CallbackKind.RETURN_CALL
        assert session.scalars(select(Callback).where(wanted)).all()


# -- the device -------------------------------------------------------------------------------------


def test_a_device_is_enrolled_by_its_code_and_put_out_of_use(here: Station, browser: Browser) -> None:
    with here.device(browser) as screen:
        screen.page.goto(f"{here.url}/kiosk/")
        screen.at("enrol")
        screen.dial("12345678")
        screen.press("ok")
        expect(screen.page.locator(".notice").first).not_to_be_empty()
        screen.dial(here.code())
        screen.press("ok")
        screen.at("home")
        device = here.kiosks()[-1]
        with here.office.db.transaction() as session:
            kiosks.revoke(session, OPERATOR, device.id, now=here.office.moment)
        screen.page.reload()
        screen.at("closed")


# -- hands ------------------------------------------------------------------------------------------


def test_a_double_tap_is_one_tap(here: Station, browser: Browser) -> None:
    """By the real clock: the second tap comes at the pace of a finger."""
    before = len(here.tickets())
    with here.device(browser, UPRIGHT, clock=False) as screen:
        screen.enrol(here.code())
        for do, then in (("category", "items"), ("item", "place"), ("skip", "contact"), ("no-phone", "done")):
            screen.wait(600)
            screen.button(do).dblclick()
            screen.at(then)
    [ticket] = here.tickets()[before:]
    assert ticket.building is None


def test_the_keyboard_alone_is_enough(here: Station, browser: Browser) -> None:
    before = len(here.tickets())
    with here.kiosk(browser) as screen:

        def key(name: str) -> None:
            screen.wait(600)
            screen.page.keyboard.press(name)

        def tab_to(do: str) -> None:
            for _ in range(40):
                screen.page.keyboard.press("Tab")
                if screen.page.evaluate("d => document.activeElement.dataset.do === d", do):
                    return
            raise AssertionError(f"{do} is not reached with the Tab key")

        key("1")
        screen.at("items")
        key("2")
        screen.at("place")
        tab_to("skip")
        key("Enter")
        screen.at("contact")
        for digit in PHONE:
            key(digit)
        tab_to("phone")
        key("Enter")
        screen.at("done")
    [ticket] = here.tickets()[before:]
    assert ticket.category == "repairs" and ticket.reporter_id is not None
