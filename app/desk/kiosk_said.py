"""What kiosks send, as the desk takes it: read and cleaned by the door, with everything missing that made no sense."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

RATE = 16000
"""Hz that a kiosk's recordings are kept at: twice the telephone's, for people's ears."""
Status = Literal["taken", "conflict", "refused", "later"]


@dataclass(frozen=True, slots=True)
class MatterSaid:
    """`words`: heard and confirmed by her. Place as tapped: labels of units. `pcm`: PCM16 mono at `RATE`.
    `faults`: what was sent and could not be used, in words for staff."""

    category: str | None = None
    item: int | None = None
    words: str = ""
    estate: str | None = None
    building: str | None = None
    unit: str | None = None
    room: str | None = None
    phone: str | None = None
    pcm: bytes | None = None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RatingSaid:
    """Marks 1–3: fact, speed, effect, attitude. `label`: number or slip."""

    label: str
    last_four: str
    marks: tuple[int | None, int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class ReturnCallSaid:
    phone: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """`device_at`: by the kiosk's clock; `offset_s`: ours minus its own, as it knew it then; `content`: what must be
    the same when it comes again."""

    uuid: str
    device_at: datetime | None
    offset_s: float | None
    slip: str | None
    language: str
    body: MatterSaid | RatingSaid | ReturnCallSaid
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Result:
    """What the kiosk is told. `promised_on` is a local date; `at`: when we shall ring; `says` in her language."""

    status: Status
    ticket: int | None = None
    category: str | None = None
    promised_on: date | None = None
    danger: str | None = None
    at: datetime | None = None
    says: str | None = None

    def as_json(self, uuid: str | None) -> dict[str, object]:
        return {
            "uuid": uuid,
            "status": self.status,
            "ticket": self.ticket,
            "category": self.category,
            "promised_on": self.promised_on.isoformat() if self.promised_on else None,
            "danger": self.danger,
            "at": self.at.isoformat() if self.at else None,
            "says": self.says,
        }


Told = Mapping[str, object]
"""A result as JSON; what is told again to whoever asks again."""
