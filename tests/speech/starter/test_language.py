import math

import pytest

from speech.starter.fst import Fst
from speech.starter.language import Sentence, Smoothing, grammar

WORDS = ["<eps>", "路灯", "电梯", "坏了", "灯", "梯"]
SENTENCES: list[Sentence] = [(["路灯", "坏了"], 6.0), (["电梯", "坏了"], 2.0), (["坏了"], 1.0)]
CHARACTERS = {"灯": 3.0, "梯": 1.0}


def cost(fst: Fst, sentence: list[str]) -> float:
    """The cheapest way to say it."""
    labels = [WORDS.index(word) for word in sentence]

    def rest(state: int, place: int) -> float:
        found = [fst.finals[state]] if place == len(labels) else []
        for arc in fst.arcs[state]:
            if arc.input == 0:
                found.append(arc.cost + rest(arc.target, place))
            elif place < len(labels) and arc.input == labels[place]:
                found.append(arc.cost + rest(arc.target, place + 1))
        return min(found, default=math.inf)

    return rest(fst.start, 0)


@pytest.fixture(scope="module")
def model() -> Fst:
    return grammar(SENTENCES, WORDS, CHARACTERS)


def test_what_was_seen_more_often_costs_less(model: Fst) -> None:
    often, seldom = cost(model, ["路灯", "坏了"]), cost(model, ["电梯", "坏了"])
    turned, unseen = cost(model, ["坏了", "路灯"]), cost(model, ["灯", "灯", "梯"])
    assert often < seldom < turned < unseen < math.inf


def test_anything_may_follow_anything(model: Fst) -> None:
    for one in WORDS[1:]:
        for other in WORDS[1:]:
            assert cost(model, [one, other, one]) < math.inf
    assert cost(model, []) < math.inf


def test_probabilities_of_one_word_sentences_are_at_most_one(model: Fst) -> None:
    """Back-off arcs only ever add ways that are dearer: the sum of the cheapest ones stays below one."""
    total = sum(math.exp(-cost(model, [word])) for word in WORDS[1:]) + math.exp(-cost(model, []))
    assert 0 < total < 1


def test_it_is_an_acceptor_sorted_by_label(model: Fst) -> None:
    for arcs in model.arcs:
        assert all(arc.input == arc.output for arc in arcs)
        assert [arc.input for arc in arcs] == sorted(arc.input for arc in arcs)


def test_frequent_characters_cost_less_than_rare_ones(model: Fst) -> None:
    assert cost(model, ["灯"]) < cost(model, ["梯"])


def test_rare_trigrams_are_dropped_and_their_mass_goes_on() -> None:
    sentences = [*SENTENCES, (["路灯", "坏了", "路灯"], 1.0), (["电梯", "坏了", "电梯"], 2.0)]
    small = grammar(sentences, WORDS, CHARACTERS, Smoothing(triples=(0.9, 3)))
    large = grammar(sentences, WORDS, CHARACTERS, Smoothing(triples=(0.9, 0)))
    assert small.arc_count < large.arc_count
    assert cost(small, ["电梯", "坏了", "电梯"]) > cost(large, ["电梯", "坏了", "电梯"])


def test_a_word_outside_the_vocabulary_is_an_error() -> None:
    with pytest.raises(ValueError, match="水管"):
        grammar([(["水管"], 1.0)], WORDS, CHARACTERS)


def test_without_sentences_every_word_has_its_share() -> None:
    fst = grammar([], WORDS, {})
    assert cost(fst, ["路灯"]) == pytest.approx(cost(fst, ["电梯"]))


def test_a_weight_counts_like_so_many_sentences() -> None:
    counted = [([*words], 1.0) for words, weight in SENTENCES for _ in range(round(weight))]
    for sentence in (["路灯", "坏了"], ["坏了", "灯"]):
        assert cost(grammar(counted, WORDS, CHARACTERS), sentence) == pytest.approx(
            cost(grammar(SENTENCES, WORDS, CHARACTERS), sentence)
        )


def test_words_that_no_sentence_has_cost_what_general_speech_says() -> None:
    general = {"灯": 0.5, "电梯": 0.3, "梯": 0.2}
    fst = grammar([(["坏了"], 5.0)], WORDS, {}, general=general)
    assert (
        cost(fst, ["坏了"])
        < cost(fst, ["灯"])
        < cost(fst, ["电梯"])
        < cost(fst, ["梯"])
        < cost(fst, ["路灯"])
    )


def test_what_is_only_said_after_one_word_is_not_expected_after_others() -> None:
    """电梯 and 路灯 are equally frequent, but 路灯 was met after three different words and 电梯 after one."""
    sentences: list[Sentence] = [
        (["灯", "电梯"], 9.0),
        *(([word, "路灯"], 3.0) for word in ("灯", "梯", "坏了")),
    ]
    fst = grammar(sentences, WORDS, {})
    assert cost(fst, ["电梯", "路灯"]) < cost(fst, ["路灯", "电梯"])
