"""Checks of a flow, made at start: a dialogue with a dead end must not answer the telephone.

Every choice has a key and a spoken meaning; 0 is a person at every question, and the question says so; every path
ends in a ticket, a person or a goodbye; there is no node that nobody can reach.
"""

from collections.abc import Iterator, Mapping
from typing import assert_never

from ivr.flow import PERSON_KEY, Ask, Branch, Do, End, Flow, Node, Note, Person, Tell
from ivr.verbs import Text

_GOODBYE = "再见"
_SAYS_PERSON = f"人工按{PERSON_KEY}"
_WHERE_DANGER_IS_HEARD = frozenset({"open", "category", "details", "place", "remark"})
_KEYS = frozenset("0123456789")


class FlowError(ValueError):
    """A flow that must not be used; the message lists everything that is wrong."""


def edges(node: Node) -> tuple[tuple[str, str], ...]:
    """(why, where to) for everything that can follow this node; for checks and drawings."""
    match node:
        case Ask():
            more = (("by keys", node.by_keys),) if node.by_keys else ()
            return (
                *((f"{choice.key} {choice.means}", choice.to) for choice in node.choices),
                *node.free.items(),
                ("silence", node.silent),
                ("not understood", node.unclear),
                *more,
            )
        case Tell() | Do() | Note():
            return (("", node.then),)
        case Branch():
            return (*((_name(test), to) for test, to in node.tests), ("else", node.otherwise))
        case Person():
            return (("accepted", node.accepted), ("missed", node.missed))
        case End():
            return ()
        case _:
            assert_never(node)


def check(*flows: Flow) -> None:
    """Raises FlowError."""
    found = [f"{flow.name}: {problem}" for flow in flows for problem in problems(flow)]
    if found:
        raise FlowError("\n".join(found))


def problems(flow: Flow) -> Iterator[str]:
    missing = [
        f"{node.name} leads to {to!r}, which does not exist"
        for node in flow.nodes.values()
        for _, to in edges(node)
        if to not in flow.nodes
    ]
    missing += [f"{name!r} does not exist" for name in (flow.start, flow.hung_up) if name not in flow.nodes]
    if missing:
        yield from missing  # the rest walks the graph and needs it whole
        return
    follows = {name: tuple(to for _, to in edges(node)) for name, node in flow.nodes.items()}
    for name in flow.nodes.keys() - _reach(follows, flow.start, flow.hung_up):
        yield f"{name} can't be reached"
    for node in flow.nodes.values():
        if isinstance(node, Ask):
            yield from _ask_problems(flow, node, follows)
    yield from _ending_problems(flow, follows)


def _ask_problems(flow: Flow, ask: Ask, follows: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    keys = [choice.key for choice in ask.choices]
    if not all(key in _KEYS for key in keys) or len(set(keys)) != len(keys):
        yield f"{ask.name}: each choice needs one key of its own, 0–9"
    meanings = [choice.means for choice in ask.choices] + list(ask.free)
    if not all(meanings) or len(set(meanings)) != len(meanings):
        yield f"{ask.name}: each choice needs one spoken meaning of its own"
    if ask.tries < 1 or min(ask.hearing.closing_silence, ask.hearing.no_input, ask.hearing.max_length) <= 0:
        yield f"{ask.name}: tries and seconds must be above zero"
    if bool(ask.entry) != ("number" in ask.free):
        yield f"{ask.name}: an entry of digits and its way on belong together"
    if ask.hearing.expect in _WHERE_DANGER_IS_HEARD and "danger" not in ask.free:
        yield f"{ask.name}: listens to free speech and has no way for danger"
    person = next((choice.to for choice in ask.choices if choice.key == PERSON_KEY), None)
    if person is None or not _comes_to_person(flow, person, follows):
        yield f"{ask.name}: {PERSON_KEY} must lead to a person"
    for prompt in (ask.prompt, *((ask.again,) if ask.again else ())):
        if not any(_SAYS_PERSON in line.msgid for line in prompt):
            yield f"{ask.name}: the prompt must say {_SAYS_PERSON}"


def _comes_to_person(flow: Flow, start: str, follows: Mapping[str, tuple[str, ...]]) -> bool:
    asks = {name for name, node in flow.nodes.items() if isinstance(node, Ask)}
    reached = _reach(follows, start, around=asks)
    return any(isinstance(flow.nodes[name], Person) for name in reached)


def _ending_problems(flow: Flow, follows: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for name in _reach(follows, flow.start):
        node = flow.nodes[name]
        if isinstance(node, End) and not any(_GOODBYE in line.msgid for line in node.lines):
            yield f"{name}: a call that still has a listener must end with {_GOODBYE}"
    for name in flow.nodes:
        if not any(isinstance(flow.nodes[to], End) for to in _reach(follows, name)):
            yield f"{name}: never comes to an end"
    # Somebody who never answers, and the running of one turn, must both come to an end: neither may go in a circle.
    silent = {
        name: (node.silent,) if isinstance(node, Ask) else follows[name] for name, node in flow.nodes.items()
    }
    within_turn = {
        name: () if isinstance(node, Ask | Person) else follows[name] for name, node in flow.nodes.items()
    }
    for why, graph in (("in silence", silent), ("within one turn", within_turn)):
        if circle := _circle(graph):
            yield f"{' → '.join(circle)}: goes in a circle {why}"


def _reach(follows: Mapping[str, tuple[str, ...]], *starts: str, around: set[str] | None = None) -> set[str]:
    """Everything that can follow, the starts included; what is in `around` is not passed."""
    found: set[str] = set()
    todo = [start for start in starts if start not in (around or ())]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo.extend(to for to in follows[name] if to not in (around or ()))
    return found


def _circle(graph: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Some circle, or nothing. Nodes that only lead out of no circle are peeled off until none is left."""
    left = set(graph)
    while True:
        ends = {name for name in left if not any(to in left for to in graph[name])}
        if not ends:
            break
        left -= ends
    if not left:
        return ()
    path = [min(left)]
    while True:
        step = next(to for to in graph[path[-1]] if to in left)
        if step in path:
            return (*path[path.index(step) :], step)
        path.append(step)


def sentences(flow: Flow) -> Iterator[Text]:
    """Everything that the flow can say, for catalogues and recorded clips."""
    for node in flow.nodes.values():
        match node:
            case Ask():
                yield from (*node.prompt, *node.again)
            case Tell() | Person() | End():
                yield from node.lines
            case _:
                pass
    for names in flow.words.values():
        yield from names.values()


def _name(test: object) -> str:
    return str(getattr(test, "__name__", test)).replace("_", " ")
