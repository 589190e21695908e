"""Telephone calls and their turns. A turn's stored TwiML answers every repeat of its webhook.

What is said and heard, and what the flow remembers of it, holds names and digits of telephones: it is ciphertext.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Json
from models.crypto import BlindIndex, EncryptedJson, EncryptedText


class Call(Base):
    __tablename__ = "calls"
    # The sweeper's question: which calls have ended, or fallen silent, without being settled?
    __table_args__ = (Index("ix_calls_unsettled", "settled_at", "updated_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True)  # in our URLs
    carrier_sid: Mapped[str] = mapped_column(String(64), unique=True)
    direction: Mapped[str] = mapped_column(String(10))  # inbound, outbound
    phone: Mapped[str | None] = mapped_column(
        EncryptedText("calls:phone")
    )  # the resident's; null if withheld
    phone_index: Mapped[str | None] = mapped_column(BlindIndex, index=True)
    hotline: Mapped[str] = mapped_column(String(20))  # our side's number
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id"))
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempts.id"), unique=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    state: Mapped[Json] = mapped_column(EncryptedJson("calls:state"))  # the flow engine's State
    last_turn: Mapped[int] = mapped_column(default=0)
    person_accepted_at: Mapped[datetime | None]  # the one rung by Dial pressed 1
    started_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]  # what the hang-up left over has been taken care of


class CallTurn(Base):
    __tablename__ = "call_turns"
    __table_args__ = (UniqueConstraint("call_id", "n"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"))
    n: Mapped[int]
    node: Mapped[str] = mapped_column(String(40))
    # Sentences, for the timeline and for replay on a stream
    said: Mapped[list[str]] = mapped_column(EncryptedJson("call_turns:said"))
    twiml: Mapped[str] = mapped_column(EncryptedText("call_turns:twiml"))
    listen: Mapped[Json | None]  # how the answer is taken; null where the turn ends the call
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)  # one-time, for the media stream
    token_used_at: Mapped[datetime | None]
    spool: Mapped[str | None] = mapped_column(
        String(80)
    )  # file the gateway is writing, so a sweeper can find it
    # What came back: {"kind": "speech"|"keys"|"silence"|"hangup", "words", "confidence", "keys", "recording"}
    heard: Mapped[Json | None] = mapped_column(EncryptedJson("call_turns:heard"))
    created_at: Mapped[datetime]
    heard_at: Mapped[datetime | None]
