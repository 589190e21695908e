"""Learned weights made anew from phrases and examples, and whether they are better than without the added ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from speech.confusions import Confusions
from speech.weighing import CLASSES, Weights
from speech.weights_figures import Figures, figures
from speech.weights_training import Example, cross_validate, heat, train

Step = Callable[[int, int], None]
ROUNDS = 5


@dataclass(frozen=True)
class Learned:
    """`before`: without what the community added, asked about the same texts; `after`: with it."""

    weights: Weights
    before: Figures
    after: Figures
    added: int

    @property
    def worse(self) -> list[str]:
        return self.after.worse_than(self.before)


def learn(
    examples: Sequence[Example],
    table: Confusions,
    sources: dict[str, str],
    *,
    step: Step = lambda done, total: None,
) -> Learned:
    """`sources`: file → SHA-256, for the file's head. Steps: folds of cross-validation and fits, a few seconds each."""
    added = sum(example.added for example in examples)
    total = len(CLASSES) * ROUNDS * (2 if added else 1) + len(CLASSES)
    done = 0

    def one(_: int, __: int) -> None:
        nonlocal done
        done += 1
        step(done, total)

    after = {kind: cross_validate(examples, kind, table, step=one) for kind in CLASSES}
    before = after
    if added:
        before = {kind: cross_validate(examples, kind, table, with_added=False, step=one) for kind in CLASSES}
    found = figures(after["category"], after["danger"])
    notes = _notes(examples, sources, found, added)
    heats = {kind: heat(held) for kind, held in after.items()}
    weights = train(examples, table, heats, notes=notes, step=one)
    return Learned(weights, figures(before["category"], before["danger"]), found, added)


def _notes(examples: Sequence[Example], sources: dict[str, str], found: Figures, added: int) -> list[str]:
    asked = sum(example.counted for example in examples)
    return [
        "学来的分量：文字和声音的片段各说明什么。由 jiachang learn train 做出，不要手改；改了说法文件以后重做一次。",
        "Learned weights, hundredths of a natural logarithm; made by `jiachang learn train`, not to be edited.",
        f"From {asked} labelled utterances ({added} of the community's own) and {len(examples) - asked} phrases.",
        *(f"{name} sha256 {digest}" for name, digest in sources.items()),
        "Cross-validated in five folds on the utterances, these weights alone, without the rules:",
        *found.lines(),
    ]
