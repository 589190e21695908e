"""The number on a kiosk's slip, A017, in a text: read as the ticket's own number would be. Pure.

A slip looks like other things (B3101室: building B3, room 101), so it counts only if there is such a ticket and the
text, with the ticket's number in its place, speaks of that number. All other texts mean what they always did.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from app.sms.keywords import read_staff
from app.sms.meant import Asked, Reading
from app.sms.reading import ResidentReading, read_resident

NumberOf = Callable[[str], int | None]
"""A slip → the number of the ticket that has it."""
R = TypeVar("R", bound=Reading)
_SLIP = re.compile(r"(?<![0-9A-Za-z])([A-Za-z]{1,2})[ -]?([0-9]{3,6})(?![0-9A-Za-z])")
_OF_A_NUMBER = ("progress", "rate", "reopen", "answer", "other")
"""What a resident may say of a matter. In a report it is rather where something is wrong."""


def read_resident_text(text: str, asked: Asked | None, number_of: NumberOf) -> ResidentReading:
    """As `read_resident`, slips included; `slip` of the reading says which."""
    plain = read_resident(text, asked)
    if plain.intent == "answer" and asked != "which":
        return plain
    found = _read(text, plain, number_of, lambda words: read_resident(words, asked))
    if found is None or found[0].intent not in _OF_A_NUMBER:
        return plain
    return replace(found[0], slip=found[1], heard=plain.heard)


def read_staff_text(text: str, number_of: NumberOf) -> Reading:
    """As `read_staff`, slips included."""
    plain = read_staff(text)
    if plain.intent == "field_report":
        return plain
    found = _read(text, plain, number_of, read_staff)
    return plain if found is None else found[0]


def _read(text: str, plain: R, number_of: NumberOf, read: Callable[[str], R]) -> tuple[R, str] | None:
    """What the text means of the first slip in it that there is, and that slip. A number that it has besides comes
    first; that of cx1024 is no part of a slip, because cx is a command."""
    written = unicodedata.normalize("NFKC", text)
    for one in _SLIP.finditer(written):
        letters, digits = one.groups()
        if plain.number is not None and (plain.number != int(digits) or read(letters).intent != "other"):
            continue
        slip = f"{letters}{digits}".upper()
        if (number := number_of(slip)) is not None:
            reading = read(f"{written[: one.start()]}{number}{written[one.end() :]}")
            return (reading, slip) if reading.number == number else None
    return None
