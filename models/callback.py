"""Calls that we owe somebody, and the attempts at making them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, enum_type
from models.crypto import BlindIndex, EncryptedText


class CallbackKind(StrEnum):
    EVALUATION = "evaluation"
    RETURN_CALL = "return_call"
    CARE = "care"
    NOTICE = "notice"


class CallbackState(StrEnum):
    WAITING = "waiting"  # due for the robot
    PERSON = "person"  # in the callback workers' queue
    VISIT = "visit"  # the keeper goes there
    DONE = "done"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    MACHINE = "machine"
    REFUSED = "refused"
    WRONG_NUMBER = "wrong_number"
    CALL_LATER = "call_later"


class AttemptState(StrEnum):
    PENDING = "pending"
    DIALING = "dialing"  # intent committed, the carrier is being asked
    PLACED = "placed"
    DONE = "done"
    UNKNOWN = "unknown"  # the carrier's answer was lost: reconciled, never redialled blindly


LIVE = (AttemptState.DIALING, AttemptState.UNKNOWN, AttemptState.PLACED)


class Callback(Base):
    __tablename__ = "callbacks"
    __table_args__ = (Index("ix_callbacks_state_due_at", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[CallbackKind] = mapped_column(enum_type(CallbackKind))
    state: Mapped[CallbackState] = mapped_column(enum_type(CallbackState))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id"), index=True)
    phone: Mapped[str | None] = mapped_column(EncryptedText("callbacks:phone"))
    phone_index: Mapped[str | None] = mapped_column(BlindIndex, index=True)
    reason: Mapped[str] = mapped_column(
        String(40)
    )  # asked_person, hung_up, not_understood, silence, resolved …
    words: Mapped[str | None] = mapped_column(EncryptedText("callbacks:words"))  # what the robot reads out
    # One evaluation per ticket, cycle and resident; one open return_call per ticket, or per number and hour
    dedup_key: Mapped[str] = mapped_column(String(120), unique=True)
    due_at: Mapped[datetime]
    not_after: Mapped[datetime]
    priority: Mapped[int] = mapped_column(default=5)  # 1 first
    cycle: Mapped[int] = mapped_column(default=1)
    outcome: Mapped[Outcome | None] = mapped_column(enum_type(Outcome))
    texted_at: Mapped[datetime | None]  # the text sent when calls did not get through
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    claimed_by: Mapped[int | None]  # of the staff; who has it open at the callback desk …
    claimed_until: Mapped[datetime | None]  # … and until when, unless the page renews it
    settles_at: Mapped[datetime | None] = mapped_column(
        index=True
    )  # a person's mark takes effect then; until that moment she may take it back


class Attempt(Base):
    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("callback_id", "n"),
        Index("ix_attempts_state_due_at", "state", "due_at"),
        Index(
            "uq_attempts_live_phone_index",
            "phone_index",
            unique=True,
            sqlite_where=text("state IN ('dialing', 'unknown', 'placed')"),
            postgresql_where=text("state IN ('dialing', 'unknown', 'placed')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True)  # in the answer and status URLs
    callback_id: Mapped[int] = mapped_column(ForeignKey("callbacks.id"))
    n: Mapped[int]
    phone_index: Mapped[str] = mapped_column(BlindIndex)
    state: Mapped[AttemptState] = mapped_column(enum_type(AttemptState))
    outcome: Mapped[Outcome | None] = mapped_column(enum_type(Outcome))
    rang: Mapped[bool] = mapped_column(default=False)  # attempts that never rang don't count
    due_at: Mapped[datetime]
    intent_at: Mapped[datetime | None]  # committed before the carrier is asked
    lease_token: Mapped[str | None] = mapped_column(String(36))
    lease_until: Mapped[datetime | None]
    carrier_sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    carrier_rank: Mapped[int] = mapped_column(default=0)  # status callbacks move forward only
    answered_by: Mapped[str | None] = mapped_column(String(30))  # human, machine_start …, as the carrier says
    tries: Mapped[int] = mapped_column(default=0)  # times the carrier refused for now
    last_error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    staff_id: Mapped[int | None]  # who rang from the callback desk, or went there; her own phone rings first
    seen: Mapped[Outcome | None] = mapped_column(
        enum_type(Outcome)
    )  # by the carrier; the person at the desk decides
