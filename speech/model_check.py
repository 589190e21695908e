"""Is this model usable, and what can it do here? Asked by `doctor`, the gateway and `jiachang model`."""

import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import SpeechModelError
from speech.model_facts import Survey
from speech.model_files import inspect

_TRY_SECONDS = 120.0
"""A full model of 1.3 GB takes about a minute from a slow disk."""
_SURVEY_SECONDS = 900.0
_REMEDY = "unpack the model again or set JIACHANG_SPEECH_MODEL to another one"


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
        if try_load:
            _probe(path, _TRY_SECONDS)
    except SpeechModelError as error:
        return ModelReport(path, str(error), tried=try_load)
    except OSError as error:
        return ModelReport(path, f"speech model {path} cannot be read: {error.strerror}")
    return ModelReport(path, None, files.sample_rate, files.phrase_lists, tried=try_load)


def survey(path: Path, phrases: Path | None = None) -> Survey:
    """Tries everything that matters to us, in a process of its own: seconds, with full models minutes.

    `phrases`: a community's own phrase files, whose words are tried too.
    Raises SpeechModelError that says what is wrong with the model and what to do.
    """
    path = Path(path)
    try:
        inspect(path)
    except OSError as error:
        raise SpeechModelError(f"speech model {path} cannot be read: {error.strerror}") from error
    own = [str(phrases.resolve())] if phrases else []
    return Survey.from_json(_probe(path, _SURVEY_SECONDS, "--survey", *own)["survey"])


def _probe(path: Path, seconds: float, *options: str) -> dict[str, Any]:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "speech.model_probe", str(path.resolve()), *options],
            cwd=Path(__file__).resolve().parent.parent,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SpeechModelError(
            f"speech model {path} did not load within {seconds:.0f} s; {_REMEDY}"
        ) from error
    last = done.stdout.strip().rpartition("\n")[2]
    try:
        answer = json.loads(last)
    except ValueError:
        answer = None
    if isinstance(answer, dict) and "error" in answer:
        raise SpeechModelError(str(answer["error"]))
    if done.returncode != 0 or not isinstance(answer, dict):
        raise SpeechModelError(f"speech model {path} {cause_of_end(done.returncode)}")
    if not answer["chinese"]:
        raise SpeechModelError(f"speech model {path} knows no Chinese words; {_REMEDY}")
    return answer


def cause_of_end(code: int) -> str:
    """What is to be said when the process that loaded a model ended with this return code of `subprocess`."""
    if code == -signal.SIGKILL:
        return (
            "could not be loaded: the system ended the process, most likely for want of memory; "
            "docs/speech-models.md says what models need"
        )
    end = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return f"is damaged: loading it ended with {end}; {_REMEDY}"
