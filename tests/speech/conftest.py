"""One loaded model and one demo voice for all tests of hearing and speaking."""

import functools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from speech import audio, voice
from speech.engine import Engine, Recognition
from speech.vosk_engine import VoskEngine

MODEL = Path(__file__).resolve().parents[2] / "speech" / "model" / "starter"


@pytest.fixture(scope="session")
def model_dir() -> Path:
    return MODEL


@pytest.fixture(scope="session")
def vosk_engine() -> VoskEngine:
    return VoskEngine.load(MODEL)


@pytest.fixture(scope="session")
def say() -> Iterator[Callable[..., bytes]]:
    """`synthesise`, each sentence only once."""
    yield functools.lru_cache(maxsize=500)(voice.synthesise)
    voice.close()


def over_the_line(pcm: bytes) -> bytes:
    """As a caller sounds: mu-law, with a moment of silence around."""
    return audio.mulaw_decode(audio.mulaw_encode(audio.silence(0.3) + pcm + audio.silence(0.6)))


def hear(engine: Engine, pcm: bytes, phrases: Sequence[str] | None = None) -> Recognition:
    """The whole recording in the carrier's 20 ms frames."""
    recogniser = engine.recogniser(phrases)
    for start in range(0, len(pcm), audio.FRAME_BYTES):
        recogniser.accept(pcm[start : start + audio.FRAME_BYTES])
    return recogniser.finish()
