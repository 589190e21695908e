"""The pages for people: an index, the soft-phone, the text handsets. Files of the package, nothing from elsewhere."""

from pathlib import Path

from aiohttp import web

routes = web.RouteTableDef()
STATIC = Path(__file__).with_name("static")
_PAGES = {"/": "index.html", "/phone": "phone.html", "/handset": "handset.html"}


async def page(request: web.Request) -> web.FileResponse:
    return _file(request, _PAGES[request.path])


@routes.get("/static/{name}")
async def asset(request: web.Request) -> web.FileResponse:
    name = request.match_info["name"]
    if name not in {path.name for path in STATIC.iterdir()}:
        raise web.HTTPNotFound
    return _file(request, name)


for path in _PAGES:
    routes.get(path)(page)


def _file(request: web.Request, name: str) -> web.FileResponse:
    # not every browser counts a WebSocket to the own host as 'self'; the Host was checked before we get here
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "media-src": "'self'",
        "connect-src": f"'self' ws://{request.host}",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    headers = {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }
    return web.FileResponse(STATIC / name, headers=headers)
