"""Words of danger to life, and what takes them back ("没有着火", "消防演习"). Pure."""

import functools
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from speech.matcher import Hit, Matcher
from speech.normal import BREAK
from speech.numbers import DIGIT_CHARS
from speech.phrase_records import DangerPair
from speech.phrasebook import EMERGENCY_NUMBERS, Phrasebook, phrasebook
from speech.weighing import NONE, weigh

_FAR, _NEAR, _AFTER = 8, 3, 2
_SHORT = 9
"""A text of fewer characters holds too little to be judged by its pieces alone."""
_SAID = {"119": "有火灾或险情", "120": "有人要急救", "110": "有人身危险"}
_MASK = "\x01"
_CRIES = ("救命", "快来人")
_NOT = ("不是", "我没", "别")
_SAME_SOUND = 0.93
_AROUND = 6  # characters beside a pair in which its `unless` is looked for
_DIGIT = f"[{DIGIT_CHARS}0-9]"
_LONGER_NUMBER = re.compile(
    rf"(?<!{_DIGIT})(?!(?:[幺一1](?:[二2][零0]|[幺一1][九零90]))+(?!{_DIGIT})){_DIGIT}{{4,}}"
)
"""幺二零四 is a matter's number, 幺二零幺二零 an emergency number said twice."""
_LEAST, _LEAST_LONG, _PART_LEAST = 0.85, 0.88, 0.9
"""A false alarm sends people running: words that only half sound like danger are not taken for it."""


@dataclass(frozen=True)
class _Least:
    """Natural logarithms of the odds of danger that the learned weights must give: beside a rule's words, beside words
    that only sound like them, alone, alone in a short text. Chosen on texts that the weights were not learned from."""

    beside: float
    beside_sound: float
    alone: float
    alone_short: float


_WRITTEN = _Least(-3.0, -3.0, 1.5, 1.5)
"""Recall first: a dangerous word is only taken back where all else speaks against it."""
_HEARD = _Least(-1.5, -1.0, 1.5, 1.5)
"""A recogniser writes dangerous words although nobody said them: beside them more must speak for danger. Chosen so that false
alarms of misheard words are two fifths fewer, for a sixth more missed (docs/understanding.md)."""


@dataclass(frozen=True)
class Danger:
    """`number` to call, `category` if nothing surer says one; `exact`: by characters, not by sound.

    `phrase` as our files write it, `words` as found in the text; `score` 0–1: how surely they were said.
    """

    number: str
    category: str
    phrase: str
    words: str
    exact: bool
    start: int
    score: float = 1.0


@functools.lru_cache(maxsize=4)
def _matchers(book: Phrasebook) -> tuple[Matcher[tuple[str, str]], Matcher[tuple[str, str]]]:
    dangers = book.dangers.dangers
    similar = Matcher(
        ((word, (d.number, d.category)) for d in dangers for word in d.words),
        least=_LEAST,
        among=book.index,
    )
    exact = Matcher(
        ((word, (d.number, d.category)) for d in dangers for word in d.exact),
        by_sound=False,
        among=book.index,
    )
    return similar, exact


Roles = tuple[frozenset[int], frozenset[int]]
"""The pairs that a phrase is the first part of, and those it is the second part of, by their place in the file."""


@functools.lru_cache(maxsize=4)
def _parts(book: Phrasebook) -> Matcher[Roles]:
    roles: dict[str, tuple[set[int], set[int]]] = {}
    for number, pair in enumerate(book.dangers.pairs):
        for side, phrases in enumerate((pair.first, pair.second)):
            for phrase in phrases:
                roles.setdefault(phrase, (set(), set()))[side].add(number)
    found = ((phrase, (frozenset(one), frozenset(other))) for phrase, (one, other) in roles.items())
    return Matcher(found, least=_PART_LEAST, among=book.index)


def sense_danger(text: str, matter: str | None = None, *, heard: bool = False) -> Danger | None:
    """By the rules and by what was learned of labelled utterances; each may be wrong, seldom both. `matter`: the text
    without the address, which says nothing about danger. `heard`: a recogniser wrote it.

    A rule is only overruled by weights that are very sure, and without a rule the weights must be sure.
    """
    ruled = find_danger(text)
    weights = phrasebook().weights
    if weights is None:
        return ruled
    weighed = weigh(text if matter is None else matter, weights, "danger", phrasebook().confusions)
    odds, least = weighed.odds(NONE), _HEARD if heard else _WRITTEN
    if ruled is not None:
        return ruled if odds > (least.beside if ruled.exact else least.beside_sound) else None
    if odds < (least.alone if len(text) >= _SHORT else least.alone_short):
        return None
    if (
        _is_story(text)
        or _says_otherwise(text)
        or (len(text) < _SHORT and _harmless(phrasebook()).search(text))
    ):
        return None  # 上火了
    number = max(EMERGENCY_NUMBERS, key=lambda code: weighed.scores[code])
    category = next(danger.category for danger in phrasebook().dangers.dangers if danger.number == number)
    words = " ".join(piece for piece, _ in weighed.words)
    return Danger(number, category, _SAID[number], words, False, 0, round(1 / (1 + math.exp(-odds)), 3))


