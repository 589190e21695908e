"""What somebody has begun to write into a form: kept here, because nothing personal stays in a browser."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.db import insert_once
from models.draft import StaffDraft

_LIFE = timedelta(days=7)
_LONGEST = 20_000  # characters of one field: a page of council notes


def save(session: Session, staff_id: int, form: str, fields: dict[str, Any], *, now: datetime) -> None:
    """The latest state of the form; an empty one is no draft."""
    kept = {name: value[:_LONGEST] if isinstance(value, str) else value for name, value in fields.items()}
    if not any(kept.values()):
        drop(session, staff_id, form)
        return
    values = {"staff_id": staff_id, "form": form, "fields": kept, "saved_at": now}
    if not insert_once(session, StaffDraft, values, ["staff_id", "form"]):
        draft = session.get_one(StaffDraft, (staff_id, form))
        draft.fields, draft.saved_at = kept, now


def load(session: Session, staff_id: int, form: str) -> dict[str, Any]:
    draft = session.get(StaffDraft, (staff_id, form))
    return dict(draft.fields) if draft else {}


def drop(session: Session, staff_id: int, form: str) -> None:
    session.execute(delete(StaffDraft).where(StaffDraft.staff_id == staff_id, StaffDraft.form == form))


def expire(session: Session, *, now: datetime) -> None:
    """What nobody has touched for a week was given up, and may hold a resident's words."""
    session.execute(delete(StaffDraft).where(StaffDraft.saved_at < now - _LIFE))
