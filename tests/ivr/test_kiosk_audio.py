"""A kiosk's microphone over a real socket, with the real engine: words while somebody speaks, and no harm to calls."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from sqlalchemy import func, select
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from app.settings import load_settings
from ivr.gateway import Gateway, serving
from ivr.kiosk_audio import LONGEST_SECONDS, meaning
from models.recording import Recording
from speech.audio import SAMPLE_RATE, resample, silence, to_pcm, to_samples
from speech.engine import Engine, Recognition, Word
from speech.fake_engine import FakeEngine
from speech.voice import synthesise
from speech.vosk_engine import VoskEngine
from tests.support.enrolled import enrolled_kiosk, revoke_kiosk
from tests.support.office import Office

RATE = 16_000
PIECE = RATE // 10  # bytes: 50 ms, as the page's recorder sends them
SAID = "三栋二单元路灯不亮了"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return VoskEngine.load(load_settings({}).speech_model)


@pytest.fixture
def token(office: Office) -> str:
    return enrolled_kiosk(office)[1]


def speech(text: str, *, rate: int = RATE) -> bytes:
    """PCM16 of half a second of silence, the words, and a second of silence."""
    pcm = silence(0.5) + synthesise(text) + silence(1.0)
    return to_pcm(resample(to_samples(pcm), SAMPLE_RATE, rate))


class Page:
    """The kiosk's end of one socket."""

    def __init__(self, socket: ClientConnection, token: str) -> None:
        self.socket, self.token = socket, token
        self.partials: list[str] = []
        self.final: dict[str, Any] | None = None

    async def start(self, *, rate: object = RATE) -> None:
        await self.socket.send(json.dumps({"token": self.token, "rate": rate}))

    async def play(self, pcm: bytes) -> None:
        """Piece after piece, with time for the engine to keep up."""
        for at in range(0, len(pcm), PIECE):
            await self.socket.send(pcm[at : at + PIECE])
            await asyncio.sleep(0.01)

    async def end(self) -> int | None:
        await self.socket.send(json.dumps({"end": True}))
        return await self.closed()

    async def closed(self) -> int | None:
        """Reads to the end; the close code."""
        async with asyncio.timeout(20):
            try:
                while True:
                    said = json.loads(await self.socket.recv())
                    if "final" in said:
                        self.final = said["final"]
                    else:
                        self.partials.append(said["partial"])
            except ConnectionClosed:
                return self.socket.close_code


