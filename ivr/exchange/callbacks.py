"""Status callbacks: which events are told, in what order, with which fields."""

import asyncio
import math
from collections.abc import Iterable, Mapping
from email.utils import format_datetime

from ivr.exchange.faults import Faults
from ivr.exchange.leg import TERMINAL, Leg
from ivr.exchange.state import now
from ivr.exchange.webhooks import API_VERSION, Line, Webhook


class CallbackQueue:
    """Sends callbacks one after the other, or late, or last first when the faults say so."""

    def __init__(self, line: Line, faults: Faults) -> None:
        self._line, self._faults = line, faults
        self._held: list[Webhook] = []

    async def put(self, webhook: Webhook, *, last: bool) -> None:
        self._held.append(webhook)
        if self._faults.reorder_status and not last:
            return
        due, self._held = self._held, []
        for item in reversed(due):
            await asyncio.sleep(self._faults.status_delay)
            await self._line.tell(item)


class CallStatus:
    """The callbacks of one call. `events` as in StatusCallbackEvent: initiated, ringing, answered, completed."""

    def __init__(self, leg: Leg, account: str, queue: CallbackQueue, url: str, events: Iterable[str]) -> None:
        self._leg, self._account, self._queue, self._url = leg, account, queue, url
        self._events = set(events) or {"completed"}
        self._sequence = 0
        self._order = asyncio.Lock()

    def tell(self, event: str) -> None:
        """`event` names the moment; a busy or failed call ends with `completed` too. Sent beside the call."""
        number, self._sequence = self._sequence, self._sequence + 1
        one_only = self._leg.compatible
        wanted = {"completed"} if one_only else self._events
        if not self._url or event not in wanted:
            return
        form = call_form(self._leg, self._account)
        if event == "initiated":
            form["CallStatus"] = "initiated"
        form["Timestamp"] = format_datetime(now())
        form["CallbackSource"] = "call-progress-events"
        if not one_only:
            form["SequenceNumber"] = str(number)
        if self._leg.status in TERMINAL:
            seconds = math.ceil(self._leg.talk_seconds)
            form |= {"CallDuration": str(seconds), "Duration": str(math.ceil(seconds / 60))}
            if self._leg.sip_code:
                form["SipResponseCode"] = self._leg.sip_code
        self._leg.later(self._send(Webhook("status", self._url, form), last=event == "completed"))

    async def _send(self, webhook: Webhook, *, last: bool) -> None:
        async with self._order:
            await self._queue.put(webhook, last=last)


def call_form(leg: Leg, account: str, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The fields every voice webhook carries."""
    form = {
        "CallSid": leg.sid,
        "AccountSid": account,
        "From": leg.from_,
        "To": leg.to,
        "CallStatus": leg.status,
        "Direction": leg.direction,
        "ApiVersion": API_VERSION,
    }
    if not leg.compatible:
        form |= {"Caller": leg.from_, "Called": leg.to}
    if leg.answered_by:
        form["AnsweredBy"] = leg.answered_by
    if leg.parent is not None:
        form["ParentCallSid"] = leg.parent.sid
    return form | dict(more or {})
