"""Finds phrases in a text by their characters or by their sound: recognisers write homophones."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from speech.pinyin import readings, sounds

T = TypeVar("T")


@dataclass(frozen=True)
class Hit(Generic[T]):
    """`start` and `end` index the text; `exact`: by characters, else by sound; `words` as found in the text."""

    start: int
    end: int
    phrase: str
    value: T
    exact: bool
    words: str

    @property
    def length(self) -> int:
        return self.end - self.start


@dataclass(frozen=True)
class _Entry(Generic[T]):
    phrase: str
    sound: tuple[str, ...]
    value: T
    by_sound: bool


class Matcher(Generic[T]):
    """Phrases of one character match by that character only: a single syllable means too many things."""

    def __init__(self, phrases: Iterable[tuple[str, T]], *, by_sound: bool = True) -> None:
        self._index: dict[str, list[_Entry[T]]] = {}
        for phrase, value in phrases:
            entry = _Entry(phrase, sounds(phrase), value, by_sound and len(phrase) > 1)
            for key in {phrase[0], entry.sound[0]} if entry.by_sound else {phrase[0]}:
                self._index.setdefault(key, []).append(entry)

    def find(self, text: str) -> list[Hit[T]]:
        """All hits, also overlapping ones, by start, longer first, exact before similar."""
        hits: dict[tuple[int, str], Hit[T]] = {}
        for start, char in enumerate(text):
            for key in (char, *readings(char)):
                for entry in self._index.get(key, ()):
                    found = self._at(text, start, entry)
                    if found is not None:
                        hits.setdefault((start, entry.phrase), found)
        return sorted(hits.values(), key=lambda hit: (hit.start, -hit.length, not hit.exact, hit.phrase))

    @staticmethod
    def _at(text: str, start: int, entry: _Entry[T]) -> Hit[T] | None:
        end = start + len(entry.phrase)
        words = text[start:end]
        if len(words) < len(entry.phrase):
            return None
        exact = words == entry.phrase
        if not exact and not (
            entry.by_sound
            and all(
                said == meant or sound in readings(said)
                for said, meant, sound in zip(words, entry.phrase, entry.sound, strict=True)
            )
        ):
            return None
        return Hit(start, end, entry.phrase, entry.value, exact, words)

    def cover(self, text: str) -> list[Hit[T]]:
        """Hits that don't overlap: the longest first, at equal length exact ones, then the earlier."""
        chosen: list[Hit[T]] = []
        taken = bytearray(len(text))
        for hit in sorted(
            self.find(text), key=lambda hit: (-hit.length, not hit.exact, hit.start, hit.phrase)
        ):
            if not any(taken[hit.start : hit.end]):
                taken[hit.start : hit.end] = b"\x01" * hit.length
                chosen.append(hit)
        return sorted(chosen, key=lambda hit: hit.start)
