"""All settings, read once from the environment (`JIACHANG_…`) or from files (`JIACHANG_…_FILE`)."""

import os
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import SettingsError

PREFIX = "JIACHANG_"
_STARTER_MODEL = Path(__file__).resolve().parent.parent / "speech" / "model" / "starter"


class Settings(BaseSettings):
    """Typed settings; every field carries the help line that `docs/settings.md` prints."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

    data_dir: Path = Field(Path("var"), description="where database, recordings, spool and caches live")
    database_url: str = Field("", description="SQLAlchemy URL; empty = SQLite file in the data directory")
    redis_url: str = Field(
        "redis://127.0.0.1:6379/0", description="Redis for the job queue (may be a unix socket)"
    )
    encryption_key: SecretStr = Field(
        SecretStr(""),
        description="master secret for personal fields, at least 32 characters; keep it outside backups",
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="signs the console's cookies; the same in all web processes (empty = made from the encryption key)",
    )
    public_url: str = Field("http://127.0.0.1:8000", description="how the carrier reaches the web process")
    media_url: str = Field(
        "ws://127.0.0.1:8001/media", description="how the carrier reaches the media gateway"
    )
    web_bind: str = Field("127.0.0.1:8000", description="address:port the web process listens on")
    web_threads: int = Field(16, ge=1, le=256, description="request threads of the web process")
    web_workers: int = Field(1, ge=1, le=16, description="web processes (more than one only with PostgreSQL)")
    gateway_bind: str = Field("127.0.0.1:8001", description="address:port the media gateway listens on")
    gateway_max_calls: int = Field(40, ge=1, description="streams at once; beyond it calls go on by keypad")
    exchange_bind: str = Field("127.0.0.1:8002", description="address:port of the local exchange")
    carrier: str = Field("local", description="capability profile: local, twilio, compatible")
    twilio_account_sid: str = Field(
        "AC00000000000000000000000000000000", description="account at the carrier"
    )
    twilio_auth_token: SecretStr = Field(SecretStr(""), description="signs webhooks and opens the REST API")
    twilio_base_url: str = Field(
        "", description="REST base of a Twilio-compatible carrier; empty = Twilio itself"
    )
    twilio_timeout: float = Field(8.0, gt=0, description="seconds to wait for the carrier's REST API")
    hotline_number: str = Field(
        "+864001234567", description="the number residents dial and are called from, E.164"
    )
    human_number: str = Field(
        "", description="where 0 rings when the unit has no duty number; empty = nobody"
    )
    sms_signature: str = Field("家常热线", description="sign in front of every text, without the brackets")
    speech_model: Path = Field(_STARTER_MODEL, description="directory of a Vosk model")
    model_source: str = Field(
        "https://alphacephei.com/vosk/models",
        description="where `jiachang model fetch` finds the full models; the vendor's address or a mirror of it",
    )
    speech_threads: int = Field(2, ge=1, description="recognition threads in the gateway")
    phrases_dir: Path | None = Field(
        None,
        description="directory of a community's own phrase files: places.toml replaces ours, places.add.toml adds to it",
    )
    demo_voice: bool = Field(
        False, description="speak prompts with the espeak-ng demo voice (never in production)"
    )
    timezone: str = Field("Asia/Shanghai", description="local time zone of the community")
    locale: str = Field("zh_Hans", description="language of texts and prompts: zh_Hans, zh_Hant, en")
    default_region: str = Field("CN", description="country of numbers written without +")
    allowed_regions: str = Field("CN", description="countries we may ring or text, comma-separated")
    calling_hours: str = Field(
        "09:00-11:30,14:30-20:00", description="local hours in which residents are rung"
    )
    text_hours: str = Field(
        "08:00-21:00", description="local hours in which people get unasked texts that are not urgent"
    )
    texts_an_hour: int = Field(
        20,
        ge=1,
        description="answers an hour to one resident's texts; whatever comes more is stored unanswered",
    )
    texts_a_minute: int = Field(
        1200,
        ge=1,
        description="answers a minute to everybody's texts; whatever comes more is stored unanswered",
    )
    calls_at_once: int = Field(2, ge=1, description="outbound calls in progress at most")
    calls_per_day: int = Field(1000, ge=1, description="outbound calls a day at most")
    notices_a_minute: int = Field(
        60, ge=12, description="residents told of a notice a minute; carriers slow down or block faster ones"
    )
    robot_attempts: int = Field(2, ge=0, description="robot attempts before a person takes over a callback")
    holidays_file: Path | None = Field(
        None, description="CSV date,workday|holiday that wins over the library"
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("no such time zone; for example Asia/Shanghai") from error
        return value

    @field_validator("locale")
    @classmethod
    def _known_locale(cls, value: str) -> str:
        if value not in ("zh_Hans", "zh_Hant", "en"):
            raise ValueError("one of zh_Hans, zh_Hant, en")
        return value

    @field_validator("calling_hours", "text_hours")
    @classmethod
    def _readable_hours(cls, value: str) -> str:
        parse_hours(value)
        return value

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def db_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'jiachang.db'}"

    @property
    def hours(self) -> tuple[tuple[time, time], ...]:
        return parse_hours(self.calling_hours)

    @property
    def spool_dir(self) -> Path:
        return self.data_dir / "spool"


def parse_hours(text: str) -> tuple[tuple[time, time], ...]:
    """`09:00-11:30,14:30-20:00` → pairs of local times; raises ValueError."""
    spans = []
    for part in text.split(","):
        start, _, end = part.strip().partition("-")
        span = time.fromisoformat(start), (time.max if end.strip() == "24:00" else time.fromisoformat(end))
        if span[0] >= span[1]:
            raise ValueError(f"{part}: the end must come after the start")
        spans.append(span)
    return tuple(spans)


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the environment; raises SettingsError with one line a wrong setting."""
    env = dict(os.environ if environ is None else environ)
    values: dict[str, Any] = {}
    for name in Settings.model_fields:
        key = PREFIX + name.upper()
        if file := env.get(key + "_FILE"):
            try:
                values[name] = Path(file).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise SettingsError(f"{key}_FILE: 读不到 {file}（{error.strerror}）") from error
        elif key in env:
            values[name] = env[key]
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        lines = [f"{PREFIX}{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors()]
        raise SettingsError("\n".join(lines)) from error
