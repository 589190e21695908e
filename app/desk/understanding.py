"""Words → category, place, time, phone number, urgency, intent: the same for calls, texts and the kiosk.

Pure and deterministic; the rules are data (`speech/phrases/*.toml`). Takes any string and never raises.
"""

from dataclasses import dataclass

from app.desk.category import Guess, find_category
from app.desk.choosing import Choice, choose
from app.desk.danger import Danger, sense_danger
from app.desk.heard_address import as_meant
from app.desk.intent import find_intent
from app.desk.matter import Matter, find_matter
from app.desk.phone import Phone, find_phone
from app.desk.place import Place, find_place
from app.desk.reason import Reason
from app.desk.times import SaidTime, find_time
from app.desk.urgency import find_outage, find_tier, find_urgency
from speech.dialect import plain
from speech.normal import BREAK, normalise
from speech.phrasebook import KINDS

__all__ = ["SURE", "Choice", "Phone", "Place", "Reason", "SaidTime", "Understanding", "choose", "prepare", "understand"]  # fmt: skip

LONGEST = 4000
"""Characters that are looked at: several minutes of speech."""
SURE = 0.85
"""Below it a category is only a suggestion: it is read back, or left to whoever sorts; nobody is sent because of it."""
_MATTER_LENGTH = 14
_DANGER_SURE, _DANGER_BY_SOUND, _GUESS_IN_DANGER, _BY_THING = 0.9, 0.7, 0.7, 0.5


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
    time: SaidTime | None = None
    phone: str | None = None

    @property
    def sure(self) -> bool:
        """The category may be acted on without a person."""
        return self.category is not None and (self.danger is not None or self.confidence >= SURE)


def understand(text: str, *, heard: bool = False) -> Understanding:
    """What a resident said or wrote, with the words every conclusion rests on. `heard`: a recogniser wrote it, openly."""
    clean, replaced = plain(normalise(text[: 2 * LONGEST])[:LONGEST])
    reasons = [Reason("dialect", word, said) for said, word in replaced]
    phone = find_phone(clean)
    if phone:
        reasons.append(Reason("phone", phone.digits, phone.words, phone.confidence))
        clean = _without(clean, [phone.span])
    time = find_time(clean)
    if time:
        reasons.append(Reason("time", time.words, time.words))
    place, found = find_place(as_meant(clean) if heard else clean)
    reasons += (Reason(part.what, part.value, part.words, part.confidence) for part in found)
    matterless = _without(clean, [part.span for part in found if part.what not in ("landmark", "own")])

    danger = sense_danger(clean, matterless, heard=heard)
    if danger:
        reasons.append(Reason("danger", danger.number, danger.words, danger.score))
    outage = find_outage(clean, reasons)
    urgent = find_urgency(clean, danger, outage, reasons)

    said = find_matter(matterless)
    guess = find_category(matterless, said)
    category, confidence = _category(guess, said, danger, reasons)
    matter = _matter(said, guess, danger, reasons)
    tier = find_tier(clean, category, reasons)
    intent = find_intent(clean, bool(category or danger or place), reasons)
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
        time=time,
        phone=phone.digits if phone else None,
    )


def prepare() -> None:
    """Reads all rules now, about a second, so that a mistake in a file shows at the start and no caller waits.

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
    guess: Guess | None, said: Matter | None, danger: Danger | None, reasons: list[Reason]
) -> tuple[str | None, float]:
    """Category and confidence. In danger a weak guess counts for less than the kind of danger."""
    if guess is not None and (danger is None or guess.confidence >= _GUESS_IN_DANGER):
        reasons.append(Reason("category", guess.category, " ".join(guess.words), guess.confidence))
        reasons.extend(
            Reason("evidence", e.phrase, e.words, e.score, e.topic, e.weight) for e in guess.evidence
        )
        return guess.category, guess.confidence
    if danger is not None:
        confidence = _DANGER_SURE if danger.exact else _DANGER_BY_SOUND
        reasons.append(Reason("category", danger.category, danger.words, confidence))
        return danger.category, confidence
    if said is not None and said.category is not None:
        reasons.append(Reason("category", said.category, said.words, _BY_THING))
        return said.category, _BY_THING
    return None, 0.0


def _matter(
    said: Matter | None, guess: Guess | None, danger: Danger | None, reasons: list[Reason]
) -> str | None:
    if danger is not None:
        say, words, score = danger.phrase, danger.words, danger.score
    elif said is not None:
        say, words, score = said.say, said.words, said.score
    elif guess is not None and len(guess.phrase) > 1:
        say, words, score = guess.phrase, guess.evidence[0].words, guess.evidence[0].score
    else:
        return None
    reasons.append(Reason("matter", say[:_MATTER_LENGTH], words, score))
    return say[:_MATTER_LENGTH]
