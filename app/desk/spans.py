"""How long, as one says it. Pure."""

from typing import Literal, NamedTuple


class Span(NamedTuple):
    n: int
    unit: Literal["minutes", "hours", "days"]


def span_of(minutes: float) -> Span:
    """40 minutes, 5 hours, 3 days: rounded down, without a sign."""
    whole = int(abs(minutes))
    if whole < 60:
        return Span(whole, "minutes")
    if whole < 48 * 60:
        return Span(whole // 60, "hours")
    return Span(whole // (24 * 60), "days")
