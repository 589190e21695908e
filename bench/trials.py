"""Words as they were written or heard → what the hotline makes of them. Pure: the code of the calls, no line, no model."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.desk.understanding import Understanding, understand
from bench.labelled import Answer, Kind, Utterance
from ivr.flow import Heard, Input
from ivr.flows.common import FACT, MENU, NUMBER, OPENING, PLACE, RATING, YES_NO
from ivr.flows.hotline import CODES
from ivr.hearing import OPEN_CONFIDENCE, interpret
from ivr.verbs import Hearing

ASKED: dict[Kind, Hearing] = {
    "yes_no": YES_NO,
    "fact": FACT,
    "rating": RATING,
    "number": NUMBER,
    "place": PLACE,
    "category": MENU,
    "person": MENU,
}
"""How the answers of each kind are taken in a call."""
OPEN = OPENING
"""How somebody's own words are taken."""
_LONGEST = 500  # characters: as many as ivr.hearing looks at


@dataclass(frozen=True, slots=True)
class Words:
    """What came out of the recogniser, or was typed: then nothing is uncertain about the words themselves."""

    text: str
    confidence: float = 1.0
    rejected: bool = False
    silent: bool = False  # nobody was heard to speak
    openly: bool = False  # held to no phrase list, or heard again without it
    listed: Mapping[str, object] | None = None  # what was heard before that, held to the list

    def meant(self, hearing: Hearing) -> Input:
        return interpret(
            hearing.expect,
            {
                "kind": "silence" if self.silent else "speech",
                "text": self.text,
                "confidence": self.confidence,
                "rejected": self.rejected,
                "open": self.openly,
                "listed": self.listed,
                "speech_seconds": 1.0,
            },
        )


@dataclass(frozen=True, slots=True)
class OpenTrial:
    """One utterance after 请直接说您的事. `understood` None: the hotline refuses the words and asks again."""

    said: Utterance
    words: Words
    outcome: Input
    understood: Understanding | None


@dataclass(frozen=True, slots=True)
class AnswerTrial:
    """One answer to a question. `taken`: in the form of `Answer.value`, None if no answer was taken from it."""

    said: Answer
    words: Words
    outcome: Input
    taken: str | None


def open_trial(said: Utterance, words: Words) -> OpenTrial:
    usable = bool(words.text) and not words.rejected and words.confidence >= OPEN_CONFIDENCE
    understood = understand(words.text[:_LONGEST], heard=words.openly) if usable else None
    return OpenTrial(said, words, words.meant(OPEN), understood)


def answer_trial(said: Answer, words: Words) -> AnswerTrial:
    outcome = words.meant(ASKED[said.kind])
    return AnswerTrial(said, words, outcome, _taken(said.kind, outcome))


def _taken(kind: Kind, outcome: Input) -> str | None:
    if not isinstance(outcome, Heard):
        return None
    match kind:
        case "yes_no":
            return outcome.means if outcome.means in ("yes", "no") else None
        case "fact" | "rating":
            return outcome.means if outcome.means in ("1", "2", "3") else None
        case "category":
            return _category(outcome)
        case "person":
            return "person" if outcome.means == "person" else None
        case "number":
            return str(outcome.facts["number"]) if outcome.means == "number" else None
        case "place":
            place = outcome.facts.get("place") if outcome.means == "place" else None
            return "/".join(place.get(part, "") for part in ("building", "unit", "room")) if place else None


def _category(outcome: Heard) -> str | None:
    """By its key, or a matter of that category: she may say at the menu what it is about."""
    if outcome.means.isdigit():
        return outcome.means
    code = outcome.facts.get("category")
    return str(CODES.index(code) + 1) if outcome.means in ("matter", "danger") and code in CODES else None
