"""The two servers that `bench streams` compares, over real sockets with the real engine."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from websockets.asyncio.server import serve

from app.settings import load_settings
from bench.plain_vosk import PlainServer
from bench.stream_audio import made_turn
from bench.stream_clients import Delay, crowd, to_gateway, to_plain
from bench.streams import Turns, in_its_words
from ivr.flows.common import RATING, YES_NO
from ivr.gateway import Gateway, serving
from models.call import CallTurn
from speech.audio import FRAME_SECONDS
from speech.vosk_engine import VoskEngine
from tests.support.office import Office, open_office


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    with open_office(sqlite_url, tmp_path) as made:
        yield made


def test_the_deciding_frame_lies_a_closing_silence_behind_the_words() -> None:
    early, late = made_turn(YES_NO, "对", 0.6), made_turn(YES_NO, "对", 1.6)
    assert (late.decided - early.decided) * FRAME_SECONDS == pytest.approx(1.0, abs=0.03)
    assert early.decided * FRAME_SECONDS > 0.6 + YES_NO.closing_silence
    assert len(early.mulaw) > early.decided


def test_both_servers_hear_the_same_turn_and_say_how_long_it_took(office: Office) -> None:
    model = load_settings({}).speech_model
    turn = made_turn(RATING, "满意", 0.6)
    steps = []

    async def measure() -> tuple[list[Delay], list[Delay]]:
        gateway, plain = Gateway(office.runtime, VoskEngine.load(model)), PlainServer(str(model))
        async with (
            serving(gateway, "127.0.0.1", 0) as ours,
            serve(plain.handle, "127.0.0.1", 0, max_size=None, compression=None) as theirs,
        ):
            urls = [f"ws://127.0.0.1:{s.sockets[0].getsockname()[1]}" for s in (ours, theirs)]
            speak = to_gateway(f"{urls[0]}/media", Turns(office.runtime).open)
            first = await crowd(speak, [turn], 2, 2, lambda: steps.append(1))
            return first, await crowd(
                to_plain(urls[1], in_its_words(VoskEngine.load(model))), [turn], 1, 1, lambda: None
            )

    gateway, plain = asyncio.run(measure())
    assert [delay.text for delay in plain] == ["满意"]
    assert all(delay.seconds is not None and delay.seconds > 0 for delay in (*gateway, *plain))
    assert len(steps) == len(gateway) == 2
    with office.db.transaction(read_only=True) as session:
        saved = session.scalars(select(CallTurn.heard)).all()
    assert [heard["text"] for heard in saved if heard] == ["满意", "满意"]
