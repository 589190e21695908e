"""Sets calls up: somebody dials the hotline, or the product rings somebody through the REST API."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ivr.exchange import twiml
from ivr.exchange.callbacks import CallbackQueue, CallStatus, call_form
from ivr.exchange.faults import Faults
from ivr.exchange.interpreter import Goto, Interpreter
from ivr.exchange.leg import Leg
from ivr.exchange.lifecycle import ring, to_the_end
from ivr.exchange.sids import CALL, new_sid
from ivr.exchange.state import Exchange, now
from ivr.exchange.telephone import Person, Telephone
from ivr.exchange.verbs.table import VERBS
from ivr.exchange.webhooks import Line, Webhook

SETUP_SECONDS = 0.5  # call seconds between the REST answer and the first ring
DETECTION_SECONDS = 2.0


@dataclass(frozen=True)
class OutboundOrder:
    """What POST Calls.json asked for; `timeout` in call seconds. Without `url` the `twiml` is carried out."""

    to: str
    from_: str
    url: str
    method: str
    twiml: bytes
    timeout: float
    status_url: str
    status_events: Iterable[str]
    detect_machine: bool
    amd_url: str | None  # asynchronous detection: the call doesn't wait for it


def place_inbound(
    exchange: Exchange, from_: str, to: str, person: Callable[[Leg], Person], *, pace: float = 1.0,
    line_noise: float | None = None, faults: Faults,
) -> Leg:  # fmt: skip
    """Somebody dials the hotline. The call runs on its own; `leg.done` is set after its last callback."""
    sid = new_sid(CALL, compatible=faults.profile == "compatible")
    leg = Leg(sid, "inbound", from_=from_, to=to, pace=pace, faults=faults, line_noise_dbfs=line_noise)
    leg.rang = now()
    exchange.legs[leg.sid] = leg
    line = Line(exchange, faults, leg)
    queue = CallbackQueue(line, faults)
    status = CallStatus(leg, exchange.account, queue, exchange.urls.voice_status_url, ())
    call = Interpreter(exchange, leg, line, VERBS)

    async def talk() -> None:
        # answered when the document is there: the first request still says "ringing"
        verbs = await call.fetch(Goto("answer", exchange.urls.voice_url))
        leg.answer()
        leg.later(person(leg).run())
        await call.run(verbs)

    exchange.spawn(to_the_end(leg, line, status, talk()))
    return leg


def place_outbound(exchange: Exchange, order: OutboundOrder) -> Leg:
    """The product rings somebody: the telephone of that number decides what happens."""
    phone = exchange.telephone(order.to)
    faults = exchange.faults.merged(phone.faults)
    sid = new_sid(CALL, compatible=faults.profile == "compatible")
    leg = Leg(
        sid, "outbound-api", from_=order.from_, to=order.to, pace=phone.pace, faults=faults,
        line_noise_dbfs=phone.line_noise,
    )  # fmt: skip
    exchange.legs[leg.sid] = leg
    line = Line(exchange, faults, leg)
    queue = CallbackQueue(line, faults)
    status = CallStatus(leg, exchange.account, queue, order.status_url, order.status_events)
    call = Interpreter(exchange, leg, line, VERBS)

    async def talk() -> None:
        status.tell("initiated")
        await leg.sleep(SETUP_SECONDS)
        await ring(leg, phone, order.timeout, status)
        await _detect(exchange, leg, line, order, phone)
        if order.url:
            await call.run(await call.fetch(Goto("answer", order.url, order.method)))
        else:
            await call.run(twiml.parse(order.twiml))

    exchange.spawn(to_the_end(leg, line, status, talk()))
    return leg


async def _detect(exchange: Exchange, leg: Leg, line: Line, order: OutboundOrder, phone: Telephone) -> None:
    if not order.detect_machine:
        return
    found = phone.answered_by
    if order.amd_url is None:
        await leg.sleep(DETECTION_SECONDS)
        leg.answered_by = found
        return

    async def detect_beside_the_call(url: str) -> None:
        await leg.clock.sleep(DETECTION_SECONDS)
        leg.answered_by = found
        if url:
            await line.tell(Webhook("amd", url, call_form(leg, exchange.account)))

    leg.later(detect_beside_the_call(order.amd_url))
