"""Redirect, Hangup, and the two verbs that a compatible carrier chokes on."""

from ivr.exchange.errors import CallFailed, HungUp
from ivr.exchange.interpreter import Goto, Interpreter
from ivr.exchange.twiml import Verb


async def redirect(call: Interpreter, verb: Verb) -> Goto | None:
    method = verb.get("method", "POST").upper()
    return Goto("redirect", verb.text, method)


async def hangup(call: Interpreter, verb: Verb) -> Goto | None:
    call.leg.end("hotline")
    raise HungUp


async def pause(call: Interpreter, verb: Verb) -> Goto | None:
    _refuse_if_compatible(call, verb)
    await call.leg.sleep(verb.seconds("length", 1.0))
    return None


async def start(call: Interpreter, verb: Verb) -> Goto | None:
    _refuse_if_compatible(call, verb)
    call.leg.warn(12200, "<Start> is not built into the local exchange: skipped")
    return None


def _refuse_if_compatible(call: Interpreter, verb: Verb) -> None:
    # one compatible carrier drops the whole document when it meets these
    if call.leg.compatible:
        raise CallFailed(12200, f"<{verb.name}> is unknown to this carrier: the document was dropped")
