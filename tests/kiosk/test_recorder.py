"""The kiosk's microphone in a real browser: what comes out of it, when it ends, and that it is let go of."""

import base64
import io
import os
import shutil
import socket
import wave
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from app.settings import load_settings
from ivr.gateway import Gateway
from speech.audio import decode_wav, rms_dbfs, seconds_of
from speech.engine import Engine
from speech.voice import synthesise
from speech.vosk_engine import VoskEngine
from tests.support.chromium import chromium, write_microphone
from tests.support.kiosk_page import Scripts, Site, kiosk_site, scripts
from tests.support.station import free_ports, listening

pytestmark = pytest.mark.timeout(180)
SAID = "三栋二单元路灯不亮了"
BEFORE = 0.5  # seconds until she speaks
RECORD = """(async () => {
  const levels = [];
  const words = [];
  const asked = [];
  const media = navigator.mediaDevices;
  const ask = media.getUserMedia.bind(media);
  const {mute, pull} = given.options;
  const granted = async (wanted) => {
    const stream = await ask(wanted);
    const track = stream.getTracks()[0];
    if (mute) track.enabled = false;
    if (pull) setTimeout(() => { track.stop(); track.dispatchEvent(new Event("ended")); }, pull);
    return stream;
  };
  media.getUserMedia = (wanted) => { asked.push(granted(wanted)); return asked[0]; };
  const take = module.record(Object.assign(
    {onLevel: (level) => levels.push(level), onWords: (text) => words.push(text)}, given.options));
  if (given.stop !== null) setTimeout(take.stop, given.stop);
  const done = await take.done.catch((problem) => problem);
  const wav = done.wav && await new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.split(",")[1]);
    reader.readAsDataURL(done.wav);
  });
  const streams = await Promise.all(asked).catch(() => []);
  const free = streams.every((stream) => stream.getTracks().every((track) => track.readyState === "ended"));
  return Object.assign({}, done, {wav, levels, words, free});
})()"""


@pytest.fixture(scope="module")
def engine() -> Engine:
    return VoskEngine.load(load_settings({}).speech_model)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with kiosk_site(tmp_path_factory.mktemp("kiosk")) as site:
        yield site


@pytest.fixture(scope="module")
def speaking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    path = write_microphone(tmp_path_factory.mktemp("voice") / "said.wav", synthesise(SAID), after=BEFORE)
    with chromium(path) as browser:
        yield browser


@pytest.fixture
def page(speaking: Browser, site: Site) -> Iterator[Scripts]:
    with scripts(speaking, site.url) as page:
        page.page.mouse.click(5, 5)  # browsers let no sound run before somebody has touched the page
        yield page


def record(page: Scripts, *, stop: int | None = None, **options: Any) -> dict[str, Any]:
    """`stop`: ms after which she presses the button. What was recorded, with `wav` as bytes."""
    done: dict[str, Any] = page.run("recorder", RECORD, options=options, stop=stop)
    return done | {"wav": base64.b64decode(done["wav"]) if done.get("wav") else None}


def test_what_she_said_is_recorded_until_she_has_finished(page: Scripts) -> None:
    done = record(page, silenceSeconds=1)
    with wave.open(io.BytesIO(done["wav"])) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16_000, 1, 2)
        assert file.getnframes() / 16_000 == pytest.approx(done["seconds"])
    spoken = BEFORE + seconds_of(synthesise(SAID))
    assert spoken < done["seconds"] < spoken + 2.5
    assert done["spoke"] and rms_dbfs(decode_wav(done["wav"])) > -40
    assert done["free"], "the microphone is let go of"
    assert 0 <= min(done["levels"]) < 0.2 and 0.4 < max(done["levels"]) <= 1


def test_pressing_again_ends_it_at_once(page: Scripts) -> None:
    done = record(page, stop=900)
    assert 0.2 < done["seconds"] < 2.5 and done["wav"] and done["free"]


def test_time_is_up_in_the_end(page: Scripts) -> None:
    assert record(page, maxSeconds=1)["seconds"] == pytest.approx(1.0)


def test_pressing_before_the_microphone_is_there_records_nothing(page: Scripts) -> None:
    done = record(page, stop=0, maxSeconds=1)
    assert (done["wav"] is None or done["seconds"] < 1) and not done["spoke"]
    assert done["free"], "it came after she had pressed"


def test_who_says_nothing_is_not_waited_for_for_ever(page: Scripts) -> None:
    done = record(page, mute=True, patienceSeconds=1.5)
    assert done["seconds"] == pytest.approx(1.5, abs=0.2) and not done["spoke"] and done["free"]


def test_a_microphone_pulled_out_keeps_what_was_said(page: Scripts) -> None:
    done = record(page, pull=700)
    assert 0.1 < done["seconds"] < 2.5 and done["wav"]


def test_without_a_microphone_the_page_is_told(speaking: Browser, site: Site) -> None:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    deaf = speaking.browser_type.launch(executable_path=program, args=arguments)
    try:
        with scripts(deaf, site.url) as page:
            assert record(page)["kind"] == "no_microphone"
    finally:
        deaf.close()


def test_words_come_from_the_gateway_while_she_speaks(page: Scripts, site: Site, engine: Engine) -> None:
    (port,) = free_ports(1)
    with listening(Gateway(site.office.runtime, engine), port):
        page.enrol(site, audio_url=f"ws://127.0.0.1:{port}/kiosk/audio")
        done = record(page, silenceSeconds=1)
    assert done["heard"]["words"] == SAID and done["heard"]["category"] == "repairs"
    assert done["words"] and all(SAID.startswith(words) for words in done["words"])


def test_no_gateway_or_a_mute_one_takes_nothing_from_the_recording(page: Scripts, site: Site) -> None:
    (nobody,) = free_ports(1)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        for port in (nobody, mute.getsockname()[1]):
            page.enrol(site, audio_url=f"ws://127.0.0.1:{port}/kiosk/audio")
            done = record(page, maxSeconds=1)
            assert done["wav"] and done["seconds"] == pytest.approx(1.0) and done["heard"] is None
