"""Who may reach the control API and the pages: this machine only, and no other site's page in its browser."""

import ipaddress

from aiohttp import web

from ivr.exchange.rest import Handler

NAMES = ("127.0.0.1", "localhost", "[::1]", "::1")


@web.middleware
async def only_at_home(request: web.Request, handler: Handler) -> web.StreamResponse:
    """403 for everybody else. The REST API has a login of its own and passes."""
    if not request.path.startswith("/2010-04-01/") and not _is_home(request):
        return web.json_response({"error": "the local exchange only answers this machine"}, status=403)
    return await handler(request)


def _is_home(request: web.Request) -> bool:
    # the Host check keeps a web page out that reaches us under its own name (DNS rebinding), the Origin check
    # one that opens a WebSocket or posts to us across origins: browsers tell their origin with both
    host = request.host
    name = host if host.endswith("]") else host.rsplit(":", 1)[0]
    origin = request.headers.get("Origin", f"http://{host}")
    return _is_loopback(request.remote) and name in NAMES and origin == f"http://{host}"


def _is_loopback(remote: str | None) -> bool:
    try:
        return ipaddress.ip_address(remote or "").is_loopback
    except ValueError:
        return False
