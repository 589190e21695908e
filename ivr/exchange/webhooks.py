"""Signed requests to the product: asked for an answer, repeated, replayed and recorded as the faults demand."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
from yarl import URL

from ivr.exchange.errors import CallFailed
from ivr.exchange.faults import Faults
from ivr.exchange.leg import Leg
from ivr.exchange.sids import new_sid
from ivr.exchange.signature import sign
from ivr.exchange.state import Exchange, now

API_VERSION = "2010-04-01"


@dataclass(frozen=True)
class Answer:
    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True)
class Webhook:
    """One request. `kind`: answer, action, redirect, status, recording, whisper, amd, text, text-status, play."""

    kind: str
    url: str
    form: Mapping[str, str]
    method: str = "POST"


class Line:
    """Sends the webhooks of one call or text, in order, and remembers them for late replays."""

    def __init__(self, exchange: Exchange, faults: Faults, leg: Leg | None = None) -> None:
        self._exchange, self._faults, self._leg = exchange, faults, leg
        self._waiting_replay: list[tuple[Webhook, str]] = []

    async def ask(self, webhook: Webhook) -> Answer:
        """The first answer; raises CallFailed 11200 (no usable answer) or 11205 (no connection)."""
        token = new_sid("", compatible=True)
        twin: asyncio.Task[Any] | None = None
        if self._faults.duplicate == "together":
            twin = asyncio.ensure_future(self._quietly(webhook, token, "duplicate"))
        try:
            answer = await self._send(webhook, token)
        finally:
            if twin is not None:
                await twin
            elif self._faults.duplicate == "after":
                await self._quietly(webhook, token, "duplicate")
        if self._faults.late_duplicates:
            self._waiting_replay.append((webhook, token))
            if len(self._waiting_replay) > 2:
                await self._quietly(*self._waiting_replay.pop(0), "late")
        return answer

    async def tell(self, webhook: Webhook) -> None:
        """A callback whose answer nobody reads; failures are only recorded."""
        try:
            await self.ask(webhook)
        except CallFailed as error:
            if self._leg is not None:
                self._leg.warn(error.code, f"{webhook.kind} callback: {error}")

    async def replay_rest(self) -> None:
        """At the end of the call: what was not replayed yet, newest first."""
        while self._waiting_replay:
            await self._quietly(*self._waiting_replay.pop(), "late")

    async def _quietly(self, webhook: Webhook, token: str, why: str) -> None:
        try:
            await self._send(webhook, token, why)
        except CallFailed:
            return  # it is on the record with its error

    async def _send(self, webhook: Webhook, token: str, why: str = "") -> Answer:
        record: dict[str, Any] = {
            "id": len(self._exchange.webhooks),
            "kind": webhook.kind,
            "method": webhook.method,
            "url": webhook.url,
            "params": dict(webhook.form),
            "sent_at": now().isoformat(),
            "at": None if self._leg is None else round(self._leg.seconds(), 2),
            "status": None,
            "ms": None,
            "error": None,
            "repeat": why,
        }
        self._exchange.webhooks.append(record)
        if self._leg is not None:
            self._leg.webhooks.append(record)
        started = time.monotonic()
        try:
            answer = await self._attempt(webhook, token)
        except CallFailed as error:
            record["error"] = f"{error.code}: {error}"
            raise
        finally:
            record["ms"] = round((time.monotonic() - started) * 1000, 1)
        record["status"] = answer.status
        return answer

    async def _attempt(self, webhook: Webhook, token: str) -> Answer:
        try:
            return await self._request(webhook, token)
        except aiohttp.ClientConnectorError:
            await asyncio.sleep(0.3)  # Twilio tries a refused connection once more by default (rc=1)
        try:
            return await self._request(webhook, token)
        except aiohttp.ClientConnectorError as error:
            raise CallFailed(11205, f"HTTP connection failure: {error.__class__.__name__}") from error

    async def _request(self, webhook: Webhook, token: str) -> Answer:
        url, data, signed = webhook.url, None, dict(webhook.form)
        if webhook.method == "GET":
            if signed:
                url += ("&" if urlsplit(url).query else "?") + urlencode(signed)
            signed = {}
        else:
            data = urlencode(signed).encode()
        headers = {
            "X-Twilio-Signature": sign(self._exchange.config.auth_token, url, signed),
            "I-Twilio-Idempotency-Token": token,
            "User-Agent": "TwilioProxy/1.1",
        }
        if data is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        try:
            async with self._exchange.http.request(
                webhook.method, URL(url, encoded=True), data=data, headers=headers, allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=self._faults.answer_cap),
            ) as response:  # fmt: skip
                return Answer(response.status, response.content_type, await response.read())
        except TimeoutError as error:
            raise CallFailed(11200, f"no answer within {self._faults.answer_cap:g} s") from error
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ClientError, ValueError) as error:
            raise CallFailed(11200, f"HTTP retrieval failure: {error.__class__.__name__}") from error
