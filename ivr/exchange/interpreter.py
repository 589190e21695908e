"""Fetches TwiML from the product and carries it out on a leg, verb by verb."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from ivr.exchange import twiml
from ivr.exchange.callbacks import call_form
from ivr.exchange.errors import CallFailed, HungUp
from ivr.exchange.leg import Leg
from ivr.exchange.state import Exchange
from ivr.exchange.twiml import Verb
from ivr.exchange.webhooks import Answer, Line, Webhook


@dataclass(frozen=True)
class Goto:
    """Where the call goes on; `form` are the fields besides the usual ones."""

    kind: str
    url: str
    method: str = "POST"
    form: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[["Interpreter", Verb], Awaitable[Goto | None]]


class Interpreter:
    """One per leg. A whisper's interpreter leaves the leg alive when its document ends."""

    def __init__(self, exchange: Exchange, leg: Leg, line: Line, verbs: Mapping[str, Handler]) -> None:
        self.exchange, self.leg, self.line, self.verbs = exchange, leg, line, verbs
        self.url = ""
        self._seen: dict[str, int] = {}

    async def run(self, verbs: tuple[Verb, ...]) -> None:
        """Until a document ends, the line dies (HungUp) or an answer is unusable (CallFailed)."""
        while (goto := await self._play(verbs)) is not None:
            verbs = await self.fetch(goto)

    async def fetch(self, goto: Goto) -> tuple[Verb, ...]:
        """Ask the product; the request goes on even if the line dies meanwhile, its answer is then dropped."""
        webhook = self._webhook(goto)
        self.url = webhook.url
        with self.leg.clock.product_working():
            asking: asyncio.Task[Answer] = asyncio.ensure_future(self.line.ask(webhook))
            self.leg.background.add(asking)
            asking.add_done_callback(self.leg.background.discard)
            answer = await self.leg.race(asyncio.shield(asking))
        twiml.check_answer(answer.status, answer.content_type, answer.body)
        return twiml.parse(answer.body)

    async def tell_last(self, goto: Goto) -> None:
        """The request a verb still owes after the hang-up; nobody carries out its answer."""
        await self.line.tell(self._webhook(goto))

    async def perform(self, verb: Verb) -> Goto | None:
        """One verb, with the fault `hangup_in` watching."""
        handler = self.verbs.get(verb.name)
        if handler is None:
            self.leg.warn(
                12200, f"<{verb.name}> is no verb of this carrier (names are case-sensitive): skipped"
            )
            return None
        self.leg.verbs.append(verb.name)
        count = self._seen[verb.name] = self._seen.get(verb.name, 0) + 1
        faults = self.leg.faults
        if faults.hangup_in != verb.name or faults.hangup_nth != count:
            return await handler(self, verb)
        leaving = asyncio.ensure_future(self._leave(faults.hangup_after))
        try:
            return await handler(self, verb)
        finally:
            leaving.cancel()

    def resolve(self, reference: str) -> str:
        """Relative addresses are read against the current document; raises CallFailed 11100."""
        url = urldefrag(urljoin(self.url, reference))[0] if reference else self.url
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
            raise CallFailed(11100, f"Invalid URL format: {url or '(none)'}")
        return url

    async def _leave(self, after: float) -> None:
        await self.leg.clock.sleep(after)
        self.leg.end("caller")

    async def _play(self, verbs: tuple[Verb, ...]) -> Goto | None:
        for verb in verbs:
            if self.leg.hung.is_set():
                raise HungUp
            if (goto := await self.perform(verb)) is not None:
                return goto
        return None

    def _webhook(self, goto: Goto) -> Webhook:
        form = call_form(self.leg, self.exchange.account, goto.form)
        return Webhook(goto.kind, self.resolve(goto.url), form, goto.method)


def goto_action(verb: Verb, form: Mapping[str, str]) -> Goto:
    """The verb's `action`, by default the current document."""
    method = verb.get("method", "POST").upper()
    if method not in ("GET", "POST"):
        raise CallFailed(13301, f"<{verb.name}> method={method!r}: GET or POST")
    return Goto("action", verb.get("action"), method, form)


async def first_of(*work: Awaitable[Any]) -> None:
    """Wait for the first to end, cancel the others; its exception is raised."""
    tasks = [asyncio.ensure_future(item) for item in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
