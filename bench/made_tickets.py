"""A community with a past: so many made tickets, told by 2,000 residents of 80 buildings.

One in twenty is open, but never fewer than 400, and `REGULAR` has told 40 of them: a page of the queue is as full with
1,000 tickets as with 100,000, else a short page's time would be compared with a long one's.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from app.db import insert_row
from app.desk.catalogue import NAMES
from app.desk.queue_filter import CHANNELS
from app.desk.units import add_unit
from bench.sayings import sayings
from models.housekeeping import Counter
from models.lifecycle import OPEN, Status
from models.resident import Resident, ResidentPhone
from models.staff import Role, Staff
from models.ticket import FIRST_NUMBER, Ticket, TicketEvent
from models.unit import Unit

OPEN_SHARE, _OPEN_AT_LEAST = 0.05, 400
REGULAR, _REGULARS_TICKETS = 7, 40
"""The resident, counted from 0, who has told as much in every community."""
_REST = (
    (Status.CLOSED, 90),
    (Status.RESOLVED, 2),
    (Status.PLANNED, 1),
    (Status.CANCELLED, 1),
    (Status.DUPLICATE, 1),
)
_RESIDENTS, _GRIDS, _BUILDINGS = 2000, 10, 8
_PAST = timedelta(days=3 * 365)
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_AT_ONCE = 2000


def make_residents(session: Session, now: datetime) -> list[int]:
    """Buildings and residents with a number each, every tenth with a dialect; their ids."""
    root = session.scalars(select(Unit).where(Unit.parent_id.is_(None))).one()
    homes = []
    for n in range(_GRIDS):
        grid = add_unit(session, parent=root, kind="grid", name=f"第{n + 3}网格")
        homes += [
            add_unit(session, parent=grid, kind="building", name=f"{n}{m}栋").id for m in range(_BUILDINGS)
        ]
    ids = []
    for n in range(_RESIDENTS):
        resident = Resident(name=f"{_SURNAMES[n % 20]}某{n}", unit_id=homes[n % len(homes)], created_at=now)
        resident.dialect = "四川话" if n % 10 == 0 else None
        insert_row(session, resident)
        phone = phone_of(n)
        insert_row(session, ResidentPhone(resident_id=resident.id, phone=phone, phone_index=phone))
        ids.append(resident.id)
    return ids


def phone_of(n: int) -> str:
    """Of the n-th resident."""
    return f"+86137{n:08d}"


def make_tickets(session: Session, count: int, residents: list[int], now: datetime) -> None:
    """Into a database without tickets, in one transaction; each with the event that opened it."""
    homes = {row.id: row.unit_id for row in session.execute(select(Resident.id, Resident.unit_id))}
    keepers = list(session.scalars(select(Staff.id).where(Staff.role == Role.KEEPER)))
    rows = _tickets(count, residents, homes, keepers, now)
    connection = session.connection()
    while batch := list(islice(rows, _AT_ONCE)):
        connection.execute(insert(Ticket.__table__), batch)  # type: ignore[arg-type]
        connection.execute(insert(TicketEvent.__table__), [_opened(row) for row in batch])  # type: ignore[arg-type]
    last = FIRST_NUMBER + count - 1
    if connection.dialect.supports_sequences:
        for sequence, value in (("ticket_numbers", last), ("tickets_id_seq", count)):
            connection.execute(
                text("SELECT setval(:sequence, :value)"), {"sequence": sequence, "value": value}
            )
    else:
        session.merge(Counter(name="ticket", value=last))


def _opened(row: dict[str, Any]) -> dict[str, Any]:
    columns = {"action": "open", "source": None, "actor": "resident", "data": {}, "at": row["created_at"]}
    return {"ticket_id": row["id"], "target": row["status"], **columns}


def _tickets(
    count: int, residents: list[int], homes: dict[int, int | None], keepers: list[int], now: datetime
) -> Iterator[dict[str, Any]]:
    random = Random(count)
    texts = sayings(min(count, 20_000))
    settled, weights = [status for status, _ in _REST], [weight for _, weight in _REST]
    open_share = max(OPEN_SHARE, _OPEN_AT_LEAST / count)
    others = [resident for n, resident in enumerate(residents) if n != REGULAR]
    for n in range(count):
        open_ = random.random() < open_share
        status = random.choice(sorted(OPEN)) if open_ else random.choices(settled, weights)[0]
        # What is open came in the last days, wherever its number stands
        taken = now - (timedelta(hours=random.uniform(0, 90)) if open_ else _PAST * (1 - n / count))
        due = taken + timedelta(hours=random.choice((24, 72, 96)))
        regular = n % max(1, count // _REGULARS_TICKETS) == 0
        resident = residents[REGULAR] if regular else random.choice(others)
        yield {
            "id": n + 1,
            "number": FIRST_NUMBER + n,
            "status": status,
            "channel": random.choice(CHANNELS),
            "category": random.choice((*NAMES, None)),
            "urgent": random.random() < 0.03,
            "text": texts[n % len(texts)],
            "matter": None,
            "unit_id": homes[resident],
            "reporter_id": resident,
            "beneficiary_id": resident,
            "assignee_id": None if status in (Status.NEW, Status.NEEDS_LISTENING) else random.choice(keepers),
            "occurred_at": taken,
            "created_at": taken,
            "cycle_at": taken,
            "respond_due_at": taken + timedelta(hours=4),
            "due_at": due,
            "hard_due_at": taken + timedelta(days=15),
            "promised_on": due.date(),
            "resolved_at": None if open_ else min(due, now),
            "closed_at": min(due, now) if status is Status.CLOSED else None,
            "tier": "simple",
        }
