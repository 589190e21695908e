"""One line that says how far a long run is; silent where nobody watches."""

import sys
import time
from types import TracebackType
from typing import Self, TextIO

_COLUMNS = 24


class Progress:
    """`total` steps; on a terminal the line is redrawn, elsewhere one line at the end."""

    def __init__(self, what: str, total: int, stream: TextIO | None = None) -> None:
        self._what, self._total = what, max(1, total)
        self._done, self._started = 0, time.monotonic()
        self._stream = stream or sys.stderr

    def __enter__(self) -> Self:
        self._draw()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        ending = "" if kind is None else "  stopped"
        lead = "\r" if self._stream.isatty() else ""
        self._stream.write(f"{lead}{self.line()}{ending}\n")
        self._stream.flush()

    def step(self, count: int = 1, note: str = "") -> None:
        self._done += count
        self._draw(note)

    def line(self) -> str:
        share = min(1.0, self._done / self._total)
        bar = ("#" * round(share * _COLUMNS)).ljust(_COLUMNS, ".")
        seconds = time.monotonic() - self._started
        return f"{self._what:<34} [{bar}] {self._done}/{self._total}  {seconds:.0f} s"

    def _draw(self, note: str = "") -> None:
        if self._stream.isatty():
            self._stream.write(f"\r{self.line()}  {note:<20}")
            self._stream.flush()
