"""Bad days at the kiosk, whole: the page, its outbox and the real server. At the end of each there is exactly one ticket a request,
with the time at which it was said, and the console tells that it came late."""

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from models.lifecycle import Status
from models.ticket import Ticket
from speech.voice import synthesise
from tests.support.chromium import chromium, write_microphone
from tests.support.console import Desk
from tests.support.killable import killable
from tests.support.station import Screen, Station, station
from tests.support.weather import Weather, answer_lost, broken, relay, serving

pytestmark = pytest.mark.timeout(180)
PHONE = "13800000001"
ROUND = 61_000  # ms: by then the outbox tries again
PATIENCE = 9_000  # ms: by then the page does not wait any longer
SOON = timedelta(minutes=2)  # between the press and the server's time of it, on a busy machine


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    with station(tmp_path_factory.mktemp("station")) as here:
        yield here


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    path = write_microphone(
        tmp_path_factory.mktemp("voice") / "light.wav", synthesise("三栋路灯不亮"), after=0.5
    )
    expect.set_options(timeout=20_000)
    with chromium(path) as browser:
        yield browser
    expect.set_options(timeout=5_000)


@contextlib.contextmanager
def enrolled(here: Station, browser: Browser, url: str | None = None) -> Iterator[Screen]:
    """With everything kept that it needs without a network."""
    with here.device(browser, url=url) as screen:
        ready(here, screen)
        yield screen


def ready(here: Station, screen: Screen) -> None:
    screen.enrol(here.code())
    screen.page.evaluate("() => navigator.serviceWorker.ready")


def by_tile(
    screen: Screen, *, building: str | None = None, phone: str | None = None, stalled: bool = False
) -> str:
    """A matter, to the last screen; the number that she is told. `stalled`: the server does not answer."""
    screen.press("category", "environment")
    screen.press("item")
    if building:
        screen.pick("幸福小区")
        screen.pick(building)
    screen.press("skip")
    return to_the_number(screen, phone, stalled=stalled)


def to_the_number(screen: Screen, phone: str | None = None, *, stalled: bool = False) -> str:
    screen.at("contact")
    if phone:
        screen.dial(phone)
    screen.press("phone" if phone else "no-phone")
    if stalled:
        screen.at("saving")
        screen.wait(PATIENCE)
    screen.at("done")
    number = screen.number
    screen.press("finish")
    screen.at("home")
    return number


def assert_came_late(here: Station, ticket: Ticket, said_at: datetime) -> None:
    """Said then, and staff see that it arrived later."""
    assert abs(ticket.occurred_at - said_at) < SOON
    page = Desk(here.office, "sun").get(f"/staff/tickets/{ticket.number}").text
    assert str(ticket.slip) in page and "才送到" in page


def test_the_network_is_cut_and_nothing_is_lost(here: Station, browser: Browser) -> None:
    said_at = here.office.moment
    with enrolled(here, browser) as screen:
        screen.context.set_offline(True)
        slips = [by_tile(screen, building="3", phone=PHONE), by_tile(screen)]
        screen.press("speak")
        screen.at("hear")
        screen.shows("我先请工作人员听您的录音")  # nobody listens live: no wrong words
        screen.press("yes")
        slips.append(to_the_number(screen))
        assert len(set(slips)) == 3 and screen.waiting == 3
        here.office.pass_time(hours=3)
        screen.context.set_offline(False)
        tickets = here.wait_for(3, screen)
        screen.wait(ROUND)
        assert [ticket.slip for ticket in here.wait_for(3, screen)] == slips and screen.waiting == 0
    for ticket in tickets:
        assert_came_late(here, ticket, said_at)
    assert (tickets[0].building, tickets[1].building) == ("3", None)
    assert [len(here.recordings(ticket)) for ticket in tickets] == [0, 0, 1]
    assert tickets[2].status is Status.NEEDS_LISTENING


def test_without_a_network_all_but_progress_works(here: Station, browser: Browser) -> None:
    with enrolled(here, browser) as screen:
        screen.context.set_offline(True)
        screen.page.reload()
        screen.at("home")
        screen.speak_language("en")
        screen.press("ask")
        screen.press("activities")
        screen.shows("周三话家常")
        screen.press("finish")
        screen.press("ask")
        screen.press("keeper")
        screen.pick("幸福小区")
        screen.pick("3")
        expect(screen.page.locator("main .number:visible")).to_be_visible()
        screen.press("finish")
        screen.press("ask")
        screen.press("progress")
        screen.dial("1001")
        screen.press("ok")
        screen.dial("0001")
        screen.press("ok")
        expect(screen.page.locator(".notice:visible").first).not_to_be_empty()
        screen.press("home")
        screen.press("person")
        screen.at("person-phone")
        screen.dial(PHONE)
        screen.press("ok")
        screen.at("thanks")
        screen.context.set_offline(False)


