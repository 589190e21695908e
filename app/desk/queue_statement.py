"""The queue's one statement: filters, search, order and where a page begins."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, text, tuple_, union

from app.desk.progress import SLIP
from app.desk.queue_filter import EVERY, UNSORTED, QueueFilter
from app.desk.queue_scope import Scope
from app.desk.residents import normalise_phone
from app.desk.unindexed import unindexed
from app.errors import BadNumber
from models.lifecycle import OPEN
from models.resident import Resident, ResidentPhone
from models.ticket import IS_OPEN, Ticket

SOON = timedelta(days=1)
PLAIN = "普通话"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"#?(\d{4,7})号?")
_SLIP = re.compile(rf"#?({SLIP.pattern})号?")
_WORDS = 4  # of a search; more would only make it slow


@dataclass(frozen=True, slots=True)
class Key:
    """Where a ticket stands in the order: by due time, or by id alone where the newest come first."""

    id: int
    due_at: datetime | None = None

    @classmethod
    def parse(cls, written: str | None) -> Self | None:
        """`1795312800000000.42` or `42`; None for anything else."""
        parts = (written or "").split(".")
        if len(parts) > 2 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
            return None
        numbers = [int(part) for part in parts]
        try:
            due = _EPOCH + timedelta(microseconds=numbers[0]) if len(parts) == 2 else None
        except OverflowError:
            return None
        return cls(numbers[-1], due)

    def __str__(self) -> str:
        if self.due_at is None:
            return str(self.id)
        return f"{(self.due_at - _EPOCH) // timedelta(microseconds=1)}.{self.id}"


def conditions(scope: Scope, wanted: QueueFilter, *, now: datetime, region: str) -> list[ColumnElement[bool]]:
    """What a ticket must be to be in the list. `region`: of telephone numbers written without a country."""
    found: list[ColumnElement[bool] | None] = [scope.condition(), _states(wanted)]
    if wanted.mine:
        found.append(scope.mine())
    if wanted.overdue:
        found.append(Ticket.due_at < now)
    if wanted.soon:
        found.append(Ticket.due_at.between(now, now + SOON))
    if wanted.urgent:
        found.append(Ticket.urgent.is_(True))
    if wanted.unit is not None:
        inside = scope.inside(wanted.unit, walked=wanted.shown <= OPEN)
        found.append(false() if inside is None else inside)
    if wanted.category is not None:
        sorted_out = wanted.category == UNSORTED
        found.append(Ticket.category.is_(None) if sorted_out else Ticket.category == wanted.category)
    if wanted.channel is not None:
        found.append(Ticket.channel == wanted.channel)
    if wanted.dialect:
        speaks = select(Resident.id).where(
            Resident.dialect.is_not(None), Resident.dialect.not_in(("", PLAIN))
        )
        found.append(
            or_(unindexed(Ticket.reporter_id).in_(speaks), unindexed(Ticket.beneficiary_id).in_(speaks))
        )
    if wanted.q:
        found.append(_search(wanted.q, region))
    return [condition for condition in found if condition is not None]


def in_order(
    query: Select[*tuple[Any, ...]],
    wanted: QueueFilter,
    *,
    after: Key | None = None,
    before: Key | None = None,
    until: Key | None = None,
) -> Select[*tuple[Any, ...]]:
    """Sorted as the list is; `after` this place, `before` this one (then backwards from there), `until` and with it."""
    columns, newest = _key(wanted), wanted.newest_first
    for key, beyond in ((after, not newest), (before, newest)):
        if key is not None and (place := _place(key, newest)) is not None:
            query = query.where(columns > place if beyond else columns < place)
    if until is not None and (place := _place(until, newest)) is not None:
        query = query.where(columns >= place if newest else columns <= place)
    backwards = newest is (before is None)
    ordered = (Ticket.id,) if newest else (Ticket.due_at, Ticket.id)
    return query.order_by(*(column.desc() if backwards else column.asc() for column in ordered))


def key_of(wanted: QueueFilter, due_at: datetime, id_: int) -> Key:
    return Key(id_, None if wanted.newest_first else due_at)


def _key(wanted: QueueFilter) -> Any:
    return Ticket.id if wanted.newest_first else tuple_(Ticket.due_at, Ticket.id)


def _place(key: Key, newest: bool) -> Any:
    """None for a key of the other order: then the list begins at its beginning."""
    if newest:
        return key.id
    return (key.due_at, key.id) if key.due_at is not None else None


def _states(wanted: QueueFilter) -> ColumnElement[bool] | None:
    """What is open word for word as the partial index says it, or planners would not know that it applies."""
    if wanted.shown == OPEN:
        return text(IS_OPEN)  # type: ignore[return-value]
    if wanted.shown == EVERY:
        return None
    within = (unindexed(Ticket.status) if wanted.newest_first else Ticket.status).in_(sorted(wanted.shown))
    return and_(text(IS_OPEN), within) if wanted.shown < OPEN else within


def _search(words: str, region: str) -> ColumnElement[bool]:
    """A ticket's number, that of a kiosk's slip, a telephone number, else every word of the text. Names are ciphertext: nobody can search them."""
    written = unicodedata.normalize("NFKC", words)
    if number := _NUMBER.fullmatch(written):
        return Ticket.number == int(number[1])
    if slip := _SLIP.fullmatch(written.upper()):
        return or_(Ticket.slip == slip[1], _said(written))
    try:
        phone = normalise_phone(written, region)
    except BadNumber:
        return _said(written)
    people = select(ResidentPhone.resident_id).where(ResidentPhone.phone_index == phone)
    # Two searches rather than one OR, for which PostgreSQL would walk through all years
    told = (
        select(Ticket.id).where(column.in_(people)) for column in (Ticket.reporter_id, Ticket.beneficiary_id)
    )
    return Ticket.id.in_(union(*told))


def _said(written: str) -> ColumnElement[bool]:
    return and_(
        *(
            or_(Ticket.text.contains(part, autoescape=True), Ticket.matter.contains(part, autoescape=True))
            for part in written.split()[:_WORDS]
        )
    )
