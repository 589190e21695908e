"""A recogniser that is told beforehand what it will hear: for tests, and to walk a flow without a model.

It knows recordings by their sound: the loudest part of the audio is compared with what was taught, so that
silence around it and the mu-law line don't matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from app.errors import AudioError
from speech.audio import SAMPLE_RATE, to_samples
from speech.engine import UNKNOWN, Recognition, Word

_HEARD_FROM = 100
"""Samples above this (of 32,768) are sound, not line noise."""
_BANDS = 32
_LIKENESS = 0.9


@dataclass
class FakeEngine:
    """`teach` it recordings; everything else is `[unk]` when held to phrases, and nothing when open."""

    name: str = "fake"
    vocabulary: frozenset[str] | None = None
    _taught: list[tuple[npt.NDArray[np.float64], tuple[str, ...]]] = field(default_factory=list)

    def teach(self, pcm: bytes, words: Sequence[str]) -> None:
        self._taught.append((_fingerprint(to_samples(pcm)), tuple(words)))

    def recogniser(self, phrases: Sequence[str] | None = None) -> "FakeRecogniser":
        held = tuple(phrase for phrase in phrases or () if phrase.strip() and not self.unsayable([phrase]))
        return FakeRecogniser(self, held)

    def unsayable(self, phrases: Sequence[str]) -> tuple[str, ...]:
        if self.vocabulary is None:
            return ()
        return tuple(dict.fromkeys(phrase for phrase in phrases if not set(phrase) <= self.vocabulary))

    def hear(self, samples: npt.NDArray[np.int16]) -> tuple[str, ...] | None:
        """The words of the most similar recording; None if none is similar, empty for silence."""
        sound = _fingerprint(samples)
        if not sound.any():
            return ()
        likeness, words = max(
            ((float(sound @ known), words) for known, words in self._taught),
            default=(0.0, ()),
            key=lambda p: p[0],
        )
        return words if likeness > _LIKENESS else None


class FakeRecogniser:
    """See `speech.engine.Recogniser`."""

    def __init__(self, engine: FakeEngine, phrases: tuple[str, ...]) -> None:
        self._engine, self._phrases = engine, phrases
        self._pcm = bytearray()
        self._finished: Recognition | None = None

    def accept(self, pcm: bytes) -> None:
        if self._finished is not None:
            raise RuntimeError("this recogniser has finished; make a new one for the next turn")
        if len(pcm) % 2:
            raise AudioError(f"16-bit audio needs an even number of bytes, got {len(pcm)}")
        self._pcm += pcm

    def partial(self) -> Recognition:
        return self._finished or self._recognise()

    def finish(self) -> Recognition:
        if self._finished is None:
            self._finished = self._recognise()
        return self._finished

    def _recognise(self) -> Recognition:
        samples = to_samples(bytes(self._pcm))
        words = self._engine.hear(samples)
        if words is None or (words and self._phrases and "".join(words) not in self._phrases):
            words = (UNKNOWN,) if self._phrases else ()
        if not words:
            return Recognition()
        start, end = _sounding(samples)
        step = (end - start) / len(words) / SAMPLE_RATE
        first = start / SAMPLE_RATE
        return Recognition(
            tuple(Word(word, 1.0, first + n * step, first + (n + 1) * step) for n, word in enumerate(words))
        )


def _sounding(samples: npt.NDArray[np.int16]) -> tuple[int, int]:
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > _HEARD_FROM)
    return (int(loud[0]), int(loud[-1]) + 1) if loud.size else (0, 0)


def _fingerprint(samples: npt.NDArray[np.int16]) -> npt.NDArray[np.float64]:
    """Unit vector: spectrum and loudness over the sounding part; zeros for silence."""
    start, end = _sounding(samples)
    sound = samples[start:end].astype(np.float64)
    if sound.size < SAMPLE_RATE // 50:
        return np.zeros(2 * _BANDS)
    spectrum = np.array([part.sum() for part in np.array_split(np.abs(np.fft.rfft(sound)), _BANDS)])
    loudness = np.array([np.sqrt(np.mean(part**2)) for part in np.array_split(sound, _BANDS)])
    both = np.concatenate((spectrum / np.linalg.norm(spectrum), loudness / np.linalg.norm(loudness)))
    return np.asarray(both / np.linalg.norm(both))
