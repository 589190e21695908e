"""One cell of a table: so many of so many, how far that may be off, and the bar it is held to."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.table import Row
from bench.wilson import wilson

HEAD = ("what", "of", "%", "95 % interval", "bar", "")


@dataclass(frozen=True, slots=True)
class Score:
    """`hits` of `count`. `least`, `most`: the bar as a share, for what should be high or low."""

    what: str
    hits: int
    count: int
    least: float | None = None
    most: float | None = None

    @property
    def share(self) -> float | None:
        return self.hits / self.count if self.count else None

    @property
    def met(self) -> bool | None:
        """None without a bar; a bar over no cases at all is missed."""
        if self.least is None and self.most is None:
            return None
        if self.share is None:
            return False
        low = 0.0 if self.least is None else self.least
        high = 1.0 if self.most is None else self.most
        return low <= self.share <= high

    def row(self) -> Row:
        met = self.met
        return (
            self.what,
            self.count,
            percent(self.share),
            interval(self.hits, self.count),
            "" if met is None else f"≥ {self.least:.0%}" if self.least is not None else f"≤ {self.most:.0%}",
            "" if met is None else "met" if met else "MISSED",
        )

    def to_json(self) -> dict[str, Any]:
        low, high = wilson(self.hits, self.count) if self.count else (None, None)
        return asdict(self) | {"share": self.share, "low": low, "high": high, "met": self.met}


def counted(
    what: str, outcomes: Iterable[bool], least: float | None = None, most: float | None = None
) -> Score:
    """How many of the outcomes are true."""
    seen: Sequence[bool] = list(outcomes)
    return Score(what, sum(seen), len(seen), least, most)


def percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


def interval(hits: int, count: int) -> str:
    """Wilson, 95 %, in percent."""
    if not count:
        return "–"
    low, high = wilson(hits, count)
    return f"{100 * low:.1f}–{100 * high:.1f}"
