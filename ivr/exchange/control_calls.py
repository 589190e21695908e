"""Control API: calls, dialled, watched, interfered with."""

import asyncio

from aiohttp import web

from ivr.exchange.calls import place_inbound
from ivr.exchange.control import number_of, only, read_order, text_of
from ivr.exchange.errors import BadOrder
from ivr.exchange.leg import Leg
from ivr.exchange.mic import SILENT_FRAME
from ivr.exchange.party import Party
from ivr.exchange.report import leg_json
from ivr.exchange.rest import EXCHANGE
from ivr.exchange.script import read_steps
from speech.audio import encode_wav, mulaw_decode

routes = web.RouteTableDef()
MAX_WAIT = 30.0
MAX_PACE = 20.0


@routes.post("/exchange/calls")
async def dial_hotline(request: web.Request) -> web.Response:
    """{"from", "to"?, "steps"?, "pace"?, "limit"?, "line_noise"?, "faults"?} → the call as it is now."""
    exchange, order = request.app[EXCHANGE], await read_order(request)
    only(order, "from", "to", "steps", "pace", "limit", "line_noise", "faults")
    pace = number_of(order, "pace", 1.0)
    if not 0.1 <= pace <= MAX_PACE:
        raise BadOrder(f"pace: between 0.1 and {MAX_PACE:g}, not {pace:g}")
    steps, limit = read_steps(order.get("steps", [])), number_of(order, "limit", 120.0)
    leg = place_inbound(
        exchange,
        text_of(order, "from"),
        order.get("to") or exchange.config.hotline_number,
        lambda leg: Party(leg, steps, limit),
        pace=pace,
        line_noise=None if order.get("line_noise") is None else number_of(order, "line_noise", 0.0),
        faults=exchange.faults.merged(order.get("faults", {})),
    )
    return web.json_response(leg_json(leg), status=201)


@routes.get("/exchange/calls")
async def calls(request: web.Request) -> web.Response:
    """All legs, oldest first; ?to= ?from= ?direction= narrow it."""
    found = [
        leg_json(leg)
        for leg in request.app[EXCHANGE].legs.values()
        if request.query.get("to", leg.to) == leg.to
        and request.query.get("from", leg.from_) == leg.from_
        and request.query.get("direction", leg.direction) == leg.direction
    ]
    return web.json_response({"calls": found})


@routes.get("/exchange/calls/{sid}")
async def call(request: web.Request) -> web.Response:
    """One leg; ?wait=SECONDS (at most 30) holds the answer back until the call is over."""
    leg = _leg(request)
    try:
        wait = min(MAX_WAIT, float(request.query.get("wait", "0")))
    except ValueError as error:
        raise BadOrder("wait: a number of seconds") from error
    if wait > 0 and not leg.done.is_set():
        done = asyncio.ensure_future(leg.done.wait())
        await asyncio.wait({done}, timeout=wait)
        done.cancel()
    return web.json_response(leg_json(leg))


@routes.post("/exchange/calls/{sid}/hangup")
async def hang_up(request: web.Request) -> web.Response:
    """The person at the phone hangs up now."""
    leg = _leg(request)
    leg.end("caller", "completed" if leg.answered else "canceled" if leg.direction == "inbound" else "busy")
    return web.json_response(leg_json(leg))


@routes.post("/exchange/calls/{sid}/press")
async def press(request: web.Request) -> web.Response:
    """{"keys": "1#"}: the person presses keys now, whatever the script does."""
    leg, order = _leg(request), await read_order(request)
    for step in read_steps([{"press": text_of(order, "keys")}]):
        for key in step.keys:
            leg.said("caller", f"〔按 {key}〕", kind="press", key=key)
            leg.press(key)
    return web.json_response(leg_json(leg))


@routes.get("/exchange/calls/{sid}/audio/{number}.wav")
async def audio(request: web.Request) -> web.Response:
    """What the hotline said in one utterance, 8 kHz 16 bit mono."""
    leg, number = _leg(request), request.match_info["number"]
    if not number.isdigit() or int(number) >= len(leg.audio):
        raise web.HTTPNotFound
    pcm = mulaw_decode(leg.audio[int(number)] or SILENT_FRAME)
    return web.Response(body=encode_wav(pcm), content_type="audio/x-wav")


def _leg(request: web.Request) -> Leg:
    leg = request.app[EXCHANGE].legs.get(request.match_info["sid"])
    if leg is None:
        raise web.HTTPNotFound
    return leg
