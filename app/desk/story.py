"""What a ticket's story is told of: words, turns of a call, texts, attempts, marks. Plain records, numbers masked."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from app.desk.kiosk_times import LATE
from app.desk.residents import mask_phone
from models.base import Json
from models.rating import Rating, RemedialAction

UNSURE = 0.6
"""Words that were heard less surely are marked."""
_NUMBER = re.compile(r"\+?\d[\d \-]{5,}\d")


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    unsure: bool


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording: `words` as heard, `corrected` as staff wrote them down since. `path`: below the data directory,
    while its audio is kept. `source`: stream, spool, carrier, kiosk."""

    id: int
    seconds: float
    words: tuple[Word, ...]
    corrected: str | None
    path: str | None
    state: str
    confidence: float | None
    source: str


@dataclass(frozen=True, slots=True)
class AtKiosk:
    """When it was said at a touch screen, by our clock, and when it reached us; `device_at`: what the screen's own clock
    showed, where that was another time."""

    slip: str
    said_at: datetime
    arrived_at: datetime
    device_at: datetime | None

    @property
    def late(self) -> bool:
        return self.arrived_at - self.said_at > LATE


@dataclass(frozen=True, slots=True)
class Turn:
    """What we said, then what came back: words, keys, or nothing."""

    at: datetime
    said: tuple[str, ...]
    words: tuple[Word, ...]
    keys: str
    kind: str | None
    clip: Clip | None
    expect: str


@dataclass(frozen=True, slots=True)
class Phoned:
    id: int
    outbound: bool
    ended_at: datetime | None
    turns: tuple[Turn, ...]
    seconds: int | None


@dataclass(frozen=True, slots=True)
class Texted:
    inbound: bool
    to_staff: int | None
    phone: str
    body: str
    purpose: str
    state: str
    sent_at: datetime | None
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Rang:
    kind: str
    n: int
    outcome: str | None
    state: str
    by_person: bool


@dataclass(frozen=True, slots=True)
class Happened:
    """An event; `actor` as the log has it, `actor_id` where it is staff."""

    id: int
    action: str
    actor: str
    actor_id: int | None
    reason: str | None
    data: Json
    changed: bool
    target: str


@dataclass(frozen=True, slots=True)
class Marked:
    rating: Rating
    remedies: tuple[RemedialAction, ...]


Told = Happened | Phoned | Texted | Rang | Marked | Clip


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    kind: str  # event, call, text, ring, rating, recording
    what: Told


@dataclass(frozen=True, slots=True)
class Timeline:
    """`clips`: those in which she says what the matter is first; `staff`: names by id; `kiosk`: if it came from one."""

    entries: tuple[Entry, ...]
    clips: tuple[Clip, ...]
    kiosk: AtKiosk | None = None
    staff: dict[int, str] = field(default_factory=dict)


def unsure_words(heard: Json | None, confidence: float | None, text: str) -> tuple[Word, ...]:
    """Word by word where the engine told how sure it was, else the whole text as one word."""
    pairs = [(str(word), float(sure)) for word, sure in (heard or {}).get("words") or ()]
    if pairs and "".join(word for word, _ in pairs) == text.replace(" ", ""):
        return tuple(Word(masked(word), sure < UNSURE) for word, sure in pairs)
    return (Word(masked(text), confidence is not None and confidence < UNSURE),) if text else ()


def masked(text: str) -> str:
    """Long runs of digits, as of telephones, can be guessed at but not rung."""
    return _NUMBER.sub(lambda found: mask_phone(re.sub(r"\D", "", found.group())), text)
