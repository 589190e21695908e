"""PyTorch lives in a virtual environment of its own, under the work directory; training runs there as a process."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from app.errors import ProcessError

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements" / "train.txt"


def requirements() -> Path:
    """What the training needs; a wheel doesn't carry it. Raises ProcessError."""
    if not REQUIREMENTS.is_file():
        raise ProcessError(
            "the starter model is built from a checkout of the sources, which this installation is not: "
            "clone the repository and run jiachang model build there"
        )
    return REQUIREMENTS


def make(folder: Path) -> None:
    """Raises ProcessError. pip's own settings (PIP_…) stay in force: they may name a mirror or the CPU build's index."""
    # Not ensurepip: Debian leaves it out. Our own pip can install into the other environment.
    _run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(folder / "venv")])
    pip = [sys.executable, "-m", "pip", "--python", str(python(folder)), "--disable-pip-version-check"]
    _run([*pip, "install", "--quiet", "--requirement", str(requirements())])


def python(folder: Path) -> Path:
    return folder / "venv" / "bin" / "python"


def train(folder: Path, arguments: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Runs `speech.starter.training` and gives its messages as they come. Raises ProcessError when it fails."""
    command = [str(python(folder)), "-m", "speech.starter.training", *arguments]
    # Threads that wait for each other must sleep: spinning, they fight over busy cores and all take ten times as long.
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "OMP_WAIT_POLICY": "PASSIVE",
        "GOMP_SPINCOUNT": "0",
    }
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            for line in process.stdout or ():
                yield json.loads(line)
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        raise ProcessError(
            f"training ended with exit code {process.returncode}, its reason is above; "
            "run the command again and it goes on from its last checkpoint"
        )


def _run(command: list[str]) -> None:
    try:
        subprocess.run(command, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise ProcessError(
            f"the training environment could not be made ({error}); "
            f"see {REQUIREMENTS.relative_to(ROOT)} for what it needs, then run the command again"
        ) from error
