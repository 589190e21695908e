"""Everything that is made once a process and passed down; nothing connects at import."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from app.carriers.capabilities import Capabilities, capabilities_of
from app.carriers.protocol import Carrier
from app.carriers.twilio import TwilioCarrier
from app.db import Database, make_engine
from app.desk.config import DeskConfig, from_settings
from app.errors import SettingsError
from app.pushing import BackgroundPush
from app.queue import RqQueue
from app.settings import Settings
from app.texts.catalogue import Translate, translator
from models.crypto import Keyring
from speech.clips import ClipStore
from speech.phrasebook import use


@dataclass(frozen=True)
class Runtime:
    settings: Settings
    db: Database
    desk: DeskConfig
    carrier: Carrier
    capabilities: Capabilities
    queue: RqQueue
    clips: ClipStore
    translate: Translate
    now: Callable[[], datetime]
    pushing: BackgroundPush | None = None

    def close(self) -> None:
        if self.pushing:
            self.pushing.close()
        self.clips.close()
        self.db.dispose()
        self.queue.close()


def utc_now() -> datetime:
    return datetime.now(UTC)


def bootstrap(
    settings: Settings, *, now: Callable[[], datetime] = utc_now, background_push: bool = False
) -> Runtime:
    """Build the runtime from settings; raises SettingsError. Connects to nothing yet.

    `background_push`: jobs are pushed by a thread, so that nobody waits for Redis (the web process).
    """
    if not settings.twilio_auth_token.get_secret_value():
        raise SettingsError("JIACHANG_TWILIO_AUTH_TOKEN: 没有设置。没有它就无法核对运营商请求的签名。")
    use(settings.phrases_dir)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    queue = RqQueue(settings.redis_url)
    pushing = BackgroundPush(queue.push) if background_push else None
    keyring = Keyring(settings.encryption_key.get_secret_value())
    translate = translator(settings.locale)
    return Runtime(
        settings=settings,
        db=Database(make_engine(settings.db_url, keyring), pushing or queue.push),
        desk=from_settings(settings),
        carrier=TwilioCarrier.from_settings(settings),
        capabilities=capabilities_of(settings.carrier),
        queue=queue,
        clips=ClipStore.from_settings(settings),
        translate=translate,
        now=now,
        pushing=pushing,
    )
