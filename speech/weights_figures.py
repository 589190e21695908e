"""How good learned weights are on texts that they were not learned from. Pure."""

from dataclasses import dataclass

import numpy as np

from speech.logistic import Floats, soft_maximum
from speech.weighing import CLASSES, NONE
from speech.weights_training import HeldOut

FALSE_ALARMS = 0.007
"""Share of harmless texts that may be taken for danger where the threshold is chosen: below the bar of 1 %."""


@dataclass(frozen=True)
class Figures:
    """Shares of 1, for written texts and for the same misheard. `category`: the right one of six, of the texts that
    have one. `danger`: found, of the dangers, while `FALSE_ALARMS` of the harmless are taken for danger too."""

    category: tuple[float, float]
    category_count: int
    danger: tuple[float, float]
    danger_count: int
    harmless_count: int

    def lines(self) -> list[str]:
        return [
            f"category: {self.category[0]:.1%} written, {self.category[1]:.1%} misheard (n = {self.category_count})",
            f"danger: {self.danger[0]:.1%} written, {self.danger[1]:.1%} misheard (n = {self.danger_count}), "
            f"at {FALSE_ALARMS:.1%} false alarms (n = {self.harmless_count})",
        ]

    def worse_than(self, other: "Figures", *, by: float = 0.005) -> list[str]:
        """What is worse by more than `by`, and by more than one text; nothing if it is good enough to be used."""
        pairs = (
            ("category", self.category, other.category, self.category_count),
            ("danger", self.danger, other.danger, self.danger_count),
        )
        return [
            f"{name}, {how}: {mine:.1%} < {theirs:.1%}"
            for name, now, before, count in pairs
            for how, mine, theirs in zip(("written", "misheard"), now, before, strict=True)
            if theirs - mine > max(by, 1.5 / count)
        ]


def figures(category: HeldOut, danger: HeldOut) -> Figures:
    return Figures(
        category=(_right(category, category.written), _right(category, category.heard)),
        category_count=int((category.labels != CLASSES["category"].index(NONE)).sum()),
        danger=(_found(danger, danger.written), _found(danger, danger.heard)),
        danger_count=int((danger.labels != CLASSES["danger"].index(NONE)).sum()),
        harmless_count=int((danger.labels == CLASSES["danger"].index(NONE)).sum()),
    )


def odds(scores: Floats) -> Floats:
    """Of danger against none, for each row, natural logarithm."""
    none = CLASSES["danger"].index(NONE)
    calm = np.clip(soft_maximum(scores)[:, none], 1e-12, 1 - 1e-12)
    found: Floats = np.log((1 - calm) / calm)
    return found


def threshold(held: HeldOut, scores: Floats, false_alarms: float = FALSE_ALARMS) -> float:
    """The lowest log odds at which no more than this share of the harmless texts is taken for danger."""
    harmless = np.sort(odds(scores)[held.labels == CLASSES["danger"].index(NONE)])[::-1]
    return float(harmless[int(false_alarms * len(harmless))]) if len(harmless) else 0.0


def _right(held: HeldOut, scores: Floats) -> float:
    """Whoever reports something is not to hear "none of these": the best of the six counts."""
    none = CLASSES["category"].index(NONE)
    real = held.labels != none
    best = np.delete(scores, none, axis=1).argmax(axis=1)
    return float((best == held.labels)[real].mean()) if real.any() else 0.0


def _found(held: HeldOut, scores: Floats) -> float:
    real = held.labels != CLASSES["danger"].index(NONE)
    alarms = odds(scores) > threshold(held, scores)
    return float(alarms[real].mean()) if real.any() else 0.0
