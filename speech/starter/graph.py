"""Decoding graphs: from transition ids to words.

HCL (`HCLr.fst`) is made by hand, without determinization: a loop state, silence and a trie of the words' phones
hanging on it. A state of a phone's HMM is an arc that reads its forward transition id into a node with a self-loop
(Kaldi's "reordered" transitions). A word is written on the first arc where no other word is possible; words that
sound alike part on parallel arcs of their last phone. Once a word is written the rest of its phones is the same
for all words that end alike, and its states are shared: thousands of words need little more than their beginnings.

Words are numbered as the trie is walked, so the words that a branch can still become have neighbouring numbers: the
look-ahead sets are intervals, relabelling is the identity, and a grammar made at run time (a phrase list) fits as it is.
"""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from speech.starter.fst import Arc, Fst
from speech.starter.hmm import Hmm

EPSILON = "<eps>"
UNKNOWN = "[unk]"

Phones = tuple[int, ...]


@dataclass(frozen=True)
class Unknown:
    """`[unk]`: one syllable of any kind, so that phrase lists can refuse. Kept out of the open grammar.

    It is first phones `begins` followed by last phones `ends`, or one of `singles`.
    """

    begins: Sequence[int]
    ends: Sequence[int]
    singles: Sequence[int]
    cost: float = 8.0


@dataclass(frozen=True)
class Costs:
    """What it costs to put silence between words, or none."""

    silence: float = 0.7
    no_silence: float = 0.3


@dataclass(frozen=True)
class WordGraph:
    """`words[label]`: index 0 is epsilon, the last is `[unk]` if there is one."""

    fst: Fst
    words: tuple[str, ...]


@dataclass
class _Node:
    children: dict[int, "_Node"] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    def spelled(self) -> list[str]:
        """The distinct words at and below this node, in the order of the walk."""
        below = (word for child in self.children.values() for word in child.spelled())
        return list(dict.fromkeys((*self.words, *below)))

    def only_way(self) -> Phones | None:
        """The phones below if no two words, nor two ways to say one, part here; None if they do."""
        if not self.children:
            return () if len(self.words) == 1 else None
        if len(self.children) > 1:
            return None
        [(phone, child)] = self.children.items()
        rest = child.only_way()
        return None if rest is None else (phone, *rest)


def word_graph(
    hmm: Hmm,
    lexicon: Sequence[tuple[str, Phones]],
    silence: int,
    unknown: Unknown | None = None,
    costs: Costs | None = None,
    rewards: Mapping[str, float] | None = None,
) -> WordGraph:
    """`lexicon`: words with phones that carry their position; a word may come several times, said differently.

    `rewards`: how much less it costs to write a word. A grammar that doesn't take it back (see `language.grammar`), as
    that of a phrase list, has it for nothing.
    """
    return _Builder(hmm, costs or Costs(), rewards or {}).build(lexicon, silence, unknown)


