"""Words of danger to life, and what takes them back ("没有着火", "消防演习"). Pure."""

import functools
from dataclasses import dataclass

from speech.matcher import Matcher
from speech.normal import BREAK
from speech.phrase_records import DangerPair
from speech.phrasebook import phrasebook

_FAR, _NEAR, _AFTER = 8, 3, 2


@dataclass(frozen=True)
class Danger:
    """`number` to call, `category` if nothing surer says one; `exact`: by characters, not by sound.

    `phrase` as our files write it, `words` as found in the text.
    """

    number: str
    category: str
    phrase: str
    words: str
    exact: bool
    start: int


@functools.cache
def _matchers() -> tuple[Matcher[tuple[str, str]], Matcher[tuple[str, str]]]:
    dangers = phrasebook().dangers.dangers
    similar = Matcher((word, (d.number, d.category)) for d in dangers for word in d.words)
    exact = Matcher(((word, (d.number, d.category)) for d in dangers for word in d.exact), by_sound=False)
    return similar, exact


def find_danger(text: str) -> Danger | None:
    """In a normalised text: the number of the first one (by characters before by sound), its longest words."""
    found = []
    for matcher in _matchers():
        for hit in matcher.find(text):
            if (hit.exact or _sounds_right(text, hit.start, hit.end)) and not _taken_back(
                text, hit.start, hit.end
            ):
                found.append(Danger(*hit.value, hit.phrase, hit.words, hit.exact, hit.start))
    for pair in phrasebook().dangers.pairs:
        found += _pairs(text, pair)
    if not found:
        return None
    first = min(found, key=lambda danger: (not danger.exact, danger.start))
    same = [danger for danger in found if (danger.number, danger.exact) == (first.number, first.exact)]
    return max(same, key=lambda danger: (len(danger.words), -danger.start))


def _sounds_right(text: str, start: int, end: int) -> bool:
    rules = phrasebook().dangers
    words = text[start:end]
    if words in rules.sound_not_words:
        return False
    if end - start > 2:
        return True
    if start and text[start - 1] in rules.sound_not_before:
        return False
    return end == len(text) or text[end] in rules.sound_may_follow


def _taken_back(text: str, start: int, end: int) -> bool:
    rules = phrasebook().dangers
    left = text[max(0, start - _FAR - 4) : start].rpartition(BREAK)[2]
    for phrase in rules.unless:
        left = left.replace(phrase, "\x00" * len(phrase))
    if left.endswith(rules.before_close):
        return True
    for words, gap in ((rules.before_near, _NEAR), (rules.before_far, _FAR)):
        if any(
            len(left) - position - len(word) <= gap for word in words if (position := left.rfind(word)) >= 0
        ):
            return True
    right = text[end:].partition(BREAK)[0]
    if right.startswith(rules.after_close):
        return True
    return any(0 <= right.find(word) <= _AFTER for word in rules.after_near)


def _pairs(text: str, pair: DangerPair) -> list[Danger]:
    category = next((d.category for d in phrasebook().dangers.dangers if d.number == pair.number), "")
    found = []
    for first in pair.first:
        start = text.find(first)
        while start >= 0:
            end = start + len(first)
            if not text.startswith(pair.not_after_first, end) if pair.not_after_first else True:
                window = text[end : end + pair.at_most + 6].partition(BREAK)[0]
                for second in pair.second:
                    at = window.find(second)
                    stop = end + at + len(second)
                    if 0 <= at <= pair.at_most and not (
                        _taken_back(text, end + at, stop) or _taken_back(text, start, end)
                    ):
                        words = text[start:stop]
                        found.append(Danger(pair.number, category, words, words, True, start))
            start = text.find(first, start + 1)
    return found
