"""Multinomial logistic regression over sparse features, with L2: small enough for numpy. Deterministic.

The cost is convex, so L-BFGS (Nocedal & Wright, Numerical Optimization, algorithm 7.4) finds its one minimum.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_MEMORY = 8
_ENOUGH = 1e-4
"""Stop when the cost falls by less than this share of itself."""
_SMALLEST_STEP = 1e-4


@dataclass(frozen=True)
class Sparse:
    """`values[i]` stands in row `rows[i]`, column `columns[i]` of a matrix of `shape`."""

    rows: Ints
    columns: Ints
    values: Floats
    shape: tuple[int, int]

    def times(self, weights: Floats) -> Floats:
        """[rows, classes] from [columns, classes]."""
        found = [
            np.bincount(self.rows, weights[self.columns, at] * self.values, minlength=self.shape[0])
            for at in range(weights.shape[1])
        ]
        return np.stack(found, axis=1)

    def transposed_times(self, errors: Floats) -> Floats:
        """[columns, classes] from [rows, classes]."""
        found = [
            np.bincount(self.columns, errors[self.rows, at] * self.values, minlength=self.shape[1])
            for at in range(errors.shape[1])
        ]
        return np.stack(found, axis=1)


def sparse(lines: Sequence[Sequence[int]], scales: Sequence[float], columns: Floats) -> Sparse:
    """One row for each of `lines`, which names its columns; the values are the row's scale times the column's."""
    lengths = [len(line) for line in lines]
    where = np.fromiter((at for line in lines for at in line), dtype=np.int64, count=sum(lengths))
    rows = np.repeat(np.arange(len(lines)), lengths)
    values = np.repeat(np.asarray(scales, dtype=np.float64), lengths) * columns[where]
    return Sparse(rows, where, values, (len(lines), len(columns)))


def soft_maximum(scores: Floats) -> Floats:
    """Probabilities of each row."""
    grown = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = grown / grown.sum(axis=1, keepdims=True)
    return shares


def fit(
    data: Sparse, labels: Ints, importance: Floats, classes: int, *, l2: float, steps: int = 60
) -> tuple[Floats, Floats]:
    """Weights [columns, classes] and biases [classes]; `importance`: how much each row counts."""
    wanted = np.eye(classes)[labels]
    size = data.shape[1] * classes

    def cost(at: Floats) -> tuple[float, Floats]:
        weights, bias = at[:size].reshape(-1, classes), at[size:]
        chances = soft_maximum(data.times(weights) + bias)
        loss = -(importance * np.log((chances * wanted).sum(axis=1) + 1e-12)).sum()
        errors = (chances - wanted) * importance[:, None]
        slope = data.transposed_times(errors) + l2 * weights
        return float(loss + l2 / 2 * (weights**2).sum()), np.concatenate([slope.ravel(), errors.sum(axis=0)])

    found = _minimum(cost, np.zeros(size + classes), steps)
    return found[:size].reshape(-1, classes), found[size:]


def _minimum(cost: Callable[[Floats], tuple[float, Floats]], at: Floats, steps: int) -> Floats:
    value, slope = cost(at)
    moves: list[tuple[Floats, Floats]] = []
    for _ in range(steps):
        direction = _direction(slope, moves)
        step, fall = 1.0, float(slope @ direction)
        while True:
            there = at - step * direction
            new_value, new_slope = cost(there)
            if new_value <= value - 1e-4 * step * fall or step < _SMALLEST_STEP:
                break
            step /= 2
        if new_value >= value:
            break
        move = (there - at, new_slope - slope)
        if float(move[0] @ move[1]) > 0:
            moves = [*moves, move][-_MEMORY:]
        done = value - new_value < _ENOUGH * abs(value)
        at, value, slope = there, new_value, new_slope
        if done:
            break
    return at


def _direction(slope: Floats, moves: list[tuple[Floats, Floats]]) -> Floats:
    """Along which the cost falls: the slope bent by what the last moves told about its curvature."""
    if not moves:
        gentle: Floats = slope / (np.sqrt(np.abs(slope).sum()) + 1)
        return gentle
    bent, shares = slope.copy(), []
    for moved, changed in reversed(moves):
        share = float(moved @ bent) / float(moved @ changed)
        shares.append(share)
        bent -= share * changed
    moved, changed = moves[-1]
    bent *= float(moved @ changed) / float(changed @ changed)
    for (moved, changed), share in zip(moves, reversed(shares), strict=True):
        bent += (share - float(changed @ bent) / float(moved @ changed)) * moved
    return bent
