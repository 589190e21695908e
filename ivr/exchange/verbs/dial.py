"""Dial: rings one more telephone and joins the two; a whisper lets its owner accept first."""

import asyncio
import dataclasses
import time

from ivr.exchange.callbacks import CallbackQueue, CallStatus
from ivr.exchange.clock import FRAME_SECONDS
from ivr.exchange.errors import CallFailed, HungUp
from ivr.exchange.interpreter import Goto, Handler, Interpreter, first_of, goto_action
from ivr.exchange.leg import Leg
from ivr.exchange.lifecycle import ring, to_the_end
from ivr.exchange.sids import CALL, new_sid
from ivr.exchange.twiml import Verb
from ivr.exchange.webhooks import Line

RING_SECONDS = 30.0
FOUR_HOURS = 14400.0


class Bridge:
    """Two lines joined: nothing in the network takes keys, but either person may talk."""

    kind = "bridge"

    def __init__(self, leg: Leg) -> None:
        self.started, self.started_wall = leg.clock.now(), time.monotonic()

    def key(self, digit: str) -> None:
        """A tone the other person hears; the network does nothing with it."""


async def talk_together(one: Leg, other: Leg) -> None:
    """Each hears the other, until a line is dead; people without ears are not talked to."""
    at = {leg: leg.clock.frame() for leg in (one, other)}
    while not (one.hung.is_set() or other.hung.is_set()):
        for speaker, listener in ((one, other), (other, one)):
            first, at[speaker] = at[speaker], speaker.clock.frame()
            if listener.ear.audience is not None:
                for index in range(first, at[speaker]):
                    listener.ear.audience.hear(speaker.mic.frame(index))
        await asyncio.sleep(FRAME_SECONDS)


async def dial(call: Interpreter, verb: Verb) -> Goto | None:
    leg, number = call.leg, _number(verb)
    bridged = asyncio.Event()
    child = _ring(call, verb, number, bridged)
    hung = False
    try:
        await leg.race(first_of(child.hung.wait(), bridged.wait()))
        if bridged.is_set():
            leg.listener = Bridge(leg)
            leg.later(talk_together(leg, child))
            limit = verb.seconds("timeLimit", FOUR_HOURS)
            await leg.race(first_of(child.hung.wait(), leg.clock.sleep(limit)))
    except HungUp:
        hung = True
    finally:
        leg.listener = None
        child.end("hotline", "completed" if child.answered else "canceled")
    if not verb.get("action"):
        if hung:
            raise HungUp
        return None
    goto = goto_action(verb, _form(child, bridged.is_set()))
    if hung:
        await call.tell_last(goto)
        raise HungUp
    return goto


def _ring(call: Interpreter, verb: Verb, number: Verb, bridged: asyncio.Event) -> Leg:
    """Starts the callee's leg; `bridged` is set when the whisper, if any, let the call through."""
    parent, exchange = call.leg, call.exchange
    phone = exchange.telephone(number.text)
    own = dataclasses.replace(parent.faults, hangup_in="", stream_break=None).merged(phone.faults)
    child = Leg(
        new_sid(CALL, compatible=parent.compatible), "outbound-dial", from_=verb.get("callerId", parent.from_),
        to=number.text, pace=parent.clock.pace, faults=own, line_noise_dbfs=phone.line_noise, parent=parent,
    )  # fmt: skip
    parent.children.append(child)
    exchange.legs[child.sid] = child
    line = Line(exchange, own, child)
    url = call.resolve(number.get("statusCallback")) if number.get("statusCallback") else ""
    events = number.get("statusCallbackEvent").replace(",", " ").split()
    status = CallStatus(child, exchange.account, CallbackQueue(line, own), url, events)
    timeout = verb.seconds("timeout", RING_SECONDS)

    async def talk() -> None:
        status.tell("initiated")
        await ring(child, phone, timeout, status)
        if number.get("url"):
            whisper = Interpreter(exchange, child, line, _without_dial(call))
            whisper.url = call.url
            goto = Goto("whisper", number.get("url"), number.get("method", "POST").upper())
            await whisper.run(await whisper.fetch(goto))
        child.listener = Bridge(child)
        child.bridged_at = child.seconds()
        bridged.set()
        await child.hung.wait()

    exchange.spawn(to_the_end(child, line, status, talk()))
    return child


def _number(verb: Verb) -> Verb:
    """The one number to ring, as a <Number>; raises CallFailed 13224 if there is none."""
    if verb.text and not verb.children:
        return Verb("Number", {}, verb.text, ())
    numbers = [child for child in verb.children if child.name == "Number" and child.text]
    if len(numbers) != 1 or len(verb.children) != 1:
        raise CallFailed(13224, "<Dial> needs exactly one number here")
    return numbers[0]


def _without_dial(call: Interpreter) -> dict[str, Handler]:
    return {name: handler for name, handler in call.verbs.items() if name not in ("Dial", "Connect")}


def _form(child: Leg, bridged: bool) -> dict[str, str]:
    # a callee whose whisper hung up was answered but never talked to: the same as nobody there
    status = "no-answer" if child.answered and not bridged else child.status
    seconds = child.talk_seconds - child.bridged_at if bridged else 0.0
    return {
        "DialCallSid": child.sid,
        "DialCallStatus": status,
        "DialCallDuration": str(round(seconds)),
        "DialBridged": str(bridged).lower(),
    }
