"""Long work in steps whose results are kept: a step runs again only if what it was made from has changed."""

import hashlib
import json
import shutil
from collections.abc import Callable, Collection
from pathlib import Path

_STATE = "step.json"


def fingerprint(*parts: Path | str | int | float) -> str:
    """Of the contents of files and the values given; a path's own name doesn't count."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else repr(part).encode()
        digest.update(hashlib.sha256(data).digest())
    return digest.hexdigest()


class Workshop:
    """A directory with one folder a step."""

    def __init__(self, directory: Path, kept: Collection[str] = ()) -> None:
        """`kept`: steps whose finished results are used whatever they were made from."""
        self.directory = directory
        self._kept = kept

    def run(self, name: str, made_from: str, work: Callable[[Path], None]) -> Path:
        """The step's folder, filled by `work(folder)` unless it already is, from the same inputs.

        After an interruption `work` finds what it had left there, unless the inputs have changed since.
        """
        folder = self.directory / name
        state = folder / _STATE
        known = _read(state)
        if known == {"made_from": made_from, "done": True} or (name in self._kept and known.get("done")):
            return folder
        if known.get("made_from") != made_from:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            state.write_text(json.dumps({"made_from": made_from, "done": False}))
        work(folder)
        state.write_text(json.dumps({"made_from": made_from, "done": True}))
        return folder


def _read(state: Path) -> dict[str, object]:
    try:
        found = json.loads(state.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
