"""What is it about? A short phrase to read back ("路灯不亮") and the category. Pure."""

import functools
from dataclasses import dataclass

from speech.matcher import Hit, Matcher
from speech.phrasebook import phrasebook

_FAULT_AFTER, _FAULT_BEFORE = 10, 3
_HINT_WEIGHT, _SOUND_FACTOR, _SHORT_SOUND_FACTOR, _DOUBT = 0.7, 0.6, 0.4, 0.7
_SOUND_ONLY = 0.75


@functools.cache
def _matters() -> Matcher[tuple[str, str]]:
    """Value: (thing | fault | whole, as it is read back)."""
    matters = phrasebook().matters
    return Matcher(
        [
            *((thing, ("thing", thing)) for thing in matters.things),
            *((heard, ("fault", fault.say)) for fault in matters.faults for heard in fault.heard),
            *((whole, ("whole", whole)) for whole in matters.whole),
        ]
    )


@dataclass(frozen=True)
class Matter:
    """`category` of the thing, if one was named."""

    say: str
    words: str
    category: str | None


def find_matter(text: str) -> Matter | None:
    """Thing and fault near each other, else a phrase that is complete by itself, else None."""
    hits = _matters().cover(text)
    things = [hit for hit in hits if hit.value[0] == "thing"]
    for fault in (hit for hit in hits if hit.value[0] == "fault"):
        before = [thing for thing in things if 0 <= fault.start - thing.end <= _FAULT_AFTER]
        after = [thing for thing in things if 0 <= thing.start - fault.end <= _FAULT_BEFORE]
        thing = before[-1] if before else after[0] if after else None
        if thing is not None:
            first, last = sorted((thing, fault), key=lambda hit: hit.start)
            say = thing.value[1]
            return Matter(
                say + fault.value[1], text[first.start : last.end], phrasebook().matters.things[say]
            )
    whole = next((hit for hit in hits if hit.value[0] == "whole"), None)
    return Matter(whole.value[1], whole.words, None) if whole else None


@functools.cache
def _categories() -> Matcher[tuple[str, float]]:
    """Value: (category, weight)."""
    return Matcher(
        [
            *(
                (phrase, (c.code, float(len(phrase))))
                for c in phrasebook().categories
                for phrase in c.phrases
            ),
            *((hint, (c.code, _HINT_WEIGHT)) for c in phrasebook().categories for hint in c.hints),
        ]
    )


@dataclass(frozen=True)
class Guess:
    """`phrase` is the strongest one as our files write it, `words` all that speaks for the category."""

    category: str
    confidence: float
    phrase: str
    words: tuple[str, ...]


def find_category(text: str) -> Guess | None:
    scores: dict[str, float] = {}
    evidence: dict[str, list[Hit[tuple[str, float]]]] = {}
    for hit in _categories().cover(text):
        category, weight = hit.value
        # The same word again says nothing new.
        if all(hit.phrase != known.phrase for known in evidence.get(category, [])):
            likeness = 1.0 if hit.exact else _SOUND_FACTOR if hit.length > 2 else _SHORT_SOUND_FACTOR
            scores[category] = scores.get(category, 0.0) + weight * likeness
            evidence.setdefault(category, []).append(hit)
    if not scores:
        return None
    ranked = sorted(scores, key=lambda code: (-scores[code], evidence[code][0].start))
    best = ranked[0]
    second = scores[ranked[1]] if len(ranked) > 1 else 0.0
    hits = evidence[best]
    confidence = scores[best] / (scores[best] + second + _DOUBT)
    if not any(hit.exact for hit in hits):
        confidence *= _SOUND_ONLY
    strongest = max(hits, key=lambda hit: (hit.value[1], hit.exact, -hit.start))
    return Guess(best, round(confidence, 3), strongest.phrase, tuple(hit.words for hit in hits))
