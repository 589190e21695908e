"""Everybody who works for the community: keepers, dispatchers, property companies, volunteers."""

from enum import StrEnum

from sqlalchemy import ForeignKey, String, true
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, enum_type
from models.crypto import BlindIndex, EncryptedJson, EncryptedText


class Role(StrEnum):
    KEEPER = "keeper"
    DISPATCHER = "dispatcher"
    CALLBACK_WORKER = "callback_worker"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    VIEWER = "viewer"


class AssigneeKind(StrEnum):
    KEEPER = "keeper"
    PROPERTY = "property"
    VOLUNTEER = "volunteer"
    DEPARTMENT = "department"


class Staff(Base):
    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(EncryptedText("staff:name"))
    phone: Mapped[str | None] = mapped_column(EncryptedText("staff:phone"))
    phone_index: Mapped[str | None] = mapped_column(BlindIndex, unique=True)
    role: Mapped[Role] = mapped_column(enum_type(Role))
    kind: Mapped[AssigneeKind] = mapped_column(enum_type(AssigneeKind), default=AssigneeKind.KEEPER)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    # Signing in at the console; without a password there is none
    password_hash: Mapped[str | None] = mapped_column(String(200))  # argon2's own format
    must_change_password: Mapped[bool] = mapped_column(default=True, server_default=true())
    totp_secret: Mapped[str | None] = mapped_column(EncryptedText("staff:totp_secret"))
    totp_step: Mapped[int | None]  # the last code's time step: no code counts twice; null: not confirmed yet
    recovery_codes: Mapped[list[str] | None] = mapped_column(EncryptedJson("staff:recovery_codes"))  # SHA-256
    language: Mapped[str | None] = mapped_column(String(10))  # of the console; null: the community's
