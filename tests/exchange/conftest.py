"""A real exchange and a small real product, both on loopback, in one background event loop."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from ivr.exchange.client import ExchangeClient
from ivr.exchange.config import Contact, ExchangeConfig
from ivr.exchange.server import ExchangeServer

SID, TOKEN, HOTLINE = "AC" + "0" * 32, "test-token", "+864001234567"
CALLER, KEEPER = "+8613800001111", "+8613900002222"
PACE = 12.0
PEOPLE = (
    Contact(CALLER, "王阿姨", "3栋", "resident"),
    Contact(KEEPER, "赵国强", "网格员", "staff"),
)

Answer = str | web.Response | Callable[[dict[str, str]], Any]


@dataclass
class Request:
    path: str
    form: dict[str, str]
    headers: dict[str, str]
    signed: bool


@dataclass
class Product:
    """Answers webhooks from a table: path → the answers in turn, the last one stays."""

    url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    gateway: Callable[[web.WebSocketResponse], Awaitable[None]] | None = None
    gateway_headers: list[dict[str, str]] = field(default_factory=list)

    def on(self, path: str, *answers: Answer) -> None:
        self.answers[path] = list(answers)

    def forms(self, path: str) -> list[dict[str, str]]:
        return [r.form for r in self.requests if r.path == path]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        form = {k: str(v) for k, v in (await request.post()).items()}
        full = self.url + request.raw_path
        signed = RequestValidator(TOKEN).validate(full, form, request.headers.get("X-Twilio-Signature", ""))
        self.requests.append(Request(request.path, form, dict(request.headers), signed))
        queue = self.answers.get(request.path, [""])
        found = queue.pop(0) if len(queue) > 1 else queue[0]
        if callable(found):
            found = found(form)
            if asyncio.iscoroutine(found):
                found = await found
        if isinstance(found, web.Response):
            return found.clone() if hasattr(found, "clone") else found
        return web.Response(text=f"<Response>{found}</Response>", content_type="text/xml")

    async def media(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.gateway_headers.append(dict(request.headers))
        assert self.gateway is not None
        await self.gateway(socket)
        return socket


@dataclass
class Network:
    """What a test talks to."""

    product: Product
    client: ExchangeClient
    server: ExchangeServer
    rest: Client
    loop: asyncio.AbstractEventLoop

    def call(self, *steps: dict[str, Any], pace: float = PACE, **more: Any) -> dict[str, Any]:
        return self.client.wait_call(self.client.call(CALLER, steps, pace=pace, **more), timeout=40)

    def ring(self, to: str = CALLER, **more: Any) -> Any:
        """The product rings somebody through the official client; returns its call instance."""
        more.setdefault("url", self.product.url + "/answer")
        return self.rest.calls.create(to=to, from_=HOTLINE, **more)


class LoopbackTwilio(TwilioHttpClient):
    """The official client, sent to another host: as the product does it."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=10)
        self.base = base

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        return super().request(
            method, self.base + url.removeprefix("https://api.twilio.com"), *args, **kwargs
        )


def at_once(loop: asyncio.AbstractEventLoop, work: Any) -> Any:
    future: Future[Any] = asyncio.run_coroutine_threadsafe(work, loop)
    return future.result(20)


@pytest.fixture(scope="module")
def _network() -> Iterator[Network]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    product = Product()

    async def start() -> tuple[web.AppRunner, ExchangeServer]:
        app = web.Application()
        app.router.add_get("/media", product.media)
        app.router.add_route("*", "/{tail:.*}", product.answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        product.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        server = ExchangeServer(ExchangeConfig("127.0.0.1:0", SID, TOKEN, product.url, HOTLINE, PEOPLE))
        await server.start()
        return runner, server

    async def stop(runner: web.AppRunner, server: ExchangeServer) -> None:
        await server.stop()
        await runner.cleanup()

    runner, server = at_once(loop, start())
    twilio = Client(SID, TOKEN, http_client=LoopbackTwilio(server.url))
    yield Network(product, ExchangeClient(server.url), server, twilio, loop)
    twilio.http_client.session.close()
    at_once(loop, stop(runner, server))
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def network(_network: Network) -> Iterator[Network]:
    _network.client.reset()
    _network.product.answers.clear()
    _network.product.requests.clear()
    _network.product.gateway_headers.clear()
    _network.product.gateway = None
    yield _network
    assert all(request.signed for request in _network.product.requests), "a webhook was not signed"
