"""Reading aloud in a real browser: in order, the newest call wins, and nothing but the page's own sentences is kept."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support.chromium import chromium
from tests.support.kiosk_page import Scripts, Site, kiosk_site, scripts
from tests.support.weather import relay

pytestmark = pytest.mark.timeout(180)
FIXED, HERS = ["好", "请说"], "王秀英的事"
PLAYED = """(async () => {
  const play = HTMLMediaElement.prototype.play;
  window.played = [];
  HTMLMediaElement.prototype.play = function () { window.played.push(this.src); return play.call(this); };
})()"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with kiosk_site(tmp_path_factory.mktemp("kiosk"), demo_voice=True) as site:
        yield site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Scripts]:
    with scripts(browser, site.url) as page:
        ready(page, site)
        yield page


def ready(page: Scripts, site: Site) -> None:
    page.page.mouse.click(5, 5)  # browsers let no sound begin before somebody has touched the page
    page.enrol(site)
    page.run("voice", PLAYED)
    site.weather.asked.clear()


def say(page: Scripts, *sentences: str, keep: bool = True) -> None:
    """Waits until all has been said."""
    page.run("voice", "module.say(given.sentences, {keep: given.keep})", sentences=sentences, keep=keep)


def played(page: Scripts) -> int:
    return len(page.page.evaluate("window.played"))


def cached(page: Scripts) -> Any:
    """Addresses of everything in the browser's caches."""
    return page.page.evaluate(
        """Promise.all([caches.keys().then((names) => Promise.all(names.map(async (name) =>
            (await (await caches.open(name)).keys()).map((request) => decodeURIComponent(request.url)))))])
            .then((all) => [].concat(...all[0]))"""
    )


def test_sentences_are_said_and_the_second_time_without_the_server(page: Scripts, site: Site) -> None:
    say(page, *FIXED)
    assert played(page) == 2 and len(site.weather.asked) == 2
    page.page.context.set_offline(True)
    say(page, *FIXED)
    assert played(page) == 4 and not page.run("voice", "module.speaking()")


def test_her_own_words_are_in_no_cache_and_in_no_address(page: Scripts, site: Site) -> None:
    say(page, HERS, keep=False)
    assert played(page) == 1 and cached(page) == [] and site.weather.asked == ["POST /kiosk/say"]
    say(page, *FIXED)
    assert len(cached(page)) == 2


def test_the_newest_call_wins_and_hushing_ends_it_at_once(page: Scripts) -> None:
    page.run("voice", "module.warm(['好', '一二三四五六七八九十一二三四五六七八九十', '请说'])")
    order = page.run(
        "voice",
        """(async () => {
          const order = [];
          const long = module.say(['一二三四五六七八九十一二三四五六七八九十', '请说']).then(() => order.push("long"));
          while (!module.speaking()) await new Promise((resolve) => setTimeout(resolve, 5));
          const short = module.say(['好']).then(() => order.push("short"));
          await Promise.all([long, short]);
          const last = module.say(['一二三四五六七八九十一二三四五六七八九十']);
          while (!module.speaking()) await new Promise((resolve) => setTimeout(resolve, 5));
          module.hush();
          order.push(module.speaking());
          await last;
          return order;
        })()""",
    )
    assert order == ["long", "short", False] and played(page) == 3


def test_a_recording_is_played_in_the_place_of_what_is_said(page: Scripts, site: Site) -> None:
    say(page, "好")
    heard = page.run(
        "voice",
        """(async () => {
          const found = await (await caches.match("/kiosk/say?lang=zh&text=" + encodeURIComponent("好"))).blob();
          await module.play(found);
          return module.speaking();
        })()""",
    )
    assert heard is False and played(page) == 2


def test_ahead_of_time_each_sentence_is_asked_for_once(page: Scripts, site: Site) -> None:
    for _ in range(2):
        page.run("voice", "module.warm(given.sentences)", sentences=FIXED)
    assert len(site.weather.asked) == 2 and len(cached(page)) == 2 and played(page) == 0


def test_what_somebody_recorded_anew_is_fetched_when_the_page_starts_again(page: Scripts, site: Site) -> None:
    page.run("voice", "module.warm(given.sentences)", sentences=FIXED)
    page.page.reload()
    page.run("voice", "module.warm(given.sentences)", sentences=FIXED)
    assert sum("/kiosk/say" in asked for asked in site.weather.asked) == 4


def test_numbers_are_spelt_so_that_they_need_no_network(page: Scripts) -> None:
    assert page.run("voice", "module.digits('A1027', 'zh')") == ["A", "幺", "零", "二", "七"]
    assert page.run("voice", "module.digits('1027', 'en')") == ["one", "zero", "two", "seven"]


def test_a_server_that_stands_still_is_waited_for_eight_seconds(browser: Browser, site: Site) -> None:
    with relay(site.url) as line, scripts(browser, line.url) as page:
        ready(page, site)
        page.page.clock.install()
        line.stall()
        page.page.evaluate(
            "import('/kiosk/modules/voice.js').then((m) => { window.said = m.say(['请说']); })"
        )
        page.page.clock.fast_forward(8000)
        page.page.evaluate("window.said")
        assert played(page) == 0
        line.go_on()
