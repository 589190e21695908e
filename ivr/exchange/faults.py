"""Fault switches: what the network does wrong on purpose. Set for the whole exchange or for one call."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal

from ivr.exchange.errors import BadOrder

Duplicate = Literal["", "after", "together"]
BreakKind = Literal["drop", "malformed", "bad_base64", "unknown_event", "binary"]
Profile = Literal["twilio", "compatible"]
_CHOICES: dict[str, tuple[str, ...]] = {
    "duplicate": ("", "after", "together"),
    "profile": ("twilio", "compatible"),
    "how": ("drop", "malformed", "bad_base64", "unknown_event", "binary"),
}


@dataclass(frozen=True)
class StreamBreak:
    """After `after` call seconds of the `nth` stream of a call the exchange breaks it in the manner `how`."""

    how: BreakKind = "drop"
    after: float = 1.0
    nth: int = 1


@dataclass
class RestFailure:
    """The next `times` requests are answered with this error.

    `resource` limits it to paths that contain the word (Calls, Messages); `method` to one HTTP method.
    `accept` carries the order out all the same: the ambiguous case. `hang` seconds pass before the answer.
    """

    times: int = 1
    status: int = 500
    code: int = 20500
    message: str = "Internal Server Error"
    resource: str = ""
    method: str = ""
    accept: bool = False
    hang: float = 0.0


@dataclass(frozen=True)
class Faults:
    """All switches, off by default. Seconds are call seconds except `rest_delay`, `status_delay` and `answer_cap`."""

    duplicate: Duplicate = ""  # every webhook twice: after the first was answered, or at the same moment
    late_duplicates: bool = False  # every webhook again, two webhooks later
    reorder_status: bool = False  # status callbacks held back and sent last first
    status_delay: float = 0.0
    rest_delay: float = 0.0  # orders are carried out at once, answered this much later
    hangup_in: str = ""  # the caller hangs up in the nth verb of this name
    hangup_nth: int = 1
    hangup_after: float = 0.5
    stream_break: StreamBreak | None = None
    streams: bool = True  # False: a carrier without media streams, <Connect> is skipped with an error
    profile: Profile = "twilio"  # compatible: UUID sids, one status callback, Pause/Start drop the document …
    answer_cap: float = 15.0
    rest_errors: tuple[RestFailure, ...] = field(default=())

    def merged(self, order: dict[str, Any]) -> "Faults":
        """These switches with those of a JSON order on top; raises BadOrder for unknown or wrong ones."""
        merged: Faults = _build(Faults, order, base=self)
        return merged


def _build(kind: type[Any], order: dict[str, Any], base: Any = None) -> Any:
    if not isinstance(order, dict):
        raise BadOrder(f"{kind.__name__}: an object is needed, not {order!r}")
    known = {f.name: f for f in dataclasses.fields(kind)}
    values: dict[str, Any] = {}
    for name, value in order.items():
        if name not in known:
            raise BadOrder(f"{kind.__name__}: unknown switch {name!r}; known: {', '.join(known)}")
        values[name] = _value(kind, name, value)
    return dataclasses.replace(base, **values) if base is not None else kind(**values)


def _value(kind: type[Any], name: str, value: Any) -> Any:
    if name == "stream_break":
        return None if value is None else _build(StreamBreak, value)
    if name == "rest_errors":
        return tuple(_build(RestFailure, item) for item in value)
    if name == "duplicate" and isinstance(value, bool):
        return "after" if value else ""
    if name in _CHOICES and value not in _CHOICES[name]:
        raise BadOrder(f"{name}: one of {', '.join(repr(c) for c in _CHOICES[name])}, not {value!r}")
    default = next(f.default for f in dataclasses.fields(kind) if f.name == name)
    wanted = (float, int) if isinstance(default, float) else type(default)
    if not isinstance(value, wanted) or (isinstance(value, bool) and not isinstance(default, bool)):
        raise BadOrder(f"{kind.__name__}: {name} cannot be {value!r}")
    return value
