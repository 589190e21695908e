"""Scripts: what a person at the phone does, step by step. Read from JSON; `scriptfile` reads TOML and WAV files."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any, Literal

from ivr.exchange.errors import BadOrder
from speech.audio import SAMPLE_RATE

KEYS = "0123456789*#"
Action = Literal["say", "press", "silence", "noise", "hangup", "expect", "wait_prompt"]
_FIELDS = {
    "say": {"audio", "text", "seconds"},
    "press": {"press"},
    "silence": {"silence"},
    "noise": {"noise", "level"},
    "hangup": {"hangup"},
    "expect": {"expect"},
    "wait_prompt": {"wait_prompt"},
}
_COMMON = {"wait_prompt", "expect", "after", "barge"}


@dataclass(frozen=True)
class Step:
    """One step. `wait` = the person lets the hotline finish first. `barge` = it starts `after` call seconds into
    the next prompt instead. `expect` = the hotline's last words must contain this, else a mismatch is noted."""

    action: Action
    wait: bool = True
    barge: bool = False
    after: float = 0.0
    expect: str = ""
    audio: bytes = b""  # mu-law, 8 kHz
    text: str = ""
    keys: str = ""
    seconds: float = 0.0
    level: float = -40.0  # dBFS


def read_steps(orders: Any) -> tuple[Step, ...]:
    """Steps from JSON; raises BadOrder naming the step."""
    if not isinstance(orders, list | tuple):
        raise BadOrder("steps must be a list")
    steps = []
    for number, order in enumerate(orders, 1):
        try:
            steps.append(_step(order))
        except BadOrder as error:
            raise BadOrder(f"step {number}: {error}") from error
    return tuple(steps)


def _step(order: Any) -> Step:
    if not isinstance(order, dict) or not order:
        raise BadOrder('an object such as {"press": "1"} is needed')
    if "say" in order:
        raise BadOrder(
            "`say` names a file, which only the client reads: send its mu-law bytes as `audio` (base64)"
        )
    action = _action(order)
    if unknown := set(order) - _FIELDS[action] - _COMMON:
        raise BadOrder(f"{sorted(unknown)[0]!r} does not belong to {action!r}")
    barge = order.get("barge", False)
    if not isinstance(barge, bool):
        raise BadOrder("`barge` is true or false here; only script files may put the key or file there")
    return Step(
        action=action,
        wait=bool(order.get("wait_prompt", action in ("say", "press", "expect", "wait_prompt"))),
        barge=barge,
        after=_number(order, "after", 0.0),
        expect=str(order.get("expect", "")),
        audio=_audio(order) if action == "say" else b"",
        text=str(order.get("text", "")),
        keys=_keys(order["press"]) if action == "press" else "",
        seconds=_number(order, action, 0.0) if action in ("silence", "noise") else 0.0,
        level=_number(order, "level", -40.0, lowest=-100.0),
    )


def _action(order: dict[str, Any]) -> Action:
    named: list[Action] = []
    if "audio" in order:
        named.append("say")
    for name in ("press", "silence", "noise", "hangup"):
        if name in order and order[name] is not False:
            named.append(name)
    if len(named) > 1:
        raise BadOrder(f"one action a step, not {' and '.join(named)}")
    if named:
        return named[0]
    if order.get("expect"):
        return "expect"
    if order.get("wait_prompt"):
        return "wait_prompt"
    raise BadOrder("no action: one of audio, press, silence, noise, hangup, expect, wait_prompt")


def _audio(order: dict[str, Any]) -> bytes:
    """All of it, or its first `seconds`: a sentence broken off."""
    try:
        audio = base64.b64decode(order["audio"], validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise BadOrder("audio is not base64") from error
    if not audio:
        raise BadOrder("audio is empty")
    return audio[: int(_number(order, "seconds", 0.0) * SAMPLE_RATE) or None]


def _keys(value: Any) -> str:
    keys = str(value)
    if not keys or any(key not in KEYS for key in keys):
        raise BadOrder(f"press: only the keys {KEYS}, not {value!r}")
    return keys


def _number(order: dict[str, Any], name: str, default: float, lowest: float = 0.0) -> float:
    value = order.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < lowest:
        raise BadOrder(f"{name}: a number of at least {lowest:g}, not {value!r}")
    return float(value)
