"""Webhooks as a carrier would send them: complete forms, signed, ready to go onto a socket."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from app.settings import Settings
from ivr.exchange.signature import sign

Form = Mapping[str, str]


@dataclass(frozen=True)
class Signer:
    """Makes requests to one product under its public address."""

    public_url: str
    account_sid: str
    hotline: str
    auth_token: str

    @classmethod
    def of(cls, settings: Settings) -> "Signer":
        return cls(
            settings.public_url.rstrip("/"),
            settings.twilio_account_sid,
            settings.hotline_number,
            settings.twilio_auth_token.get_secret_value(),
        )

    def request(self, path: str, form: Form) -> bytes:
        """The whole HTTP request."""
        url = self.public_url + path
        signature = sign(self.auth_token, url, form)
        body = urlencode(form).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\n"
            f"Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\nContent-Length: {len(body)}\r\n"
            f"X-Twilio-Signature: {signature}\r\nI-Twilio-Idempotency-Token: {uuid4()}\r\n"
            "User-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n\r\n"
        )
        return head.encode() + body

    def call(self, sid: str, phone: str, **more: str) -> Form:
        """The form of a voice webhook of an incoming call."""
        return {
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "CallSid": sid,
            "CallStatus": "in-progress",
            "Called": self.hotline,
            "Caller": phone,
            "Direction": "inbound",
            "From": phone,
            "FromCity": "",
            "FromCountry": "CN",
            "To": self.hotline,
            "ToCountry": "CN",
            **more,
        }

    def text(self, sid: str, phone: str, body: str) -> Form:
        """The form of an incoming text."""
        return {
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "Body": body,
            "From": phone,
            "FromCountry": "CN",
            "MessageSid": sid,
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsMessageSid": sid,
            "SmsStatus": "received",
            "To": self.hotline,
            "ToCountry": "CN",
        }


def sids(prefix: str) -> Iterator[str]:
    """Identifiers as the carrier makes them, never the same twice."""
    while True:
        yield prefix + uuid4().hex


def phones(count: int) -> list[str]:
    """Fictional mobile numbers; none of them is in the seeded community."""
    return [f"+861391{n:07d}" for n in range(count)]


def cycle(numbers: Iterable[str], count: int) -> list[str]:
    """`count` of them, over and over in the same order."""
    pool = list(numbers)
    return [pool[n % len(pool)] for n in range(count)]
