"""Reader of the labelled files in bench/data, and of a community's own (`jiachang learn export`).

UTF-8, tab separated, no quoting, one line of column names; empty lines and lines that begin with `#` are skipped.
Columns may come in any order; `wav` (a file beside the table) and `transcript` are optional.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from app.errors import BadInput

Row = TypeVar("Row", "Utterance", "Answer")
Kind = Literal["yes_no", "fact", "rating", "category", "number", "place", "person"]

CATEGORIES = ("repairs", "livelihood", "environment", "mediation", "care", "culture")
STYLES = ("short", "rambling", "polite", "angry", "dialect")
TIERS = ("simple", "complex")
EMERGENCIES = ("119", "120", "110")
INTENTS = (
    *("report", "progress", "rate", "reopen", "human", "activities", "keeper", "help"),
    *("optout", "optin", "thanks", "greeting", "other"),
)
PLACE = ("estate", "building", "unit", "room", "landmark")
VALUES: dict[Kind, tuple[str, ...]] = {
    "yes_no": ("yes", "no"),
    "fact": ("1", "2", "3"),
    "rating": ("1", "2", "3"),
    "category": ("1", "2", "3", "4", "5", "6"),
    "person": ("person",),
    "number": (),
    "place": (),
}
UTTERANCE_COLUMNS = (
    *("id", "style", "text", "category", "tier", "urgent", "danger"),
    *(*PLACE, "intent", "time", "phone"),
)
ANSWER_COLUMNS = ("id", "kind", "text", "value")
_OPTIONAL = ("wav", "transcript")


@dataclass(frozen=True, slots=True)
class Utterance:
    """Somebody's own words and what they mean. None: not said, or nobody has labelled it (then the whole
    column is empty).

    `building`, `unit`, `room`: Arabic digits, a building may be a letter; `landmark`, `time`: the words as said;
    `danger`: the emergency number to be told; `wav`: her own voice saying `text`.
    """

    id: str
    style: str
    text: str
    category: str | None = None
    tier: str | None = None
    urgent: bool | None = None
    danger: str | None = None
    estate: str | None = None
    building: str | None = None
    unit: str | None = None
    room: str | None = None
    landmark: str | None = None
    intent: str | None = None
    time: str | None = None
    phone: str | None = None
    wav: Path | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Words said where `kind` was asked. `value` None: it is none of the answers, and none may be taken from it.

    A place is building/unit/room with empty parts for what wasn't said (`3//501`), a number its digits.
    """

    id: str
    kind: Kind
    text: str
    value: str | None
    wav: Path | None = None


def read_utterances(path: Path) -> list[Utterance]:
    """Raises BadInput naming file and line, also for a file without a single utterance."""
    return _read(path, UTTERANCE_COLUMNS, _utterance)


def read_answers(path: Path) -> list[Answer]:
    """Raises BadInput naming file and line, also for a file without a single answer."""
    return _read(path, ANSWER_COLUMNS, _answer)


def sha256_of(path: Path) -> str:
    """Of the file as it lies there, in hex: shown with every table made from it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Line:
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

    def wav(self) -> Path | None:
        name = self.cells.get("wav", "")
        if not name:
            return None
        found = self.path.parent / name
        if not found.is_file():
            raise self.wrong(f"there is no audio file {name}")
        return found

    def words(self) -> str:
        """What is really said in the audio, where somebody wrote that down, else the text."""
        return self.cells.get("transcript") or self.filled("text")


def _utterance(line: _Line) -> Utterance:
    urgent = line.one_of("urgent", ("0", "1"))
    return Utterance(
        id=line.filled("id"),
        style=line.one_of("style", STYLES) or "",
        text=line.words(),
        category=line.one_of("category", CATEGORIES),
        tier=line.one_of("tier", TIERS),
        urgent=None if urgent is None else urgent == "1",
        danger=line.one_of("danger", EMERGENCIES),
        estate=line.cells["estate"] or None,
        building=line.digits("building", letter=True),
        unit=line.digits("unit"),
        room=line.digits("room"),
        landmark=line.cells["landmark"] or None,
        intent=line.one_of("intent", INTENTS),
        time=line.cells["time"] or None,
        phone=line.digits("phone"),
        wav=line.wav(),
    )


def _answer(line: _Line) -> Answer:
    kind = _kind(line)
    value: str | None
    if kind == "number":
        value = line.digits("value")
    elif kind == "place":
        value = _place(line)
    else:
        value = line.one_of("value", VALUES[kind])
    return Answer(line.filled("id"), kind, line.words(), value, line.wav())


def _kind(line: _Line) -> Kind:
    said = line.filled("kind")
    for kind in VALUES:
        if kind == said:
            return kind
    raise line.wrong(f"`kind` is {said!r}; allowed: {', '.join(VALUES)}")


def _place(line: _Line) -> str | None:
    value = line.cells["value"]
    parts = value.split("/")
    if value and (len(parts) != 3 or not any(parts)):
        raise line.wrong(f"`value` is {value!r}; a place is building/unit/room: 3/2/501, 3//, //501")
    return value or None


def _read(path: Path, columns: tuple[str, ...], make: Callable[[_Line], Row]) -> list[Row]:
    rows: list[Row] = []
    seen: dict[str, int] = {}
    for line in _lines(path, columns):
        row = make(line)
        if row.id in seen:
            raise line.wrong(f"`id` {row.id} stands in line {seen[row.id]} already")
        seen[row.id] = line.number
        rows.append(row)
    if not rows:
        raise BadInput(f"{path}: no line with data")
    return rows


def _lines(path: Path, columns: tuple[str, ...]) -> Iterator[_Line]:
    head: list[str] | None = None
    for number, raw in enumerate(_text(path).split("\n"), start=1):
        line = raw.removesuffix("\r")
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t")
        if head is None:
            head = _head(path, number, cells, columns)
        elif len(cells) != len(head):
            raise BadInput(f"{path}:{number}: {len(cells)} columns, the first line has {len(head)}")
        else:
            yield _Line(path, number, dict(zip(head, (cell.strip() for cell in cells), strict=True)))


def _head(path: Path, number: int, cells: list[str], columns: tuple[str, ...]) -> list[str]:
    missing = [name for name in columns if name not in cells]
    unknown = [name for name in cells if name not in (*columns, *_OPTIONAL)]
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
