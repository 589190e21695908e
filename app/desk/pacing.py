"""How fast and how many: calling hours, a call a second, so many at once and a day, one at a time to each resident."""

from datetime import datetime, time, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.db import insert_once
from app.desk import dialing
from app.desk.config import DeskConfig
from app.desk.wishes import calling_hours
from models.callback import LIVE, Attempt, Callback
from models.housekeeping import Counter

_PACE = timedelta(seconds=1)  # between two calls: what carriers take without queueing


def not_before(session: Session, cfg: DeskConfig, callback: Callback, now: datetime) -> datetime:
    """Her calling hours, a call a second, so many at once and a day, one at a time to each resident; `now` if all agree.

    The counter's row is locked until the commit, so that two claimers cannot both take the last free place.
    """
    hours = calling_hours(session, cfg, callback.resident_id)
    if not dialing.within_hours(hours, cfg.zone, now):
        return dialing.next_time(hours, cfg.zone, now)
    _lock_dialing(session)
    last = session.scalar(select(func.max(Attempt.intent_at)).where(Attempt.intent_at <= now))
    if last is not None and last + _PACE > now:
        return last + _PACE
    live = session.execute(
        select(Callback.resident_id, Callback.phone_index)
        .join(Attempt, Attempt.callback_id == Callback.id)
        .where(Attempt.state.in_(LIVE))
    ).all()
    if len(live) >= cfg.calls_at_once:
        return now + timedelta(seconds=10)
    same_person = callback.resident_id is not None and callback.resident_id in [
        row.resident_id for row in live
    ]
    if same_person or callback.phone_index in [row.phone_index for row in live]:
        return now + timedelta(minutes=1)
    midnight = cfg.calendar.at(cfg.calendar.local_date(now), time())
    today = session.scalar(select(func.count(Attempt.id)).where(Attempt.intent_at >= midnight)) or 0
    if today >= cfg.calls_per_day:
        return dialing.next_time(hours, cfg.zone, midnight + timedelta(days=1))
    return now


def _lock_dialing(session: Session) -> None:
    step = update(Counter).where(Counter.name == "dialing").values(value=Counter.value + 1)
    if session.scalar(step.returning(Counter.value)) is None:
        insert_once(session, Counter, {"name": "dialing", "value": 0}, ["name"])
        session.execute(step)
