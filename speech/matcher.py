"""Finds phrases in a text by their characters or by their sound: recognisers write homophones, people have accents.

Two tries over all phrases, one by characters, one by toneless syllables. A text is walked once from each of its
characters; at a node of the second trie only those branches are taken that the character heard there may stand for
(`speech.confusions`), so the time hardly depends on how many phrases there are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, TypeVar

from speech.confusions import Confusions, confusions
from speech.pinyin import readings, sounds, toned_readings

T = TypeVar("T")

_BY_SOUND = 0.95
"""The best score by sound: what was written so is always surer."""

Options = Mapping[str, tuple[tuple[float, str], ...]]
"""Of one heard character: the syllables it may stand for → (cost, tone heard), one for each of its readings."""


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


@dataclass(slots=True)
class _Node(Generic[T]):
    """`longest`: syllables of the longest phrase at or below this node."""

    branches: "dict[str, _Node[T]]" = field(default_factory=dict)
    entries: list[tuple[str, tuple[tuple[str, str], ...], T]] = field(default_factory=list)
    longest: int = 0


class Matcher(Generic[T]):
    """Phrases of one character match by that character only: a single syllable means too many things."""

    def __init__(
        self,
        phrases: Iterable[tuple[str, T]],
        *,
        by_sound: bool = True,
        least: float = 0.0,
        sound_like: Confusions | None = None,
    ) -> None:
        """`least`: the lowest score of a hit by sound, where it is more than the table of confusions asks for."""
        self._written: _Node[T] = _Node()
        self._sounded: _Node[T] = _Node()
        self._least = least
        self._confusions = sound_like or confusions()
        for phrase, value in phrases:
            said = sounds(phrase)
            self._put(self._written, phrase, (phrase, said, value))
            if by_sound and len(phrase) > 1:
                # A reading that the text cannot show, as of 重 in 重办, would never be met there
                shown = [
                    syllable if not (usual := readings(char)) or syllable in usual else min(usual)
                    for char, (syllable, _) in zip(phrase, said, strict=True)
                ]
                self._put(self._sounded, shown, (phrase, said, value))

    @staticmethod
    def _put(node: _Node[T], keys: Iterable[str], entry: tuple[str, tuple[tuple[str, str], ...], T]) -> None:
        length = len(entry[0])
        for key in keys:
            node.longest = max(node.longest, length)
            node = node.branches.setdefault(key, _Node())
        node.longest = max(node.longest, length)
        node.entries.append(entry)

    def find(self, text: str) -> list[Hit[T]]:
        """All hits, also overlapping ones, by start, longer first, exact before similar."""
        hits: dict[tuple[int, str], Hit[T]] = {}
        options = _options(text, self._confusions)
        for start in range(len(text)):
            self._read(text, start, hits)
            self._listen(text, start, options, hits)
        if len(hits) < 2:
            return list(hits.values())
        return sorted(hits.values(), key=lambda hit: (hit.start, -hit.length, not hit.exact, hit.phrase))

    def _read(self, text: str, start: int, hits: dict[tuple[int, str], Hit[T]]) -> None:
        node = self._written
        for at in range(start, len(text)):
            following = node.branches.get(text[at])
            if following is None:
                return
            node = following
            for phrase, _, value in node.entries:
                hits[start, phrase] = Hit(start, at + 1, phrase, value, True, phrase)

    def _listen(
        self, text: str, start: int, options: tuple[Options, ...], hits: dict[tuple[int, str], Hit[T]]
    ) -> None:
        slip, from_length = self._confusions.slip, self._confusions.slip_from
        allowed = 1 - max(self._least, min(self._confusions.least)) / _BY_SOUND + 1e-9  # cost a syllable
        todo: list[tuple[_Node[T], int, float, int]] = [(self._sounded, start, 0.0, -1)]
        while todo:
            node, at, cost, slipped = todo.pop()
            for phrase, said, value in node.entries:
                may = slipped < 0 or (
                    len(phrase) >= from_length and phrase[slipped - start] not in self._confusions.never_slip
                )
                if may and (start, phrase) not in hits:
                    score = self._score(said, options[start:at], slipped - start)
                    words = text[start:at]
                    wanted = max(self._least, self._confusions.least_score(at - start))
                    if score >= wanted and not self._is_real(words, phrase):
                        hits[start, phrase] = Hit(start, at, phrase, value, False, words, round(score, 3))
            if at == len(text) or not node.branches:
                continue
            heard, branches = options[at], node.branches
            both = heard if len(heard) < len(branches) else branches
            for syllable in both:
                if syllable in heard and (following := branches.get(syllable)) is not None:
                    total = cost + min(option[0] for option in heard[syllable])
                    if total <= allowed * following.longest:
                        todo.append((following, at + 1, total, slipped))
            # Not in the first syllable, where every phrase would have to be tried
            if slipped < 0 and at > start and node.longest >= from_length and self._may_slip(text[at], heard):
                for syllable, following in branches.items():
                    if syllable not in heard and cost + slip <= allowed * following.longest:
                        todo.append((following, at + 1, cost + slip, at))

    def _may_slip(self, char: str, heard: Options) -> bool:
        return bool(heard) and char not in self._confusions.never_slip

    def _score(self, said: tuple[tuple[str, str], ...], heard: tuple[Options, ...], slipped: int) -> float:
        total = 0.0
        for at, ((syllable, tone), options) in enumerate(zip(said, heard, strict=True)):
            if at == slipped:
                total += self._confusions.slip
                continue
            known = options.get(syllable) or min(options.values())
            total += min(cost + self._confusions.tone_cost(other, tone) for cost, other in known)
        return _BY_SOUND * (1 - total / len(said))

    def _is_real(self, words: str, phrase: str) -> bool:
        """今天 says what it says: no 津贴 was misheard."""
        pairs = (
            (words[start:end], phrase[start:end])
            for start in range(len(words) - 1)
            for end in range(start + 2, min(start + 4, len(words)) + 1)
        )
        return any(word != meant and word in self._confusions.real_words for word, meant in pairs)

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


@lru_cache(maxsize=256)
def _options(text: str, table: Confusions) -> tuple[Options, ...]:
    """Of each character; every list of phrases asks it of the same text."""
    return tuple(_options_of(char, table) for char in text)


@lru_cache(maxsize=8192)
def _options_of(char: str, table: Confusions) -> Options:
    read = toned_readings(char)
    if not read:
        return {char: ((0.0, ""),)} if char.isascii() else {}
    found: dict[str, list[tuple[float, str]]] = {}
    for syllable, tone in read:
        heard_tone = "" if char in "不一" else tone
        for meant, cost in table.near.get(syllable, {syllable: 0.0}).items():
            found.setdefault(meant, []).append((cost, heard_tone))
    return {meant: tuple(options) for meant, options in found.items()}
