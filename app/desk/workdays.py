"""The working calendar: which days count, and what is so many working days or hours away.

Three sources, the first that knows a day wins: the community's own CSV (`date,workday|holiday`), the library
`chinesecalendar` (public holidays and the working weekends 调休 that pay for them; it ends with the current year),
plain weekdays.
"""

import csv
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import chinese_calendar
import structlog

from app.errors import SettingsError

log = structlog.get_logger(__name__)

OPENS, CLOSES = time(9), time(18)  # a working day's hours, local
_MEANINGS = {"workday": True, "工作日": True, "holiday": False, "休息日": False}


class WorkingCalendar:
    """Counts in local days of `zone`; takes and gives aware datetimes. `own_days` wins over the library."""

    def __init__(self, zone: ZoneInfo, own_days: Mapping[date, bool] | None = None) -> None:
        self.zone = zone
        self._own = dict(own_days or {})
        self._own_years = {day.year for day in self._own}
        self.missing_years: set[int] = set()  # asked for, and known to nobody: weekdays were used

    @classmethod
    def load(cls, zone: ZoneInfo, holidays_file: Path | None) -> "WorkingCalendar":
        """Raises SettingsError with the line that makes no sense."""
        return cls(zone, read_holidays(holidays_file) if holidays_file else None)

    def is_working(self, day: date) -> bool:
        if (own := self._own.get(day)) is not None:
            return own
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            if day.year not in self._own_years and day.year not in self.missing_years:
                self.missing_years.add(day.year)
                log.warning("holidays_unknown", year=day.year, used="weekdays")
            return day.weekday() < 5

    def local_date(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def at(self, day: date, clock: time) -> datetime:
        """UTC of a local date and time."""
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def after_days(self, start: datetime, days: int) -> datetime:
        """Closing time of the `days`-th working day after the start's own day, as 个工作日 are counted."""
        return self.at(self.workday_after(self.local_date(start), days), CLOSES)

    def workday_after(self, day: date, days: int) -> date:
        """The `days`-th working day after `day`, which itself does not count."""
        left = max(days, 1)
        while left:
            day += timedelta(days=1)
            left -= self.is_working(day)
        return day

    def after_hours(self, start: datetime, hours: float) -> datetime:
        """So many hours later, counting only the hours between opening and closing on working days."""
        left = timedelta(hours=hours)
        day = self.local_date(start)
        while True:
            if self.is_working(day):
                begin, end = max(start.astimezone(UTC), self.at(day, OPENS)), self.at(day, CLOSES)
                if begin + left <= end:
                    return begin + left
                left -= max(end - begin, timedelta())
            day += timedelta(days=1)


def read_holidays(path: Path) -> dict[date, bool]:
    """Days of the CSV → is it a working day; a heading and empty lines are passed over."""
    days: dict[date, bool] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.reader(file), start=1):
                cells = [cell.strip() for cell in row]
                if (
                    not any(cells)
                    or cells[0].startswith("#")
                    or (number == 1 and cells[0] in ("date", "日期"))
                ):
                    continue
                try:
                    days[date.fromisoformat(cells[0])] = _MEANINGS[cells[1].lower()]
                except (ValueError, KeyError, IndexError) as error:
                    raise SettingsError(
                        f"{path}，第 {number} 行：应写成“2027-02-17,holiday”或“2027-02-20,workday”"
                    ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"JIACHANG_HOLIDAYS_FILE：读不了 {path}（{error}）") from error
    return days
