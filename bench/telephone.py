"""What becomes of a sentence on its way through a made voice, a telephone line, and the gateway's own listening.

The voices are those that the starter model is never trained on. Sound is made anew in each run: it takes a fraction of
the time of hearing it, so nothing is stored. Two processes; each has its own voice and its own model.
"""

import asyncio
import multiprocessing
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from app.errors import SpeechModelError
from bench.spoken import Line, Unspeakable, recording
from bench.trials import Words
from ivr.listener import Listener
from ivr.listening import Ended, ListenSpec
from ivr.verbs import Hearing
from speech.audio import FRAME_SAMPLES, SAMPLE_RATE, mulaw_encode, read_wav, silence
from speech.engine import Engine
from speech.starter.espeak_client import EspeakClient
from speech.starter.voices import BY_SPLIT, Split, Voice
from speech.turn_hearing import PhraseList
from speech.vosk_engine import VoskEngine

PROCESSES = 2
_BEFORE = 0.8  # seconds: she thinks first
_AFTER = 1.0  # seconds behind the words, beside the closing silence
_CHUNK = 8
_QUIET = mulaw_encode(silence(1 / SAMPLE_RATE))


@dataclass(frozen=True, slots=True)
class Spoken:
    """One sentence to be said. `noise`: dB of signal to noise, None for a clean line; `wav`: her own voice instead."""

    id: str
    text: str
    hearing: Hearing
    split: Split
    noise: float | None = None
    wav: Path | None = None

    @property
    def seed(self) -> int:
        """The same in every run and on every machine."""
        return zlib.crc32(f"{self.id} {self.noise}".encode())

    @property
    def voice(self) -> Voice:
        voices = BY_SPLIT[self.split]
        return voices[zlib.crc32(self.id.encode()) % len(voices)]


def hear_all(spoken: Sequence[Spoken], model: Path) -> Iterator[Words | None]:
    """What was heard of each, in their order; None for a text that cannot be spoken.

    Raises SpeechModelError, VoiceUnavailable, AudioError.
    """
    # Not forked: the model's library and the parent's threads don't survive that.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, context, initializer=_prepare, initargs=(model,)) as pool:
        try:
            yield from pool.map(_hear_one, spoken, chunksize=_CHUNK)
        except BrokenExecutor as error:
            raise SpeechModelError(
                f"a listening process died; try `jiachang model check {model}` ({error})"
            ) from error


# ---- in each process -------------------------------------------------------------------------------------


class _Station:
    """One process's model and voice."""

    def __init__(self, model: Path) -> None:
        self.engine: Engine = VoskEngine.load(model)
        self.client = EspeakClient()
        self.loop = asyncio.new_event_loop()
        self.pool = ThreadPoolExecutor(1)


_here: list[_Station] = []


def _prepare(model: Path) -> None:
    _here[:] = [_Station(model)]


def _hear_one(spoken: Spoken) -> Words | None:
    station = _here[0]
    try:
        line = line_of(station.client, spoken)
    except Unspeakable:
        return None
    return station.loop.run_until_complete(hear(station.engine, station.pool, spoken.hearing, line))


def line_of(client: EspeakClient, spoken: Spoken) -> bytes:
    """Mu-law, with silence before and behind; the same for the same `spoken`. Raises Unspeakable, VoiceUnavailable.

    A recording of her own is taken as it is.
    """
    behind = spoken.hearing.closing_silence + _AFTER
    if spoken.wav is not None:
        return mulaw_encode(silence(_BEFORE) + read_wav(spoken.wav) + silence(behind))
    line = Line(spoken.voice, spoken.noise)
    return mulaw_encode(
        recording(client, spoken.text, line, spoken.seed, spoken.split, before=_BEFORE, after=behind)
    )


async def hear(engine: Engine, pool: ThreadPoolExecutor, hearing: Hearing, line: bytes) -> Words:
    """Frame by frame as the gateway listens, until it has heard enough. Behind its end the line is silent."""
    spec = ListenSpec("", 0, hearing.closing_silence, hearing.no_input, hearing.max_length)
    listener = Listener(engine, pool, spec, PhraseList.of(hearing.expect, hearing.phrases))
    at = 0
    while not await listener.over():
        listener.feed(line[at : at + FRAME_SAMPLES].ljust(FRAME_SAMPLES, _QUIET))
        at += FRAME_SAMPLES
    heard = await listener.heard()
    return Words(
        heard["text"],
        heard["confidence"],
        heard["rejected"],
        silent=heard["kind"] == Ended.SILENCE,
        openly=heard["open"],
        listed=heard.get("listed"),
    )
