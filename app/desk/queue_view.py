"""Pages of the queue: a fixed number of statements, however many tickets there are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, literal, select
from sqlalchemy.orm import Session

from app.desk.config import DeskConfig
from app.desk.queue_filter import QueueFilter
from app.desk.queue_rows import COLUMNS, QueueRow, dressed
from app.desk.queue_scope import Scope
from app.desk.queue_statement import Key, conditions, in_order, key_of
from models.ticket import Ticket

PAGE = 30
# Written out: PostgreSQL plans prepared statements without their parameters, for a limit of a tenth of all
_ONE_MORE = literal(PAGE + 1, literal_execute=True)


class Seen(NamedTuple):
    version: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class QueuePage:
    """`before` and `after`: the first and last row's place, from which the neighbouring pages go on; None where there
    is no such page."""

    rows: tuple[QueueRow, ...]
    before: Key | None
    after: Key | None


def queue_page(
    session: Session,
    cfg: DeskConfig,
    scope: Scope,
    wanted: QueueFilter,
    *,
    now: datetime,
    after: Key | None = None,
    before: Key | None = None,
) -> QueuePage:
    """One page after or before a place in the order, stable whatever is added or taken away elsewhere."""
    query = _matching(cfg, scope, wanted, now)
    found = session.execute(in_order(query, wanted, after=after, before=before).limit(_ONE_MORE)).all()
    more, kept = len(found) > PAGE, found[:PAGE]
    if before is not None:
        kept = kept[::-1]
    rows = dressed(session, scope, kept)
    if not kept:
        return QueuePage((), None, None)
    first, last = (key_of(wanted, row.due_at, row.id) for row in (kept[0], kept[-1]))
    earlier = more if before is not None else after is not None
    later = True if before is not None else more
    return QueuePage(rows, first if earlier else None, last if later else None)


def rows_of(session: Session, scope: Scope, numbers: Collection[int]) -> tuple[QueueRow, ...]:
    """These tickets, as far as they may be seen, in the order of their numbers."""
    query = select(*COLUMNS).where(Ticket.number.in_(numbers)).order_by(Ticket.number)
    seen = scope.condition()
    return dressed(session, scope, session.execute(query if seen is None else query.where(seen)).all())


def window(
    session: Session,
    cfg: DeskConfig,
    scope: Scope,
    wanted: QueueFilter,
    *,
    now: datetime,
    after: Key | None,
    until: Key | None,
    limit: int,
) -> dict[int, Seen]:
    """By number, what a page that somebody looks at would hold now."""
    query = _matching(cfg, scope, wanted, now).with_only_columns(
        Ticket.number, Ticket.version, Ticket.due_at, Ticket.id
    )
    found = session.execute(in_order(query, wanted, after=after, until=until).limit(limit))
    return {row.number: Seen(row.version, row.due_at) for row in found}


def every_row(
    session: Session,
    cfg: DeskConfig,
    scope: Scope,
    wanted: QueueFilter,
    *,
    now: datetime,
    after: Key | None,
    count: int,
) -> tuple[tuple[QueueRow, ...], Key | None]:
    """The next `count` rows, and where those after them begin: for exports."""
    query = in_order(_matching(cfg, scope, wanted, now), wanted, after=after).limit(count)
    found = session.execute(query).all()
    last = key_of(wanted, found[-1].due_at, found[-1].id) if len(found) == count else None
    return dressed(session, scope, found), last


def _matching(cfg: DeskConfig, scope: Scope, wanted: QueueFilter, now: datetime) -> Select[*tuple[Any, ...]]:
    return select(*COLUMNS).where(*conditions(scope, wanted, now=now, region=cfg.default_region))
