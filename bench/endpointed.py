"""One made recording through the endpointer: what it took for speech. Runs in worker processes of `bench.endpointing`."""

import functools
import time
from dataclasses import dataclass

import numpy as np

from bench.spoken import Line, Unspeakable, background
from speech import audio
from speech.audio import FRAME_BYTES, FRAME_SECONDS
from speech.endpointing import Endpointer, Verdict
from speech.pronounce import clauses
from speech.starter import augmentation, nonspeech, waves
from speech.starter.espeak_client import EspeakClient, OrderRefused, WorkerDied
from speech.starter.synthesis import Manner, Spoken, speak
from speech.starter.voices import Split
from speech.starter.waves import Wave

NO_INPUT = 8.0
_AFTER = 1.5  # seconds behind the closing silence
_CLIPPING = 6.0  # so many times too loud
_LEVEL = -20.0


@dataclass(frozen=True)
class Sound:
    """No words: `kind` of nonspeech.KINDS, six seconds of it."""

    kind: str
    seed: int
    split: Split


@dataclass(frozen=True)
class Said:
    """`parts` with `pause` seconds between them; `closing` silence in seconds; `level` in dBFS, None: clipped."""

    parts: tuple[str, ...]
    line: Line
    seed: int
    split: Split
    closing: float
    pause: float = 0.0
    level: float | None = _LEVEL


@dataclass(frozen=True)
class Found:
    """Seconds. `started`, `ended` None: nothing was found; `begins`, `ends`: where the words are.

    `cut`: the turn was over before her words were. `frame_us`: microseconds of processor a frame.
    """

    frame_us: float
    started: float | None = None
    ended: float | None = None
    begins: float = 0.0
    ends: float = 0.0
    cut: bool = False


def judge(order: Sound | Said) -> Found:
    """Raises Unspeakable; VoiceUnavailable without espeak-ng."""
    return _sound(order) if isinstance(order, Sound) else _said(order)


def _sound(order: Sound) -> Found:
    wave = nonspeech.make(order.kind, order.seed, order.split, 6.0)
    ear, frame_us = _run(np.concatenate([_silence(0.5), wave, _silence(1.5)]), 1.0)
    return Found(frame_us, ear.speech_started, ear.speech_ended)


def _said(order: Said) -> Found:
    rng = np.random.default_rng([order.seed, 78])
    pieces, begins, ends, place = [_silence(float(rng.uniform(0.2, 2.0)))], 0.0, 0.0, 0
    for n, part in enumerate(order.parts):
        spoken = _speak(part, order.line)
        place = sum(piece.size for piece in pieces)
        begins = begins if n else (place + spoken.places[0].start) / waves.SAMPLE_RATE
        ends = (place + spoken.places[-1].end) / waves.SAMPLE_RATE
        pieces += [spoken.wave, _silence(order.pause)]
    wave = np.concatenate([*pieces, _silence(order.closing + _AFTER)])
    if order.line.noise is not None:
        noise = background(wave.size, rng, order.split)
        wave = augmentation.add_noise(wave, noise, order.line.noise)
    loud = 20 * np.log10(_CLIPPING) + _LEVEL + 14 if order.level is None else order.level
    wave = np.clip(augmentation.at_active_level(wave, loud), -0.99, 0.99)
    ear, frame_us = _run(wave, order.closing)
    return Found(
        frame_us,
        ear.speech_started,
        ear.speech_ended,
        begins,
        ends,
        cut=ear.verdict is Verdict.ENDED and ear.seconds < ends,
    )


def _run(wave: Wave, closing: float) -> tuple[Endpointer, float]:
    pcm = audio.to_pcm(np.asarray(augmentation.mulaw(wave), np.float64) * 32768)
    ear = Endpointer(closing, NO_INPUT, 60.0)
    before = time.process_time()
    for at in range(0, len(pcm), FRAME_BYTES):
        if ear.feed(pcm[at : at + FRAME_BYTES]).final:
            break
    return ear, (time.process_time() - before) / max(1, ear.seconds / FRAME_SECONDS) * 1e6


@functools.cache
def _client() -> EspeakClient:
    return EspeakClient()


@functools.lru_cache(maxsize=500)
def _speak(text: str, line: Line) -> Spoken:
    for attempt in range(5):
        # Another try must differ: espeak-ng dies of the same again
        manner = Manner(
            (line.rate or line.voice.rate) + attempt, line.voice.pitch, formants=line.voice.formants
        )
        try:
            return speak(_client(), clauses(text), line.voice, manner)
        except (WorkerDied, OrderRefused):
            continue
    raise Unspeakable(f"{line.voice.name} cannot say {text!r}")


def _silence(seconds: float) -> Wave:
    return np.zeros(round(seconds * waves.SAMPLE_RATE), np.float32)
