"""A dialogue is data; one pure function advances it.

The engine does nothing: it says what should be spoken and what should be done. Whoever runs it does the effects
and feeds their facts back with `Done`, until the turn waits for the resident or the call ends.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from ivr.deeds import Effect
from ivr.verbs import Dial, Hangup, Hearing, Listen, Say, Text, Verb

Facts = Mapping[str, Any]
"""JSON values only: they live in the call's row between two webhooks."""
Test = Callable[[Facts], bool]
PERSON_KEY = "0"
_MOST_EFFECTS = 20  # in one turn; more means a flow that runs in circles
_MAX_STEPS = 100  # nodes passed in one advance; more means a circle that never waits for the resident


# ---- what a flow is made of ------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One answer, given by key or by voice; `facts` are remembered when it is taken."""

    key: str
    means: str
    to: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Ask:
    """Waits for the resident.

    `free` leads on from speech that is no choice, by its meaning ("matter", "danger", "place" …); `entry` is the
    fact under which typed or spoken digits are kept ("number" in `free` says where to go then). `silent` and
    `unclear` are taken when `tries` are used up; both count together, a lost stream doesn't count. `by_keys` is
    asked instead while no stream can be had.
    """

    name: str
    prompt: tuple[Text, ...]
    again: tuple[Text, ...] = ()
    hearing: Hearing
    choices: tuple[Choice, ...]
    free: Mapping[str, str] = field(default_factory=dict)
    entry: str | None = None
    silent: str
    unclear: str
    tries: int = 2
    by_keys: str | None = None


@dataclass(frozen=True, kw_only=True)
class Tell:
    """Says its lines; with `each`, once for every entry (an object) of that fact."""

    name: str
    lines: tuple[Text, ...]
    then: str
    each: str | None = None


@dataclass(frozen=True, kw_only=True)
class Do:
    name: str
    effect: Callable[[Facts], Effect]
    then: str


@dataclass(frozen=True, kw_only=True)
class Note:
    """Remembers facts (None forgets one)."""

    name: str
    facts: Facts
    then: str


@dataclass(frozen=True, kw_only=True)
class Branch:
    """The first test that holds decides."""

    name: str
    tests: tuple[tuple[Test, str], ...]
    otherwise: str


@dataclass(frozen=True, kw_only=True)
class Person:
    """Rings a person; a hang-up meanwhile is the same as nobody taking it."""

    name: str
    lines: tuple[Text, ...]
    accepted: str
    missed: str
    seconds: int = 25


@dataclass(frozen=True, kw_only=True)
class End:
    name: str
    lines: tuple[Text, ...] = ()


Node = Ask | Tell | Do | Note | Branch | Person | End


@dataclass(frozen=True)
class Heading:
    """Opens a part of the dialogue, for people: the nodes that follow are drawn together under this title."""

    title: str


@dataclass(frozen=True, kw_only=True)
class Flow:
    """`hung_up` is where a hang-up leads, so that nothing said is lost; `words` gives spoken names of coded facts;
    `parts` are the titles of the headings, each with the names of its nodes."""

    name: str
    start: str
    hung_up: str
    nodes: Mapping[str, Node]
    words: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    about: str = ""


def make_flow(
    name: str,
    *nodes: Node | Heading,
    start: str,
    hung_up: str,
    words: Mapping[str, Mapping[str, Text]] | None = None,
    about: str = "",
) -> Flow:
    """Raises ValueError if two nodes have one name; everything else is `ivr.check`'s to find."""
    by_name: dict[str, Node] = {}
    parts: dict[str, tuple[str, ...]] = {}
    part = name
    for node in nodes:
        if isinstance(node, Heading):
            part = node.title
            continue
        if node.name in by_name:
            raise ValueError(f"flow {name}: two nodes of one name")
        by_name[node.name] = node
        parts[part] = (*parts.get(part, ()), node.name)
    return Flow(
        name=name, start=start, hung_up=hung_up, nodes=by_name, words=words or {}, parts=parts, about=about
    )


# ---- what comes in ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Started:
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True)
class Heard:
    """Understood speech: `means` is a choice's meaning or a key of the ask's `free`."""

    means: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True)
