"""One process at a time on a directory: a second demo must not empty what the first one uses."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from app.errors import ProcessError


@contextlib.contextmanager
def sole_user(directory: Path) -> Iterator[None]:
    """Hold the directory as long as the block lasts; ProcessError if somebody else does.

    The lock lies beside the directory, which may therefore be deleted and made anew. The kernel gives
    it back when we die, however we die; children don't inherit it.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    with directory.with_name(f"{directory.name}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ProcessError(f"{directory} 正被另一个程序使用。请先停掉它，或换一个目录。") from None
        yield
