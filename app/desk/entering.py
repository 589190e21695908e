"""Signing in: password, then the code of an authenticator where one is set up.

Each step writes the try down and commits before it looks at what was typed (`app.desk.throttle`). Nobody learns from
the answer, nor from how long it takes, whether it was the login, the password or a disabled account.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Database
from app.desk import audit, passwords, signing, throttle, totp
from app.desk.throttle import ALLOWED, HALF_WAY, SIGNED_IN, Tries
from app.errors import NotAllowed
from app.hygiene import clean
from app.texts.catalogue import mark
from models.staff import Staff

WRONG = mark("登录名或密码不对。请再看一看，分清大小写。")
WRONG_CODE = mark("动态码不对，或已经用过。请等出现下一个，再输一次。")


@dataclass(frozen=True, slots=True)
class Entered:
    """`token` opens a session; without one the code is still to come."""

    staff_id: int
    token: str | None


def enter(
    db: Database, login: str, password: str, address: str, *, now: datetime, leaving: str | None = None
) -> Entered:
    """`leaving`: the token of this browser's session so far, which ends. Raises NotAllowed, TooManyTries and Busy."""
    login = clean(login, limit=40)
    with db.transaction(read_only=True) as session:
        tries = Tries.of(session, login, address)
        throttle.check(session, tries, now=now)
        staff = session.scalars(select(Staff).where(Staff.login == login)).one_or_none()
    _try(db, tries, staff.id if staff else None, now)
    right = passwords.matches(staff.password_hash if staff else None, password)
    if staff is None or not right or not staff.active:
        raise NotAllowed(WRONG)
    with db.transaction() as session:
        if totp.is_on(staff):
            audit.record(session, staff.id, HALF_WAY, now=now, data=tries.data)
            return Entered(staff.id, None)
        return _open(session, staff, tries, now, leaving)


def enter_code(
    db: Database, staff_id: int, code: str, address: str, *, now: datetime, leaving: str | None = None
) -> Entered:
    """The second step: six digits, or a recovery code. Raises as `enter`."""
    with db.transaction(read_only=True) as session:
        staff = session.get_one(Staff, staff_id)
        tries = Tries.of(session, staff.login, address)
        throttle.check(session, tries, now=now)
    _try(db, tries, staff_id, now)
    with db.transaction() as session:
        staff = session.get_one(Staff, staff_id, with_for_update=True)
        if staff.active and totp.use(staff, code, now=now):
            return _open(session, staff, tries, now, leaving)
    raise NotAllowed(WRONG_CODE)


def _try(db: Database, tries: Tries, staff_id: int | None, now: datetime) -> None:
    """Raises TooManyTries. Counted again with this one, as others may have tried at the same time."""
    with db.transaction() as session:
        throttle.note(session, tries, now=now, staff_id=staff_id)
    with db.transaction(read_only=True) as session:
        throttle.check(session, tries, now=now, among=ALLOWED + 1)


def _open(session: Session, staff: Staff, tries: Tries, now: datetime, leaving: str | None) -> Entered:
    if leaving:
        signing.end_token(session, leaving, now=now)
    audit.record(session, staff.id, SIGNED_IN, now=now, data=tries.data)
    return Entered(staff.id, signing.begin(session, staff.id, now=now))
