"""The control API's frame: tests, the demo, the pages and the command line pull the network's strings under /exchange/.

It has no login: `home` lets only this machine in.
"""

from typing import Any

from aiohttp import web

from app.errors import BadInput
from ivr.exchange.errors import BadOrder
from ivr.exchange.rest import Handler


@web.middleware
async def control_api(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Bad orders become 400, unknown things 404, both with {"error": …}."""
    if not request.path.startswith("/exchange/"):
        return await handler(request)
    if request.can_read_body and request.content_type != "application/json":
        return error_answer(415, "send application/json")
    try:
        return await handler(request)
    except BadInput as error:
        return error_answer(400, str(error))
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed) as error:
        return error_answer(error.status, f"{request.method} {request.path}: {error.reason}")


async def read_order(request: web.Request) -> dict[str, Any]:
    try:
        order = await request.json()
    except ValueError as error:
        raise BadOrder("the body is no JSON") from error
    if not isinstance(order, dict):
        raise BadOrder("the body must be a JSON object")
    return order


def only(order: dict[str, Any], *known: str) -> None:
    if unknown := set(order) - set(known):
        raise BadOrder(f"unknown field {sorted(unknown)[0]!r}; known: {', '.join(known)}")


def text_of(order: dict[str, Any], name: str) -> str:
    value = order.get(name)
    if not isinstance(value, str) or not value:
        raise BadOrder(f"{name}: a text is needed")
    return value


def list_of(order: dict[str, Any], name: str) -> list[Any]:
    value = order.get(name, [])
    if not isinstance(value, list):
        raise BadOrder(f"{name}: a list is needed")
    return value


def number_of(order: dict[str, Any], name: str, default: float) -> float:
    value = order.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadOrder(f"{name}: a number is needed")
    return float(value)


def error_answer(status: int, message: str) -> web.Response:
    return web.json_response({"error": message}, status=status)
