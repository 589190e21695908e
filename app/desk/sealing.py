"""Sealing the audit log: every hour a keyed hash over what was added, chained to the seal before.

Triggers keep the application from changing what stands there; whoever owns the database can drop triggers, but has no
key (it lies outside, `models.crypto`), so the seals tell.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import Database, insert_once
from models.audit import AuditEntry, AuditSeal
from models.crypto import blind_index

_SETTLED = timedelta(minutes=10)  # no transaction that could still add an older number is open for so long
_FIRST = "first"  # what the first seal is chained to


@dataclass(frozen=True, slots=True)
class Broken:
    """A seal that does not fit: the entries after `after_id` up to `last_id` are not what was sealed at `at`."""

    after_id: int
    last_id: int
    at: datetime
    sealed: int  # entries then
    found: int  # entries now


@dataclass(frozen=True, slots=True)
class Verdict:
    entries: int  # under a seal
    seals: int
    broken: tuple[Broken, ...]
    unsealed: int
    last_seal: str | None


def seal(db: Database, *, now: datetime) -> bool:
    """Seal what is new and old enough; False if there is nothing. Two clocks at once make one seal."""
    with db.transaction(read_only=True) as session:
        before = session.scalars(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1)).first()
        after = before.last_id if before else 0
        settled = select(func.max(AuditEntry.id)).where(AuditEntry.at < now - _SETTLED, AuditEntry.id > after)
        last = session.scalar(settled)
        if last is None:
            return False
        digest, entries = _digest(session, after, last)
        made = _sealed(session, before.seal if before else _FIRST, last, entries, digest)
    with db.transaction() as session:
        values = {"at": now, "last_id": last, "entries": entries, "seal": made}
        return insert_once(session, AuditSeal, values, ["last_id"])


def verify(session: Session) -> Verdict:
    """Compute every seal again. One that does not fit is named, and the next one is judged on its own."""
    broken: list[Broken] = []
    before, after, entries, seals = _FIRST, 0, 0, 0
    for one in session.scalars(select(AuditSeal).order_by(AuditSeal.id)).all():
        digest, found = _digest(session, after, one.last_id)
        if one.seal != _sealed(session, before, one.last_id, one.entries, digest) or found != one.entries:
            broken.append(Broken(after, one.last_id, one.at, one.entries, found))
        before, after = one.seal, one.last_id
        entries, seals = entries + found, seals + 1
    unsealed = session.scalar(select(func.count()).where(AuditEntry.id > after)) or 0
    return Verdict(entries, seals, tuple(broken), unsealed, before if seals else None)


def knows(session: Session, noted: str) -> bool:
    """Is a seal that somebody noted on paper still there? Otherwise the end of the log was cut off and sealed anew."""
    return session.scalar(select(AuditSeal.id).where(AuditSeal.seal == noted.strip().lower())) is not None


def _digest(session: Session, after: int, last: int) -> tuple[str, int]:
    """SHA-256 over the entries in (after, last], each a line; and how many they are."""
    digest, count = hashlib.sha256(), 0
    for line in _lines(session, after, last):
        digest.update(line)
        count += 1
    return digest.hexdigest(), count


def _lines(session: Session, after: int, last: int) -> Iterator[bytes]:
    log = AuditEntry
    query = select(log.id, log.at, log.staff_id, log.deed, log.subject, log.subject_id, log.data)
    query = query.where(log.id > after, log.id <= last).order_by(log.id)
    for row in session.execute(query.execution_options(yield_per=1000)):
        fields = [row.id, row.at.astimezone(UTC).isoformat(), *row[2:]]
        yield json.dumps(fields, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _sealed(session: Session, before: str, last: int, entries: int, digest: str) -> str:
    return blind_index(session.connection(), f"audit:{before}:{last}:{entries}:{digest}")
