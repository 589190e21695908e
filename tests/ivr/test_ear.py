"""What the recogniser is given of a turn, and when: words are worked out before the closing silence is over."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from ivr.ear import BEFORE_SPEECH_SECONDS, BEHIND_SPEECH_SECONDS
from ivr.listener import Listener
from ivr.listening import ListenSpec
from models.base import Json
from speech.audio import FRAME_SAMPLES, SAMPLE_RATE, mulaw_encode, seconds_of, silence
from speech.fake_engine import FakeEngine
from speech.turn_hearing import PhraseList
from speech.voice import synthesise

SPEC = ListenSpec(keys="", num_digits=0, closing_silence=1.0, no_input=8.0, max_length=30.0)
FIRST, SECOND = synthesise("三栋二单元路灯不亮了"), synthesise("麻烦你们来修一下")
PAUSE = silence(0.85)  # shorter than the closing silence, longer than what the words wait for


class Counting(FakeEngine):
    """Remembers what it was given, and how much of it each time that it was finished."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[float] = []

    def hear(self, samples: npt.NDArray[np.int16]) -> tuple[str, ...] | None:
        self.heard.append(len(samples) / SAMPLE_RATE)
        return super().hear(samples)


def taught() -> Counting:
    engine = Counting()
    engine.teach(FIRST, ("路灯不亮",))
    engine.teach(FIRST + PAUSE + SECOND, ("路灯不亮", "来修"))
    return engine


def listen(
    engine: Counting, pcm: bytes, meanwhile: Callable[[Listener], Awaitable[None]] | None = None
) -> Json:
    """Frame by frame, until it is over; `meanwhile` before each of them."""

    async def run() -> Json:
        with ThreadPoolExecutor(1) as pool:
            listener = Listener(engine, pool, SPEC, PhraseList())
            line = mulaw_encode(pcm + silence(20))
            for at in range(0, len(line), FRAME_SAMPLES):
                if meanwhile is not None:
                    await meanwhile(listener)
                listener.feed(line[at : at + FRAME_SAMPLES])
                if await listener.over():
                    break
            return await listener.heard()

    return asyncio.run(run())


async def _all_work_done(listener: Listener) -> None:
    while (running := listener._ear._running) is not None and not running.done():
        await asyncio.sleep(0)


def test_words_are_worked_out_before_the_closing_silence_is_over() -> None:
    engine = taught()
    waited: list[float] = []

    async def look(listener: Listener) -> None:
        await _all_work_done(listener)
        if engine.heard and listener.listening.ended is None:
            waited.append(listener.listening.quiet)

    assert listen(engine, silence(1) + FIRST, look)["text"] == "路灯不亮"
    assert waited and min(waited) < SPEC.closing_silence - 0.1
    assert len(engine.heard) == 1, "and not once more at the end"


def test_silence_before_and_behind_the_words_is_not_given_to_the_recogniser() -> None:
    engine = taught()
    listen(engine, silence(5) + FIRST)
    (seconds,) = engine.heard
    # Speech is found up to a second late, and frames are judged some at a time
    assert seconds < BEFORE_SPEECH_SECONDS + 1.2 + seconds_of(FIRST) + BEHIND_SPEECH_SECONDS


def test_whoever_goes_on_after_a_pause_is_heard_as_a_whole() -> None:
    engine = taught()
    found = listen(engine, silence(1) + FIRST + PAUSE + SECOND, _all_work_done)
    assert len(engine.heard) == 2, "she seemed to have finished"
    assert found["text"] == "路灯不亮来修"
    in_one_go = listen(taught(), silence(1) + FIRST + PAUSE + SECOND)
    assert found == in_one_go, "when the work was done makes no difference"
