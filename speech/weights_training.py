"""Learns the weights of `speech.weighing` from labelled texts, and says by cross-validation how good they are.

Numpy only, no chance but seeded chance: the same examples give the same file. Phrases count as short texts of their
category; misheard copies of the utterances teach what a bad line does to them.
"""

import random
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from speech.confusions import Confusions
from speech.logistic import Floats, Ints, Sparse, fit, soft_maximum, sparse
from speech.mishearing import misheard
from speech.weighing import CLASSES, NONE, Weights, features, scale

FOLDS = 5
HEARD_WRONG = 0.15
"""Share of syllables wrong in the misheard copies: what a bad telephone line costs."""
_COPY = 0.5
_L2 = {"category": 0.05, "danger": 0.15}
"""Of danger there are fewer examples."""
_LEAST_TEXTS = 2
"""A feature of a single text is known by heart, not learned."""
_LEAST_SPEAKERS = 5
"""Of a community's own examples. What fewer people say may be a name, and who is erased must not live on in the file."""
_KEPT = 8000
"""Features in the file: below 400 kB. Those with the smallest weights say next to nothing."""
_SEED = 20261122
_HEATS = np.exp(np.linspace(np.log(0.4), np.log(2.5), 43))

Step = Callable[[int, int], None]


@dataclass(frozen=True)
class Example:
    """A prepared text (normalised, plain words, address removed). None: nobody has labelled that.

    `importance` beside a labelled utterance (1). `counted`: an utterance, so cross-validation asks about it; phrases
    and other helps only teach. `added`: a community's own, beside what comes with the product; `speaker` then tells
    its residents apart (None: nobody knows who it was, all such count as one). `heard`: what a recogniser really made of
    it, prepared alike; where nobody has tried, errors are made up.
    """

    text: str
    category: str | None = None
    danger: str | None = None
    importance: float = 1.0
    counted: bool = True
    added: bool = False
    speaker: int | None = None
    heard: str | None = None

    def label(self, kind: str) -> str | None:
        return self.category if kind == "category" else self.danger


@dataclass(frozen=True)
class HeldOut:
    """Scores [counted examples of that kind, classes] by models that never saw the text's fold."""

    kind: str
    examples: list[Example]
    written: Floats
    heard: Floats

    @property
    def labels(self) -> Ints:
        names = CLASSES[self.kind]
        return np.array([names.index(example.label(self.kind) or NONE) for example in self.examples])


def train(
    examples: Sequence[Example],
    table: Confusions,
    heats: "dict[str, float]",
    *,
    notes: Iterable[str] = (),
    step: Step = lambda done, total: None,
) -> Weights:
    """`heats`: by kind, what the scores are divided by so that they are calibrated (`heat` of `cross_validate`)."""
    fitted = {}
    for number, kind in enumerate(CLASSES):
        mine = [example for example in examples if example.label(kind) is not None]
        prepared = _Prepared(kind, mine, table)
        vocabulary, weights, bias = prepared.learn(range(len(mine)))
        fitted[kind] = vocabulary, weights / heats[kind], bias / heats[kind]
        step(number + 1, len(CLASSES))
    return replace(_joined(fitted), notes=tuple(notes))


def cross_validate(
    examples: Sequence[Example],
    kind: str,
    table: Confusions,
    *,
    with_added: bool = True,
    step: Step = lambda done, total: None,
) -> HeldOut:
    """Every counted text is scored by a model that saw the other four fifths (and all phrases); also misheard.

    Without `with_added` the same texts are asked about, but those that a community added don't teach.
    """
    mine = [example for example in examples if example.label(kind) is not None]
    prepared = _Prepared(kind, mine, table)
    asked = [at for at, example in enumerate(mine) if example.counted]
    place = {at: row for row, at in enumerate(asked)}
    found = np.zeros((2, len(asked), len(CLASSES[kind])))
    for fold in range(FOLDS):
        held = [at for at in asked if _fold(mine[at].text) == fold]
        taught = [
            at
            for at, example in enumerate(mine)
            if (not example.counted or _fold(example.text) != fold) and (with_added or not example.added)
        ]
        vocabulary, weights, bias = prepared.learn(taught)
        for which, texts in enumerate((prepared.written, prepared.asked)):
            data = _matrix([texts[at] for at in held], vocabulary, kind)
            found[which, [place[at] for at in held]] = data.times(weights) + bias
        step(fold + 1, FOLDS)
    return HeldOut(kind, [mine[at] for at in asked], found[0], found[1])


def heat(held: HeldOut) -> float:
    """By what the held-out scores must be divided to be probabilities (temperature scaling, Guo et al. 2017).

    Written and misheard texts alike: a call gives the one, a text message the other.
    """
    labels = np.concatenate([held.labels, held.labels])
    scores = np.concatenate([held.written, held.heard])

    def surprise(by: float) -> float:
        chances = soft_maximum(scores / by)[np.arange(len(labels)), labels]
        return float(-np.log(chances + 1e-12).sum())

    return float(min(_HEATS, key=surprise)) if len(labels) else 1.0


