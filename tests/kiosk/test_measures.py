"""The table of ux.md on every screen of the kiosk: measured in a real Chromium, in three languages, at three sizes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.settings import load_settings
from speech.voice import synthesise
from speech.vosk_engine import VoskEngine
from tests.support import measured
from tests.support.chromium import chromium, write_microphone
from tests.support.station import INCHES, LANGUAGES, LYING, TABLET, UPRIGHT, Station, station
from tests.support.tour import FIRE, tour

pytestmark = pytest.mark.timeout(400)
BARS = {UPRIGHT: measured.LARGE, LYING: measured.LARGE, TABLET: measured.SMALL}
NARROW = (320, 900)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    with station(tmp_path_factory.mktemp("station"), VoskEngine.load(load_settings({}).speech_model)) as here:
        yield here


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    path = write_microphone(tmp_path_factory.mktemp("voice") / "fire.wav", synthesise(FIRE), after=2.0)
    expect.set_options(timeout=20_000)
    with chromium(path) as browser:
        yield browser
    expect.set_options(timeout=5_000)


def resize(page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    while page.evaluate("innerWidth") != width:  # it takes its time
        page.wait_for_timeout(20)


def at_size(page: Page, size: tuple[int, int]) -> None:
    """As a device of this size shows it."""
    resize(page, *size)
    measured.styled(page, BARS[size])


def faults(page: Page, own: tuple[int, int]) -> Iterator[str]:
    """Everything that is wrong with what is shown, and how it was looked at."""
    for size, bars in BARS.items():
        at_size(page, size)
        looks = [*measured.too_small(page, bars), *measured.clipped(page), *measured.long_lines(page)]
        yield from (f"{size[0]}×{size[1]} {fault}" for fault in looks)
    at_size(page, own)
    yield from (f"forbidden: {text}" for text in measured.forbidden_words(page))
    yield from (f"axe {fault}" for fault in measured.axe_faults(page))
    measured.styled(page, BARS[own], spaced=True)
    yield from (f"spaced {fault}" for fault in measured.clipped(page, scrolls=True))
    measured.styled(page, BARS[own])
    for name, (width, height) in {"200 %": (own[0] // 2, own[1] // 2), "320 px": NARROW}.items():
        resize(page, width, height)
        yield from (f"{name} {fault}" for fault in measured.clipped(page, scrolls=True))
    at_size(page, own)


@pytest.mark.parametrize(
    ("size", "language"), list(zip(INCHES, LANGUAGES, strict=True)), ids=lambda value: str(value)
)
def test_every_screen_keeps_to_the_table(
    here: Station, browser: Browser, size: tuple[int, int], language: str
) -> None:
    found: dict[str, list[str]] = {}
    with here.kiosk(browser, size, language) as screen:
        root = screen.page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")
        assert root >= BARS[size].text
        for name in tour(here, screen):
            if wrong := list(faults(screen.page, size)):
                found[name] = wrong
    assert found == {}


def test_large_letters_are_larger_and_cut_nothing(here: Station, browser: Browser) -> None:
    with here.kiosk(browser, UPRIGHT) as screen:
        screen.press("bigger")
        root = screen.page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")
        assert root == pytest.approx(34 * 1.25, abs=0.5)
        found = measured.clipped(screen.page, scrolls=True)
        for do in ("category", "item", "skip"):
            screen.press(do)
            found += measured.clipped(screen.page, scrolls=True)
    assert found == []


def test_the_measures_do_measure(browser: Browser, tmp_path: Path) -> None:
    """A page with one of each fault: none may pass."""
    path = tmp_path / "faulty.html"
    path.write_text(
        """<!doctype html><html lang="zh"><meta charset="utf-8"><title>x</title><style>body { font-size: 34px; margin: 0 }
        button { font: inherit; height: 60px; width: 100px; border: 0; padding: 0 } p { margin: 0 }</style>
        <main><p style="font-size: 33px">小</p><button style="width: 40px">窄</button><button style="margin-left: 8px">近</button>
        <button class="tile" style="height: 200px; display: block; margin-top: 40px">砖</button>
        <p style="height: 20px; overflow: hidden">切掉</p><button style="white-space: nowrap; margin-top: 60px">出了边界的字</button>
        <p style="white-space: nowrap">一行里的字实在是太多太多太多太多了</p><p>请提交</p>
        <p style="position: absolute; top: 400px">上面</p><p style="position: absolute; top: 402px">下面</p>
        <p style="color: #888">不够黑</p><p style="position: absolute; left: 1060px; top: 900px; width: 60px">外面</p></main>""",
        encoding="utf-8",
    )
    page = browser.new_page(viewport={"width": 1080, "height": 1920})
    page.goto(path.as_uri())
    small, cut = "\n".join(measured.too_small(page, measured.LARGE)), "\n".join(measured.clipped(page))
    axe, lines, words = (
        measured.axe_faults(page),
        measured.long_lines(page),
        measured.forbidden_words(page),
    )
    page.close()
    for expected in ("33 px", "40 × 60", "gap", "200 px high"):
        assert expected in small
    for expected in (
        "cut below",
        "sticks out: 出了边界的字",
        "one on the other: 上面 | 下面",
        "out of the window: 外面",
    ):
        assert expected in cut
    assert any(line.startswith("color-contrast-enhanced") for line in axe)
    assert lines == ["一行里的字实在是太多太多太多太多了"] and words == ["请提交"]
