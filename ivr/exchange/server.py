"""The exchange as a process: one port for REST, control and the pages."""

import asyncio
import errno
import signal

import aiohttp
from aiohttp import web

from app.errors import SettingsError
from ivr.exchange import (
    control_calls,
    control_live,
    control_network,
    pages,
    rest_calls,
    rest_messages,
    rest_recordings,
)
from ivr.exchange.config import ExchangeConfig, WebhookUrls
from ivr.exchange.control import control_api
from ivr.exchange.home import only_at_home
from ivr.exchange.rest import EXCHANGE, rest_api
from ivr.exchange.state import Exchange

MAX_BODY = 32 * 1024 * 1024  # scripts carry their audio
CONNECTIONS = 200
ROUTES = (rest_calls, rest_messages, rest_recordings, control_calls, control_network, control_live, pages)


class ExchangeServer:
    """Start and stop one exchange inside a running event loop; `url` is known after `start`."""

    def __init__(self, config: ExchangeConfig) -> None:
        self._config = config
        self.url = ""

    async def start(self) -> None:
        """Raises SettingsError when the port is taken or the address cannot be used."""
        host, port = self._config.address
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS), cookie_jar=aiohttp.DummyCookieJar()
        )
        app = web.Application(middlewares=[only_at_home, rest_api, control_api], client_max_size=MAX_BODY)
        self.exchange = Exchange(self._config, "", self._http, WebhookUrls.under(self._config.public_url))
        app[EXCHANGE] = self.exchange
        app[control_live.LINES] = set()
        app.on_shutdown.append(control_live.hang_everybody_up)
        for module in ROUTES:
            app.add_routes(module.routes)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            await self.stop()
            raise SettingsError(_why(self._config.bind, error)) from error
        name = f"[{host}]" if ":" in host else host
        self.exchange.base_url = self.url = f"http://{name}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self.exchange.quiet()
        await self._runner.cleanup()
        await self._http.close()


def run(config: ExchangeConfig) -> None:
    """Serve until SIGTERM or SIGINT; raises SettingsError when the port is taken. Prints the address when ready."""
    asyncio.run(_serve(config))


async def _serve(config: ExchangeConfig) -> None:
    server = ExchangeServer(config)
    await server.start()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    print(f"exchange: {server.url}", flush=True)  # noqa: T201  the one line a parent process waits for
    await stop.wait()
    await server.stop()


def _why(bind: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"exchange: {bind} 已被占用；请停掉占用它的程序，或用 JIACHANG_EXCHANGE_BIND / --bind 换一个端口"
        )
    return f"exchange: {bind} 不能使用：{error.strerror or error}"
