"""What is it about? A short phrase to read back: thing and fault ("路灯不亮"). Pure."""

import functools
from dataclasses import dataclass

from speech.matcher import Hit, Matcher
from speech.phrase_records import Fault
from speech.phrasebook import Phrasebook, phrasebook

_FAULT_AFTER, _FAULT_BEFORE = 10, 3

Part = tuple[str, str, Fault | None]
"""(thing | fault | whole, as it is read back, the fault)."""


@dataclass(frozen=True)
class Matter:
    """`category` of the fault or the thing, if one was named; `score` 0–1: how surely these words were said."""

    say: str
    words: str
    category: str | None
    score: float


@functools.lru_cache(maxsize=4)
def _parts(book: Phrasebook) -> Matcher[Part]:
    matters = book.matters
    found: list[tuple[str, Part]] = [(thing, ("thing", thing, None)) for thing in matters.things]
    found += [(heard, ("fault", fault.say, fault)) for fault in matters.faults for heard in fault.heard]
    found += [(whole, ("whole", whole, None)) for whole in matters.whole]
    return Matcher(found, among=book.index)


def find_matter(text: str) -> Matter | None:
    """Thing and fault near each other, else a phrase that is complete by itself, else None."""
    book = phrasebook()
    hits = _parts(book).cover(text)
    things = [hit for hit in hits if hit.value[0] == "thing"]
    for fault in (hit for hit in hits if hit.value[0] == "fault"):
        thing = _thing_of(fault, things)
        if thing is not None:
            first, last = sorted((thing, fault), key=lambda hit: hit.start)
            kind, say = fault.value[2], thing.value[1]
            category = (kind.category if kind else None) or book.matters.things[say]
            words = text[first.start : last.end]
            return Matter(say + fault.value[1], words, category, thing.score * fault.score)
    whole = next((hit for hit in hits if hit.value[0] == "whole"), None)
    return Matter(whole.value[1], whole.words, None, whole.score) if whole else None


def _thing_of(fault: Hit[Part], things: list[Hit[Part]]) -> Hit[Part] | None:
    before = [thing for thing in things if 0 <= fault.start - thing.end <= _FAULT_AFTER]
    after = [thing for thing in things if 0 <= thing.start - fault.end <= _FAULT_BEFORE]
    return before[-1] if before else after[0] if after else None
