"""What a recogniser is: it accepts audio and finishes. Engines are made once a process, recognisers once a turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

UNKNOWN = "[unk]"
"""What the engine writes for a sound that fits none of the phrases it was held to."""


@dataclass(frozen=True)
class Word:
    """`start` and `end` in seconds from the first sample that the recogniser accepted."""

    text: str
    confidence: float
    start: float
    end: float


@dataclass(frozen=True)
class Recognition:
    """Words in the order they were said; `[unk]` stays among `words` but not in `text`."""

    words: tuple[Word, ...] = ()

    @property
    def text(self) -> str:
        """The words joined without spaces."""
        return "".join(word.text for word in self.words if word.text != UNKNOWN)

    @property
    def confidence(self) -> float:
        """Mean confidence of the words, 0.0 if nothing was heard."""
        return sum(word.confidence for word in self.words) / len(self.words) if self.words else 0.0

    @property
    def rejected(self) -> bool:
        """Held to phrases, the engine heard something that is none of them: don't act on `text`."""
        return any(word.text == UNKNOWN for word in self.words)


class Recogniser(Protocol):
    """One turn of one call; used by one thread at a time."""

    def accept(self, pcm: bytes) -> None:
        """PCM16LE mono 8 kHz, any even number of bytes, also none. Raises AudioError on an odd number."""

    def partial(self) -> Recognition:
        """What has been heard so far; lags half a second behind the audio, and its last words may yet become others."""

    def finish(self) -> Recognition:
        """Everything heard. May be called again and gives the same; audio after it is an error (RuntimeError)."""


class Engine(Protocol):
    """Shared by all calls of a process; safe to use from several threads."""

    @property
    def name(self) -> str:
        """For logs and `doctor`."""

    def recogniser(self, phrases: Sequence[str] | None = None) -> Recogniser:
        """Held to `phrases` if any are given and the engine can say any of them; otherwise open."""

    def unsayable(self, phrases: Sequence[str]) -> tuple[str, ...]:
        """The phrases that this engine's vocabulary cannot express, so that it will never hear them."""
