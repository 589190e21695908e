"""The REST API's frame: basic auth, Twilio's error bodies, the REST fault switches, lists in pages."""

import asyncio
import base64
import binascii
import hmac
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

from aiohttp import web

from ivr.exchange.faults import RestFailure
from ivr.exchange.state import Exchange, now

EXCHANGE = web.AppKey("exchange", Exchange)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
BASE = "/2010-04-01/Accounts/{account}"
_E164 = re.compile(r"\+[1-9]\d{4,14}")


class RestError(Exception):
    """An error body as Twilio's: `code` is the number in its error dictionary."""

    def __init__(self, status: int, code: int, message: str) -> None:
        self.status, self.code = status, code
        super().__init__(message)

    def response(self) -> web.Response:
        body = {
            "code": self.code,
            "message": str(self),
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if self.status == 401 else {}
        return web.json_response(body, status=self.status, headers=headers)


def not_found(request: web.Request) -> RestError:
    return RestError(404, 20404, f"The requested resource {request.path} was not found")


@web.middleware
async def rest_api(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Wraps every request below /2010-04-01; the rest of the application passes through."""
    if not request.path.startswith("/2010-04-01/"):
        return await handler(request)
    exchange = request.app[EXCHANGE]
    entry: dict[str, Any] = {"at": now().isoformat(), "method": request.method, "path": request.path}
    exchange.rest_log.append(entry)
    response = await _answer(exchange, request, handler)
    entry["status"] = response.status
    return response


async def _answer(exchange: Exchange, request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        _check_login(exchange, request)
        failure = _due_failure(exchange, request)
        if failure is None or failure.accept:
            response = await handler(request)
            if failure is None:
                await asyncio.sleep(exchange.faults.rest_delay)
                return response
        await asyncio.sleep(failure.hang)
        return RestError(failure.status, failure.code, failure.message).response()
    except RestError as error:
        return error.response()
    except web.HTTPNotFound:
        return not_found(request).response()
    except web.HTTPMethodNotAllowed:
        return RestError(405, 20004, "Method not allowed").response()


def _check_login(exchange: Exchange, request: web.Request) -> None:
    kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        login = base64.b64decode(encoded, validate=True) if kind == "Basic" else b""
    except (binascii.Error, ValueError):
        login = b""
    wanted = f"{exchange.account}:{exchange.config.auth_token}".encode()
    if not hmac.compare_digest(login, wanted):
        raise RestError(401, 20003, "Authenticate")
    if request.match_info.get("account", exchange.account) != exchange.account:
        raise not_found(request)


def _due_failure(exchange: Exchange, request: web.Request) -> RestFailure | None:
    for failure in exchange.rest_failures:
        fits = failure.resource in request.path and failure.method in ("", request.method)
        if fits and failure.times > 0:
            failure.times -= 1
            return failure
    return None


async def read_form(request: web.Request) -> dict[str, list[str]]:
    """Fields of an urlencoded body, in the order sent."""
    return parse_qs(await request.text(), keep_blank_values=True)


def check_number(number: str, missing: tuple[int, str], invalid: tuple[int, str]) -> str:
    """An E.164 number or the RestError of the field."""
    if not number:
        raise RestError(400, *missing)
    if not _E164.fullmatch(number):
        raise RestError(400, *invalid)
    return number


def page(request: web.Request, name: str, items: Sequence[Mapping[str, Any]]) -> web.Response:
    """One page of a list, newest first, with the addresses of its neighbours."""
    try:
        size = min(1000, max(1, int(request.query.get("PageSize", "50"))))
        number = max(0, int(request.query.get("Page", "0")))
    except ValueError as error:
        raise RestError(400, 20001, "PageSize and Page must be numbers") from error
    start = number * size
    part = list(items[start : start + size])

    def address(index: int) -> str:
        query = {k: v for k, v in request.query.items() if k not in ("Page", "PageSize", "PageToken")}
        return f"{request.path}?{urlencode({**query, 'PageSize': size, 'Page': index})}"

    return web.json_response(
        {
            name: part,
            "page": number,
            "page_size": size,
            "start": start,
            "end": max(start, start + len(part) - 1),
            "uri": address(number),
            "first_page_uri": address(0),
            "next_page_uri": address(number + 1) if start + size < len(items) else None,
            "previous_page_uri": address(number - 1) if number else None,
        }
    )


def in_time(query: Mapping[str, str], name: str, moment: datetime | None) -> bool:
    """Twilio's inequality filters: `Name`, `Name<` and `Name>` with a date or a UTC time."""
    for sign in ("", "<", ">"):
        raw = query.get(name + sign)
        if raw is None:
            continue
        if moment is None:
            return False
        start, end = _span(raw)
        if (sign == "" and not start <= moment < end) or (sign == "<" and moment >= end):
            return False
        if sign == ">" and moment < start:
            return False
    return True


def _span(raw: str) -> tuple[datetime, datetime]:
    """First moment of the given second or day, and of the next one."""
    try:
        if len(raw) == 10:
            day = datetime.combine(date.fromisoformat(raw), datetime.min.time(), UTC)
            return day, day + timedelta(days=1)
        moment = datetime.fromisoformat(raw)
    except ValueError as error:
        raise RestError(400, 20001, f"{raw!r} is no date or time") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment, moment + timedelta(seconds=1)
