"""What is still to be done if she hangs up now: worked out at every turn and stored with the call as data.

So a hang-up needs no flow to be settled: the desk carries out what is written here, even after a crash, and even if
this version's dialogue has been replaced by another.
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ivr.deeds import Effect, OpenTicket
from ivr.flow import Dialled, Done, Flow, HungUp, Input, Person, State, advance

Json = dict[str, Any]


def leftovers(flow: Flow, state: State) -> dict[str, list[Json]]:
    """`silent`: nothing more was heard. `said`: something was, and nobody can tell what. `accepted`: somebody who
    was rung had taken the call (only while a person is being rung)."""
    found = {"silent": _rest(flow, state, HungUp())}
    if state.facts.get("said") is True:
        found["said"] = found["silent"]
    else:
        found["said"] = _rest(flow, replace(state, facts={**state.facts, "said": True}), HungUp())
    if isinstance(flow.nodes.get(state.node), Person):
        found["accepted"] = _rest(flow, state, Dialled(True))
    return found


def _rest(flow: Flow, state: State, given: Input) -> list[Json]:
    return [stored(effect) for effect in _effects(flow, state, given)]


def _effects(flow: Flow, state: State, given: Input) -> Iterator[Effect]:
    turn = advance(flow, state, given)
    while turn.effects:
        yield from turn.effects
        opened = any(isinstance(effect, OpenTicket) for effect in turn.effects)
        turn = advance(flow, turn.state, Done({"number": 1} if opened else {}))


def stored(effect: Effect) -> Json:
    """An effect as data: `do`, its name, and `with`, its fields."""
    return {"do": _name(type(effect).__name__), "with": dict(vars(effect))}


@functools.cache
def _name(effect: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", effect).lower()
