"""What the desk's services need to know besides the database: rules of the house, taken from the settings once."""

from dataclasses import dataclass, field
from datetime import datetime, time
from zoneinfo import ZoneInfo

from app.desk.workdays import WorkingCalendar
from app.settings import Settings
from app.texts.catalogue import SOURCE, Translate, translator


@dataclass(frozen=True)
class DeskConfig:
    """`texts` translates a msgid (the zh-Hans sentence); `hours` are local spans in which residents are rung."""

    zone: ZoneInfo
    calendar: WorkingCalendar
    hours: tuple[tuple[time, time], ...]
    default_region: str
    allowed_regions: frozenset[str]
    robot_attempts: int
    calls_at_once: int
    calls_per_day: int
    hotline_number: str
    human_number: str
    sms_signature: str
    texts: Translate = field(default=translator(SOURCE))

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)


def from_settings(settings: Settings) -> DeskConfig:
    """Reads the holidays file; raises SettingsError if it makes no sense."""
    regions = (region.strip().upper() for region in settings.allowed_regions.split(","))
    return DeskConfig(
        zone=settings.zone,
        calendar=WorkingCalendar.load(settings.zone, settings.holidays_file),
        hours=settings.hours,
        default_region=settings.default_region,
        allowed_regions=frozenset(region for region in regions if region),
        robot_attempts=settings.robot_attempts,
        calls_at_once=settings.calls_at_once,
        calls_per_day=settings.calls_per_day,
        hotline_number=settings.hotline_number,
        human_number=settings.human_number,
        sms_signature=settings.sms_signature,
        texts=translator(settings.locale),
    )
