"""Finds phrases in a text by their characters or by their sound: recognisers write homophones, people have accents."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from speech.confusions import confusions
from speech.phrase_index import PhraseIndex

T = TypeVar("T")


@dataclass(frozen=True)
class Hit(Generic[T]):
    """`start` and `end` index the text; `exact`: by characters, else by sound; `words` as found in the text.

    `score` 0–1: 1 by characters, 0.95 for the same sound, less for every confusion.
    """

    start: int
    end: int
    phrase: str
    value: T
    exact: bool
    words: str
    score: float = 1.0

    @property
    def length(self) -> int:
        return self.end - self.start


class Matcher(Generic[T]):
    """Phrases of one character match by that character only: a single syllable means too many things."""

    def __init__(
        self,
        phrases: Iterable[tuple[str, T]],
        *,
        by_sound: bool = True,
        least: float = 0.0,
        among: PhraseIndex | None = None,
    ) -> None:
        """`least`: the lowest score of a hit by sound, where it is more than the table of confusions asks for.

        `among`: shared by all that listen to the same texts, which are then walked once.

        Of a phrase given twice the last value counts where it is written so, the first where it only sounds so.
        """
        self._written: dict[str, T] = {}
        self._sounded: dict[str, T] = {}
        for phrase, value in phrases:
            self._written[phrase] = value
            self._sounded.setdefault(phrase, value)
        self._index = PhraseIndex(confusions()) if among is None else among
        self._listener = self._index.add(self._written, by_sound=by_sound, least=least)

    def find(self, text: str) -> list[Hit[T]]:
        """All hits, also overlapping ones, by start, longer first, exact before similar."""
        values = (self._sounded, self._written)
        hits = [
            Hit(start, start + len(words), phrase, values[exact][phrase], exact, words, score)
            for start, (phrase, exact, words, score) in self._index.found(text, self._listener)
        ]
        hits.sort(key=lambda hit: (hit.start, -hit.length, not hit.exact, hit.phrase))
        return hits

    def cover(self, text: str) -> list[Hit[T]]:
        """Hits that don't overlap, see `without_overlap`."""
        return without_overlap(self.find(text), len(text))


def without_overlap(found: list[Hit[T]], length: int) -> list[Hit[T]]:
    """The longest first (a poor likeness makes shorter), then exact ones, then the earlier; sorted by start."""
    if len(found) < 2:
        return found
    chosen: list[Hit[T]] = []
    taken = bytearray(length)
    for hit in sorted(
        found, key=lambda hit: (-hit.length * hit.score**2, not hit.exact, hit.start, hit.phrase)
    ):
        if not any(taken[hit.start : hit.end]):
            taken[hit.start : hit.end] = b"\x01" * hit.length
            chosen.append(hit)
    return sorted(chosen, key=lambda hit: hit.start)
