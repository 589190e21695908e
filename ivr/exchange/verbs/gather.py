"""Gather (keypad only): nested prompts, then keys until one of Twilio's end conditions."""

import asyncio
import time

from ivr.exchange.errors import CallFailed
from ivr.exchange.interpreter import Goto, Interpreter, first_of, goto_action
from ivr.exchange.leg import Leg
from ivr.exchange.script import KEYS
from ivr.exchange.twiml import Verb

NESTED = ("Say", "Play", "Pause")


class KeyCollector:
    kind = "gather"

    def __init__(self, leg: Leg, finish: str, num_digits: int) -> None:
        self.started, self.started_wall = leg.clock.now(), time.monotonic()
        self.digits = ""
        self.finished_on = ""
        self.touched = asyncio.Event()  # a key since the last look
        self.finished = asyncio.Event()
        self._finish, self._num = finish, num_digits

    def key(self, digit: str) -> None:
        if self.finished.is_set():
            return
        self.touched.set()
        if digit == self._finish:
            self.finished_on = digit
            self.finished.set()
            return
        self.digits += digit
        if self._num and len(self.digits) >= self._num:
            self.finished.set()


async def gather(call: Interpreter, verb: Verb) -> Goto | None:
    leg = call.leg
    timeout = verb.seconds("timeout", 5.0)
    keys = KeyCollector(leg, _finish_key(verb), _num_digits(verb))
    if "dtmf" not in verb.get("input", "dtmf").split():
        leg.violation(f"<Gather input={verb.get('input')!r}>: this carrier only takes keys in a Gather")
    leg.listener = keys
    try:
        await leg.race(first_of(_prompts(call, verb), keys.touched.wait()))
        while not keys.finished.is_set():
            keys.touched.clear()
            await leg.race(first_of(keys.touched.wait(), leg.clock.sleep(timeout)))
            if not keys.touched.is_set():
                break
    finally:
        leg.listener = None
    # "#" pressed first leaves nothing: the same as no input
    if not keys.digits and verb.get("actionOnEmptyResult", "false").lower() != "true":
        return None
    form = {"Digits": keys.digits}
    if keys.finished_on:
        form["FinishedOnKey"] = keys.finished_on
    return goto_action(verb, form)


async def _prompts(call: Interpreter, verb: Verb) -> None:
    for child in verb.children:
        if child.name not in NESTED:
            call.leg.warn(12200, f"<{child.name}> cannot be nested in <Gather>: skipped")
            continue
        await call.perform(child)


def _finish_key(verb: Verb) -> str:
    key = verb.get("finishOnKey", "#")
    if len(key) > 1 or (key and key not in KEYS):
        raise CallFailed(13310, f"<Gather> finishOnKey={key!r} is not one key")
    return key


def _num_digits(verb: Verb) -> int:
    raw = verb.get("numDigits", "0")
    if not raw.isdigit():
        raise CallFailed(13314, f"<Gather> numDigits={raw!r} is not a number")
    return int(raw)
