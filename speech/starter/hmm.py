"""Hidden Markov models of the phones, and the numbers ("transition ids") that decoding graphs name their arcs by.

Every phone is a line of one or more emitting states; each may stay (self-loop) or go on. Kaldi numbers the triples
(phone, state, pdf) in sorted order, k = 1, 2 …; then 2k − 1 is the self-loop and 2k the way on (with the state's
transitions listed in that order, see `_topology` in acoustic.py).
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

STAY = 0.5
"""Probability of a self-loop: the net's scores and the words' costs decide, durations don't."""


class State(NamedTuple):
    """Transition ids of one emitting state."""

    forward: int
    loop: int


@dataclass(frozen=True)
class Hmm:
    """`pdfs[phone]`: the net's output for each state; phone 0 is epsilon and has none."""

    pdfs: Sequence[tuple[int, ...]]
    triples: tuple[tuple[int, int, int], ...] = field(init=False)
    _states: tuple[tuple[State, ...], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.pdfs[0]:
            raise ValueError("phone 0 is epsilon and can have no states")
        triples = [
            (phone, state, pdf) for phone, pdfs in enumerate(self.pdfs) for state, pdf in enumerate(pdfs)
        ]
        numbers = itertools.count(1)
        states = tuple(
            tuple(State(2 * k, 2 * k - 1) for k in itertools.islice(numbers, len(p))) for p in self.pdfs
        )
        object.__setattr__(self, "triples", tuple(triples))
        object.__setattr__(self, "_states", states)

    def states(self, phone: int) -> tuple[State, ...]:
        return self._states[phone]

    @property
    def phones(self) -> range:
        return range(1, len(self.pdfs))

    @property
    def transition_ids(self) -> int:
        """The highest transition id."""
        return 2 * len(self.triples)

    def log_probabilities(self) -> list[float]:
        """Index = transition id; 0 is no transition."""
        return [0.0, *[math.log(STAY), math.log(1 - STAY)] * len(self.triples)]
