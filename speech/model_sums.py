"""Trust on first use: the SHA-256 of each archive when it first came, kept beside the models.

The vendor gives MD5 sums at best, from the same server. What can be known is that an archive of the same name is
the same as the first time, on this and (by `--sha256`) on other machines; a difference is for a person to judge.
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from app.errors import ModelFetchError
from speech.model_download import Progress

FILE = "model-sums.json"
_BLOCK = 1 << 20


@dataclass(frozen=True)
class KnownSum:
    """`since`: day of the first fetch (ISO); `url`: where it came from."""

    sha256: str
    since: str
    url: str


def sha256_of(path: Path, progress: Progress) -> str:
    digest, total, done = hashlib.sha256(), path.stat().st_size, 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            done += len(block)
            progress("sum", done, total)
    return digest.hexdigest()


def known_sum(directory: Path, name: str) -> KnownSum | None:
    """Raises ModelFetchError if the file is there but unreadable: then nothing may pass as a first time."""
    return _load(directory / FILE).get(name)


def remember(directory: Path, name: str, known: KnownSum) -> None:
    sums = _load(directory / FILE) | {name: known}
    text = json.dumps({key: asdict(value) for key, value in sorted(sums.items())}, indent=2)
    fresh = directory / f"{FILE}.new"
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(directory / FILE)


def _load(path: Path) -> dict[str, KnownSum]:
    if not path.exists():
        return {}
    try:
        return {
            str(name): KnownSum(str(of["sha256"]), str(of["since"]), str(of["url"]))
            for name, of in json.loads(path.read_text(encoding="utf-8")).items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelFetchError(
            f"{path} cannot be read ({error}); it holds the sums of the models fetched before. "
            "Mend it, or delete it to trust the next archive as it comes"
        ) from error
