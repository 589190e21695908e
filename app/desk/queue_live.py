"""What has changed on a page of the queue that somebody looks at, so that nothing need move under the pointer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.desk.config import DeskConfig
from app.desk.queue_filter import QueueFilter
from app.desk.queue_rows import QueueRow
from app.desk.queue_scope import Scope
from app.desk.queue_statement import Key
from app.desk.queue_view import PAGE, rows_of, window
from app.desk.spans import Span, span_of

_LIMIT = 3 * PAGE


@dataclass(frozen=True, slots=True)
class Changes:
    """`new`: numbers that are not shown yet. `gone`: shown, but no longer of this list; `lost`: nor to be seen at all.
    `changed` stay where they are with new words, be it only of the time that is left."""

    new: tuple[int, ...]
    gone: tuple[QueueRow, ...]
    lost: tuple[int, ...]
    changed: tuple[QueueRow, ...]

    @property
    def rows(self) -> bool:
        """Does any shown row look different now?"""
        return bool(self.gone or self.lost or self.changed)


def changes(
    session: Session,
    cfg: DeskConfig,
    scope: Scope,
    wanted: QueueFilter,
    shown: Mapping[int, int],
    *,
    now: datetime,
    since: datetime,
    after: Key | None,
    until: Key | None,
) -> Changes:
    """`shown`: number → version of each row, whose words are of the moment `since`; `after`, `until`: where that page
    begins and ends."""
    current = window(session, cfg, scope, wanted, now=now, after=after, until=until, limit=_LIMIT)
    left = [number for number in shown if number not in current] if len(current) < _LIMIT else []
    other = [
        number
        for number, version in shown.items()
        if (seen := current.get(number))
        and (seen.version != version or (not wanted.newest_first and _ages(seen.due_at, since, now)))
    ]
    rows = {row.number: row for row in rows_of(session, scope, [*left, *other])} if left or other else {}
    return Changes(
        new=tuple(sorted(number for number in current if number not in shown)),
        gone=tuple(rows[number] for number in left if number in rows),
        lost=tuple(number for number in left if number not in rows),
        changed=tuple(rows[number] for number in other if number in rows),
    )


def _ages(due_at: datetime, since: datetime, now: datetime) -> bool:
    """Does one say the time that is left in other words than then?"""
    return _left(due_at, since) != _left(due_at, now)


def _left(due_at: datetime, now: datetime) -> tuple[bool, Span]:
    return due_at < now, span_of((due_at - now).total_seconds() / 60)
