"""Times as one says them to an old person: 今天下午三点前. Pure."""

from datetime import datetime, timedelta

from app.desk.config import DeskConfig
from app.texts.catalogue import mark

_HOURS = (
    mark("十二"),
    mark("一"),
    mark("两"),
    mark("三"),
    mark("四"),
    mark("五"),
    mark("六"),
    mark("七"),
    mark("八"),
    mark("九"),
    mark("十"),
    mark("十一"),
)
_DAYS = (mark("今天"), mark("明天"), mark("后天"))
_LEAST = timedelta(minutes=30)  # between the moment that a call is due and the hour that is promised


def spoken_time(cfg: DeskConfig, due_at: datetime, now: datetime) -> str:
    """The full hour by which we shall have rung, at least half an hour after the call is due."""
    _ = cfg.texts
    promise = cfg.local(due_at + _LEAST)
    hour = promise.replace(minute=0, second=0, microsecond=0)
    if hour < promise:
        hour += timedelta(hours=1)
    ahead = (hour.date() - cfg.local(now).date()).days
    if hour.hour == 0:
        ahead -= 1  # midnight belongs to the evening before
    day = _(_DAYS[ahead]) if 0 <= ahead < len(_DAYS) else _day(cfg, hour)
    return _("{day}{part}{hour}点前").format(
        day=day, part=_(_part(hour.hour)), hour=_(_HOURS[hour.hour % 12])
    )


def _day(cfg: DeskConfig, moment: datetime) -> str:
    return cfg.texts("{month}月{day}号").format(month=moment.month, day=moment.day)


def _part(hour: int) -> str:
    if hour == 0:
        return mark("夜里")
    if hour < 6:
        return mark("凌晨")
    if hour < 12:
        return mark("上午")
    if hour == 12:
        return mark("中午")
    return mark("下午") if hour < 18 else mark("晚上")
