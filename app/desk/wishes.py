"""How a resident wants to be reached: at which hours, by whom, by telephone at all."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk.config import DeskConfig
from app.desk.dialing import Hours, shared_hours
from app.settings import parse_hours
from models.resident import Resident


def calling_hours(session: Session, cfg: DeskConfig, resident_id: int | None) -> Hours:
    """The house's calling hours, narrowed to those that she likes."""
    if resident_id is None:
        return cfg.hours
    wished = session.scalar(select(Resident.preferred_hours).where(Resident.id == resident_id))
    return shared_hours(cfg.hours, parse_hours(wished)) if wished else cfg.hours
