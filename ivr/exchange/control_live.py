"""Control API: what browsers hold open. A soft-phone's line, and the texts as they come and go."""

import asyncio
import contextlib
import dataclasses
import json
import re
from typing import Any

from aiohttp import WSMsgType, web

from app.errors import BadInput
from ivr.exchange.allowance import Allowance
from ivr.exchange.report import message_view
from ivr.exchange.rest import EXCHANGE
from ivr.exchange.softphone import SoftPhone
from ivr.exchange.state import Exchange, Message

routes = web.RouteTableDef()
LINES = web.AppKey("lines", set[web.WebSocketResponse])
MOST_LINES = 20
MAX_MESSAGE = 16 * 1024  # bytes: a quarter of a second at 32 kHz
MESSAGES_A_SECOND, BYTES_A_SECOND = 100, 120_000  # 48 kHz in 20 ms pieces, and a little
BURST_SECONDS = 4.0
MOST_WAITING = 150  # 20 ms pieces that a browser may be behind; more is dropped, not kept
HEARTBEAT = 15.0  # seconds
_E164 = re.compile(r"\+[1-9]\d{4,14}")


@routes.get("/exchange/directory")
async def directory(request: web.Request) -> web.Response:
    """Who has a telephone here, as the exchange was told at its start."""
    config = request.app[EXCHANGE].config
    contacts = [dataclasses.asdict(contact) for contact in config.directory]
    return web.json_response({"hotline": config.hotline_number, "contacts": contacts})


@routes.get("/exchange/line")
async def line(request: web.Request) -> web.WebSocketResponse:
    """?number=E.164: a soft-phone is plugged in for as long as this socket is open.

    Text messages are orders and events (see `softphone.py`), binary ones audio. What cannot be had is told as
    {"event": "refused", "why": …} before the socket closes: number, taken, full, too_much.
    """
    exchange, lines = request.app[EXCHANGE], request.app[LINES]
    socket = web.WebSocketResponse(max_msg_size=MAX_MESSAGE, heartbeat=HEARTBEAT)
    await socket.prepare(request)
    number = request.query.get("number", "")
    if why := _refusal(exchange, number, len(lines)):
        await socket.send_json({"event": "refused", "why": why})
        await socket.close(code=4000)
        return socket
    lines.add(socket)
    outbox: asyncio.Queue[dict[str, Any] | bytes] = asyncio.Queue()
    phone = SoftPhone(exchange, number, lambda item: _post(outbox, item))
    exchange.plugged_in[number] = phone
    writer = asyncio.ensure_future(_write(socket, outbox))
    outbox.put_nowait({"event": "plugged_in", "number": number})
    try:
        await _obey(socket, phone, outbox)
    finally:
        del exchange.plugged_in[number]
        lines.discard(socket)
        phone.hang_up()
        writer.cancel()
    return socket


@routes.get("/exchange/messages/live")
async def messages(request: web.Request) -> web.StreamResponse:
    """Server-sent events: every text so far, then each one again whenever it changes."""
    exchange = request.app[EXCHANGE]
    if len(exchange.watchers) >= MOST_LINES:
        raise web.HTTPServiceUnavailable
    queue: asyncio.Queue[Message | None] = asyncio.Queue()
    for message in exchange.messages.values():
        queue.put_nowait(message)
    exchange.watchers.add(queue)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    try:
        with contextlib.suppress(ConnectionError):  # the browser has gone
            await response.prepare(request)
            while (piece := await _next_event(queue)) is not None:
                await response.write(piece)
    finally:
        exchange.watchers.discard(queue)
    return response


async def hang_everybody_up(app: web.Application) -> None:
    """At the end of the process: browsers are told, so that they try again by themselves."""
    for queue in app[EXCHANGE].watchers:
        queue.put_nowait(None)
    lines = app[LINES]
    for socket in list(lines):
        await socket.close(code=1001)


def _refusal(exchange: Exchange, number: str, open_lines: int) -> str:
    if not _E164.fullmatch(number) or number == exchange.config.hotline_number:
        return "number"
    if number in exchange.plugged_in:
        return "taken"
    return "full" if open_lines >= MOST_LINES else ""


async def _obey(socket: web.WebSocketResponse, phone: SoftPhone, outbox: asyncio.Queue[Any]) -> None:
    messages = Allowance(MESSAGES_A_SECOND, MESSAGES_A_SECOND * BURST_SECONDS)
    volume = Allowance(BYTES_A_SECOND, BYTES_A_SECOND * BURST_SECONDS)
    async for message in socket:
        if not messages.take(1) or not volume.take(len(message.data)):
            await socket.send_json({"event": "refused", "why": "too_much"})
            await socket.close(code=4000)
            return
        try:
            if message.type is WSMsgType.BINARY:
                phone.speak(message.data)
            elif message.type is WSMsgType.TEXT:
                phone.obey(_order(message.data))
        except BadInput as error:
            outbox.put_nowait({"event": "problem", "text": str(error)})


def _order(text: str) -> dict[str, Any]:
    with contextlib.suppress(ValueError, RecursionError):
        if isinstance(order := json.loads(text), dict):
            return order
    return {}


def _post(outbox: asyncio.Queue[dict[str, Any] | bytes], item: dict[str, Any] | bytes) -> None:
    if isinstance(item, dict) or outbox.qsize() < MOST_WAITING:
        outbox.put_nowait(item)


async def _write(socket: web.WebSocketResponse, outbox: asyncio.Queue[dict[str, Any] | bytes]) -> None:
    with contextlib.suppress(ConnectionError):
        while True:
            item = await outbox.get()
            await (socket.send_bytes(item) if isinstance(item, bytes) else socket.send_json(item))


async def _next_event(queue: asyncio.Queue[Message | None]) -> bytes | None:
    try:
        async with asyncio.timeout(HEARTBEAT):
            message = await queue.get()
    except TimeoutError:
        return b": still here\n\n"
    return None if message is None else f"data: {json.dumps(message_view(message))}\n\n".encode()
