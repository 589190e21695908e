"""Codes of an authenticator app (RFC 6238), for whoever may change rights; none counts twice."""

import hashlib
import hmac
import re
import secrets
from datetime import datetime

import pyotp

from models.staff import Staff

_STEP = 30  # seconds
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_RECOVERY_CODES = 8


def is_on(staff: Staff) -> bool:
    """Its first code has confirmed it."""
    return staff.totp_secret is not None and staff.totp_step is not None


def prepare(staff: Staff) -> None:
    """A new secret, not in force before `confirm`."""
    staff.totp_secret, staff.totp_step = pyotp.random_base32(), None


def address(staff: Staff, issuer: str) -> str:
    """The otpauth:// address that authenticators read."""
    return pyotp.TOTP(staff.totp_secret or "").provisioning_uri(name=staff.login, issuer_name=issuer)


def confirm(staff: Staff, code: str, *, now: datetime) -> list[str] | None:
    """In force from now on, if the code is right; the recovery codes, kept as hashes only."""
    if staff.totp_secret is None or is_on(staff) or not _take(staff, code, now):
        return None
    codes = ["-".join(_word() for _ in range(3)) for _ in range(_RECOVERY_CODES)]
    staff.recovery_codes = [_hash(code) for code in codes]
    return codes


def use(staff: Staff, code: str, *, now: datetime) -> bool:
    """Once. The staff row must be locked."""
    if _take(staff, code, now):
        return True
    kept = staff.recovery_codes or []
    left = [known for known in kept if not hmac.compare_digest(known, _hash(code))]
    staff.recovery_codes = left
    return len(left) < len(kept)


def switch_off(staff: Staff) -> None:
    staff.totp_secret = staff.totp_step = staff.recovery_codes = None


def _take(staff: Staff, code: str, now: datetime) -> bool:
    """The code of this half minute or of its neighbours, as clocks differ; later than the last one used."""
    typed = re.sub(r"\D", "", code)
    if staff.totp_secret is None or len(typed) != 6:
        return False
    clock, current = pyotp.TOTP(staff.totp_secret), int(now.timestamp()) // _STEP
    for step in range(max(current - 1, (staff.totp_step or 0) + 1), current + 2):
        if hmac.compare_digest(clock.at(step * _STEP), typed):
            staff.totp_step = step
            return True
    return False


def _word() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(4))


def _hash(code: str) -> str:
    return hashlib.sha256(re.sub(r"[^a-z0-9]", "", code.casefold()).encode()).hexdigest()