class _Builder:
    def __init__(self, hmm: Hmm, costs: Costs, rewards: Mapping[str, float]) -> None:
        self._hmm, self._costs, self._rewards = hmm, costs, rewards
        self._fst = Fst()
        self._loop = self._fst.add_state(final=0.0)
        self._labels: dict[str, int] = {EPSILON: 0}
        self._endings: dict[tuple[int, Phones], int] = {}

    def build(
        self, lexicon: Sequence[tuple[str, Phones]], silence: int, unknown: Unknown | None
    ) -> WordGraph:
        quiet = self._phone(self._loop, silence, cost=self._costs.silence)
        self._fst.add_arc(quiet, 0, 0, 0.0, self._loop)
        root = _Node()
        for word, phones in lexicon:
            node = root
            for phone in phones:
                node = node.children.setdefault(phone, _Node())
            if word not in node.words:
                node.words.append(word)
        self._branch(root, self._loop)
        if unknown:
            self._unknown(unknown)
        return WordGraph(self._fst, tuple(self._labels))

    def _label(self, word: str) -> int:
        return self._labels.setdefault(word, len(self._labels))

    def _phone(self, state: int, phone: int, label: int = 0, cost: float = 0.0) -> int:
        """The phone's HMM from `state` on; the state after it, which still has the last self-loop."""
        for forward, loop in self._hmm.states(phone):
            target = self._fst.add_state()
            self._fst.add_arc(state, forward, label, cost, target)
            self._fst.add_arc(target, loop, 0, 0.0, target)
            state, label, cost = target, 0, 0.0
        return state

    def _branch(self, node: _Node, state: int) -> None:
        for phone, child in node.children.items():
            if child.words:
                # Parallel arcs: whichever word it is, what comes after is the same.
                for word in child.words:
                    self._write(state, phone, (), word)
            elif (rest := child.only_way()) is not None:
                self._write(state, phone, rest, child.spelled()[0])
            else:
                self._branch(child, self._phone(state, phone))

    def _write(self, state: int, phone: int, rest: Phones, word: str) -> None:
        """An arc that writes the word, into states shared by all words that still have the same to come."""
        (forward, _), *_ = self._hmm.states(phone)
        cost = -self._rewards.get(word, 0.0)
        self._fst.add_arc(state, forward, self._label(word), cost, self._ending(phone, 0, rest))

    def _ending(self, phone: int, step: int, rest: Phones) -> int:
        """The state after HMM state `step` of `phone`, with `rest` and the end of the word after it."""
        key = (step, (phone, *rest))
        if key not in self._endings:
            states = self._hmm.states(phone)
            self._endings[key] = here = self._fst.add_state()
            self._fst.add_arc(here, states[step].loop, 0, 0.0, here)
            if step + 1 < len(states):
                self._fst.add_arc(here, states[step + 1].forward, 0, 0.0, self._ending(phone, step + 1, rest))
            elif rest:
                first = self._hmm.states(rest[0])[0].forward
                self._fst.add_arc(here, first, 0, 0.0, self._ending(rest[0], 0, rest[1:]))
            else:
                self._fst.add_arc(here, 0, 0, self._costs.no_silence, self._loop)
        return self._endings[key]

    def _unknown(self, unknown: Unknown) -> None:
        label = self._label(UNKNOWN)
        middle, end = self._fst.add_state(), self._fst.add_state()
        for phones, source, target, written in (
            (unknown.begins, self._loop, middle, label),
            (unknown.ends, middle, end, 0),
            (unknown.singles, self._loop, end, label),
        ):
            for phone in phones:
                cost = unknown.cost if written else 0.0
                self._fst.add_arc(self._phone(source, phone, written, cost), 0, 0, 0.0, target)
        self._fst.add_arc(end, 0, 0, self._costs.no_silence, self._loop)


def static_graph(words: Fst, grammar: Fst) -> Fst:
    """HCLG: `words` composed with `grammar` (an acceptor, with or without backoff arcs that read nothing).

    Plain composition, not minimized: for small vocabularies. The engine takes no phrase lists with such a graph.
    """
    out = Fst()
    states: dict[tuple[int, int], int] = {}
    waiting: deque[tuple[int, int]] = deque()
    by_word: list[dict[int, list[Arc]]] = []
    for arcs in grammar.arcs:
        table = defaultdict(list)
        for arc in arcs:
            table[arc.input].append(arc)
        by_word.append(table)

    def state_of(pair: tuple[int, int]) -> int:
        if pair not in states:
            states[pair] = out.add_state(words.finals[pair[0]] + grammar.finals[pair[1]])
            waiting.append(pair)
        return states[pair]

    out.start = state_of((words.start, grammar.start))
    while waiting:
        here, history = pair = waiting.popleft()
        state = states[pair]
        for arc in words.arcs[here]:
            if not arc.output:
                out.add_arc(state, arc.input, 0, arc.cost, state_of((arc.target, history)))
                continue
            for said in by_word[history].get(arc.output, ()):
                target = state_of((arc.target, said.target))
                out.add_arc(state, arc.input, arc.output, arc.cost + said.cost, target)
        for backoff in by_word[history].get(0, ()):
            out.add_arc(state, 0, 0, backoff.cost, state_of((here, backoff.target)))
    return out
