"""Is this model usable? Asked by `doctor`, `/readyz` and the gateway before it loads one."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from app.errors import SpeechModelError
from speech.model_files import inspect

_TIMEOUT = 120.0
"""Seconds; a full model of 1.3 GB takes about a minute from a slow disk."""


@dataclass(frozen=True)
class ModelReport:
    """`problem` is None for a usable model, else what is wrong and what to do. `tried`: it was really loaded."""

    path: Path
    problem: str | None
    sample_rate: int | None = None
    phrase_lists: bool = False
    tried: bool = False

    @property
    def usable(self) -> bool:
        return self.problem is None

    def summary(self) -> str:
        """One line for `doctor`."""
        if self.problem is not None:
            return self.problem
        lists = "phrase lists" if self.phrase_lists else "no phrase lists"
        return f"speech model {self.path.name}: {self.sample_rate} Hz, {lists}" + (
            "" if self.tried else ", not tried"
        )


def check(path: Path, *, try_load: bool = True) -> ModelReport:
    """Looks at the files and, with `try_load`, loads the model in a process of its own (0.5 s and up).

    Never raises and never harms the calling process, whatever the directory holds.
    """
    path = Path(path)
    try:
        files = inspect(path)
    except SpeechModelError as error:
        return ModelReport(path, str(error))
    except OSError as error:
        return ModelReport(path, f"speech model {path} cannot be read: {error.strerror}")
    problem = _try(path) if try_load else None
    return ModelReport(path, problem, files.sample_rate, files.phrase_lists, tried=try_load)


def _try(path: Path) -> str | None:
    remedy = "unpack the model again or set JIACHANG_SPEECH_MODEL to another one"
    root = Path(__file__).resolve().parent.parent
    try:
        done = subprocess.run(
            [sys.executable, "-m", "speech.model_probe", str(path.resolve())],
            cwd=root,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"speech model {path} did not load within {_TIMEOUT:.0f} s; {remedy}"
    last = done.stdout.strip().rpartition("\n")[2]
    try:
        answer = json.loads(last)
    except ValueError:
        answer = None
    if isinstance(answer, dict) and "error" in answer:
        return str(answer["error"])
    if done.returncode != 0 or not isinstance(answer, dict):
        how = f"signal {-done.returncode}" if done.returncode < 0 else f"exit code {done.returncode}"
        return f"speech model {path} is damaged: loading it ended with {how}; {remedy}"
    if not answer["chinese"]:
        return f"speech model {path} knows no Chinese words; {remedy}"
    return None
