import math

import pytest

from speech.starter.fst import Fst, reachable
from speech.starter.graph import Costs, Unknown, word_graph
from speech.starter.graph import static_graph as composed
from speech.starter.hmm import Hmm, State
from speech.starter.language import Sentence, grammar

SIL, D, A, E, B = 1, 2, 3, 4, 5
HMM = Hmm([(), (0,), (1,), (2, 3), (4, 5), (6,)])
LEXICON = [("大", (D, A)), ("打", (D, A)), ("弟", (D, E)), ("八", (B, A)), ("霸", (B, A))]


def spell(fst: Fst, transitions: list[int]) -> dict[tuple[int, ...], float]:
    """What a graph can write while it reads exactly these transition ids to the end, and at what cost."""
    best: dict[tuple[int, tuple[int, ...]], float] = {(fst.start, ()): 0.0}

    def silent(found: dict[tuple[int, tuple[int, ...]], float]) -> dict[tuple[int, tuple[int, ...]], float]:
        waiting = list(found)
        while waiting:
            state, words = waiting.pop()
            for arc in fst.arcs[state]:
                if arc.input == 0:
                    key = (arc.target, (*words, arc.output) if arc.output else words)
                    cost = found[state, words] + arc.cost
                    if cost < found.get(key, math.inf) - 1e-9:
                        found[key] = cost
                        waiting.append(key)
        return found

    best = silent(best)
    for transition in transitions:
        after: dict[tuple[int, tuple[int, ...]], float] = {}
        for (state, words), cost in best.items():
            for arc in fst.arcs[state]:
                if arc.input == transition:
                    key = (arc.target, (*words, arc.output) if arc.output else words)
                    after[key] = min(after.get(key, math.inf), cost + arc.cost)
        best = silent(after)
    out: dict[tuple[int, ...], float] = {}
    for (state, words), cost in best.items():
        if fst.finals[state] < math.inf:
            out[words] = min(out.get(words, math.inf), cost + fst.finals[state])
    return out


def through(*phones: int, stay: int = 0) -> list[int]:
    """The transition ids of phones, each state entered and repeated `stay` times."""
    return [
        transition
        for phone in phones
        for forward, loop in HMM.states(phone)
        for transition in (forward, *[loop] * stay)
    ]


def test_transition_ids_count_the_states_in_order() -> None:
    assert HMM.states(SIL) == (State(2, 1),)
    assert HMM.states(A) == (State(6, 5), State(8, 7))
    assert HMM.transition_ids == 2 * len(HMM.triples) == 14
    assert len(HMM.log_probabilities()) == 15


def test_words_are_written_for_their_phones_however_long_these_last() -> None:
    graph = word_graph(HMM, LEXICON, SIL, costs=Costs(0.7, 0.3))
    label = {word: number for number, word in enumerate(graph.words)}
    for stay in (0, 3):
        found = spell(graph.fst, through(D, E, stay=stay))
        assert found == {(label["弟"],): 0.3}
    both = spell(graph.fst, through(SIL, D, A, B, A))
    assert set(both) == {(label[one], label[two]) for one in ("大", "打") for two in ("八", "霸")}
    assert min(both.values()) == pytest.approx(0.7 + 2 * 0.3)


def test_half_a_word_is_no_word() -> None:
    graph = word_graph(HMM, LEXICON, SIL)
    assert spell(graph.fst, through(D)) == {}
    assert spell(graph.fst, [*through(D), HMM.states(A)[0].forward]) == {}


def test_words_with_one_beginning_are_numbered_side_by_side() -> None:
    """A long trie: every set of words that a branch can still become is one interval."""
    lexicon = [
        (f"{first}{second}{n}", (first, second)) for first in (D, B) for second in (A, E) for n in (1, 2, 3)
    ]
    graph = word_graph(HMM, lexicon[::-1], SIL)
    labels = len(graph.words) - 1
    assert max(len(intervals) for intervals in reachable(graph.fst, labels)) == 1
    assert sorted(graph.words[1:]) == sorted(word for word, _ in lexicon)


