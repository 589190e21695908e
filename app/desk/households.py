"""Who lives together: one door to knock at, and nobody counted as living alone who does not."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk.audit import record
from app.desk.resident_card import known
from app.desk.rights import Actor
from app.errors import BadInput
from models.household import Household
from models.resident import Resident


def live_together(session: Session, actor: Actor, resident_id: int, other_id: int, *, now: datetime) -> None:
    """Both in one household from now on: hers if there is one, else the other's, else a new one."""
    one, other = known(session, actor, resident_id), known(session, actor, other_id)
    if one.id == other.id:
        raise BadInput("这是同一位居民")
    household = one.household_id or other.household_id
    if household is None:
        made = Household(unit_id=one.unit_id, room=one.room)
        session.add(made)
        session.flush()
        household = made.id
    one.household_id = other.household_id = household
    one.lives_alone = other.lives_alone = False
    record(session, actor.id, "live_together", now=now, subject="resident", subject_id=one.id)


def live_apart(session: Session, actor: Actor, resident_id: int, *, now: datetime) -> None:
    resident = known(session, actor, resident_id)
    left = resident.household_id
    resident.household_id = None
    session.flush()
    if left is not None:
        others = session.scalars(select(Resident).where(Resident.household_id == left)).all()
        if len(others) == 1:  # one person is no household
            others[0].household_id = None
    record(session, actor.id, "live_apart", now=now, subject="resident", subject_id=resident.id)
