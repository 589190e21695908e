"""How soon, and how many hands? Urgency, outages of heating and water, tier. Pure."""

import functools

from app.desk.danger import Danger
from app.desk.reason import Reason
from speech.matcher import Hit, Matcher
from speech.phrase_records import Urgent
from speech.phrasebook import Phrasebook, phrasebook

_FOUR, _SLIPPED = 4, 0.77
"""The score of four syllables of which one is another."""


@functools.lru_cache(maxsize=4)
def _outages(book: Phrasebook) -> Matcher[str]:
    outages = book.urgency.outages
    return Matcher(
        ((phrase, kind) for kind, phrases in outages.items() for phrase in phrases),
        among=book.index,
    )


@functools.lru_cache(maxsize=4)
def _complex(book: Phrasebook) -> Matcher[str]:
    return Matcher(((phrase, phrase) for phrase in book.tiers.complex_phrases), among=book.index)


@functools.lru_cache(maxsize=4)
def _rules(book: Phrasebook) -> tuple[tuple[Urgent, tuple[Matcher[str], ...]], ...]:
    """Each rule with a matcher for each of its groups."""
    return tuple(
        (rule, tuple(Matcher(((p, p) for p in group), among=book.index) for group in rule.groups))
        for rule in book.urgency.rules
    )


def find_outage(text: str, reasons: list[Reason]) -> str | None:
    """`heating` or `water`."""
    hits = _plain_hits(_outages(phrasebook()), text)
    hit = max(hits, key=lambda hit: hit.score, default=None)
    if hit is None:
        return None
    reasons.append(Reason("outage", hit.value, hit.words, hit.score))
    return hit.value


def find_urgency(text: str, danger: Danger | None, outage: str | None, reasons: list[Reason]) -> bool:
    """Danger, or one of the rules: somebody shut in a lift, heating or water out for an old person living alone."""
    if danger is not None:
        reasons.append(Reason("urgent", f"危险，{danger.number}", danger.words, danger.score))
        return True
    for rule, groups in _rules(phrasebook()):
        if (rule.outage and outage is None) or any(word in text for word in rule.unless):
            continue
        said = [max(_plain_hits(group, text), key=lambda hit: hit.score, default=None) for group in groups]
        found = [hit for hit in said if hit is not None]
        if len(found) == len(groups):
            words = " ".join(hit.words for hit in found)
            reasons.append(Reason("urgent", rule.name, words, min(hit.score for hit in found)))
            return True
    return False


def _plain_hits(group: Matcher[str], text: str) -> list[Hit[str]]:
    """Two syllables that only sound like a phrase mean too many other things, and so do four with one quite
    different: 我一个月 is no 我一个人."""
    return [
        hit
        for hit in group.find(text)
        if hit.exact or (hit.length > 2 and (hit.length != _FOUR or hit.score > _SLIPPED))
    ]


def find_tier(text: str, category: str | None, reasons: list[Reason]) -> str:
    """`complex` is handled jointly and sorted by a person first."""
    hit = next((hit for hit in _complex(phrasebook()).cover(text) if hit.exact or hit.length > 2), None)
    if hit is not None:
        reasons.append(Reason("tier", "complex", hit.words, hit.score))
        return "complex"
    if category in phrasebook().tiers.complex_categories:
        reasons.append(Reason("tier", "complex", ""))
        return "complex"
    return "simple"
