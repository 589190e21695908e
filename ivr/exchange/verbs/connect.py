"""Connect/Stream: the line's audio goes to the product's gateway until that closes the socket."""

import asyncio
from urllib.parse import urlsplit

import aiohttp

from ivr.exchange.frames import FrameWriter
from ivr.exchange.interpreter import Goto, Interpreter
from ivr.exchange.sids import STREAM, new_sid
from ivr.exchange.signature import sign
from ivr.exchange.stream import MAX_MESSAGE, MediaStream
from ivr.exchange.twiml import Verb

CONNECT_SECONDS = 5.0
MAX_PARAMETER = 500  # characters of name and value together


async def connect(call: Interpreter, verb: Verb) -> Goto | None:
    """Every failure is on the record, and the call goes on with the next verb."""
    leg = call.leg
    nouns = [child for child in verb.children if child.name == "Stream"]
    if not leg.faults.streams or len(nouns) != 1 or len(verb.children) != 1:
        leg.error(12200, "<Connect> needs exactly one <Stream>, on a carrier that has streams: skipped")
        return None
    url = nouns[0].get("url")
    if urlsplit(url).scheme not in ("ws", "wss"):
        leg.error(31920, f"<Stream> url {url!r} is no WebSocket address: skipped")
        return None
    if urlsplit(url).query:
        leg.violation("stream: a query in <Stream url> is dropped by the carrier, use <Parameter>")
        url = url.partition("?")[0]
    parameters = _parameters(call, nouns[0])
    sid = new_sid(STREAM, compatible=leg.compatible)
    headers = {"X-Twilio-Signature": sign(call.exchange.config.auth_token, url, {})}
    try:
        with leg.clock.product_working():
            socket = await leg.race(_dial(call, url, headers))
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        leg.error(31920, f"media stream: no connection ({error.__class__.__name__})")
        return None
    try:
        fault = leg.faults.stream_break
        count = leg.streams = leg.streams + 1
        stream = MediaStream(leg, socket, FrameWriter(sid, leg.sid, call.exchange.account), sid)
        await stream.run(parameters, fault if fault is not None and fault.nth == count else None)
    finally:
        leg.later(
            _close(socket)
        )  # the other side may take its time to answer; the call doesn't wait for that
    return None


async def _close(socket: aiohttp.ClientWebSocketResponse) -> None:
    await socket.close()


async def _dial(call: Interpreter, url: str, headers: dict[str, str]) -> aiohttp.ClientWebSocketResponse:
    async with asyncio.timeout(CONNECT_SECONDS):
        return await call.exchange.http.ws_connect(
            url, headers=headers, max_msg_size=MAX_MESSAGE, timeout=aiohttp.ClientWSTimeout(ws_close=2.0)
        )


def _parameters(call: Interpreter, noun: Verb) -> dict[str, str]:
    parameters = {}
    for child in noun.children:
        name, value = child.get("name"), child.get("value")
        if child.name != "Parameter" or not name:
            call.leg.violation(f"stream: <{child.name}> in <Stream> is no <Parameter name=… value=…>")
        elif len(name) + len(value) > MAX_PARAMETER:
            call.leg.violation(f"stream: <Parameter name={name!r}> is longer than {MAX_PARAMETER} characters")
        else:
            parameters[name] = value
    return parameters
