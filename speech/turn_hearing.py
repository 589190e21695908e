"""A turn's words: heard held to the phrases of an answer first, and once more openly if they were others.

Held to a list, the engine is sure of listed answers and turns everything else into `[unk]` or into a string of listed
words. Hearing the same audio again costs some 14 ms a second of it, asking again costs a resident.
"""

from dataclasses import dataclass, field
from typing import Any

from speech.engine import Engine, Recogniser, Recognition
from speech.numbers import to_arabic
from speech.phrasebook import phrases

LIST_CONFIDENCE = 0.7
"""Held to a list, the engine is sure of an answer (0.98 on average) or wrong, and a wrong mark is not read back."""
AGAIN_CONFIDENCE = 0.6
"""An answer heard openly is none below it: from 0.6 to 0.7 as few answers of the development split were wrong, below more."""
AGREED_CONFIDENCE = 0.4
"""Instead of that, where the hearing held to the list means the same answer."""
_WEAKEST_WORD, _WEAKEST_DIGIT = 0.6, 0.7
"""What isn't a phrase of the list, but words of it strung together, is taken at once if every one of them is as sure: held
to a list, whatever was said becomes such words."""


@dataclass(frozen=True, slots=True)
class PhraseList:
    """What an answer is expected to be; empty: anything may be said. `strung`: several in a row, as digits are."""

    phrases: tuple[str, ...] = ()
    strung: bool = False

    @classmethod
    def of(cls, expect: str, name: str | None) -> "PhraseList":
        """`expect`, `name`: as in `ivr.verbs.Hearing`. Raises KeyError for a list that there is none of."""
        return cls((phrases(name) or ()) if name else (), strung=expect == "number")

    def fits(self, found: Recognition) -> bool:
        """One of the phrases was said, as far as the engine can tell, or something as short of surely heard words of theirs."""
        if not found.text or found.rejected or found.confidence < LIST_CONFIDENCE:
            return False
        weakest = min(word.confidence for word in found.words)
        if self.strung:
            # 编号一零六零 becomes 千幺一零六零, which is no number, however surely heard
            return weakest >= _WEAKEST_DIGIT and to_arabic(found.text) is not None
        longest = max(map(len, self.phrases), default=0)
        return found.text in self.phrases or (weakest >= _WEAKEST_WORD and len(found.text) <= longest)


@dataclass(frozen=True, slots=True)
class Hearings:
    """`found` counts; `openly`: it was not held to any phrases. `listed`: what was heard before that, held to them."""

    found: Recognition = field(default_factory=Recognition)
    openly: bool = False
    listed: Recognition | None = None

    @property
    def nothing(self) -> bool:
        """Neither words nor anything rejected. Heard openly, a cough may sound like some word, but not surely."""
        if self.listed is None:
            return not self.found.words
        return not self.listed.words and self.found.confidence < AGAIN_CONFIDENCE

    def to_json(self) -> dict[str, Any]:
        """As it is saved in `heard`, where `ivr.hearing` interprets it."""
        listed = {"listed": _json(self.listed)} if self.listed is not None else {}
        return _json(self.found) | {"open": self.openly} | listed


def _json(found: Recognition) -> dict[str, Any]:
    return {
        "text": found.text,
        "confidence": round(found.confidence, 3),
        "rejected": found.rejected,
        "words": [[word.text, round(word.confidence, 3)] for word in found.words],
    }


class TurnRecogniser:
    """Hears one turn, piece by piece. Blocking; used by one thread at a time. The engine is asked at the first audio."""

    def __init__(self, engine: Engine, admitted: PhraseList) -> None:
        self._engine, self._admitted = engine, admitted
        self._recogniser: Recogniser | None = None
        self._audio = bytearray()  # to be heard again: two minutes are 1.9 MB
        self._found = Hearings()

    def accept(self, pcm: bytes) -> None:
        """PCM16 8 kHz, any even number of bytes; after `finish` all of it is heard anew. Raises AudioError,
        SpeechModelError."""
        self._audio += pcm
        if self._recogniser is None:
            self._recogniser = self._engine.recogniser(self._admitted.phrases or None)
            pcm = bytes(self._audio)
        self._recogniser.accept(pcm)

    def partial(self) -> Recognition:
        """What has been heard since the beginning, or since `finish`."""
        return self._recogniser.partial() if self._recogniser else Recognition()

    def finish(self, *, again: bool = True) -> Hearings:
        """Everything heard so far; `again` False: once is enough."""
        if self._recogniser is not None:
            found = self._recogniser.finish()
            self._recogniser = None
            if not self._admitted.phrases:
                self._found = Hearings(found, openly=True)
            elif not again or self._admitted.fits(found):
                self._found = Hearings(found)
            else:
                self._found = Hearings(
                    hear_openly(self._engine, bytes(self._audio)), openly=True, listed=found
                )
        return self._found


def hear_openly(engine: Engine, pcm: bytes) -> Recognition:
    """A whole recording, PCM16 8 kHz, held to nothing. Raises AudioError, SpeechModelError."""
    recogniser = engine.recogniser()
    recogniser.accept(pcm)
    return recogniser.finish()
