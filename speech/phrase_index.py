"""One index of all phrases that are listened for in the same texts, by their characters and by their sound.

Two tries, one by characters, one by toneless syllables. A text is walked once from each of its characters, whoever
asks, and what was found is kept for those who ask next; at a node of the second trie only those branches are taken
that the character heard there may stand for (`speech.confusions`), and none below which every phrase would already be
too unlike. So the time hardly depends on how many phrases there are.
"""

import functools
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from speech.confusions import Confusions
from speech.pinyin import readings, sounds, toned_readings

BY_SOUND = 0.95
"""The best score by sound: what was written so is always surer."""
_KEPT = 64  # texts: those of the requests under way
_BEGINNINGS, _PAIRS = 4096, 16384
_ANY = ""  # the branch of a syllable that was misheard altogether; no syllable is empty
_EXACTLY = 1e-9  # costs are sums of decimal fractions

Options = Mapping[str, tuple[tuple[float, str], ...]]
"""Of one heard character: the syllables it may stand for → (cost, tone heard), one for each of its readings."""
Found = Mapping[int, Sequence[tuple[int, "Likeness"]]]
"""Listener → where something of its phrases begins, and what."""


class Likeness(NamedTuple):
    """A phrase and the words that it was found in; see `speech.matcher.Hit`."""

    phrase: str
    exact: bool
    words: str
    score: float


@dataclass(slots=True, eq=False)
class _Phrase:
    """`said`: (syllable, tone); `shown`: the syllables that a text can show, so that it can be met there.

    `readers` want it by its characters, `listeners` by its sound: (who, the lowest score).
    """

    text: str
    said: tuple[tuple[str, str], ...]
    shown: tuple[str, ...]
    readers: list[int] = field(default_factory=list)
    listeners: tuple[tuple[int, float], ...] = ()


@dataclass(slots=True, eq=False)
class _Node:
    """`entries`: phrases that end here, and which of their syllables was left open (-1: none).

    `budget`: what the most tolerant of the phrases from here on may cost altogether.
    """

    branches: "dict[str, _Node]" = field(default_factory=dict)
    entries: list[tuple[_Phrase, int]] = field(default_factory=list)
    budget: float = 0.0


_Reached = Sequence[tuple[_Node, float]]


