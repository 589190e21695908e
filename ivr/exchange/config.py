"""What one exchange process has to know at start."""

from dataclasses import dataclass, field
from typing import Literal

from app.errors import SettingsError


@dataclass(frozen=True)
class Contact:
    """Somebody whose telephone the pages offer. `number` is E.164, `about` a few words."""

    number: str
    name: str
    about: str
    role: Literal["resident", "staff"]


@dataclass(frozen=True)
class ExchangeConfig:
    """`bind` is `address:port` (port 0 = any free one); `public_url` is where the product's web process answers."""

    bind: str
    account_sid: str
    auth_token: str = field(repr=False)
    public_url: str
    hotline_number: str
    directory: tuple[Contact, ...] = ()

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.bind.rpartition(":")
        if not host or not port.isdigit() or int(port) > 65535:
            raise SettingsError(f"exchange_bind: {self.bind!r} is not address:port, such as 127.0.0.1:8002")
        return host.strip("[]"), int(port)


@dataclass
class WebhookUrls:
    """Where the hotline number's webhooks go, as an operator would set it in the carrier's console."""

    voice_url: str
    voice_status_url: str
    sms_url: str

    @classmethod
    def under(cls, public_url: str) -> "WebhookUrls":
        base = public_url.rstrip("/")
        return cls(f"{base}/voice/incoming", f"{base}/voice/status", f"{base}/sms/incoming")
