"""Script files (TOML, `[[step]]`) and WAV files → the steps that the control API takes."""

import base64
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.errors import AudioError
from ivr.exchange.errors import BadOrder
from ivr.exchange.script import KEYS, read_steps
from speech.audio import mulaw_encode, read_wav

Steps = Sequence[dict[str, Any]]


def load_script(path: Path) -> list[dict[str, Any]]:
    """Steps of a TOML file, audio inlined; WAV paths are relative to the file. Raises BadOrder or AudioError."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadOrder(f"{path}: 读不到（{error.strerror}）") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadOrder(f"{path}: {error}") from error
    steps = data.get("step")
    if not isinstance(steps, list) or set(data) != {"step"}:
        raise BadOrder(f"{path}: a script is a list of [[step]] tables and nothing else")
    return inline(steps, path.parent)


def inline(steps: Steps, base: Path | None = None) -> list[dict[str, Any]]:
    """`say` and `barge` files read and put into the step; the result is checked as the exchange will."""
    inlined = [_inline(step, base or Path()) for step in steps]
    read_steps(inlined)
    return inlined


def say_step(wav: Path, text: str = "") -> dict[str, Any]:
    """Speak a WAV file; `text` is what the dialogue shows."""
    pcm = read_wav(wav)
    if not pcm:
        raise AudioError(f"{wav}: no audio")
    return {"audio": base64.b64encode(mulaw_encode(pcm)).decode(), "text": text or f"〔{wav.stem}〕"}


def speech_step(pcm: bytes, text: str) -> dict[str, Any]:
    """Speak 16 bit 8 kHz mono audio."""
    return {"audio": base64.b64encode(mulaw_encode(pcm)).decode(), "text": text}


def _inline(step: dict[str, Any], base: Path) -> dict[str, Any]:
    more = {name: value for name, value in step.items() if name not in ("say", "barge", "text")}
    text = str(step.get("text", ""))
    if isinstance(what := step.get("barge"), str):
        if what and all(key in KEYS for key in what):
            return {**more, "barge": True, "press": what}
        return {**more, "barge": True, **say_step(base / what, text)}
    if "say" in step:
        return {**more, **({"barge": what} if what else {}), **say_step(base / str(step["say"]), text)}
    return step
