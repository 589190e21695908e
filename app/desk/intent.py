"""What does she want of us? A report, news of an earlier one, a person … Pure."""

import functools

from app.desk.reason import Reason
from speech.matcher import Matcher
from speech.normal import BREAK
from speech.phrase_records import Intent
from speech.phrasebook import Phrasebook, phrasebook

_WHOLE_SHARE = 0.6
_SHOWN = 14


@functools.lru_cache(maxsize=64)
def _matcher(book: Phrasebook, code: str) -> Matcher[str]:
    found = next(intent for intent in book.intents if intent.code == code)
    return Matcher(((phrase, code) for phrase in found.phrases), among=book.index)


def find_intent(text: str, has_matter: bool, reasons: list[Reason]) -> str:
    """The first of the intents, in the order of the file, that the words show."""
    for intent in phrasebook().intents:
        words, score = _intended(text, intent)
        if words:
            reasons.append(Reason("intent", intent.code, words, score))
            return intent.code
    return "report" if has_matter else "other"


def _intended(text: str, intent: Intent) -> tuple[str, float]:
    if intent.starts and text.startswith(intent.starts):
        return text[:_SHOWN], 1.0
    hits = [hit for hit in _matcher(phrasebook(), intent.code).cover(text) if hit.exact or hit.length > 2]
    if not hits:
        return "", 0.0
    spoken = len(text.replace(BREAK, ""))
    if intent.whole and sum(hit.length for hit in hits) < _WHOLE_SHARE * spoken:
        return "", 0.0
    return hits[0].words, hits[0].score