class Digits:
    """`said`: something was said before the key, and its audio is kept."""

    keys: str
    said: bool = False


@dataclass(frozen=True)
class Silence:
    pass


@dataclass(frozen=True)
class NotUnderstood:
    """Something was heard and its audio is kept, but nobody can act on it: noise, low confidence, no known words."""


@dataclass(frozen=True)
class Lost:
    """The gateway died, was full or couldn't go on: nobody knows what was said. Asked again by keypad.

    `said`: something was, and its audio is kept."""

    said: bool = False


@dataclass(frozen=True)
class Done:
    """The effect asked for has been done."""

    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True)
class Dialled:
    """The ringing of a person is over; `accepted`: somebody pressed 1 and talked."""

    accepted: bool


@dataclass(frozen=True)
class HungUp:
    pass


Input = Started | Heard | Digits | Silence | NotUnderstood | Lost | Done | Dialled | HungUp


# ---- where a call stands ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    """Everything between two turns; goes through JSON unchanged. `tries` are failures at the present node."""

    node: str = ""
    facts: Facts = field(default_factory=dict)
    tries: int = 0
    lost: int = 0
    ended: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "node": self.node,
            "facts": dict(self.facts),
            "tries": self.tries,
            "lost": self.lost,
            "ended": self.ended,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "State":
        return cls(data["node"], data["facts"], data["tries"], data["lost"], data["ended"])


@dataclass(frozen=True)
class Turn:
    """`effects` (one at most) are to be done now and answered with `Done`; without any, the turn is complete."""

    verbs: tuple[Verb, ...]
    effects: tuple[Effect, ...]
    state: State


# ---- the engine ------------------------------------------------------------------------------------------


def advance(flow: Flow, state: State, given: Input) -> Turn:
    """What happens next. An input that the present node isn't waiting for is a failed answer, never an error."""
    if state.ended:
        return Turn((), (), state)
    node = flow.nodes.get(state.node)
    match given:
        case Started(facts):
            return _walk(flow, _remember(state, facts), flow.start)
        case Done(facts):
            if not isinstance(node, Do):
                raise ValueError(f"flow {flow.name}: {state.node!r} asked for nothing to be done")
            return _walk(flow, _remember(state, facts), node.then)
        case HungUp():
            return _walk(flow, state, node.missed if isinstance(node, Person) else flow.hung_up)
        case Dialled(accepted):
            if not isinstance(node, Person):
                return _ask_again(flow, state)
            return _walk(flow, state, node.accepted if accepted else node.missed)
        case Lost(said):
            state = _remember(state, {"said": True}) if said else state
            return _ask_again(flow, replace(state, lost=state.lost + 1))
        case Heard() | Digits() | Silence() | NotUnderstood():
            if not isinstance(node, Ask):
                return _ask_again(flow, state)
            return _answer(flow, state, node, given)
        case _:
            assert_never(given)


def run(
    flow: Flow, state: State, given: Input, do: Callable[[Effect], Facts]
) -> tuple[tuple[Verb, ...], State]:
    """Advance until the turn waits for the resident or the call ends; `do` does each effect on the way and answers
    with its facts. Raises what `do` raises."""
    said: tuple[Verb, ...] = ()
    for _ in range(_MOST_EFFECTS):
        turn = advance(flow, state, given)
        said, state = said + turn.verbs, turn.state
        if not turn.effects:
            return said, state
        facts: dict[str, Any] = {}
        for effect in turn.effects:
            facts |= do(effect)
        given = Done(facts)
    raise RuntimeError(f"flow {flow.name}: more than {_MOST_EFFECTS} effects in one turn")


