"""What the desk's services need to know besides the database: rules of the house, taken from the settings once."""

from dataclasses import dataclass, field, replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from app.desk.workdays import WorkingCalendar
from app.settings import Settings, parse_hours
from app.texts.catalogue import LOCALES, SOURCE, Translate, translator


@dataclass(frozen=True)
class DeskConfig:
    """`texts` translates a msgid (the zh-Hans sentence); `hours` are local spans in which residents are rung,
    `text_hours` those in which anybody gets a text that was not asked for and can wait."""

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
    text_hours: tuple[tuple[time, time], ...] = ((time(8), time(21)),)
    texts_an_hour: int = 20
    texts_a_minute: int = 1200
    language: str = SOURCE
    _house: "DeskConfig | None" = None

    def speaking(self, language: str | None) -> "DeskConfig":
        """The same in a resident's own language; None: the community's."""
        if language not in LOCALES or language == self.language:
            return self
        return replace(self, texts=translator(language), language=language, _house=self.house)

    @property
    def house(self) -> "DeskConfig":
        """As staff are written to, whatever language the resident speaks."""
        return self._house or self

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
        language=settings.locale,
        text_hours=parse_hours(settings.text_hours),
        texts_an_hour=settings.texts_an_hour,
        texts_a_minute=settings.texts_a_minute,
    )
