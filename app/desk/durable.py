"""Files that rows point to: whole, and on the disk, before a row says that they are there."""

import os
from pathlib import Path


def write_durably(path: Path, data: bytes) -> None:
    """Write the file under its name all at once, synced; makes the directory. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(data)
    _sync(part)
    part.replace(path)
    _sync(path.parent)  # the directory too, or the name can be lost with the power


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
