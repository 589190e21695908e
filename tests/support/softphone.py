"""A browser's telephone without a browser: the same WebSocket, the same messages, driven by a test."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import aiohttp

PIECE = 320  # bytes: 20 ms of PCM16 at 8 kHz
PATIENCE = 20.0  # seconds


class BrowserPhone:
    """Events and audio as they came. Methods may be called from the test's thread; `wait` raises TimeoutError."""

    def __init__(self, base_url: str, number: str) -> None:
        self._address = f"{base_url}/exchange/line"
        self.number = number
        self.events: list[dict[str, Any]] = []
        self.audio = bytearray()
        self.closed_with: int | None = None
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def open(self, **headers: str) -> None:
        """Plugs in and waits for the exchange's first word."""
        self._thread.start()
        self._run(self._connect(headers))
        self.wait(lambda: self.events)

    def close(self) -> None:
        if self._thread.is_alive():
            self._run(self._disconnect())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop.close()

    # --- what a person does --------------------------------------------------------------------------------
    def do(self, order: str, **more: Any) -> None:
        self._run(self._socket.send_json({"do": order, **more}))

    def send(self, data: str | bytes) -> None:
        self._run(self._socket.send_bytes(data) if isinstance(data, bytes) else self._socket.send_str(data))

    def say(self, pcm: bytes, piece: int = PIECE) -> None:
        """As fast as a microphone would: a piece lasts 20 ms. Returns when everything was said."""
        self._run(self._speak(pcm, piece))

    # --- what she sees and hears ---------------------------------------------------------------------------
    def named(self, event: str) -> list[dict[str, Any]]:
        return [item for item in self.events if item["event"] == event]

    def lines(self, who: str) -> list[str]:
        return [e["entry"]["text"] for e in self.named("line") if e["entry"]["who"] == who]

    def wait_for(self, event: str, count: int = 1) -> dict[str, Any]:
        self.wait(lambda: len(self.named(event)) >= count)
        return self.named(event)[count - 1]

    def wait(self, look: Callable[[], object]) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: bool(look()), PATIENCE):
                raise TimeoutError(f"never happened; events: {self.events[-5:]}")

    def wait_quiet(self, seconds: float = 0.3) -> None:
        """Until nothing has come out of the earpiece for this long."""
        with self._changed:
            heard = -1
            while heard != len(self.audio):
                heard = len(self.audio)
                self._changed.wait_for(lambda heard=heard: len(self.audio) != heard, seconds)

    # --- the socket ----------------------------------------------------------------------------------------
    def _run(self, work: Any) -> Any:
        future: Future[Any] = asyncio.run_coroutine_threadsafe(_awaited(work), self._loop)
        return future.result(PATIENCE)

    async def _connect(self, headers: dict[str, str]) -> None:
        self._session = aiohttp.ClientSession()
        self._socket = await self._session.ws_connect(
            self._address, params={"number": self.number}, headers=headers
        )
        self._reader = asyncio.ensure_future(self._read())

    async def _disconnect(self) -> None:
        if hasattr(self, "_socket"):
            await self._socket.close()
            await self._reader
        await self._session.close()

    async def _read(self) -> None:
        async for message in self._socket:
            with self._changed:
                if message.type is aiohttp.WSMsgType.BINARY:
                    self.audio += message.data
                else:
                    self.events.append(message.json())
                self._changed.notify_all()
        with self._changed:
            self.closed_with = self._socket.close_code
            self._changed.notify_all()

    async def _speak(self, pcm: bytes, piece: int) -> None:
        begun = self._loop.time()
        for number, start in enumerate(range(0, len(pcm), piece), 1):
            await self._socket.send_bytes(pcm[start : start + piece])
            await asyncio.sleep(max(0.0, begun + number * 0.02 - self._loop.time()))


async def _awaited(work: Any) -> Any:
    return await work


@contextlib.contextmanager
def browser_phone(base_url: str, number: str, **headers: str) -> Iterator[BrowserPhone]:
    phone = BrowserPhone(base_url, number)
    try:
        phone.open(**headers)
        yield phone
    finally:
        phone.close()
