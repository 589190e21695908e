"""Learning the weights: what is learned, that it repeats itself, and that its figures are of texts it never saw."""

from dataclasses import replace

import numpy as np
import pytest

from speech.confusions import confusions
from speech.weighing import NONE, weigh
from speech.weights_figures import Figures, figures, odds, threshold
from speech.weights_file import weights_text
from speech.weights_training import FOLDS, Example, HeldOut, cross_validate, heat, train
from tests.speech.test_weighing import made

CALM = {"category": 1.0, "danger": 1.0}


def test_the_same_examples_give_the_same_file() -> None:
    first, second = (weights_text(train(made(), confusions(), CALM)) for _ in range(2))
    assert first == second


def test_what_nobody_labelled_teaches_nothing_about_it() -> None:
    unlabelled = [Example(f"鸭子{word}", danger=NONE) for word in ("来了", "走了", "叫了")]
    weights = train([*made(), *unlabelled], confusions(), CALM)
    assert not weights.category[weights.rows["鸭子"]].any()


def test_every_text_is_scored_once_by_a_model_that_never_saw_it() -> None:
    """Each text stands there twice and has nothing in common with another: known by heart, or not at all."""
    labels = {"care": "abcdefgh", "culture": "ijklmnop"}
    unlike = [
        Example(char, category, NONE) for category, chars in labels.items() for char in chars for _ in (1, 2)
    ]
    weights = train(unlike, confusions(), CALM)
    assert all(weigh(example.text, weights, "category").best == example.category for example in unlike)
    held = cross_validate(unlike, "category", confusions())
    assert held.written.shape == held.heard.shape == (32, 7)
    assert len(np.unique(held.written.round(9), axis=0)) <= FOLDS


def test_phrases_teach_but_are_not_asked_about() -> None:
    phrases = [replace(example, counted=False) for example in made()]
    held = cross_validate([*phrases, Example("水管在哪里", "repairs", NONE)], "category", confusions())
    assert [example.text for example in held.examples] == ["水管在哪里"]
    assert held.written[0].argmax() == 0


def test_without_what_was_added_the_same_texts_are_asked_and_fewer_known() -> None:
    added = [
        Example(f"打腰鼓{word}", "culture", NONE, added=True, speaker=who)
        for who, word in enumerate("好吗呢呀哟啦")
    ]
    found = [
        cross_validate([*made(), *added], "category", confusions(), with_added=on) for on in (True, False)
    ]
    with_them, without = (
        (held.written.argmax(axis=1) == held.labels)[-len(added) :].mean() for held in found
    )
    assert [example.text for example in found[0].examples] == [example.text for example in found[1].examples]
    assert with_them == 1.0 > without


def test_what_few_residents_say_is_not_in_the_file_however_often_they_say_it() -> None:
    def taught(speakers: tuple[int | None, ...]) -> str:
        said = [
            Example(f"找聂桂芝{n}", "care", NONE, added=True, speaker=speakers[n % len(speakers)])
            for n in range(12)
        ]
        return weights_text(train([*made(), *said], confusions(), CALM))

    for few in ((1, 2, 3, 4), (None,)):
        assert not any(piece in taught(few) for piece in ("聂", "桂芝", "gui zi"))
    assert "桂芝\t" in taught((1, 2, 3, 4, 5))


def held_out(scores: list[list[float]], labels: list[str]) -> HeldOut:
    array = np.array(scores)
    return HeldOut("danger", [Example("话", danger=label) for label in labels], array, array)


def test_scores_that_are_too_sure_are_cooled_down() -> None:
    sure = held_out([[6.0, 0, 0, 0]] * 4, [NONE, NONE, "119", "119"])
    right = held_out([[1.0, 0, 0, 0]] * 20, [NONE] * 20)
    assert heat(sure) > 1 > heat(right)


def test_the_threshold_lets_no_more_than_the_given_share_of_the_harmless_through() -> None:
    scores = [[0.0, value, 0, 0] for value in range(10)]
    held = held_out([*scores, [0.0, 8.5, 0, 0]], [NONE] * 10 + ["119"])
    at = threshold(held, held.written, 0.1)
    assert (odds(held.written)[:10] > at).sum() == 1
    assert odds(held.written)[10] > at


def test_figures_say_what_became_worse() -> None:
    category = replace(
        held_out([[3.0, 0, 0, 0, 0, 0, 0]] * 3, ["x"] * 3),
        kind="category",
        examples=[Example("话", "repairs")] * 3,
    )
    danger = held_out([[0.0, 5, 0, 0], [5.0, 0, 0, 0]], ["119", NONE])
    good = figures(category, danger)
    bad = figures(replace(category, heard=-category.heard), danger)
    assert good.category == (1.0, 1.0)
    assert good.danger == (1.0, 1.0)
    assert bad.worse_than(good) == ["category, misheard: 0.0% < 100.0%"]
    assert good.worse_than(bad) == good.worse_than(good) == []


def test_one_text_more_or_less_is_not_called_worse() -> None:
    before = Figures(
        category=(0.9, 0.9), category_count=100, danger=(0.9, 0.9), danger_count=1000, harmless_count=1000
    )
    one_text = replace(before, category=(0.89, 0.9))
    two_texts = replace(before, category=(0.88, 0.9))
    six_of_a_thousand = replace(before, danger=(0.9, 0.894))
    five_of_a_thousand = replace(before, danger=(0.9, 0.8955))
    assert one_text.worse_than(before) == five_of_a_thousand.worse_than(before) == []
    assert two_texts.worse_than(before) == ["category, written: 88.0% < 90.0%"]
    assert six_of_a_thousand.worse_than(before) == ["danger, misheard: 89.4% < 90.0%"]


@pytest.mark.parametrize("examples", [[], [Example("路灯坏了", "repairs", NONE)]])
def test_too_few_examples_give_weights_that_decide_nothing(examples: list[Example]) -> None:
    weights = train(examples, confusions(), CALM)
    assert weigh("路灯坏了", weights, "danger").best in ("none", "119", "120", "110")
