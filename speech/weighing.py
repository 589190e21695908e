"""Learned weighing of evidence: what the pieces of a text say for a category and for danger. Pure.

Beside the phrases, which somebody thought of, stands what many labelled utterances have in common. A text's features
are its pieces of one and two characters, and of one and two syllables with everything folded together that accents
and recognisers mix up, so that a misheard text keeps most of them; and the groups of meaning that its words belong
to. Each feature has a weight for each class (multinomial logistic regression, trained by `speech.weights_training`);
a text's scores are their sum, in natural logarithms of odds, divided by a root of how many features it has: a long
story isn't surer than a short one.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from speech.confusions import Confusions, confusions
from speech.normal import BREAK
from speech.pinyin import toned_readings
from speech.senses import sense_features

NONE = "none"
"""No category, no danger."""
CATEGORY_CLASSES = ("repairs", "livelihood", "environment", "mediation", "care", "culture", NONE)
DANGER_CLASSES = (NONE, "119", "120", "110")
CLASSES: Mapping[str, tuple[str, ...]] = {"category": CATEGORY_CLASSES, "danger": DANGER_CLASSES}
LONGEST = 2
"""Characters or syllables of a feature."""
SHRINK: Mapping[str, float] = {"category": 0.5, "danger": 0.25}
"""The exponent of that root. Danger may be one clause of a long text, so length takes less from it."""
_SAME = 0.2
"""Syllables that cost no more than this in `phrases/confusions.toml` are one sound here."""

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Weights:
    """`rows[feature]` is a line of `category` [features, 7] and `danger` [features, 4]; the biases are added once."""

    rows: Mapping[str, int]
    category: Array
    danger: Array
    category_bias: Array
    danger_bias: Array
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Weighed:
    """Scores by class, in natural logarithms; a soft maximum over them gives calibrated probabilities.

    `words`: pieces of the text that speak most for the class with the highest score, and how much, strongest first.
    """

    scores: Mapping[str, float]
    words: tuple[tuple[str, float], ...]

    @property
    def best(self) -> str:
        return max(self.scores, key=lambda code: self.scores[code])

    def chances(self) -> dict[str, float]:
        values = np.array(list(self.scores.values()))
        grown = np.exp(values - values.max())
        return dict(zip(self.scores, (grown / grown.sum()).tolist(), strict=True))

    def odds(self, against: str = NONE) -> float:
        """Natural logarithm of the odds of all other classes together against this one."""
        values = np.array([score for code, score in self.scores.items() if code != against])
        return float(np.logaddexp.reduce(values) - self.scores[against])


def features(text: str, table: Confusions | None = None) -> dict[str, str]:
    """Of a text as `normalise` and `plain` give it: feature → the piece of the text that it was first found in.

    By character they are the piece itself, by sound `/lu den/`; those of meaning are in `speech.senses`.
    """
    sound = _sounds(table or confusions())
    found: dict[str, str] = {}
    for clause in text.split(BREAK):
        said = [sound(char) for char in clause]
        for length in range(1, LONGEST + 1):
            for start in range(len(clause) - length + 1):
                piece = clause[start : start + length]
                found.setdefault(piece, piece)
                found.setdefault(f"/{' '.join(said[start : start + length])}/", piece)
    return found | sense_features(text, [sound(char) for char in text], sound)


def weigh(
    text: str, weights: Weights, kind: str, table: Confusions | None = None, *, shown: int = 3
) -> Weighed:
    """`kind`: category or danger. `shown`: how many pieces to name in `words`."""
    of_category = kind == "category"
    matrix = weights.category if of_category else weights.danger
    bias = weights.category_bias if of_category else weights.danger_bias
    names = CLASSES[kind]
    count, pieces, rows = _known(text, weights, table)
    if not pieces:
        return Weighed(dict(zip(names, bias.tolist(), strict=True)), ())
    lines = matrix.take(rows, axis=0) * np.float32(scale(count, kind))
    scores = lines.sum(axis=0) + bias
    said = _strongest(pieces, lines[:, int(scores.argmax())].tolist(), shown) if shown else ()
    return Weighed(dict(zip(names, scores.tolist(), strict=True)), said)


def _strongest(pieces: Sequence[str], weights: Sequence[float], shown: int) -> tuple[tuple[str, float], ...]:
    mine: dict[str, float] = {}
    for piece, weight in zip(pieces, weights, strict=True):
        mine[piece] = mine.get(piece, 0.0) + weight
    strongest = sorted(mine.items(), key=lambda pair: (-pair[1], pair[0]))[:shown]
    return tuple((piece, round(weight, 2)) for piece, weight in strongest if weight > 0)


@functools.lru_cache(maxsize=64)  # danger and category are weighed one after the other
def _known(text: str, weights: Weights, table: Confusions | None) -> tuple[int, Sequence[str], Sequence[int]]:
    """How many features the text has; of those with a weight the piece and the row."""
    found = features(text, table)
    rows = weights.rows
    known = [(piece, rows[feature]) for feature, piece in found.items() if feature in rows]
    return len(found), [piece for piece, _ in known], [row for _, row in known]


def scale(count: int, kind: str) -> float:
    """By what each feature of a text of `count` features is multiplied."""
    return float(max(count, 1) ** -SHRINK[kind])


@functools.lru_cache(maxsize=4)
def _sounds(table: Confusions) -> "functools._lru_cache_wrapper[str]":
    folded = folding(table)

    @functools.lru_cache(maxsize=8192)
    def sound(char: str) -> str:
        read = toned_readings(char)
        return folded[read[0][0]] if read and read[0][0] in folded else char

    return sound


def folding(table: Confusions) -> dict[str, str]:
    """Toneless syllable → the one that stands for all that sound alike: the shortest, then the first by letters."""
    parent = {syllable: syllable for syllable in table.near}

    def root(syllable: str) -> str:
        while parent[syllable] != syllable:
            syllable = parent[syllable]
        return syllable

    for heard, options in table.near.items():
        for meant, cost in options.items():
            if cost <= _SAME and meant in parent:
                one, other = sorted((root(heard), root(meant)), key=lambda s: (len(s), s))
                parent[other] = one
    return {syllable: root(syllable) for syllable in parent}
