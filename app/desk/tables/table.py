"""A list that goes out and comes in: its columns, its rows, and what one row coming in does."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from app.desk.config import DeskConfig
from app.desk.rights import Actor
from app.desk.tables.files import Numbered, Row
from app.errors import BadInput, JiachangError, NotAllowed, NotFound


class Did(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Context:
    session: Session
    cfg: DeskConfig
    actor: Actor
    now: datetime


@dataclass(frozen=True, slots=True)
class Table:
    """`name` is a marked msgid; `take` raises BadInput, NotFound or NotAllowed for a row that cannot be taken."""

    code: str
    name: str
    columns: Sequence[str]
    rows: Callable[[Context], Iterable[Row]]
    take: Callable[[Context, Row], Did]


@dataclass(frozen=True, slots=True)
class Wrong:
    line: int
    error: JiachangError


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of a file: how many rows did what, and the lines that cannot be taken."""

    done: dict[Did, int]
    wrong: Sequence[Wrong]


class Rehearsed(Exception):
    """Ends a rehearsal's transaction, so that nothing of it stays; carries what would have happened."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


def take_all(context: Context, table: Table, rows: Sequence[Numbered], *, rehearsal: bool) -> Outcome:
    """All rows or none: with one that cannot be taken, and in a rehearsal, Rehearsed is raised for the transaction
    to be rolled back."""
    done = dict.fromkeys(Did, 0)
    wrong = []
    for line, row in rows:
        try:
            with context.session.begin_nested():
                done[table.take(context, row)] += 1
        except (BadInput, NotFound, NotAllowed) as error:
            wrong.append(Wrong(line, error))
    outcome = Outcome(done, wrong)
    if rehearsal or wrong:
        raise Rehearsed(outcome)
    return outcome


def yes(word: str | None) -> bool:
    """是, y, 1 … in a cell."""
    return (word or "").strip().lower() in ("是", "有", "y", "yes", "1", "true", "√")


def flag(value: bool) -> str:
    return "是" if value else ""


def number(row: Row, column: str) -> int | None:
    """None for an empty cell; BadInput for what is no number."""
    if not (word := row.get(column)):
        return None
    if not word.isdecimal() or len(word) > 6:
        raise BadInput("{column}“{word}”不是数字", column=column, word=word[:20])
    return int(word)
