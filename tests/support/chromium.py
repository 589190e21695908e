"""The system's Chromium, driven by Playwright, with a microphone made of a WAV file."""

import contextlib
import os
import shutil
import wave
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserType, Page, sync_playwright

from speech.audio import SAMPLE_RATE, resample, to_pcm, to_samples
from tests.support.machine import missing

FAKE_MICROPHONE_RATE = 48_000  # Hz: Chromium's fake device does not resample


@contextlib.contextmanager
def chromium(microphone: Path | None = None, switches: Sequence[str] = ()) -> Iterator[Browser]:
    """Skips where there is none. Without a `microphone` the browser has one that nobody may use."""
    with sync_playwright() as playwright, launched(playwright.chromium, microphone, switches) as browser:
        yield browser


@contextlib.contextmanager
def launched(
    kind: BrowserType, microphone: Path | None = None, switches: Sequence[str] = ()
) -> Iterator[Browser]:
    """A browser of its own, of the `browser_type` of one that runs: Playwright is started once in a thread."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        missing("there is no Chromium: apt-get install chromium")
    arguments = ["--use-fake-device-for-media-stream", *switches]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    if microphone is not None:
        arguments += [
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-audio-capture={microphone}%noloop",
        ]
    browser = kind.launch(executable_path=program, args=arguments)
    try:
        yield browser
    finally:
        browser.close()


@contextlib.contextmanager
def quiet_page(browser: Browser, *, width: int = 1280, height: int = 900) -> Iterator[Page]:
    """A page that may neither throw, nor complain on its console, nor ask anybody but its own host for anything."""
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(20_000)
    said: list[str] = []
    hosts: set[str] = set()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    try:
        yield page
    finally:
        own = page.url.split("/")[2]
        page.close()
    assert [
        text for text in said if "responded with a status of" not in text
    ] == []  # those are the test's own
    assert hosts == {own}


def accessibility_faults(page: Page) -> list[str]:
    """axe-core's violations, one line each."""
    found = Axe().run(page).response["violations"]
    return [f"{item['id']}: {node['html']}" for item in found for node in item["nodes"]]


def overflowing(page: Page, *, within: str = "body") -> list[str]:
    """Elements that stick out of the window sideways."""
    found: list[str] = page.evaluate(
        """(within) => [...document.querySelectorAll(`:is(${within}) *`)]
            .filter((e) => e.getClientRects().length && e.getBoundingClientRect().right > innerWidth + 1)
            .map((e) => e.outerHTML.slice(0, 80))""",
        within,
    )
    return found


def write_microphone(path: Path, pcm: bytes, *, after: float) -> Path:
    """What the fake microphone records: `after` seconds of silence, this PCM16 8 kHz, then a minute of silence."""
    speech = resample(to_samples(pcm), SAMPLE_RATE, FAKE_MICROPHONE_RATE)
    pieces = (np.zeros(int(after * FAKE_MICROPHONE_RATE)), speech, np.zeros(60 * FAKE_MICROPHONE_RATE))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, FAKE_MICROPHONE_RATE, 0, "NONE", ""))
        file.writeframes(to_pcm(np.concatenate(pieces, dtype=np.float32)))
    return path
