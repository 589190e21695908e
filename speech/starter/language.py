"""`Gr.fst`: what is likely to be said, a back-off trigram model as an acceptor over word labels.

Estimated from weighted sentences by absolute discounting with Kneser and Ney's counts for the shorter histories. Below
all of it lies a unigram model that leaves room for what nobody thought of: a share of it goes to words as speech in
general has them, another to single characters, one a syllable, so that any sentence can be heard, if only by its sound.
A state is a history of two, one or no words; an arc that reads nothing goes from each history to the shorter one.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from speech.starter.fst import Fst

START, END = "<s>", "</s>"

History = tuple[str, ...]
Counts = dict[History, dict[str, float]]
Sentence = tuple[Sequence[str], float]
"""Words and how many sentences this one stands for."""


@dataclass(frozen=True)
class Smoothing:
    """Chosen on held-out development texts. `pairs`, `triples`: what is taken off every count of a word after one, after
    two words, and up to which count it is dropped altogether. Shares are of the unigrams: `open_share` for single
    characters (of that `open_even` evenly over them), `word_even` evenly over the words, `general` as speech in general
    has the words."""

    pairs: tuple[float, float] = (0.8, 0.0)
    triples: tuple[float, float] = (0.9, 1.5)
    open_share: float = 0.1
    open_even: float = 0.3
    word_even: float = 0.01
    general: float = 0.12


def grammar(
    sentences: Iterable[Sentence],
    words: Sequence[str],
    characters: Mapping[str, float],
    smoothing: Smoothing | None = None,
    general: Mapping[str, float] | None = None,
    rewards: Mapping[str, float] | None = None,
) -> Fst:
    """`words[label]` for label 1 on; words in neither `sentences` nor `characters` get their even share.

    `characters`: those of the open syllable loop, with how often each is met. `general`: the share of words in speech
    at large. `rewards`: what the graph of words (`graph.word_graph`) gives for a word, taken back here. Raises ValueError for a sentence with a word that isn't in `words`.
    """
    smoothing = smoothing or Smoothing()
    labels = {word: label for label, word in enumerate(words) if label}
    counts = _counts(sentences, labels)
    kept, totals = _discounted(counts, smoothing)
    unigrams = _unigrams(counts[()], labels, characters, general or {}, smoothing)
    return _Acceptor(kept, totals, unigrams, labels, rewards or {}).fst


def _counts(sentences: Iterable[Sentence], labels: Mapping[str, int]) -> Counts:
    """How often each word follows each history of two words (at the beginning: of one), sentences by their weights."""
    counts: Counts = defaultdict(lambda: defaultdict(float))
    for sentence, weight in sentences:
        if unknown := [word for word in sentence if word not in labels]:
            raise ValueError(f"{unknown[0]!r} in a sentence is not in the vocabulary")
        padded = (START, *sentence, END)
        for place in range(1, len(padded)):
            counts[padded[max(0, place - 2) : place]][padded[place]] += weight
    return counts


def _discounted(counts: Counts, smoothing: Smoothing) -> tuple[Counts, dict[History, float]]:
    """What is left of the counts after the discount, by history, and how much each history had.

    What is taken off counts in the shorter history, so that this one tells what comes where the longer fails (Kneser, Ney
    1995): digits are said often, but hardly ever where the words before don't announce them.
    """
    kept: Counts = {}
    totals: dict[History, float] = {}
    for length, discount, least in ((2, *smoothing.triples), (1, *smoothing.pairs)):
        for history in [history for history in counts if len(history) == length]:
            found = counts[history]
            following = {
                word: count - discount for word, count in found.items() if count > max(least, discount)
            }
            for word, count in found.items():
                counts[history[1:]][word] += count - following.get(word, 0.0)
            if following:
                kept[history], totals[history] = following, sum(found.values())
    return kept, totals


def _unigrams(
    seen: Mapping[str, float],
    labels: Mapping[str, int],
    characters: Mapping[str, float],
    general: Mapping[str, float],
    smoothing: Smoothing,
) -> dict[str, float]:
    """The probability of every word and of the end."""
    closed = [word for word in labels if word not in characters] + [END]
    total, weight = sum(seen.values()) or 1.0, sum(characters.values()) or 1.0
    even, share = smoothing.word_even, smoothing.open_share if characters else 0.0
    at_large = smoothing.general if general else 0.0
    out = dict.fromkeys(labels, 0.0) | {END: 0.0}
    for word in closed:
        out[word] += (1 - share) * even / len(closed)
    for word, count in seen.items():
        out[word] += (1 - share) * (1 - even - at_large) * count / total
    for word, frequency in general.items():
        out[word] += (1 - share) * at_large * frequency
    spread = smoothing.open_even / max(1, len(characters))
    for character, frequency in characters.items():
        out[character] += share * ((1 - smoothing.open_even) * frequency / weight + spread)
    return out


class _Acceptor:
    def __init__(
        self,
        kept: Counts,
        totals: Mapping[History, float],
        unigrams: Mapping[str, float],
        labels: Mapping[str, int],
        rewards: Mapping[str, float],
    ) -> None:
        self.fst = Fst()
        self._labels, self._rewards = labels, rewards
        histories = sorted(kept, key=lambda history: (len(history), history))
        self._states = {history: self.fst.add_state() for history in ((), *histories)}
        self.fst.start = self._states[self._longest((START,))]
        probabilities: dict[History, Mapping[str, float]] = {(): unigrams}
        self._arcs((), unigrams)
        for history in histories:
            shorter = self._longest(history[1:])
            left = 1 - sum(kept[history].values()) / totals[history]
            self.fst.add_arc(self._states[history], 0, 0, -math.log(left), self._states[shorter])
            probabilities[history] = own = {
                word: count / totals[history] + left * probabilities[shorter].get(word, 0.0)
                for word, count in kept[history].items()
            }
            self._arcs(history, own)
        self.fst.sort_by_input()

    def _arcs(self, history: History, probabilities: Mapping[str, float]) -> None:
        state = self._states[history]
        for word, probability in probabilities.items():
            if probability <= 0:
                continue
            cost = -math.log(probability)
            if word == END:
                self.fst.finals[state] = cost
            else:
                label, target = self._labels[word], self._longest((*history[-1:], word))
                cost += self._rewards.get(word, 0.0)
                self.fst.add_arc(state, label, label, cost, self._states[target])

    def _longest(self, history: History) -> History:
        """The longest history that has a state of its own."""
        while history not in self._states:
            history = history[1:]
        return history