def on_line(
    office: Office, token: str, engine: Engine | None, act: Callable[[Page], Coroutine[Any, Any, Any]]
) -> Any:
    """Run one socket against a real gateway; afterwards no place in it is taken any more."""

    async def run() -> Any:
        gateway = Gateway(office.runtime, engine)
        async with serving(gateway, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            async with connect(f"ws://127.0.0.1:{port}/kiosk/audio") as socket:
                found = await act(Page(socket, token))
        assert gateway.active == 0
        return found

    return asyncio.run(run())


def said_to(office: Office, token: str, engine: Engine | None, pcm: bytes, *, rate: int = RATE) -> Page:
    async def act(page: Page) -> Page:
        await page.start(rate=rate)
        await page.play(pcm)
        assert await page.end() == 1000
        return page

    page: Page = on_line(office, token, engine, act)
    return page


def test_words_come_while_she_speaks_and_their_meaning_at_the_end(
    office: Office, token: str, engine: Engine
) -> None:
    page = said_to(office, token, engine, speech(SAID))
    assert page.final is not None
    assert (page.final["words"], page.final["sure"]) == (SAID, True)
    assert page.final["category"] == "repairs" and page.final["danger"] is None
    assert page.final["place"] == {"estate": None, "building": "3", "unit": "2", "room": None}
    assert page.partials and all(SAID.startswith(partial) for partial in page.partials)


def test_nothing_is_stored(office: Office, token: str, engine: Engine) -> None:
    said_to(office, token, engine, speech(SAID))
    with office.db.transaction(read_only=True) as session:
        assert session.scalar(select(func.count(Recording.id))) == 0
    assert list(office.runtime.settings.spool_dir.iterdir()) == []


@pytest.mark.parametrize("rate", [8000, 48_000])
def test_sound_of_other_rates_is_heard_as_well(office: Office, token: str, engine: Engine, rate: int) -> None:
    page = said_to(office, token, engine, speech(SAID, rate=rate), rate=rate)
    assert page.final is not None and page.final["words"] == SAID


def test_danger_is_told_with_its_number(office: Office, token: str, engine: Engine) -> None:
    page = said_to(office, token, engine, speech("着火了，快来人"))
    assert page.final is not None and page.final["danger"] == "119"


def test_silence_and_a_gateway_without_a_model_give_no_words(
    office: Office, token: str, engine: Engine
) -> None:
    for heard_by, pcm in ((engine, bytes(2 * RATE * 3)), (None, speech(SAID))):
        page = said_to(office, token, heard_by, pcm)
        assert page.final is not None and page.partials == []
        assert (page.final["words"], page.final["sure"], page.final["category"]) == ("", False, None)


def test_words_in_doubt_are_not_to_be_shown() -> None:
    def heard(confidence: float) -> Recognition:
        return Recognition((Word("路灯", confidence, 0.0, 0.5), Word("不亮了", confidence, 0.5, 1.0)))

    assert meaning(heard(0.9))["sure"] and not meaning(heard(0.6))["sure"]


@pytest.mark.parametrize("wrong", ["guessed", ""])
def test_a_wrong_token_is_refused(office: Office, token: str, engine: Engine, wrong: str) -> None:
    async def act(page: Page) -> int | None:
        await page.start()
        return await page.closed()

    assert on_line(office, wrong, engine, act) == 1008


def test_a_revoked_kiosk_is_refused(office: Office, engine: Engine) -> None:
    kiosk_id, token = enrolled_kiosk(office)
    revoke_kiosk(office, kiosk_id)

    async def act(page: Page) -> int | None:
        await page.start()
        return await page.closed()

    assert on_line(office, token, engine, act) == 1008


@pytest.mark.parametrize(
    "first",
    [
        "not json",
        "[]",
        '{"rate":16000}',
        '{"token":7,"rate":16000}',
        '{"token":"x","rate":1}',
        '{"token":"x","rate":true}',
        "[" * 60_000,
        b"\x00\x00",
    ],
)
def test_what_is_no_beginning_is_refused(
    office: Office, token: str, engine: Engine, first: str | bytes
) -> None:
    async def act(page: Page) -> int | None:
        await page.socket.send(first)
        return await page.closed()

    assert on_line(office, token, engine, act) == 1003


@pytest.mark.parametrize("broken", [b"\x00\x00\x00", "{}", "[]", "nonsense", "x" * 70_000])
def test_what_is_no_sound_ends_the_socket_and_nothing_else(
    office: Office, token: str, engine: Engine, broken: str | bytes
) -> None:
    async def act(page: Page) -> int | None:
        await page.start()
        await page.play(speech(SAID)[: RATE // 2])
        await page.socket.send(broken)
        return await page.closed()

    assert on_line(office, token, engine, act) in (1003, 1009)


def test_a_kiosk_that_vanishes_leaves_its_place(office: Office, token: str, engine: Engine) -> None:
    async def act(page: Page) -> None:
        await page.start()
        await page.play(speech(SAID))
        page.socket.transport.abort()

    on_line(office, token, engine, act)


def test_two_minutes_are_heard_at_most(office: Office, token: str) -> None:
    async def act(page: Page) -> int | None:
        await page.start(rate=8000)
        for _ in range(int(LONGEST_SECONDS)):
            await page.socket.send(bytes(16_000))
        return await page.closed()

    assert on_line(office, token, FakeEngine(), act) == 1000


def test_a_full_gateway_hears_no_kiosk(office: Office, token: str, engine: Engine) -> None:
    async def run() -> int | None:
        gateway = Gateway(office.runtime, engine)
        gateway.active = office.runtime.settings.gateway_max_calls
        async with serving(gateway, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            async with connect(f"ws://127.0.0.1:{port}/kiosk/audio") as socket:
                return await Page(socket, token).closed()

    assert asyncio.run(run()) == 1013
