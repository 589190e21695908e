"""A carrier inside this process, for unit tests: it remembers what was ordered and fails when told to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from twilio.request_validator import RequestValidator

from app.carriers.protocol import RECORDING_LIMIT, CarrierCall, CarrierText
from app.errors import CarrierError, CarrierRefused, CarrierUnclear


@dataclass
class MemoryCall:
    sid: str
    to: str
    url: str
    status_url: str
    at: datetime
    ring_seconds: int
    status: str = "queued"


@dataclass
class MemoryText:
    sid: str
    to: str
    body: str
    status_url: str
    at: datetime
    status: str = "queued"


@dataclass
class MemoryCarrier:
    """See `app.carriers.protocol.Carrier`.

    `failures` are raised by the next orders, one each, which are not carried out, except CarrierUnclear while
    `takes_unclear_orders`: then the order is taken and only its answer is lost.
    """

    token: str = "memory"  # noqa: S105
    failures: list[CarrierError] = field(default_factory=list)
    takes_unclear_orders: bool = True
    silent: CarrierError | None = None  # questions fail with this
    calls: list[MemoryCall] = field(default_factory=list)
    texts: list[MemoryText] = field(default_factory=list)
    recordings: dict[str, bytes] = field(default_factory=dict)  # by URL
    deleted: list[str] = field(default_factory=list)
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def place_call(self, to: str, url: str, status_url: str, *, ring_seconds: int = 30) -> str:
        call = MemoryCall(f"CA{uuid4().hex}", to, url, status_url, self.now(), ring_seconds)
        return self._take(lambda: self.calls.append(call), call.sid)

    def hang_up(self, sid: str) -> None:
        for call in self.calls:
            if call.sid == sid:
                call.status = "completed"

    def send_text(self, to: str, body: str, status_url: str) -> str:
        text = MemoryText(f"SM{uuid4().hex}", to, body, status_url, self.now())
        return self._take(lambda: self.texts.append(text), text.sid)

    def find_calls(self, to: str, since: datetime) -> list[CarrierCall]:
        self._ask()
        return [
            CarrierCall(c.sid, c.to, c.status, c.at, c.status_url)
            for c in self.calls
            if c.to == to and c.at >= since
        ]

    def find_texts(self, to: str, since: datetime) -> list[CarrierText]:
        self._ask()
        return [
            CarrierText(t.sid, t.to, t.body, t.status, t.at)
            for t in self.texts
            if t.to == to and t.at >= since
        ]

    def valid_signature(self, url: str, form: Mapping[str, str], signature: str, settings: str = "") -> bool:
        return bool(RequestValidator(self.token).validate(url, form, signature))

    def fetch_recording(self, url: str) -> bytes:
        self._ask()
        audio = self.recordings.get(url)
        if audio is None or len(audio) > RECORDING_LIMIT:
            raise CarrierRefused("no such recording, or too long")
        return audio

    def delete_recording(self, sid: str) -> None:
        self._ask()
        self.deleted.append(sid)

    def _ask(self) -> None:
        if self.silent is not None:
            raise self.silent

    def _take(self, carry_out: Callable[[], None], sid: str) -> str:
        failure = self.failures.pop(0) if self.failures else None
        if failure is None or (isinstance(failure, CarrierUnclear) and self.takes_unclear_orders):
            carry_out()
        if failure is not None:
            raise failure
        return sid