def _answer(flow: Flow, state: State, ask: Ask, given: Heard | Digits | Silence | NotUnderstood) -> Turn:
    match given:
        case Silence():
            return _failed(flow, state, ask, ask.silent)
        case NotUnderstood():
            return _failed(flow, _remember(state, {"said": True}), ask, ask.unclear)
        case Digits(keys, said):
            state = _remember(state, {"said": True}) if said else state
            for choice in ask.choices:
                if keys == choice.key:
                    return _walk(flow, _remember(state, {**choice.facts, "raw": keys}), choice.to)
            if ask.entry and len(keys) > 1 and "number" in ask.free:
                return _walk(flow, _remember(state, {ask.entry: keys}), ask.free["number"])
            return _failed(flow, state, ask, ask.unclear)
        case Heard(means, facts):
            for choice in ask.choices:
                if means == choice.means:
                    return _walk(flow, _remember(_remember(state, facts), choice.facts), choice.to)
            if means in ask.free:
                if means == "number" and ask.entry:
                    facts = {ask.entry: facts["number"]}
                return _walk(flow, _remember(state, facts), ask.free[means])
            return _failed(flow, _remember(state, {"said": True}), ask, ask.unclear)
        case _:
            assert_never(given)


def _failed(flow: Flow, state: State, ask: Ask, otherwise: str) -> Turn:
    state = replace(state, tries=state.tries + 1)
    return _walk(flow, state, otherwise) if state.tries >= ask.tries else _ask_again(flow, state)


def _ask_again(flow: Flow, state: State) -> Turn:
    """The same question once more, in the words for a second try."""
    node = flow.nodes[state.node]
    if not isinstance(node, Ask):
        return _walk(flow, state, node.name)
    if node.by_keys and _no_streams(state):
        return _walk(flow, state, node.by_keys)
    return _wait(flow, state, node, (), node.again or node.prompt)


def _walk(flow: Flow, state: State, target: str) -> Turn:
    """From node to node until one waits: for the resident, for a person, for an effect, or for ever."""
    said: tuple[Verb, ...] = ()
    for _ in range(_MAX_STEPS):
        node = flow.nodes[target]
        if target != state.node:
            state = replace(state, node=target, tries=0)
        match node:
            case Tell(lines=lines, each=None):
                said += _say(flow, lines, state.facts)
                target = node.then
            case Tell(lines=lines, each=each):
                for entry in state.facts.get(each or "") or ():
                    said += _say(flow, lines, {**state.facts, **entry})
                target = node.then
            case Branch():
                target = next((to for test, to in node.tests if test(state.facts)), node.otherwise)
            case Note():
                state = _remember(state, node.facts)
                target = node.then
            case Do():
                return Turn(said, (node.effect(state.facts),), state)
            case Ask():
                if not (node.by_keys and _no_streams(state)):
                    return _wait(flow, state, node, said, node.prompt)
                target = node.by_keys
            case Person():
                return Turn((*said, *_say(flow, node.lines, state.facts), Dial(node.seconds)), (), state)
            case End():
                closing = (*said, *_say(flow, node.lines, state.facts), Hangup())
                return Turn(closing, (), replace(state, ended=True))
            case _:
                assert_never(node)
    raise ValueError(f"flow {flow.name}: from {target!r} it never comes to an end")


def _wait(flow: Flow, state: State, ask: Ask, said: tuple[Verb, ...], prompt: tuple[Text, ...]) -> Turn:
    keys = "0123456789" if ask.entry else "".join(choice.key for choice in ask.choices)
    listen = Listen(ask.hearing, keys, by_keys=_no_streams(state))
    return Turn((*said, *_say(flow, prompt, state.facts), listen), (), state)


def _no_streams(state: State) -> bool:
    """None to be had from the start, or one was lost: the rest of the call goes by keys and recordings."""
    return bool(state.facts.get("no_streams")) or state.lost > 0


def _remember(state: State, facts: Facts) -> State:
    """New facts replace old ones; `words` are collected instead, because everything said is kept."""
    merged = {**state.facts, **facts}
    if "words" in facts:
        merged["words"] = [*state.facts.get("words", ()), *facts["words"]]
    return replace(state, facts=merged)


def _say(flow: Flow, lines: tuple[Text, ...], facts: Facts) -> tuple[Say, ...]:
    return tuple(Say(fill(flow, line, facts)) for line in lines)


def fill(flow: Flow, line: Text, facts: Facts) -> Text:
    """The line with its gaps filled; a coded fact (a category, a state) by its spoken name."""
    params: dict[str, str | Text] = {}
    for name in line.gaps:
        value = facts.get(name)
        coded = flow.words.get(name, {}).get(str(value))
        params[name] = coded if coded is not None else "" if value is None else str(value)
    return Text(line.msgid, params)
