"""What everybody does to her own account: password, language, authenticator, sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Database
from app.desk import audit, passwords, signing, throttle, totp
from app.desk.throttle import HALF_WAY, SIGNED_IN, TRIED, Tries
from app.errors import BadInput, NotAllowed, StaleTicket
from app.hygiene import clean
from app.texts.catalogue import LOCALES, mark
from models.audit import AuditEntry
from models.staff import Role, Staff
from models.staff_session import StaffSession

WRONG_PASSWORD = mark("密码不对。")
_SAME = mark("新密码和原来的一样，请换一个。")
_CODE_WRONG = mark("这个数字不对。请看手机上最新的六位数字，再输一次。")
_ONLY_ADMINISTRATORS = mark("动态码给管理员用。")


class WrongPassword(BadInput):
    """The present password, asked for once more, was not the right one."""

    def __init__(self) -> None:
        super().__init__(WRONG_PASSWORD)


@dataclass(frozen=True, slots=True)
class Account:
    staff: Staff
    sessions: Sequence[StaffSession]
    sign_ins: Sequence[tuple[datetime, bool]]  # when, and whether it succeeded; the newest first

    @property
    def has_totp(self) -> bool:
        return totp.is_on(self.staff)


def account(session: Session, staff_id: int, *, now: datetime) -> Account:
    staff = session.get_one(Staff, staff_id)
    log = AuditEntry
    query = select(log.at, log.deed).where(
        log.staff_id == staff_id, log.deed.in_((TRIED, HALF_WAY, SIGNED_IN))
    )
    rows = session.execute(query.order_by(log.id.desc()).limit(40)).all()
    return Account(staff, signing.of(session, staff_id, now=now), _paired([(r.at, r.deed) for r in rows]))


def change_password(
    db: Database, staff_id: int, old: str, new: str, *, now: datetime, keep: int | None
) -> None:
    """Ends all other sessions but `keep`. Raises BadInput with a sentence for the texts catalogue, TooManyTries, Busy."""
    staff = _proven(db, staff_id, old, now)
    if wrong := passwords.fault(new, login=staff.login, name=staff.name, phone=staff.phone):
        raise BadInput(wrong)
    if old == new:
        raise BadInput(_SAME)
    fresh = passwords.fresh(new)
    with db.transaction() as session:
        staff = _same(session, staff)
        staff.password_hash, staff.must_change_password = fresh.kept, False
        signing.end_all(session, staff_id, now=now, keep=keep)
        _note(session, staff_id, "password_changed", now)


def describe_oneself(session: Session, staff_id: int, *, name: str, language: str | None) -> None:
    """`language` None: the community's. Raises BadInput."""
    name = clean(name, limit=40)
    if not name:
        raise BadInput("姓名要填")
    if language not in (None, *LOCALES):
        raise BadInput("没有这种语言")
    staff = session.get_one(Staff, staff_id)
    staff.name, staff.language = name, language


def prepare_totp(session: Session, staff_id: int, issuer: str, *, again: bool = True) -> tuple[str, str]:
    """A secret and the address that an authenticator reads from the picture; unless `again`, the one that waits for
    its first code. Raises NotAllowed and BadInput."""
    staff = session.get_one(Staff, staff_id, with_for_update=True)
    if staff.role is not Role.ADMINISTRATOR:
        raise NotAllowed(_ONLY_ADMINISTRATORS)
    if totp.is_on(staff):
        raise BadInput("动态码已经在用了")
    if again or staff.totp_secret is None:
        totp.prepare(staff)
    return staff.totp_secret or "", totp.address(staff, issuer)


def confirm_totp(session: Session, staff_id: int, code: str, *, now: datetime) -> list[str]:
    """The recovery codes, to be shown once. Raises BadInput."""
    codes = totp.confirm(session.get_one(Staff, staff_id, with_for_update=True), code, now=now)
    if codes is None:
        raise BadInput(_CODE_WRONG)
    _note(session, staff_id, "totp_on", now)
    return codes


def switch_totp_off(db: Database, staff_id: int, password: str, *, now: datetime) -> None:
    """Raises BadInput, TooManyTries and Busy."""
    staff = _proven(db, staff_id, password, now)
    with db.transaction() as session:
        totp.switch_off(_same(session, staff))
        _note(session, staff_id, "totp_off", now)


def end_other_sessions(session: Session, staff_id: int, *, now: datetime, keep: int) -> None:
    signing.end_all(session, staff_id, now=now, keep=keep)
    _note(session, staff_id, "sessions_ended", now)


def _proven(db: Database, staff_id: int, password: str, now: datetime) -> Staff:
    """Whoever finds a screen left open cannot guess here either: tries count as at the sign-in."""
    with db.transaction() as session:
        staff = session.get_one(Staff, staff_id)
        tries = Tries.of(session, staff.login, f"session of {staff_id}")
        throttle.check(session, tries, now=now)
        throttle.note(session, tries, now=now, staff_id=staff_id)
    if not passwords.matches(staff.password_hash, password):
        raise WrongPassword
    with db.transaction() as session:
        audit.record(session, staff_id, HALF_WAY, now=now, data=tries.data)
    return staff


def _same(session: Session, before: Staff) -> Staff:
    """Locked, with the password that was proven; raises StaleTicket if it was changed in between."""
    staff = session.get_one(Staff, before.id, with_for_update=True)
    if staff.password_hash != before.password_hash:
        raise StaleTicket("密码刚刚被改过，请重新登录")
    return staff


def _note(session: Session, staff_id: int, deed: str, now: datetime) -> None:
    audit.record(session, staff_id, deed, now=now, subject="staff", subject_id=staff_id)


def _paired(entries: Sequence[tuple[datetime, str]]) -> list[tuple[datetime, bool]]:
    """A try that is followed by a sign-in was a right one, and so was one that is followed by the step half-way."""
    found: list[tuple[datetime, bool]] = []
    after = ""
    for at, deed in entries:
        if deed == SIGNED_IN:
            found.append((at, True))
        elif deed == TRIED and after not in (SIGNED_IN, HALF_WAY):
            found.append((at, False))
        after = deed
    return found[:10]
