"""Effects: what a flow asks to be done, in the domain's words. `ivr.effects` does it and answers with facts."""

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]


@dataclass(frozen=True)
class OpenTicket:
    """Facts that come back: number, spoken_number, promised (a spoken date).

    `needs_listening`: nobody has confirmed the words, so a person hears the recording first. Recordings of the
    call are attached in any case. Danger and urgency: the desk texts the unit's duty number in the same breath.
    """

    text: str
    category: str | None = None
    tier: str = "simple"
    urgent: bool = False
    danger: str | None = None
    matter: str | None = None
    outage: str | None = None  # heating or water: urgent for somebody who lives alone
    place: Json = field(default_factory=dict)
    needs_listening: bool = False


@dataclass(frozen=True)
class TellPlace:
    """The place of the call's ticket, heard after it was opened (danger first, place second); duty is told it."""

    place: Json
    text: str


@dataclass(frozen=True)
class RequestReturnCall:
    """Facts that come back: callback_time (spoken; empty where there is no number to ring)."""

    reason: Literal["asked_person", "hung_up", "not_understood", "silence"]


@dataclass(frozen=True)
class FindPerson:
    """Facts that come back: person (is there a number that 0 can ring?)."""


@dataclass(frozen=True)
class FindProgress:
    """Facts that come back: pending (list of day, category, state, promised), finished (the same without
    promised), locked (too many wrong proofs).

    Without number and proof: the matters of the number that calls.
    """

    number: str | None = None
    last_four: str | None = None


@dataclass(frozen=True)
class RecordFact:
    """1 好了, 2 好了一部分, 3 没好."""

    value: int
    raw: str


@dataclass(frozen=True)
class RecordMark:
    """1 满意, 2 一般, 3 不满意."""

    which: Literal["speed", "effect", "attitude"]
    value: int
    raw: str


@dataclass(frozen=True)
class RecordRemark:
    text: str


@dataclass(frozen=True)
class ApplyRating:
    """Draw the consequence: close, or reopen. Done once, however often it is asked for."""


@dataclass(frozen=True)
class Decline:
    """9: don't call me again about this."""


@dataclass(frozen=True)
class FinishAttempt:
    """How an outbound call ended."""

    outcome: Literal["answered", "no_answer", "machine", "refused", "wrong_number"]


@dataclass(frozen=True)
class FinishTold:
    """She hung up on what was read out to her: answered if she stayed long enough to hear it, else no_answer."""


@dataclass(frozen=True)
class HandToPerson:
    """The robot could not do it, or was not wanted: a person takes this callback over. Facts: callback_time."""


Effect = (
    OpenTicket
    | TellPlace
    | RequestReturnCall
    | FindPerson
    | FindProgress
    | RecordFact
    | RecordMark
    | RecordRemark
    | ApplyRating
    | Decline
    | FinishAttempt
    | FinishTold
    | HandToPerson
)
