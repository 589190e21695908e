"""A ticket (诉求) and its append-only events. Only app.desk.tickets writes either."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Sequence, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Json, enum_type
from models.crypto import EncryptedText
from models.lifecycle import OPEN, Status

FIRST_NUMBER = 1001
TICKET_NUMBERS = Sequence("ticket_numbers", start=FIRST_NUMBER, metadata=Base.metadata)
"""Where the database has sequences; SQLite counts in a row (models.housekeeping.Counter)."""
IS_OPEN = f"tickets.status NOT IN ({', '.join(repr(status.value) for status in sorted(set(Status) - OPEN))})"
"""As SQL, word for word as the partial index has it: else planners would not take it. NOT IN, because of an IN SQLite
makes a search by status and then sorts what it has found."""

_SEEN_BY = ("unit_id", "assignee_id", "id")  # what decides who sees a ticket


class Ticket(Base):
    __tablename__ = "tickets"
    __table_args__ = (
        Index("ix_tickets_watch_at", "watch_at"),  # the clock's question
        # The console's queue and the counts above it, which are made from indexes alone (docs/benchmarks.md)
        Index(
            "ix_tickets_open",
            *("due_at", "id", "status", "unit_id", "assignee_id"),
            sqlite_where=text(IS_OPEN.replace("tickets.", "")),
            postgresql_where=text(IS_OPEN.replace("tickets.", "")),
        ),
        Index("ix_tickets_status_due_at", "status", "due_at", *_SEEN_BY),
        Index("ix_tickets_created_at", "created_at", *_SEEN_BY),
        Index("ix_tickets_resolved_at", "resolved_at", *_SEEN_BY),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(
        TICKET_NUMBERS, unique=True
    )  # told to the resident; from 1001, never reused
    status: Mapped[Status] = mapped_column(enum_type(Status))
    slip: Mapped[str | None] = mapped_column(String(8), index=True)  # a kiosk's own number for it: A017
    channel: Mapped[str] = mapped_column(String(10))
    category: Mapped[str | None] = mapped_column(ForeignKey("categories.code"))
    tier: Mapped[str] = mapped_column(String(10), default="simple")
    urgent: Mapped[bool] = mapped_column(default=False)
    danger: Mapped[str | None] = mapped_column(String(3))  # the emergency number that was told: 119, 120, 110
    text: Mapped[str] = mapped_column(Text, default="")  # the resident's words
    matter: Mapped[str | None] = mapped_column(String(40))  # the short phrase that was read back
    verified: Mapped[bool] = mapped_column(default=False)  # staff wrote or checked the text
    estate: Mapped[str | None] = mapped_column(String(40))
    building: Mapped[str | None] = mapped_column(String(20))
    unit_no: Mapped[str | None] = mapped_column(String(10))
    room: Mapped[str | None] = mapped_column(EncryptedText("tickets:room"))
    landmark: Mapped[str | None] = mapped_column(String(40))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id"), index=True)
    beneficiary_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id"), index=True)
    first_responder_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # set once, never changed
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    dispatch_reason: Mapped[str | None] = mapped_column(String(200))
    occurred_at: Mapped[datetime]  # when the resident spoke; every clock starts here
    created_at: Mapped[datetime]
    cycle_at: Mapped[datetime]  # when this cycle began: occurred_at, later the last reopening
    respond_due_at: Mapped[datetime]
    due_at: Mapped[datetime]
    hard_due_at: Mapped[datetime]
    promised_on: Mapped[date]  # local date, told to the resident
    accepted_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    hold_until: Mapped[datetime | None]
    review_on: Mapped[date | None]
    resolution: Mapped[str | None] = mapped_column(Text)
    close_reason: Mapped[str | None] = mapped_column(String(20))
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    cycle: Mapped[int] = mapped_column(default=1)  # 2 after the first reopening, …
    escalation: Mapped[int] = mapped_column(default=0)  # levels up the unit tree
    respond_missed: Mapped[bool] = mapped_column(default=False)  # nobody had taken it up by respond_due_at
    warned: Mapped[int] = mapped_column(default=0)  # highest share of the time limit warned of: 0, 50, 80
    watch_at: Mapped[datetime | None]  # when the clock must look again: warn, escalate, resume, review
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class TicketEvent(Base):
    """What happened: never edited, never deleted. Notes that change no status carry `source == target`."""

    __tablename__ = "ticket_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    action: Mapped[str] = mapped_column(String(20))  # an Action, or a note: escalate, warn, alert, remark
    source: Mapped[Status | None] = mapped_column(enum_type(Status))
    target: Mapped[Status] = mapped_column(enum_type(Status))
    actor: Mapped[str] = mapped_column(String(40))  # "staff:7", "rule:4", "resident", "clock", "callback:3"
    reason: Mapped[str | None] = mapped_column(Text)
    data: Mapped[Json] = mapped_column(default=dict)
    dedup_key: Mapped[str | None] = mapped_column(
        String(80), unique=True
    )  # reopening twice for one reason is once
    at: Mapped[datetime]
