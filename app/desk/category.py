"""Which of the six kinds is it? Evidence added up in logarithms of odds, each with the words it rests on. Pure.

Every phrase found speaks for its category with the weight of its topic; longer phrases say more, sounds less than
characters, and the third phrase of one topic hardly anything new. Background ("我一个人住") gives way to what is
asked for. To this comes what the text says on the whole (`speech.weighing`, learned from labelled utterances). The
confidence is the share of the best category after a soft maximum over all and "none of them".
"""

import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass

from app.desk.matter import Matter
from speech.matcher import Hit, Matcher
from speech.phrase_records import Topic
from speech.phrasebook import CATEGORIES, Phrasebook, phrasebook
from speech.weighing import NONE, weigh

_EACH_SYLLABLE, _LONGEST = 0.15, 5
_PAIR = 1.3
"""Thing and fault together ("墙皮" … "脱落")."""
_SAME_TOPIC = (1.0, 0.6, 0.35, 0.2, 0.1)
_BACKGROUND, _FOREGROUND_FROM = 0.35, 1.5
_LEAST = {2: 0.9, 3: 0.85}
_LEAST_LONG = 0.8
_SOUND, _SHORT_SOUND = 0.7, 0.4
_BESIDE_WORDS = 0.35
"""What only sounds like a phrase, where another one of two characters and more was really found."""
_RULES, _LEARNED, _ALONE = 0.4, 0.77, 0.75
"""What a phrase of ours and a learned piece count together: the best likelihood on utterances neither was made from;
and how sure the learned pieces must be where no phrase was found."""
_NONE, _NONE_SURE = 0.3, 0.6
"""What "none of them" weighs where nothing was learned; and how likely it must be for no category to be named."""
_LEARNED_TOPIC = "学来的"
_DENIED = ("不是", "不是说", "不是因为", "不关")


@dataclass(frozen=True)
class Evidence:
    """`weight` as it counted, after likeness, repetition and background."""

    category: str
    topic: str
    phrase: str
    words: str
    start: int
    score: float
    weight: float


@dataclass(frozen=True)
class Guess:
    """`phrase` is the strongest one as our files write it, empty if there is none; `evidence` speaks for the category, strongest first."""

    category: str
    confidence: float
    phrase: str
    evidence: tuple[Evidence, ...]
    scores: dict[str, float]

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(e.words for e in sorted(self.evidence, key=lambda e: e.start)))


@functools.lru_cache(maxsize=4)
def _topics(book: Phrasebook) -> Matcher[tuple[str, Topic]]:
    first: dict[str, tuple[str, Topic]] = {}
    for category in book.categories:
        for topic in category.topics:
            for phrase in topic.phrases:
                first.setdefault(phrase, (category.code, topic))
    return Matcher(first.items(), among=book.index)


def find_category(text: str, matter: Matter | None = None) -> Guess | None:
    """`text` as `normalise` and `plain` give it; `matter`: thing and fault found in it."""
    book = phrasebook()
    evidence = _weigh(_topics(book).cover(text), text)
    if matter is not None and matter.category is not None:
        weight = _PAIR * matter.score**2
        start = max(text.find(matter.words), 0)
        evidence.append(
            Evidence(matter.category, "东西和毛病", matter.say, matter.words, start, matter.score, weight)
        )
    weighed = weigh(text, book.weights, "category", book.confusions) if book.weights else None
    scores = {code: _LEARNED * weighed.scores[code] if weighed else 0.0 for code in CATEGORIES}
    none = _LEARNED * weighed.scores[NONE] if weighed else _NONE
    for piece in evidence:
        scores[piece.category] += _RULES * piece.weight
    best = min(CATEGORIES, key=lambda code: -scores[code])
    mine = sorted((e for e in evidence if e.category == best), key=lambda e: (-e.weight, e.start))
    if weighed and weighed.best == best and weighed.words:
        pieces = " ".join(piece for piece, _ in weighed.words)
        weight = round(_LEARNED * (weighed.scores[best] - none), 3)
        mine.append(Evidence(best, _LEARNED_TOPIC, pieces, pieces, len(text), 1.0, weight))
    odds = {code: math.exp(score) for code, score in scores.items()}
    confidence = odds[best] / (sum(odds.values()) + math.exp(none))
    if not mine or (not evidence and confidence < _ALONE):
        return None
    if math.exp(none) / (sum(odds.values()) + math.exp(none)) >= _NONE_SURE:
        return None
    phrase = next((e.phrase for e in mine if e.topic != _LEARNED_TOPIC), "")
    return Guess(best, round(confidence, 3), phrase, tuple(mine), scores)


def _weigh(hits: Iterable[Hit[tuple[str, Topic]]], text: str) -> list[Evidence]:
    found: dict[str, tuple[Hit[tuple[str, Topic]], float]] = {}
    hits = list(hits)
    written = any(hit.exact and hit.length > 1 and not hit.value[1].background for hit in hits)
    for hit in hits:
        if not hit.exact and (_likeness(hit) == 0.0):
            continue
        weight = hit.value[1].weight * _length(hit.length) * _likeness(hit)
        if written and not hit.exact:
            weight *= _BESIDE_WORDS
        # The same phrase again says nothing new
        if not text[: hit.start].endswith(_DENIED) and weight > found.get(hit.phrase, (hit, 0.0))[1]:
            found[hit.phrase] = hit, weight
    foreground = {
        hit.value[0]
        for hit, weight in found.values()
        if not hit.value[1].background and weight >= _FOREGROUND_FROM
    }
    seen: dict[tuple[str, str], int] = {}
    evidence = []
    for hit, weight in sorted(found.values(), key=lambda pair: (-pair[1], pair[0].start)):
        category, topic = hit.value
        nth = seen.get((category, topic.name), 0)
        seen[category, topic.name] = nth + 1
        weight *= _SAME_TOPIC[min(nth, len(_SAME_TOPIC) - 1)]
        if topic.background and foreground - {category}:
            weight *= _BACKGROUND
        evidence.append(
            Evidence(category, topic.name, hit.phrase, hit.words, hit.start, hit.score, round(weight, 3))
        )
    return evidence


def _length(length: int) -> float:
    return 1 + _EACH_SYLLABLE * (min(length, _LONGEST) - 2) if length > 1 else 1.0


def _likeness(hit: Hit[tuple[str, Topic]]) -> float:
    if hit.exact:
        return 1.0
    if hit.score < _LEAST.get(hit.length, _LEAST_LONG):
        return 0.0
    return hit.score * (_SHORT_SOUND if hit.length == 2 else _SOUND)
