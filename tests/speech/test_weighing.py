"""What learned weights make of a text: on weights learned here from a few made sentences."""

from itertools import product

import pytest

from speech.confusions import confusions
from speech.weighing import NONE, Weights, features, folding, weigh
from speech.weights_training import Example, train

THINGS = {
    "repairs": ("路灯", "水管", "门锁"),
    "culture": ("合唱", "书法", "太极"),
    "care": ("护工", "送药", "陪诊"),
}
ASKED = ("的事情", "想问问", "谁来管", "在哪里")
DANGERS = ("着火", "昏迷", "救命")


def made() -> list[Example]:
    """Things and ways to ask in all combinations; the last way to ask is not in it for 水管, 书法 and 送药."""
    calm = [
        Example(thing + asked, category, NONE)
        for category, things in THINGS.items()
        for thing, asked in product(things, ASKED)
        if not (thing in ("水管", "书法", "送药") and asked == ASKED[-1])
    ]
    return calm + [Example(word + asked, NONE, "119") for word, asked in product(DANGERS, ASKED)]


@pytest.fixture(scope="module")
def weights() -> Weights:
    return train(made(), confusions(), {"category": 1.0, "danger": 1.0})


@pytest.mark.parametrize(
    ("text", "category"), [("水管在哪里", "repairs"), ("书法在哪里", "culture"), ("送药在哪里", "care")]
)
def test_a_sentence_that_was_not_learned_gets_the_category_of_its_words(
    weights: Weights, text: str, category: str
) -> None:
    found = weigh(text, weights, "category")
    assert found.best == category
    assert found.chances()[category] > 0.5
    assert sum(found.chances().values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("said", "heard"),
    [("路灯在哪里", "鹿登在那里"), ("书法在哪里", "苏发在哪里"), ("陪诊的事情", "培整的事情")],
)
def test_a_text_that_sounds_alike_gets_the_same_category(weights: Weights, said: str, heard: str) -> None:
    assert weigh(heard, weights, "category").best == weigh(said, weights, "category").best


def test_danger_is_told_from_what_is_none(weights: Weights) -> None:
    assert weigh("着火在哪里", weights, "danger").odds() > 0 > weigh("书法在哪里", weights, "danger").odds()
    assert weigh("着火在哪里", weights, "danger").best == "119"


def test_the_words_that_weighed_most_are_named_strongest_first(weights: Weights) -> None:
    words = weigh("水管在哪里", weights, "category").words
    assert any("水" in word or "管" in word for word, _ in words)
    assert all(word in "水管在哪里" for word, _ in words)
    assert [weight for _, weight in words] == sorted((weight for _, weight in words), reverse=True)


@pytest.mark.parametrize("text", ["", "，，", "🙂\x00", "abc", "\ud800"])
def test_a_text_that_says_nothing_gets_the_scores_of_no_text(weights: Weights, text: str) -> None:
    assert weigh(text, weights, "category").scores == weigh("", weights, "category").scores
    assert weigh(text, weights, "category").words == ()


def test_sounds_that_accents_mix_up_are_one_feature_and_others_are_not() -> None:
    fold = folding(confusions())
    assert fold["zhen"] == fold["zeng"]
    assert fold["nan"] == fold["lan"]
    assert fold["ba"] != fold["ma"]
    assert set(features("难")) & set(features("蓝")) == {f"/{fold['nan']}/"}


def test_pieces_do_not_reach_over_the_end_of_a_clause() -> None:
    assert "灯，" not in features("路灯，坏了")
    assert "灯坏" not in features("路灯，坏了")
