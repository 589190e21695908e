"""What the next person finds of the last one at a kiosk: nothing. And how long a screen waits before it is wiped."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.support.chromium import chromium
from tests.support.station import Screen, Station, station

pytestmark = pytest.mark.timeout(120)
PHONE = "13800000001"
ASK, WIPE, THANKS = 90_000, 30_000, 45_000  # ms (ux.md)

_STORES = """async () => {
  const open = (name) => new Promise((resolve) => { const q = indexedDB.open(name); q.onsuccess = () => resolve(q.result); });
  const all = (store) => new Promise((resolve) => { const q = store.getAll(); q.onsuccess = () => resolve(q.result); });
  const found = {local: {...localStorage}, session: {...sessionStorage}, cookies: document.cookie, history: history.state, url: location.href};
  const bytes = (value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? new TextDecoder().decode(value) : value;
  for (const {name} of await indexedDB.databases()) {
    const database = await open(name);
    for (const store of database.objectStoreNames)
      found[name + "/" + store] = (await all(database.transaction(store).objectStore(store)))
        .map((row) => row && typeof row === "object" ? Object.fromEntries(Object.entries(row).map(([k, v]) => [k, bytes(v)])) : row);
    database.close();
  }
  for (const name of await caches.keys()) found[name] = (await (await caches.open(name)).keys()).map((r) => decodeURIComponent(r.url));
  return JSON.stringify(found);
}"""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    with station(tmp_path_factory.mktemp("station")) as here:
        yield here


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=20_000)
    with chromium() as browser:
        yield browser
    expect.set_options(timeout=5_000)


@pytest.fixture
def screen(here: Station, browser: Browser) -> Iterator[Screen]:
    with here.kiosk(browser) as screen:
        yield screen


def half_done(screen: Screen) -> None:
    """As far as her number, and all but the last press."""
    screen.press("category", "care")
    screen.press("item")
    screen.pick("幸福小区")
    screen.pick("3")
    screen.press("skip")
    screen.at("contact")
    screen.dial(PHONE)
    expect(screen.main).to_contain_text("138 0000 0001")


def stored(screen: Screen) -> dict[str, Any]:
    return dict(json.loads(screen.page.evaluate(_STORES)))


def assert_nothing_left(screen: Screen) -> None:
    """Neither to be seen nor stored, in any of the shapes that it had."""
    kept = json.dumps(stored(screen), ensure_ascii=False)
    page = screen.page.evaluate("document.documentElement.outerHTML")
    for secret in (PHONE, "138 0000 0001", "138****0001"):
        assert secret not in page, secret
        assert secret not in kept, secret


def test_a_screen_that_is_left_asks_and_is_wiped(screen: Screen) -> None:
    screen.speak_language("en")
    screen.press("bigger")
    half_done(screen)
    screen.wait(ASK + 2000)
    dialog = screen.page.locator("dialog[open]")
    expect(dialog).to_contain_text("Are you still there?")
    screen.wait(WIPE + 2000)
    screen.at("home")
    expect(dialog).to_have_count(0)
    expect(screen.page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(screen.page.locator("html.bigger")).to_have_count(0)
    assert_nothing_left(screen)


def test_one_press_and_she_goes_on_as_often_as_she_likes(screen: Screen) -> None:
    half_done(screen)
    for _ in range(3):
        screen.wait(ASK + 2000)
        expect(screen.page.locator("dialog[open]")).to_be_visible()
        screen.press("stay")
        expect(screen.page.locator("dialog[open]")).to_have_count(0)
    expect(screen.main).to_contain_text("138 0000 0001")


def test_any_touch_begins_the_time_anew(screen: Screen) -> None:
    half_done(screen)
    for _ in range(3):
        screen.wait(ASK - 10_000)
        screen.page.touchscreen.tap(5, 900)
    expect(screen.page.locator("dialog[open]")).to_have_count(0)


def test_the_first_screen_waits_for_ever(screen: Screen) -> None:
    screen.wait(20 * ASK)
    expect(screen.page.locator("dialog[open]")).to_have_count(0)
    screen.at("home")


def test_the_number_is_gone_after_45_seconds_and_so_is_everything_else(screen: Screen, here: Station) -> None:
    half_done(screen)
    screen.press("phone")
    screen.at("done")
    number = screen.number
    assert "138****0001" in screen.main.inner_text()
    screen.wait(THANKS + 3000)
    screen.at("home")
    assert_nothing_left(screen)
    assert number not in screen.page.evaluate("document.documentElement.outerHTML")
    assert stored(screen)["jiachang-kiosk/outbox"] == []


@pytest.mark.parametrize("end", ["idle", "finish", "home"])
def test_the_back_button_shows_nothing(screen: Screen, end: str) -> None:
    steps = screen.page.evaluate("history.length")
    half_done(screen)
    if end == "idle":
        screen.wait(ASK + 2000)
        screen.wait(WIPE + 2000)
    elif end == "home":
        screen.press("home")
    else:
        screen.press("phone")
        screen.at("done")
        screen.press("finish")
    screen.at("home")
    assert screen.page.evaluate("history.length") == steps
    screen.page.go_back()  # to the page before the kiosk's, which there is none of in front of a resident
    screen.page.go_forward()
    screen.at("home")
    assert_nothing_left(screen)


def test_a_page_that_is_loaded_anew_has_forgotten_her(screen: Screen) -> None:
    half_done(screen)
    screen.page.reload()
    screen.at("home")
    assert_nothing_left(screen)


def test_browsers_have_nothing_to_fill_in_and_nothing_to_remember(screen: Screen) -> None:
    """Digits are buttons: no field that a browser would keep, complete or translate; no way out by a link."""
    markup = screen.page.evaluate(
        """() => [...document.querySelectorAll("template")].map((t) => t.innerHTML).join("") + document.body.innerHTML"""
    )
    for element in ("<input", "<textarea", "<form", "contenteditable", "<a ", "<iframe"):
        assert element not in markup


def test_a_request_of_hers_waits_unreadable(screen: Screen, here: Station) -> None:
    """Without a network: what is on the disk says nothing, and after sending nothing is there."""
    before = len(here.tickets())
    screen.page.evaluate("() => navigator.serviceWorker.ready")
    screen.context.set_offline(True)
    half_done(screen)
    screen.press("phone")
    screen.wait(10_000)
    screen.at("done")
    screen.press("finish")
    [waiting] = stored(screen)["jiachang-kiosk/outbox"]
    assert PHONE not in json.dumps(waiting, ensure_ascii=False) and "category" not in json.dumps(waiting)
    assert_nothing_left(screen)
    screen.context.set_offline(False)
    for _ in range(100):
        if not stored(screen)["jiachang-kiosk/outbox"]:
            break
        screen.page.wait_for_timeout(100)
    assert len(here.tickets()) == before + 1
    assert_nothing_left(screen)
