"""A text as it came in."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Incoming:
    """`phone` and `hotline` as the carrier wrote them, `text` already cleaned, `media` the number of pictures."""

    sid: str
    phone: str
    hotline: str
    text: str
    media: int = 0
