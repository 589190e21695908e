"""A file that is not whole yet, and what its server said about it, so that a later run can go on with it.

Before a byte is appended it must be sure that server and part still speak of the same file; the answers that
tell are kept beside the part.
"""

import json
import os
from dataclasses import asdict, dataclass
from email.message import Message
from pathlib import Path
from typing import Self

from app.errors import ModelFetchError


@dataclass(frozen=True)
class Seen:
    """What the server said about the file at `url`; None for what it didn't say. `length` in bytes."""

    url: str
    etag: str | None
    modified: str | None
    length: int | None

    @classmethod
    def of(cls, url: str, headers: Message, length: int | None) -> Self:
        return cls(url, headers.get("ETag"), headers.get("Last-Modified"), length)

    def validator(self) -> str | None:
        """For If-Range, which takes no weak tags (RFC 9110, section 13.1.5)."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.modified

    def same_file(self, now: "Seen") -> bool:
        """There is something that both know, and nothing of it differs."""
        pairs = ((self.etag, now.etag), (self.modified, now.modified), (self.length, now.length))
        known = [(a, b) for a, b in pairs if a is not None and b is not None]
        return self.url == now.url and bool(known) and all(a == b for a, b in known)


class Part:
    """The part and its note. Problems of this disk are ModelFetchErrors: trying again wouldn't help."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._note = path.with_name(path.name + ".json")

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def seen(self) -> Seen | None:
        """None if nothing is known or the note is damaged: then the part is worth nothing."""
        try:
            return Seen(**json.loads(self._note.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def begin(self, seen: Seen) -> None:
        """Starts anew. The old bytes go before the new note comes: never a note about other bytes."""
        self.forget()
        try:
            self._note.write_text(json.dumps(asdict(seen)), encoding="utf-8")
            self.path.touch()
        except OSError as error:
            raise self._unwritable(error) from error

    def append(self, data: bytes) -> None:
        try:
            with self.path.open("ab") as file:
                file.write(data)
        except OSError as error:
            raise self._unwritable(error) from error

    def forget(self) -> None:
        """The next download starts at the first byte."""
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def _unwritable(self, error: OSError) -> ModelFetchError:
        why = error.strerror or os.strerror(error.errno or 0)
        return ModelFetchError(f"{self.path} cannot be written: {why}; what has arrived is kept")
