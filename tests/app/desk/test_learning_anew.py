"""Weights made anew with a community's examples: before and after on the same texts."""

from app.desk.learning import learn
from speech.confusions import confusions
from speech.weighing import NONE, weigh
from speech.weights_training import Example
from tests.speech.test_weighing import made


def added(category: str) -> list[Example]:
    return [
        Example(f"打腰鼓{word}", category, NONE, added=True, speaker=who)
        for who, word in enumerate("好吗呢呀哟啦")
    ]


def test_what_a_community_adds_is_learned_and_shown_as_better() -> None:
    steps: list[tuple[int, int]] = []
    learned = learn(
        [*made(), *added("culture")], confusions(), {"a.tsv": "00"}, step=lambda *n: steps.append(n)
    )
    assert learned.after.category > learned.before.category
    assert learned.worse == []
    assert weigh("打腰鼓", learned.weights, "category").best == "culture"
    assert steps[-1][0] == steps[-1][1] == len(steps)
    assert "a.tsv sha256 00" in learned.weights.notes


def test_wrong_corrections_are_told_as_worse() -> None:
    confusing = [
        Example(example.text + "呀", "mediation", NONE, added=True)
        for example in made()
        if example.category == "repairs"
    ] * 3
    right = [example for example in made() if example.category == "repairs"]
    learned = learn([*made(), *right, *confusing], confusions(), {})
    assert learned.added == len(confusing)
    assert learned.before.category != learned.after.category


def test_without_additions_before_is_after() -> None:
    learned = learn(made(), confusions(), {})
    assert learned.before == learned.after
    assert learned.added == 0
