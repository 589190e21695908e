"""Finds phrases in a text by their characters or by their sound: recognisers write homophones."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
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
    second: tuple[str, str] | None  # character and sound of the second place, None where there is none


Keys = tuple[tuple[str, ...], ...]


@lru_cache(maxsize=256)
def _keys(text: str) -> tuple[Keys, dict[str, list[int]]]:
    """Each character with its readings, and where each of these is: every list of phrases asks it of the same text."""
    keys = tuple((char, *readings(char)) for char in text)
    where: dict[str, list[int]] = {}
    for start, some in enumerate(keys):
        for key in some:
            where.setdefault(key, []).append(start)
    return keys, where


class Matcher(Generic[T]):
    """Phrases of one character match by that character only: a single syllable means too many things."""

    def __init__(self, phrases: Iterable[tuple[str, T]], *, by_sound: bool = True) -> None:
        self._index: dict[str, list[_Entry[T]]] = {}
        for phrase, value in phrases:
            sound = sounds(phrase)
            second = (phrase[1], sound[1]) if len(phrase) > 1 else None
            entry = _Entry(phrase, sound, value, by_sound and len(phrase) > 1, second)
            for key in {phrase[0], entry.sound[0]} if entry.by_sound else {phrase[0]}:
                self._index.setdefault(key, []).append(entry)

    def find(self, text: str) -> list[Hit[T]]:
        """All hits, also overlapping ones, by start, longer first, exact before similar."""
        heard, where = _keys(text)
        hits: dict[tuple[int, str], Hit[T]] = {}
        for key in where.keys() & self._index.keys():
            for start in where[key]:
                following = heard[start + 1] if start + 1 < len(heard) else ()
                for entry in self._index[key]:
                    # Most fall at the second character already
                    if entry.second and not (entry.second[0] in following or entry.second[1] in following):
                        continue
                    found = self._at(text, heard, start, entry)
                    if found is not None:
                        hits.setdefault((start, entry.phrase), found)
        if len(hits) < 2:
            return list(hits.values())
        return sorted(hits.values(), key=lambda hit: (hit.start, -hit.length, not hit.exact, hit.phrase))

    @staticmethod
    def _at(text: str, heard: Keys, start: int, entry: _Entry[T]) -> Hit[T] | None:
        phrase = entry.phrase
        end = start + len(phrase)
        exact = text.startswith(phrase, start)
        if not exact:
            if not entry.by_sound or end > len(text):
                return None
            for at, meant in enumerate(phrase):
                keys = heard[start + at]
                if keys[0] != meant and entry.sound[at] not in keys[1:]:
                    return None
        return Hit(start, end, phrase, entry.value, exact, text[start:end])

    def cover(self, text: str) -> list[Hit[T]]:
        """Hits that don't overlap: the longest first, at equal length exact ones, then the earlier."""
        found = self.find(text)
        if len(found) < 2:
            return found
        chosen: list[Hit[T]] = []
        taken = bytearray(len(text))
        for hit in sorted(found, key=lambda hit: (-hit.length, not hit.exact, hit.start, hit.phrase)):
            if not any(taken[hit.start : hit.end]):
                taken[hit.start : hit.end] = b"\x01" * hit.length
                chosen.append(hit)
        return sorted(chosen, key=lambda hit: hit.start)
