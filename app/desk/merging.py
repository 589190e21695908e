"""Two records of one person made one. What followed is remembered, so that a wrong merge can be undone."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Table, delete, insert, select, tuple_, update
from sqlalchemy.orm import Session

from app.desk.audit import record
from app.desk.resident_card import known
from app.desk.rights import Actor
from app.errors import BadInput, NotAllowed, NotFound
from models.base import Base, Json
from models.question import Question
from models.resident import Resident
from models.resident_change import ResidentMerge
from models.staff import Role

CHARGE = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR})
UNDO_WITHIN = timedelta(days=7)
_PERSONAL = ("name", "unit_id", "room", "note", "dialect", "language", "preferred_hours", "household_id")
_WISHES = ("lives_alone", "hard_of_hearing", "prefers_person", "no_call", "opted_out")


def merge(session: Session, actor: Actor, keep_id: int, gone_id: int, *, now: datetime) -> ResidentMerge:
    """All that belongs to `gone_id` belongs to `keep_id` from now on; what the kept record lacks is filled in, and a
    wish of either counts. The second record disappears. NotAllowed below the desk."""
    _check(actor)
    keep, gone = known(session, actor, keep_id), known(session, actor, gone_id)
    if keep.id == gone.id:
        raise BadInput("这是同一条记录")
    before = {name: getattr(keep, name) for name in (*_PERSONAL, *_WISHES)}
    row = _row(gone)
    moved = _move(session, gone.id, keep.id)
    for name in _PERSONAL:
        if getattr(keep, name) is None:
            setattr(keep, name, getattr(gone, name))
    for name in _WISHES:
        setattr(keep, name, getattr(keep, name) or getattr(gone, name))
    session.flush()
    session.delete(gone)
    merged = ResidentMerge(
        kept_id=keep.id,
        gone_id=gone.id,
        moved={"row": row, "moved": moved, "before": before},
        by_staff_id=actor.id,
        at=now,
    )
    session.add(merged)
    session.flush()
    data = {"gone": merged.gone_id}
    record(session, actor.id, "merge_residents", now=now, subject="resident", subject_id=keep.id, data=data)
    return merged


def undo(session: Session, actor: Actor, merge_id: int, *, now: datetime) -> Resident:
    """The second record is there again, with what it had; what has come since stays with the first.

    Raises NotFound, and BadInput where it is too late.
    """
    _check(actor)
    merged = session.get(ResidentMerge, merge_id)
    if merged is None or merged.undone_at is not None:
        raise NotFound("没有这次合并，或已经撤销")
    keep = known(session, actor, merged.kept_id)
    if merged.at < now - UNDO_WITHIN:
        raise BadInput("合并已超过七天，不能撤销；请手工改正")
    row = dict(merged.moved["row"])
    row["created_at"] = datetime.fromisoformat(row["created_at"])
    session.execute(insert(Resident).values(id=merged.gone_id, **row))
    for table, column, keys in _references():
        ids = [tuple(key) for key in merged.moved["moved"].get(f"{table.name}.{column.name}", [])]
        if ids:
            back = update(table).where(tuple_(*keys).in_(ids), column == keep.id)
            session.execute(back.values({column: merged.gone_id}))
    for name, value in merged.moved["before"].items():
        setattr(keep, name, value)
    merged.undone_at = now
    session.flush()
    session.expire_all()
    record(session, actor.id, "undo_merge", now=now, subject="resident", subject_id=keep.id)
    return session.get_one(Resident, merged.gone_id)


def undoable(session: Session, resident_id: int, *, now: datetime) -> Sequence[ResidentMerge]:
    """The newest first."""
    query = select(ResidentMerge).where(
        ResidentMerge.kept_id == resident_id,
        ResidentMerge.undone_at.is_(None),
        ResidentMerge.at >= now - UNDO_WITHIN,
    )
    return session.scalars(query.order_by(ResidentMerge.id.desc())).all()


def _check(actor: Actor) -> None:
    if actor.role not in CHARGE:
        raise NotAllowed("合并居民记录由服务台办理")


def _row(resident: Resident) -> Json:
    columns = (column.name for column in Resident.__table__.columns if column.name not in ("id", "erased_at"))
    values = {name: getattr(resident, name) for name in columns}
    return values | {"created_at": resident.created_at.isoformat()}


def _move(session: Session, gone: int, keep: int) -> dict[str, list[Any]]:
    moved: dict[str, list[Any]] = {}
    # One question a resident: hers stays, the other's would be asked of somebody who has been asked already
    session.execute(delete(Question).where(Question.resident_id == gone))
    for table, column, keys in _references():
        if table.name == Question.__tablename__:
            continue
        ids = [list(row) for row in session.execute(select(*keys).where(column == gone))]
        if ids:
            session.execute(update(table).where(column == gone).values({column: keep}))
            moved[f"{table.name}.{column.name}"] = ids
    return moved


def _references() -> list[tuple[Table, Column[Any], list[Column[Any]]]]:
    """Every column that names a resident, with its table's key: a new record is merged without a line here."""
    found = []
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table.name == Resident.__tablename__ for key in column.foreign_keys):
                found.append((table, column, list(table.primary_key.columns)))
    return found
