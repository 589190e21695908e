"""Words → category, place, urgency, intent: the same for calls, texts and the kiosk.

Pure and deterministic; the rules are data (`speech/phrases/*.toml`). Takes any string and never raises.
"""

import functools
from dataclasses import dataclass

from app.desk.choosing import Choice, choose
from app.desk.danger import Danger, find_danger
from app.desk.matter import Guess, Matter, find_category, find_matter
from app.desk.place import Place, find_place
from speech.matcher import Matcher
from speech.normal import BREAK, normalise
from speech.phrase_records import Intent
from speech.phrasebook import KINDS, phrasebook

__all__ = ["Choice", "Place", "Reason", "Understanding", "choose", "prepare", "understand"]

LONGEST = 4000
"""Characters that are looked at: several minutes of speech."""
_MATTER_LENGTH = 14
_WHOLE_SHARE = 0.6
_DANGER_SURE, _DANGER_BY_SOUND, _GUESS_IN_DANGER, _BY_THING = 0.9, 0.7, 0.7, 0.5


@dataclass(frozen=True)
class Reason:
    """`what` was concluded, its `value`, and the `words` (as heard or written) it rests on."""

    what: str
    value: str
    words: str


@dataclass(frozen=True)
class Understanding:
    """`danger`: the emergency number to be spoken at once. `matter`: a short phrase to read back.

    `outage`: heating or water is out (`heating`, `water`); urgent for an old person living alone, which the
    desk may know although the caller didn't say it. `confidence` 0–1 in the category.
    """

    text: str
    category: str | None
    tier: str
    urgent: bool
    danger: str | None
    place: Place
    matter: str | None
    intent: str
    confidence: float
    reasons: tuple[Reason, ...]
    outage: str | None = None


def understand(text: str) -> Understanding:
    """What a resident said or wrote, with the words every conclusion rests on."""
    clean = normalise(text[: 2 * LONGEST])[:LONGEST]
    reasons: list[Reason] = []
    place, found = find_place(clean)
    reasons += (Reason(part.what, part.value, part.words) for part in found)
    matterless = _without(clean, [part.span for part in found if part.what != "landmark"])

    danger = find_danger(clean)
    if danger:
        reasons.append(Reason("danger", danger.number, danger.words))
    outage = _outage(clean, reasons)
    urgent = _urgent(clean, danger, outage, reasons)

    guess, said = find_category(matterless), find_matter(matterless)
    category, confidence, words = _category(guess, said, danger)
    if category:
        reasons.append(Reason("category", category, words))
    matter = _matter(said, guess, danger, reasons)
    tier = _tier(clean, category, reasons)
    intent = _intent(clean, bool(category or danger or place), reasons)
    return Understanding(
        text=text,
        category=category,
        tier=tier,
        urgent=urgent,
        danger=danger.number if danger else None,
        place=place,
        matter=matter,
        intent=intent,
        confidence=confidence,
        reasons=tuple(reasons),
        outage=outage,
    )


def prepare() -> None:
    """Reads all rules now, some 0.3 s, so that a mistake in a file shows at the start and no caller waits.

    Raises SettingsError naming file and line.
    """
    understand("三栋二单元路灯不亮了")
    for kind in KINDS:
        choose("好", kind)


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    """The address as clause ends: its numbers and names are no part of the matter."""
    chars = list(text)
    for start, end in spans:
        chars[start:end] = BREAK * (end - start)
    return "".join(chars)


def _category(
    guess: Guess | None, said: Matter | None, danger: Danger | None
) -> tuple[str | None, float, str]:
    """Category, confidence and words. In danger a weak guess counts for less than the kind of danger."""
    if guess is not None and (danger is None or guess.confidence >= _GUESS_IN_DANGER):
        return guess.category, guess.confidence, " ".join(guess.words)
    if danger is not None:
        return danger.category, _DANGER_SURE if danger.exact else _DANGER_BY_SOUND, danger.words
    if said is not None and said.category is not None:
        return said.category, _BY_THING, said.words
    return None, 0.0, ""


def _matter(
    said: Matter | None, guess: Guess | None, danger: Danger | None, reasons: list[Reason]
) -> str | None:
    if danger is not None:
        say, words = danger.phrase, danger.words
    elif said is not None:
        say, words = said.say, said.words
    elif guess is not None and len(guess.phrase) > 1:
        say = words = guess.phrase
    else:
        return None
    reasons.append(Reason("matter", say[:_MATTER_LENGTH], words))
    return say[:_MATTER_LENGTH]


@functools.cache
def _outages() -> Matcher[str]:
    outages = phrasebook().urgency.outages
    return Matcher((phrase, kind) for kind, phrases in outages.items() for phrase in phrases)


def _outage(text: str, reasons: list[Reason]) -> str | None:
    hit = next(iter(_outages().cover(text)), None)
    if hit is None:
        return None
    reasons.append(Reason("outage", hit.value, hit.words))
    return hit.value


def _urgent(text: str, danger: Danger | None, outage: str | None, reasons: list[Reason]) -> bool:
    if danger is not None:
        reasons.append(Reason("urgent", f"危险，{danger.number}", danger.words))
        return True
    for rule in phrasebook().urgency.rules:
        said = [next((phrase for phrase in group if phrase in text), None) for group in rule.groups]
        if all(said) and (outage is not None or not rule.outage):
            reasons.append(Reason("urgent", rule.name, " ".join(phrase for phrase in said if phrase)))
            return True
    return False


@functools.cache
def _complex() -> Matcher[str]:
    return Matcher((phrase, phrase) for phrase in phrasebook().tiers.complex_phrases)


def _tier(text: str, category: str | None, reasons: list[Reason]) -> str:
    hit = next((hit for hit in _complex().cover(text) if hit.exact or hit.length > 2), None)
    if hit is not None:
        reasons.append(Reason("tier", "complex", hit.words))
        return "complex"
    if category in phrasebook().tiers.complex_categories:
        reasons.append(Reason("tier", "complex", category or ""))
        return "complex"
    return "simple"


@functools.cache
def _intent_matcher(code: str) -> Matcher[str]:
    found = next(intent for intent in phrasebook().intents if intent.code == code)
    return Matcher((phrase, code) for phrase in found.phrases)


def _intent(text: str, has_matter: bool, reasons: list[Reason]) -> str:
    for intent in phrasebook().intents:
        words = _intended(text, intent)
        if words:
            reasons.append(Reason("intent", intent.code, words))
            return intent.code
    return "report" if has_matter else "other"


def _intended(text: str, intent: Intent) -> str:
    if intent.starts and text.startswith(intent.starts):
        return text[:_MATTER_LENGTH]
    hits = [hit for hit in _intent_matcher(intent.code).cover(text) if hit.exact or hit.length > 2]
    if not hits:
        return ""
    spoken = len(text.replace(BREAK, ""))
    if intent.whole and sum(hit.length for hit in hits) < _WHOLE_SHARE * spoken:
        return ""
    return hits[0].words
