"""Control API: handsets, texts, faults, webhooks, reset."""

import dataclasses
from typing import Any

from aiohttp import web

from ivr.exchange.config import WebhookUrls
from ivr.exchange.control import error_answer, list_of, only, read_order, text_of
from ivr.exchange.errors import CallFailed
from ivr.exchange.handset import Handset, read_call_behaviour, read_text_behaviour
from ivr.exchange.messages import receive_text
from ivr.exchange.report import message_view
from ivr.exchange.rest import EXCHANGE
from ivr.exchange.state import Exchange
from ivr.exchange.webhooks import Line, Webhook

routes = web.RouteTableDef()


@routes.get("/exchange/health")
async def health(request: web.Request) -> web.Response:
    exchange = request.app[EXCHANGE]
    live = sum(1 for leg in exchange.legs.values() if not leg.done.is_set())
    return web.json_response({"ok": True, "url": exchange.base_url, "live_calls": live})


@routes.put("/exchange/handsets")
async def set_handset(request: web.Request) -> web.Response:
    """{"number", "calls"?: [behaviour…], "texts"?: [behaviour…]}: one behaviour a ring or text, the last stays."""
    exchange, order = request.app[EXCHANGE], await read_order(request)
    only(order, "number", "calls", "texts")
    handset = Handset(text_of(order, "number"))
    previous = exchange.handset(handset.number)
    handset.calls = [read_call_behaviour(item) for item in list_of(order, "calls")] or previous.calls
    handset.texts = [read_text_behaviour(item) for item in list_of(order, "texts")] or previous.texts
    exchange.handsets[handset.number] = handset
    return web.json_response(
        {"number": handset.number, "calls": len(handset.calls), "texts": len(handset.texts)}
    )


@routes.post("/exchange/texts")
async def text(request: web.Request) -> web.Response:
    """{"from", "to"?, "body"}: a text to the product; answers when the product has. → {"sid", "reply", "replies"}"""
    exchange, order = request.app[EXCHANGE], await read_order(request)
    only(order, "from", "to", "body")
    to = order.get("to") or exchange.config.hotline_number
    try:
        message, replies = await receive_text(exchange, text_of(order, "from"), to, text_of(order, "body"))
    except CallFailed as error:
        return error_answer(502, f"{error.code}: {error}")
    bodies = [reply.body for reply in replies]
    return web.json_response({"sid": message.sid, "reply": bodies[0] if bodies else None, "replies": bodies})


@routes.get("/exchange/messages")
async def messages(request: web.Request) -> web.Response:
    """All texts, oldest first; ?to= ?from= ?direction= narrow it."""
    found = [
        message_view(item)
        for item in request.app[EXCHANGE].messages.values()
        if request.query.get("to", item.to) == item.to
        and request.query.get("from", item.from_) == item.from_
        and request.query.get("direction", item.direction) == item.direction
    ]
    return web.json_response({"messages": found})


@routes.get("/exchange/faults")
async def faults(request: web.Request) -> web.Response:
    return web.json_response(_faults_json(request.app[EXCHANGE]))


@routes.put("/exchange/faults")
async def set_faults(request: web.Request) -> web.Response:
    """Switches named in the body are set, the others stay; `rest_errors` replaces the pending ones."""
    exchange, order = request.app[EXCHANGE], await read_order(request)
    exchange.faults = exchange.faults.merged(order)
    if "rest_errors" in order:
        exchange.rest_failures = list(exchange.faults.rest_errors)
    return web.json_response(_faults_json(exchange))


@routes.get("/exchange/webhook-urls")
async def urls(request: web.Request) -> web.Response:
    return web.json_response(dataclasses.asdict(request.app[EXCHANGE].urls))


@routes.put("/exchange/webhook-urls")
async def set_urls(request: web.Request) -> web.Response:
    exchange, order = request.app[EXCHANGE], await read_order(request)
    only(order, *(f.name for f in dataclasses.fields(WebhookUrls)))
    exchange.urls = dataclasses.replace(exchange.urls, **{name: text_of(order, name) for name in order})
    return web.json_response(dataclasses.asdict(exchange.urls))


@routes.get("/exchange/webhooks")
async def webhooks(request: web.Request) -> web.Response:
    """Every request sent to the product, in order, with its fields, status, duration and error."""
    return web.json_response({"webhooks": request.app[EXCHANGE].webhooks})


@routes.post("/exchange/webhooks/{number}/replay")
async def replay(request: web.Request) -> web.Response:
    """Send an old webhook once more, however late. → {"status", "body"}"""
    exchange, number = request.app[EXCHANGE], request.match_info["number"]
    if not number.isdigit() or int(number) >= len(exchange.webhooks):
        raise web.HTTPNotFound
    old = exchange.webhooks[int(number)]
    quiet = dataclasses.replace(exchange.faults, duplicate="", late_duplicates=False)
    try:
        answer = await Line(exchange, quiet).ask(
            Webhook(old["kind"], old["url"], old["params"], old["method"])
        )
    except CallFailed as error:
        return error_answer(502, f"{error.code}: {error}")
    return web.json_response({"status": answer.status, "body": answer.body.decode(errors="replace")})


@routes.get("/exchange/rest")
async def rest_log(request: web.Request) -> web.Response:
    """Every REST request that the product made, with its status."""
    return web.json_response({"requests": request.app[EXCHANGE].rest_log})


@routes.post("/exchange/reset")
async def reset(request: web.Request) -> web.Response:
    await request.app[EXCHANGE].reset()
    return web.json_response({"ok": True})


def _faults_json(exchange: Exchange) -> dict[str, Any]:
    values = dataclasses.asdict(exchange.faults)
    values["rest_errors"] = [dataclasses.asdict(item) for item in exchange.rest_failures if item.times > 0]
    return values