def test_words_share_the_states_of_their_ending_once_they_are_written() -> None:
    """Without that every word of a large lexicon would bring states for all of its phones."""
    one = word_graph(HMM, [("大八", (D, A, B, A))], SIL)
    two = word_graph(HMM, [("大八", (D, A, B, A)), ("弟八", (D, E, B, A))], SIL)
    assert len(two.fst.arcs) - len(one.fst.arcs) == len(HMM.states(E))
    label = {word: number for number, word in enumerate(two.words)}
    for stay in (0, 2):
        assert set(spell(two.fst, through(D, A, B, A, stay=stay))) == {(label["大八"],)}
        assert set(spell(two.fst, through(D, E, B, A, stay=stay))) == {(label["弟八"],)}
    assert spell(two.fst, through(D, E, B, E)) == {}


def test_a_word_said_in_two_ways_has_one_number() -> None:
    graph = word_graph(HMM, [("地", (D, E)), ("大", (D, A)), ("地", (D, A))], SIL)
    assert sorted(graph.words) == sorted(["<eps>", "地", "大"])
    label = graph.words.index("地")
    assert (label,) in spell(graph.fst, through(D, E))
    assert (label,) in spell(graph.fst, through(D, A))


def test_unknown_is_any_syllable_at_its_price() -> None:
    graph = word_graph(HMM, LEXICON, SIL, Unknown([D, B], [A, E], [E], cost=8.0), Costs(0.7, 0.3))
    assert graph.words[-1] == "[unk]"
    unknown = len(graph.words) - 1
    assert spell(graph.fst, through(B, E)) == {(unknown,): 8.3}
    assert spell(graph.fst, through(E)) == {(unknown,): 8.3}
    heard = spell(graph.fst, through(D, E))
    assert heard[(graph.words.index("弟"),)] < heard[(unknown,)]


def test_a_static_graph_says_what_both_allow_at_the_sum_of_costs() -> None:
    graph = word_graph(HMM, LEXICON, SIL, costs=Costs(0.7, 0.3))
    label = {word: number for number, word in enumerate(graph.words)}
    said = Fst()
    for final in (math.inf, 0.25):
        said.add_state(final)
    said.add_arc(0, label["弟"], label["弟"], 1.0, 1)
    said.add_arc(0, label["大"], label["大"], 2.0, 1)
    said.add_arc(1, 0, 0, 4.0, 0)
    both = composed(graph.fst, said)
    assert spell(both, through(D, E)) == {(label["弟"],): 0.3 + 1.0 + 0.25}
    assert spell(both, through(D, A)) == {(label["大"],): 0.3 + 2.0 + 0.25}
    twice = spell(both, through(D, E, D, A))
    assert twice == {(label["弟"], label["大"]): 0.6 + 1.0 + 4.0 + 2.0 + 0.25}
    assert spell(both, through(B, A)) == {}


def test_a_words_reward_counts_in_a_phrase_list_and_not_where_the_grammar_takes_it_back() -> None:
    rewards = {"弟": 2.0, "大": 4.0}
    plain, rewarded = (word_graph(HMM, LEXICON, SIL, costs=Costs(0.7, 0.3), rewards=r) for r in ({}, rewards))
    said: list[Sentence] = [(["弟", "大"], 3.0), (["八"], 1.0)]
    read = through(D, E, D, A)
    assert plain.words == rewarded.words
    pair = (plain.words.index("弟"), plain.words.index("大"))
    assert spell(rewarded.fst, read)[pair] == pytest.approx(spell(plain.fst, read)[pair] - 6.0)
    open_costs, taken_back = (
        spell(composed(graph.fst, grammar(said, graph.words, {}, rewards=r)), read)
        for graph, r in ((plain, {}), (rewarded, rewards))
    )
    assert taken_back == pytest.approx(open_costs)
