"""REST: Calls."""

from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from ivr.exchange.calls import OutboundOrder, place_outbound
from ivr.exchange.leg import Leg
from ivr.exchange.rest import BASE, EXCHANGE, RestError, check_number, in_time, not_found, page, read_form
from ivr.exchange.state import Exchange

routes = web.RouteTableDef()
EVENTS = ("initiated", "ringing", "answered", "completed")


@routes.post(f"{BASE}/Calls.json")
async def create(request: web.Request) -> web.Response:
    exchange = request.app[EXCHANGE]
    fields = await read_form(request)
    form = {name: values[-1] for name, values in fields.items()}
    to = check_number(
        form.get("To", ""), (21201, "No 'To' number is specified"), (21211, "Invalid 'To' Phone Number")
    )
    from_ = check_number(
        form.get("From", ""),
        (21213, "No 'From' number is specified"),
        (21212, "Invalid 'From' Phone Number"),
    )
    if from_ != exchange.config.hotline_number:
        raise RestError(400, 21210, f"'From' phone number not verified: {from_}")
    url, document = form.get("Url", ""), form.get("Twiml", "")
    if not url and not document:
        raise RestError(400, 21205, "Url parameter is required")
    events = " ".join(fields.get("StatusCallbackEvent", [])).replace(",", " ").split()
    if unknown := set(events) - set(EVENTS):
        raise RestError(400, 21626, f"StatusCallbackEvent is invalid: {sorted(unknown)[0]}")
    leg = place_outbound(
        exchange,
        OutboundOrder(
            to=to,
            from_=from_,
            url=_web_address(url, 21205, "Url is not a valid URL"),
            method=form.get("Method", "POST").upper(),
            twiml=document.encode(),
            timeout=_timeout(form.get("Timeout", "60")),
            status_url=_web_address(form.get("StatusCallback", ""), 21609, "Invalid 'StatusCallback' URL"),
            status_events=events,
            detect_machine=form.get("MachineDetection", "") in ("Enable", "DetectMessageEnd"),
            amd_url=form.get("AsyncAmdStatusCallback", "") if form.get("AsyncAmd") == "true" else None,
        ),
    )
    return web.json_response(call_json(exchange, leg), status=201)


@routes.get(f"{BASE}/Calls.json")
async def listing(request: web.Request) -> web.Response:
    exchange, query = request.app[EXCHANGE], request.query
    legs = [
        leg
        for leg in exchange.legs.values()
        if query.get("To", leg.to) == leg.to
        and query.get("From", leg.from_) == leg.from_
        and query.get("Status", leg.status) == leg.status
        and query.get("ParentCallSid", _parent(leg)) == _parent(leg)
        and in_time(query, "StartTime", leg.rang or leg.created)
        and in_time(query, "EndTime", leg.ended)
    ]
    legs.sort(key=lambda leg: leg.created, reverse=True)
    return page(request, "calls", [call_json(exchange, leg) for leg in legs])


@routes.get(BASE + "/Calls/{sid:[^.]+}.json")
async def fetch(request: web.Request) -> web.Response:
    return web.json_response(call_json(request.app[EXCHANGE], _leg(request)))


@routes.post(BASE + "/Calls/{sid:[^.]+}.json")
async def update(request: web.Request) -> web.Response:
    """Only ending a call: `completed` whatever its state, `canceled` before the answer."""
    leg = _leg(request)
    status = (await read_form(request)).get("Status", [""])[-1]
    if status not in ("completed", "canceled"):
        raise RestError(400, 21220, "Only Status=completed or Status=canceled can be asked of this exchange")
    if leg.hung.is_set():
        raise RestError(400, 21220, "Invalid call state: the call is not in-progress")
    if leg.answered is None:
        leg.end("hotline", "canceled")
    elif status == "completed":
        leg.end("hotline")
    return web.json_response(call_json(request.app[EXCHANGE], leg))


def call_json(exchange: Exchange, leg: Leg) -> dict[str, Any]:
    """The REST resource, in Twilio's shape: times RFC 2822, numbers as strings."""
    path = f"/2010-04-01/Accounts/{exchange.account}/Calls/{leg.sid}"
    started = leg.answered or leg.rang
    return {
        "account_sid": exchange.account,
        "annotation": None,
        "answered_by": leg.answered_by or None,
        "api_version": "2010-04-01",
        "caller_name": None,
        "date_created": format_datetime(leg.created),
        "date_updated": format_datetime(leg.ended or leg.answered or leg.rang or leg.created),
        "direction": leg.direction,
        "duration": str(round(leg.talk_seconds)) if leg.hung.is_set() and leg.answered else None,
        "end_time": format_datetime(leg.ended) if leg.ended else None,
        "forwarded_from": None,
        "from": leg.from_,
        "from_formatted": leg.from_,
        "group_sid": None,
        "parent_call_sid": _parent(leg) or None,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": leg.sid,
        "start_time": format_datetime(started) if started else None,
        "status": leg.status,
        "subresource_uris": {"recordings": f"{path}/Recordings.json"},
        "to": leg.to,
        "to_formatted": leg.to,
        "trunk_sid": None,
        "uri": f"{path}.json",
    }


def _leg(request: web.Request) -> Leg:
    leg = request.app[EXCHANGE].legs.get(request.match_info["sid"])
    if leg is None:
        raise not_found(request)
    return leg


def _parent(leg: Leg) -> str:
    return leg.parent.sid if leg.parent else ""


def _web_address(url: str, code: int, message: str) -> str:
    if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc):
        raise RestError(400, code, message)
    return url


def _timeout(raw: str) -> float:
    if not raw.isdigit():
        raise RestError(400, 20001, "Timeout must be a number of seconds")
    return float(min(int(raw), 600))