def find_danger(text: str) -> Danger | None:
    """By the rules alone. In a normalised text: the number of the first one (by characters before by sound), its
    longest words."""
    if _is_story(text):
        return None
    text = original = _LONGER_NUMBER.sub(lambda match: _MASK * len(match.group()), text)
    text = _harmless(phrasebook()).sub(lambda match: _MASK * len(match.group()), text)
    found = []
    for matcher in _matchers(phrasebook()):
        for hit in matcher.find(text):
            if (hit.exact or _sounds_right(text, hit.start, hit.end, hit.score)) and not _taken_back(
                text, hit.start, hit.end
            ):
                found.append(Danger(*hit.value, hit.phrase, hit.words, hit.exact, hit.start, hit.score))
    found += _pairs(text, original)
    if not found:
        return None
    first = min(found, key=lambda danger: (not danger.exact, danger.start))
    same = [danger for danger in found if (danger.number, danger.exact) == (first.number, first.exact)]
    return max(same, key=lambda danger: (len(danger.words), -danger.start))


def _is_story(text: str) -> bool:
    """Of the past or of elsewhere, and nothing in it is of now."""
    rules = phrasebook().dangers
    now = any(word in text for word in rules.now)
    if any(_meant(text, word) for word in rules.over):
        return not any(word in text for word in _CRIES)
    return any(word in text for word in rules.past) and not now


def _meant(text: str, word: str) -> bool:
    """It stands there, and not only as what it is not: 不是演习，是真着火了."""
    return any(not text[: at.start()].endswith(_NOT) for at in re.finditer(re.escape(word), text))


def _says_otherwise(text: str) -> bool:
    """A dangerous word stands there and is taken back ("万一着火了怎么办"): somebody has thought of it already."""
    return any(
        _taken_back(text, hit.start, hit.end)
        for matcher in _matchers(phrasebook())
        for hit in matcher.find(text)
        if hit.exact
    )


@functools.lru_cache(maxsize=4)
def _harmless(book: Phrasebook) -> re.Pattern[str]:
    words = sorted(book.dangers.innocent, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)) or "(?!)")


def _sounds_right(text: str, start: int, end: int, score: float) -> bool:
    rules = phrasebook().dangers
    words = text[start:end]
    if words in rules.sound_not_words:
        return False
    if end - start > 2:
        return score >= _LEAST_LONG
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


def _pairs(text: str, original: str) -> list[Danger]:
    rules = phrasebook().dangers
    firsts: dict[int, list[Hit[Roles]]] = {}
    seconds: dict[int, list[Hit[Roles]]] = {}
    for hit in _parts(phrasebook()).find(text):
        if not hit.exact and hit.length == 2 and hit.score < _SAME_SOUND:
            continue
        for side, numbers in ((firsts, hit.value[0]), (seconds, hit.value[1])):
            for number in numbers:
                side.setdefault(number, []).append(hit)
    categories = {danger.number: danger.category for danger in rules.dangers}
    found = []
    for number in firsts.keys() & seconds.keys():
        pair = rules.pairs[number]
        for first, second in _near(text, pair, firsts[number], seconds[number]):
            start, end = min(first.start, second.start), max(first.end, second.end)
            around = text[max(0, start - _AROUND) : end + _AROUND]
            if any(word in around for word in pair.unless):
                continue
            if _taken_back(text, second.start, second.end) or _taken_back(text, first.start, first.end):
                continue
            words = text[start:end]
            score = round(min(first.score, second.score), 3)
            exact = first.exact and second.exact
            found.append(Danger(pair.number, categories[pair.number], words, words, exact, start, score))
    return found


def _near(
    text: str, pair: DangerPair, firsts: Iterable[Hit[Roles]], seconds: list[Hit[Roles]]
) -> Iterable[tuple[Hit[Roles], Hit[Roles]]]:
    for first in firsts:
        if pair.not_after_first and text.startswith(pair.not_after_first, first.end):
            continue
        for second in seconds:
            gap = second.start - first.end
            if gap < 0 and pair.either:
                gap = first.start - second.end
            if 0 <= gap <= pair.at_most:
                yield first, second
