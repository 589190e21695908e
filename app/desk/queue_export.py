"""The filtered list as CSV: for Excel, safe against formulas, phones masked, piece by piece however long it is."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from app.db import Database
from app.desk.catalogue import NAMES
from app.desk.config import DeskConfig
from app.desk.queue_filter import QueueFilter
from app.desk.queue_rows import QueueRow
from app.desk.queue_scope import scope_of
from app.desk.queue_view import every_row
from app.desk.residents import mask_phone
from app.desk.rights import Actor
from app.texts.catalogue import Translate, mark

_BATCH = 500
_BOM = "\ufeff"  # without it Excel takes UTF-8 for the system's own encoding
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_HEAD = (
    *(
        mark("编号"),
        mark("状态"),
        mark("紧急"),
        mark("类别"),
        mark("渠道"),
        mark("地点"),
        mark("居民"),
        mark("电话"),
    ),
    *(mark("说的事"), mark("负责人"), mark("受理时间"), mark("期限"), mark("办好时间"), mark("第几次办")),
)


class Words(NamedTuple):
    """How the console says states and channels, and everything else in the reader's language."""

    status: Callable[[QueueRow], str]
    channel: Callable[[QueueRow], str]
    say: Translate


def safe(value: str) -> str:
    """What a spreadsheet would run as a formula is text (OWASP, "CSV Injection")."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def exported(
    db: Database, cfg: DeskConfig, actor: Actor, wanted: QueueFilter, words: Words, *, now: datetime
) -> Iterator[str]:
    """Lines in pieces of some hundred tickets, each read in a transaction of its own: a slow reader holds up nobody."""
    yield _BOM + _written([[words.say(name) for name in _HEAD]])
    after, more = None, True
    while more:
        with db.transaction(read_only=True) as session:
            scope = scope_of(session, actor)
            rows, after = every_row(session, cfg, scope, wanted, now=now, after=after, count=_BATCH)
        more = after is not None
        yield _written([_cells(cfg, row, words) for row in rows])


def _cells(cfg: DeskConfig, row: QueueRow, words: Words) -> list[str]:
    person = row.reporter
    return [
        str(row.number),
        words.status(row),
        words.say("紧急") if row.urgent else "",
        words.say(NAMES.get(row.category or "", mark("未分类"))),
        words.channel(row),
        row.unit or "",
        (person.name or "") if person else "",
        mask_phone(person.phone) if person and person.phone else "",
        row.text,
        row.assignee or "",
        _moment(cfg, row.taken_at),
        _moment(cfg, row.due_at),
        _moment(cfg, row.resolved_at),
        str(row.cycle),
    ]


def _moment(cfg: DeskConfig, moment: datetime | None) -> str:
    return f"{cfg.local(moment):%Y-%m-%d %H:%M}" if moment else ""


def _written(lines: list[list[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([safe(cell) for cell in line] for line in lines)
    return buffer.getvalue()