def test_the_server_stands_still_and_takes_it_once_when_it_goes_on(here: Station, browser: Browser) -> None:
    said_at = here.office.moment
    with relay(here.url) as way, enrolled(here, browser, way.url) as screen:
        way.stall()
        slip = by_tile(screen, phone=PHONE, stalled=True)
        screen.page.reload()  # the page is there all the same
        screen.at("home")
        here.office.pass_time(hours=1)
        way.go_on()
        screen.wait(ROUND)
        here.wait_for(1, screen)
        screen.wait(ROUND)
        [ticket] = here.wait_for(1, screen)
    assert ticket.slip == slip
    assert_came_late(here, ticket, said_at)


def test_the_power_goes_and_the_next_morning_it_is_sent(
    here: Station, browser: Browser, tmp_path: Path
) -> None:
    said_at = here.office.moment
    with relay(here.url) as way:
        with killable(browser, tmp_path) as box:
            screen = Screen(way.url, box.context)
            ready(here, screen)
            way.stall()
            slip = by_tile(screen, stalled=True)
            box.kill()
        here.office.pass_time(hours=12)
        with killable(browser, tmp_path) as box:
            screen = Screen(way.url, box.context)
            screen.page.goto(f"{way.url}/kiosk/")
            screen.at("home")
            assert screen.waiting == 1
            way.go_on()
            screen.wait(ROUND)
            [ticket] = here.wait_for(1, screen)
    assert ticket.slip == slip
    assert_came_late(here, ticket, said_at)


def test_a_batch_whose_answer_was_lost_comes_once(here: Station, browser: Browser) -> None:
    weather = Weather(here.site.app)
    with serving(weather) as url, enrolled(here, browser, url) as screen:
        screen.context.set_offline(True)
        slips = [by_tile(screen) for _ in range(3)]
        weather.next = [answer_lost, answer_lost]
        screen.context.set_offline(False)
        here.wait_for(3, screen)
        for _ in range(20):
            if not screen.waiting:
                break
            screen.wait(ROUND)
            screen.page.wait_for_timeout(200)
        assert screen.waiting == 0 and weather.posts() > 1
        assert [ticket.slip for ticket in here.wait_for(3, screen)] == slips


def test_server_errors_keep_it_waiting_and_then_it_is_sent(here: Station, browser: Browser) -> None:
    weather = Weather(here.site.app)
    said_at = here.office.moment
    with serving(weather) as url, enrolled(here, browser, url) as screen:
        weather.always = broken
        slip = by_tile(screen)
        assert screen.waiting == 1
        here.office.pass_time(hours=1)
        weather.always = None
        screen.wait(ROUND)
        [ticket] = here.wait_for(1, screen)
    assert ticket.slip == slip
    assert_came_late(here, ticket, said_at)


@pytest.mark.parametrize("hours", [-7, 9])
def test_a_clock_that_is_wrong_by_hours_changes_no_time(here: Station, browser: Browser, hours: int) -> None:
    said_at = here.office.moment
    context = browser.new_context()
    screen = Screen(here.url, context, at=said_at + timedelta(hours=hours))
    ready(here, screen)
    context.set_offline(True)
    by_tile(screen)
    here.office.pass_time(hours=1)
    screen.wait(3_600_000)
    context.set_offline(False)
    [ticket] = here.wait_for(1, screen)
    context.close()
    assert_came_late(here, ticket, said_at)
    page = Desk(here.office, "sun").get(f"/staff/tickets/{ticket.number}").text
    assert "屏上的钟" in page and "不准" in page


_DISK_IS_FULL = (
    "() => { IDBObjectStore.prototype.add = () => { throw new DOMException('full', 'QuotaExceededError') } }"
)


def test_with_the_disk_full_the_server_takes_it_at_once(here: Station, browser: Browser) -> None:
    with enrolled(here, browser) as screen:
        screen.page.evaluate(_DISK_IS_FULL)
        number = by_tile(screen)
        [ticket] = here.wait_for(1, screen)
    assert number == str(ticket.number) and ticket.slip is None


def test_with_the_disk_full_and_no_network_she_is_told_so(here: Station, browser: Browser) -> None:
    """Never a number for what nobody has."""
    before = len(here.tickets())
    with enrolled(here, browser) as screen:
        screen.page.evaluate(_DISK_IS_FULL)
        screen.context.set_offline(True)
        screen.press("category", "care")
        screen.press("item")
        screen.press("skip")
        screen.press("no-phone")
        screen.at("full")
        expect(screen.page.locator("main .number:visible")).to_contain_text("400")
        screen.context.set_offline(False)
    assert len(here.tickets()) == before
