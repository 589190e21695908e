"""Everything one exchange process remembers. It lives in memory only: a telephone network, not a record."""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp

from ivr.exchange.config import ExchangeConfig, WebhookUrls
from ivr.exchange.faults import Faults, RestFailure
from ivr.exchange.handset import Handset
from ivr.exchange.leg import Leg
from ivr.exchange.telephone import ScriptedTelephone, Telephone

log = logging.getLogger(__name__)


@dataclass
class Message:
    """A text. `direction` is inbound, outbound-api or outbound-reply; times are aware UTC."""

    sid: str
    direction: str
    from_: str
    to: str
    body: str
    segments: int
    status: str
    created: datetime
    sent: datetime | None = None
    updated: datetime | None = None
    error_code: int | None = None
    status_callback: str = ""


@dataclass
class Recording:
    sid: str
    call_sid: str
    pcm: bytes  # 16 bit, 8 kHz, mono
    started: datetime
    duration: int  # whole seconds, rounded up
    source: str = "RecordVerb"


@dataclass
class Exchange:
    """One network: its account, its telephones, its calls and texts."""

    config: ExchangeConfig
    base_url: str  # of this process, for recording addresses
    http: aiohttp.ClientSession
    urls: WebhookUrls
    faults: Faults = field(default_factory=Faults)
    legs: dict[str, Leg] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    recordings: dict[str, Recording] = field(default_factory=dict)
    handsets: dict[str, Handset] = field(default_factory=dict)
    plugged_in: dict[str, Telephone] = field(default_factory=dict)  # soft-phones, by their number
    watchers: set[asyncio.Queue[Message | None]] = field(default_factory=set)
    webhooks: list[dict[str, Any]] = field(default_factory=list)
    rest_log: list[dict[str, Any]] = field(default_factory=list)
    rest_failures: list[RestFailure] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def account(self) -> str:
        return self.config.account_sid

    def handset(self, number: str) -> Handset:
        return self.handsets.setdefault(number, Handset(number))

    def telephone(self, number: str) -> Telephone:
        """What rings there: the soft-phone that somebody has open, else the handset as it was told to behave."""
        return self.plugged_in.get(number) or ScriptedTelephone(self.handset(number).next_call())

    def changed(self, message: Message) -> None:
        """A text is new or has another status: whoever watches is told."""
        for watcher in self.watchers:
            watcher.put_nowait(message)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: "asyncio.Task[None]") -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("exchange task failed", exc_info=error)

    async def quiet(self) -> None:
        """Stop every call and delivery under way."""
        for leg in list(self.legs.values()):
            leg.end("error", "completed" if leg.answered else "canceled")
        work = [*self.tasks, *(task for leg in self.legs.values() for task in leg.background)]
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)

    async def reset(self) -> None:
        """Forget everything but the configuration."""
        await self.quiet()
        for store in (self.legs, self.messages, self.recordings, self.handsets):
            store.clear()
        for items in (self.webhooks, self.rest_log, self.rest_failures):
            items.clear()
        self.faults = Faults()
        self.urls = WebhookUrls.under(self.config.public_url)


def now() -> datetime:
    return datetime.now(UTC)
