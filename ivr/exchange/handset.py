"""How the telephone behind a number behaves when it is rung or texted."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal

from ivr.exchange.errors import BadOrder
from ivr.exchange.script import Step, read_steps

Outcome = Literal["answer", "busy", "no_answer", "failed", "machine"]
Delivery = Literal["deliver", "undelivered", "failed", "refuse"]


@dataclass(frozen=True)
class CallBehaviour:
    """One ring. `delay` is the call seconds it rings before anything happens; `limit` the call seconds
    after which a person whom nobody gives anything to do hangs up."""

    outcome: Outcome = "no_answer"
    delay: float = 1.0
    steps: tuple[Step, ...] = ()
    pace: float = 1.0
    limit: float = 120.0
    line_noise: float | None = None  # dBFS
    answered_by: str = ""  # overrides what machine detection finds
    faults: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TextBehaviour:
    """One text. `refuse` is an error of the REST request itself; `delay` in seconds between the states."""

    outcome: Delivery = "deliver"
    code: int = 30003
    delay: float = 0.05


@dataclass
class Handset:
    """Behaviours are used up one a call or text; the last one stays for good."""

    number: str
    calls: list[CallBehaviour] = field(default_factory=lambda: [CallBehaviour()])
    texts: list[TextBehaviour] = field(default_factory=lambda: [TextBehaviour()])

    def next_call(self) -> CallBehaviour:
        return self.calls.pop(0) if len(self.calls) > 1 else self.calls[0]

    def next_text(self) -> TextBehaviour:
        return self.texts.pop(0) if len(self.texts) > 1 else self.texts[0]


def read_call_behaviour(order: dict[str, Any]) -> CallBehaviour:
    """From JSON; raises BadOrder. `steps` without an outcome mean that the phone is answered."""
    values = _fields(CallBehaviour, order)
    if "steps" in values:
        values["steps"] = read_steps(values["steps"])
        values.setdefault("outcome", "answer")
    _one_of(
        "outcome", values.get("outcome", "no_answer"), ("answer", "busy", "no_answer", "failed", "machine")
    )
    return CallBehaviour(**values)


def read_text_behaviour(order: dict[str, Any]) -> TextBehaviour:
    values = _fields(TextBehaviour, order)
    _one_of("outcome", values.get("outcome", "deliver"), ("deliver", "undelivered", "failed", "refuse"))
    return TextBehaviour(**values)


def _fields(kind: type[Any], order: Any) -> dict[str, Any]:
    if not isinstance(order, dict):
        raise BadOrder(f"a behaviour must be an object, not {order!r}")
    known = {f.name for f in dataclasses.fields(kind)}
    if unknown := set(order) - known:
        raise BadOrder(f"unknown field {sorted(unknown)[0]!r}; known: {', '.join(sorted(known))}")
    return dict(order)


def _one_of(name: str, value: Any, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise BadOrder(f"{name}: one of {', '.join(choices)}, not {value!r}")
