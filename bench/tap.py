"""A listener on the wire between the exchange and the gateway: when did which audio frame pass?

It relays WebSocket messages unchanged, both ways, and remembers times. Measured from outside, so neither side
has to know that it is watched; it adds well under a millisecond.
"""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

_MAX_SIZE = 1024 * 1024


@dataclass
class Stream:
    """One media stream; times are seconds since the epoch."""

    call_sid: str
    turn: int
    frames: list[float] = field(default_factory=list)  # of the caller's audio, 20 ms each
    first_prompt: float | None = None  # first audio from the gateway


@dataclass
class Tap:
    url: str  # where the exchange is to connect
    streams: dict[tuple[str, int], Stream] = field(default_factory=dict)


class _Relay:
    def __init__(self, gateway_url: str, tap: Tap) -> None:
        self._gateway_url, self._tap = gateway_url, tap

    async def handle(self, exchange: ServerConnection) -> None:
        async with connect(
            self._gateway_url, max_size=_MAX_SIZE, compression=None, ping_interval=None
        ) as gateway:
            stream: list[Stream] = []
            towards = asyncio.ensure_future(self._from_exchange(exchange, gateway, stream))
            back = asyncio.ensure_future(self._from_gateway(gateway, exchange, stream))
            try:
                await asyncio.wait({towards, back}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                towards.cancel()
                back.cancel()
                await asyncio.gather(towards, back, return_exceptions=True)
                # the same reason goes on: the other side must see what it would have seen
                await exchange.close(gateway.close_code or 1000, gateway.close_reason or "")

    async def _from_exchange(
        self, exchange: ServerConnection, gateway: ClientConnection, stream: list[Stream]
    ) -> None:
        try:
            async for message in exchange:
                if stream and isinstance(message, str) and '"media"' in message:
                    stream[0].frames.append(time.time())
                elif not stream:
                    self._look_for_start(str(message), stream)
                await gateway.send(message)
        except ConnectionClosed:
            return

    async def _from_gateway(
        self, gateway: ClientConnection, exchange: ServerConnection, stream: list[Stream]
    ) -> None:
        try:
            async for message in gateway:
                if stream and stream[0].first_prompt is None and '"media"' in str(message)[:60]:
                    stream[0].first_prompt = time.time()
                await exchange.send(message)
        except ConnectionClosed:
            return

    def _look_for_start(self, message: str, stream: list[Stream]) -> None:
        frame = json.loads(message)
        if frame.get("event") != "start":
            return
        start = frame["start"]
        found = Stream(start["callSid"], int(start["customParameters"]["turn"]))
        stream.append(found)
        self._tap.streams[found.call_sid, found.turn] = found


@contextmanager
def running_tap(port: int, gateway_url: str) -> Iterator[Tap]:
    """Relay between `port` on loopback and the gateway, in a thread, for the length of the block."""
    loop = asyncio.new_event_loop()
    tap = Tap(f"ws://127.0.0.1:{port}/media")
    relay = _Relay(gateway_url, tap)

    async def start() -> Server:
        return await serve(
            relay.handle, "127.0.0.1", port, max_size=_MAX_SIZE, compression=None, ping_interval=None
        )

    server = loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever, name="tap", daemon=True)
    thread.start()

    async def stop() -> None:
        server.close()
        await server.wait_closed()

    try:
        yield tap
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(timeout=20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=20)
        loop.close()
