"""Tables written by hand: UTF-8, tab separated, no quoting, one line of column names, every mistake told by file and line.

Empty lines and lines that begin with `#` are skipped; columns may come in any order.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from app.errors import BadInput


class Identified(Protocol):
    @property
    def id(self) -> str: ...


Row = TypeVar("Row", bound=Identified)
Columns = tuple[str, ...]


def sha256_of(path: Path) -> str:
    """Of the file as it lies there, in hex: shown with every table made from it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@dataclass(frozen=True, slots=True)
class Line:
    """One row and where it stands."""

    path: Path
    number: int
    cells: dict[str, str]

    def wrong(self, message: str) -> BadInput:
        return BadInput(f"{self.path}:{self.number}: {message}")

    def filled(self, name: str) -> str:
        if not self.cells[name]:
            raise self.wrong(f"`{name}` is empty")
        return self.cells[name]

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str | None:
        value = self.cells[name]
        if value and value not in allowed:
            raise self.wrong(f"`{name}` is {value!r}; allowed: {', '.join(allowed)}, or empty")
        return value or None

    def digits(self, name: str, *, letter: bool = False) -> str | None:
        value = self.cells[name]
        one_letter = letter and len(value) == 1 and value.isascii() and value.isupper()
        if value and not one_letter and not (value.isascii() and value.isdigit()):
            raise self.wrong(f"`{name}` is {value!r}; wanted: Arabic digits{' or one capital' * letter}")
        return value or None


def read_table(
    path: Path, columns: Columns, make: Callable[[Line], Row], optional: Columns = ()
) -> list[Row]:
    """Raises BadInput naming file and line, also for an `id` that stands twice and a file without data."""
    rows: list[Row] = []
    seen: dict[str, int] = {}
    for line in _lines(path, columns, optional):
        row = make(line)
        if row.id in seen:
            raise line.wrong(f"`id` {row.id} stands in line {seen[row.id]} already")
        seen[row.id] = line.number
        rows.append(row)
    if not rows:
        raise BadInput(f"{path}: no line with data")
    return rows


def _lines(path: Path, columns: Columns, optional: Columns) -> Iterator[Line]:
    head: list[str] | None = None
    for number, raw in enumerate(_text(path).split("\n"), start=1):
        line = raw.removesuffix("\r")
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t")
        if head is None:
            head = _head(path, number, cells, columns, optional)
        elif len(cells) != len(head):
            raise BadInput(f"{path}:{number}: {len(cells)} columns, the first line has {len(head)}")
        else:
            yield Line(path, number, dict(zip(head, (cell.strip() for cell in cells), strict=True)))


def _head(path: Path, number: int, cells: list[str], columns: Columns, optional: Columns) -> list[str]:
    missing = [name for name in columns if name not in cells]
    unknown = [name for name in cells if name not in (*columns, *optional)]
    if missing or unknown or len(set(cells)) != len(cells):
        wrong = (
            f"missing {', '.join(missing)}" if missing else f"unknown or twice: {', '.join(unknown or cells)}"
        )
        raise BadInput(f"{path}:{number}: column names: {wrong}; wanted, tab separated: {' '.join(columns)}")
    return cells


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise BadInput(f"{path}:{line}: not UTF-8; save the table as UTF-8") from error