class PhraseIndex:
    """Phrases may be added at any time, also while other threads look something up."""

    def __init__(self, table: Confusions) -> None:
        self.table = table
        self._phrases: dict[str, _Phrase] = {}
        self._written, self._sounded = _Node(), _Node()
        self._adding = threading.Lock()
        self._listeners = 0
        self._longest = 0
        self._begun = functools.lru_cache(maxsize=_BEGINNINGS)(self._begin)
        self._opened = functools.lru_cache(maxsize=_PAIRS)(self._open)
        self._walked = functools.lru_cache(maxsize=_KEPT)(self._walk)

    def add(self, phrases: Iterable[str], *, by_sound: bool, least: float) -> int:
        """A new listener, to be told of these phrases; the number by which to ask `found`."""
        with self._adding:
            listener = self._listeners
            for text in dict.fromkeys(phrases):
                phrase = self._phrases.get(text)
                if phrase is None:
                    said = sounds(text)
                    phrase = self._phrases[text] = _Phrase(text, said, _shown(text, said))
                    _put(self._written, text, phrase)
                    self._longest = max(self._longest, len(text))
                phrase.readers.append(listener)
                if by_sound and len(text) > 1:
                    self._listen_for(phrase, listener, max(least, self.table.least_score(len(text))))
            self._listeners += 1
            return listener

    def _listen_for(self, phrase: _Phrase, listener: int, wanted: float) -> None:
        length, known = len(phrase.text), bool(phrase.listeners)
        phrase.listeners = (*phrase.listeners, (listener, wanted))
        budget = (1 - wanted / BY_SOUND) * length + _EXACTLY
        _put(self._sounded, phrase.shown, None if known else phrase, budget=budget)
        if length >= self.table.slip_from:
            for at in range(1, length):  # not the first, where every phrase would have to be tried
                if phrase.text[at] not in self.table.never_slip:
                    path = (*phrase.shown[:at], _ANY, *phrase.shown[at + 1 :])
                    _put(self._sounded, path, None if known else phrase, at, budget)

    def found(self, text: str, listener: int) -> Sequence[tuple[int, Likeness]]:
        """All likenesses of the listener's phrases, also overlapping ones, each with where it begins; in no order."""
        # Who was added meanwhile isn't told of what was walked before
        return self._walked(text, self._listeners).get(listener, ())

    def _walk(self, text: str, listeners: int) -> Found:
        found: dict[int, list[tuple[int, Likeness]]] = {}
        for start in range(len(text)):
            for listener, likeness in self._begun(text[start : start + self._longest], listeners):
                found.setdefault(listener, []).append((start, likeness))
        return found

    def _begin(self, text: str, listeners: int) -> Sequence[tuple[int, Likeness]]:
        """What begins with the text's first character: (listener, likeness)."""
        found: list[tuple[int, Likeness]] = []
        node = self._written
        for char in text:
            following = node.branches.get(char)
            if following is None:
                break
            node = following
            for phrase, _ in node.entries:
                likeness = Likeness(phrase.text, True, phrase.text, 1.0)
                found += [(reader, likeness) for reader in phrase.readers]
        if len(text) > 1 and (reached := self._opened(text[0], text[1], listeners)):
            read = {likeness.phrase for _, likeness in found}
            found += self._listen(text, reached, read)
        return found

    def _listen(self, text: str, reached: _Reached, read: set[str]) -> Iterator[tuple[int, Likeness]]:
        """`reached` by the first two characters; `read`: phrases that need not be listened for."""
        for at in range(2, len(text) + 1):
            for node, _ in reached:
                for phrase, slipped in node.entries:
                    if phrase.text not in read:
                        yield from self._judge(text[:at], phrase, slipped)
            if at < len(text) and reached:
                reached = self._further(reached, _heard(text[at], self.table))

    def _open(self, first: str, second: str, _listeners: int) -> _Reached:
        """Where two characters lead to. Most texts are made of the same pairs, so this is kept."""
        start = (self._sounded, 0.0)
        return self._further(self._further((start,), _heard(first, self.table)), _heard(second, self.table))

    def _further(self, reached: _Reached, heard: "_Heard") -> _Reached:
        """One character on: nodes, and what it cost to come there."""
        (nearest, _, may_slip), slip = heard, self.table.slip
        onward = []
        for node, cost in reached:
            branches = node.branches
            if len(branches) < len(nearest):
                for syllable, following in branches.items():
                    more = nearest.get(syllable)
                    if more is not None and cost + more <= following.budget:
                        onward.append((following, cost + more))
            else:
                for syllable, more in nearest.items():
                    known = branches.get(syllable)
                    if known is not None and cost + more <= known.budget:
                        onward.append((known, cost + more))
            if may_slip:
                known = branches.get(_ANY)
                if known is not None and cost + slip <= known.budget:
                    onward.append((known, cost + slip))
        return onward

    def _judge(self, words: str, phrase: _Phrase, slipped: int) -> Iterator[tuple[int, Likeness]]:
        """To whom these words sound enough like the phrase."""
        if slipped >= 0 and phrase.shown[slipped] in _heard(words[slipped], self.table)[1]:
            return  # it was heard there after all
        total = 0.0
        for at, (syllable, tone) in enumerate(phrase.said):
            if at == slipped:
                total += self.table.slip
                continue
            options = _heard(words[at], self.table)[1]
            known = options.get(syllable) or min(options.values())
            total += min(cost + self.table.tone_cost(other, tone) for cost, other in known)
        score = BY_SOUND * (1 - total / len(words))
        wanting = [listener for listener, wanted in phrase.listeners if score >= wanted]
        if wanting and not self._is_real(words, phrase.text):
            likeness = Likeness(phrase.text, False, words, round(score, 3))
            for listener in wanting:
                yield listener, likeness

    def _is_real(self, words: str, phrase: str) -> bool:
        """今天 says what it says: no 津贴 was misheard."""
        pairs = (
            (words[start:end], phrase[start:end])
            for start in range(len(words) - 1)
            for end in range(start + 2, min(start + 4, len(words)) + 1)
        )
        return any(word != meant and word in self.table.real_words for word, meant in pairs)


def _shown(text: str, said: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """A reading that no text can show, as of 重 in 重办, gives way to one that it can."""
    return tuple(
        syllable if not (usual := readings(char)) or syllable in usual else min(usual)
        for char, (syllable, _) in zip(text, said, strict=True)
    )


def _put(
    node: _Node, keys: Iterable[str], phrase: _Phrase | None, slipped: int = -1, budget: float = 0.0
) -> None:
    """None: it is there already, and only what it may cost grows."""
    for key in keys:
        if key not in node.branches:
            node.branches = {**node.branches, key: _Node()}  # others may be going through them
        node = node.branches[key]
        node.budget = max(node.budget, budget)
    if phrase is not None:
        node.entries.append((phrase, slipped))


_Heard = tuple[Mapping[str, float], Options, bool]
"""Of one character: syllable it may stand for → the least cost; the same in full; may it be a slip?"""


@functools.lru_cache(maxsize=8192)
def _heard(char: str, table: Confusions) -> _Heard:
    options = _options_of(char, table)
    nearest = {syllable: min(cost for cost, _ in costs) for syllable, costs in options.items()}
    return nearest, options, bool(options) and char not in table.never_slip


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
