"""Percentiles and summaries, pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank, so that the answer is a value that was measured; `share` of 0.99 is the 99th percentile.

    Raises ValueError without values or with a share outside 0 … 1.
    """
    if not values or not 0 <= share <= 1:
        raise ValueError(f"no percentile {share} of {len(values)} values")
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds."""

    p50: float
    p95: float
    p99: float
    worst: float

    @classmethod
    def of(cls, milliseconds: Sequence[float]) -> "Latency":
        ranked = sorted(milliseconds)
        return cls(*(round(percentile(ranked, share), 2) for share in (0.5, 0.95, 0.99, 1.0)))