class _Prepared:
    """The features of every text and of its misheard copies, made once for all folds."""

    def __init__(self, kind: str, examples: Sequence[Example], table: Confusions) -> None:
        self.kind = kind
        self.examples = examples
        self.written = [list(features(example.text, table)) for example in examples]
        self.taught: list[list[str] | None] = []
        self.asked: list[list[str]] = []
        for example, pieces in zip(examples, self.written, strict=True):
            if not example.counted:
                self.taught.append(None)
                self.asked.append(pieces)
                continue
            seed = zlib.crc32(example.text.encode()) ^ _SEED
            copies = [
                list(features(text, table))
                for text in (
                    example.heard or misheard(example.text, HEARD_WRONG, random.Random(seed + 1), table),
                    example.heard or misheard(example.text, HEARD_WRONG, random.Random(seed + 2), table),
                )
            ]
            self.taught.append(copies[0])
            self.asked.append(copies[1])
        self.private = self._of_few()

    def _of_few(self) -> set[str]:
        """Features that only a community's own examples have, and of fewer than `_LEAST_SPEAKERS` residents."""
        ours: set[str] = set()
        speakers: dict[str, set[int | None]] = {}
        for example, pieces, copy in zip(self.examples, self.written, self.taught, strict=True):
            for feature in (*pieces, *(copy or ())):
                if example.added:
                    speakers.setdefault(feature, set()).add(example.speaker)
                else:
                    ours.add(feature)
        return {f for f, who in speakers.items() if f not in ours and len(who) < _LEAST_SPEAKERS}

    def learn(self, chosen: Iterable[int]) -> tuple[dict[str, int], Floats, Floats]:
        """Feature → row, weights, biases."""
        names = CLASSES[self.kind]
        texts: list[list[str]] = []
        labels: list[int] = []
        importance: list[float] = []
        counts: Counter[str] = Counter()
        for at in chosen:
            example = self.examples[at]
            copy = self.taught[at]
            for pieces, share in ((self.written[at], 1.0), *(((copy, _COPY),) if copy is not None else ())):
                texts.append(pieces)
                labels.append(names.index(example.label(self.kind) or NONE))
                importance.append(example.importance * share)
            counts.update({*self.written[at], *(copy or ())})
        kept = sorted(
            feature
            for feature, count in counts.items()
            if count >= _LEAST_TEXTS and feature not in self.private
        )
        vocabulary = {feature: row for row, feature in enumerate(kept)}
        # Rare features must not pay more for the same weight than common ones (as in tf–idf, its root)
        rarity = (
            np.sqrt(np.log((len(texts) + 1) / np.array([counts[feature] for feature in kept], dtype=float)))
            / 2
        )
        data = _matrix(texts, vocabulary, self.kind, rarity)
        weights, bias = fit(
            data,
            np.array(labels, dtype=np.int64),
            np.array(importance, dtype=float),
            len(names),
            l2=_L2[self.kind],
        )
        return vocabulary, weights * rarity[:, None], bias


def _matrix(
    texts: Sequence[Sequence[str]], vocabulary: dict[str, int], kind: str, columns: Floats | None = None
) -> Sparse:
    lines = [[vocabulary[piece] for piece in pieces if piece in vocabulary] for pieces in texts]
    scales = [scale(len(pieces), kind) for pieces in texts]
    return sparse(lines, scales, np.ones(len(vocabulary)) if columns is None else columns)


def _fold(text: str) -> int:
    """By the text itself, so that the same words never stand on both sides."""
    return zlib.crc32(text.encode()) % FOLDS


def _joined(fitted: "dict[str, tuple[dict[str, int], Floats, Floats]]") -> Weights:
    """Both models over one list of features, those that say most."""
    strength: dict[str, float] = {}
    for vocabulary, weights, _ in fitted.values():
        spread = weights.max(axis=1) - weights.min(axis=1) if len(vocabulary) else np.zeros(0)
        for feature, row in vocabulary.items():
            strength[feature] = max(strength.get(feature, 0.0), float(spread[row]))
    kept = sorted(sorted(strength, key=lambda f: (-round(strength[f], 6), f))[:_KEPT])
    rows = {feature: row for row, feature in enumerate(kept)}
    matrices = {}
    for kind, (vocabulary, weights, _) in fitted.items():
        matrix = np.zeros((len(kept), len(CLASSES[kind])), dtype=np.float32)
        for feature, row in rows.items():
            if feature in vocabulary:
                # Only differences between classes count: centred they are smaller to write
                mine = weights[vocabulary[feature]]
                matrix[row] = mine - mine.mean()
        matrices[kind] = matrix
    biases = {kind: (bias - bias.mean()).astype(np.float32) for kind, (_, _, bias) in fitted.items()}
    return Weights(rows, matrices["category"], matrices["danger"], biases["category"], biases["danger"])
