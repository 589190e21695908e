"""Reader of the labelled files in bench/data, and of a community's own (`jiachang learn export`).

Tables as in `bench.tsv`; `wav` (a file beside the table) and `transcript` are optional columns.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench.tsv import Line, read_table

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
    return read_table(path, UTTERANCE_COLUMNS, _utterance, _OPTIONAL)


def read_answers(path: Path) -> list[Answer]:
    """Raises BadInput naming file and line, also for a file without a single answer."""
    return read_table(path, ANSWER_COLUMNS, _answer, _OPTIONAL)


def _utterance(line: Line) -> Utterance:
    urgent = line.one_of("urgent", ("0", "1"))
    return Utterance(
        id=line.filled("id"),
        style=line.one_of("style", STYLES) or "",
        text=_words(line),
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
        wav=_wav(line),
    )


def _answer(line: Line) -> Answer:
    kind = _kind(line)
    value: str | None
    if kind == "number":
        value = line.digits("value")
    elif kind == "place":
        value = _place(line)
    else:
        value = line.one_of("value", VALUES[kind])
    return Answer(line.filled("id"), kind, _words(line), value, _wav(line))


def _kind(line: Line) -> Kind:
    said = line.filled("kind")
    for kind in VALUES:
        if kind == said:
            return kind
    raise line.wrong(f"`kind` is {said!r}; allowed: {', '.join(VALUES)}")


def _place(line: Line) -> str | None:
    value = line.cells["value"]
    parts = value.split("/")
    if value and (len(parts) != 3 or not any(parts)):
        raise line.wrong(f"`value` is {value!r}; a place is building/unit/room: 3/2/501, 3//, //501")
    return value or None


def _wav(line: Line) -> Path | None:
    name = line.cells.get("wav", "")
    if not name:
        return None
    found = line.path.parent / name
    if not found.is_file():
        raise line.wrong(f"there is no audio file {name}")
    return found


def _words(line: Line) -> str:
    """What is really said in the audio, where somebody wrote that down, else the text."""
    return line.cells.get("transcript") or line.filled("text")
