"""REST: Messages."""

from aiohttp import web

from ivr.exchange.messages import message_json, send_text
from ivr.exchange.rest import BASE, EXCHANGE, RestError, check_number, in_time, not_found, page, read_form

routes = web.RouteTableDef()
MAX_BODY = 1600
REFUSALS = {
    21610: "Attempt to send to unsubscribed recipient",
    21614: "'To' number is not a valid mobile number",
    21408: "Permission to send an SMS has not been enabled for the region",
    20429: "Too Many Requests",
}


@routes.post(f"{BASE}/Messages.json")
async def create(request: web.Request) -> web.Response:
    exchange = request.app[EXCHANGE]
    form = {name: values[-1] for name, values in (await read_form(request)).items()}
    to = check_number(
        form.get("To", ""), (21604, "A 'To' phone number is required"), (21211, "Invalid 'To' Phone Number")
    )
    from_, body = form.get("From", ""), form.get("Body", "")
    if not from_:
        raise RestError(400, 21603, "A 'From' phone number is required")
    if from_ != exchange.config.hotline_number:
        raise RestError(400, 21606, f"The 'From' phone number {from_} is not a valid sender")
    if not body:
        raise RestError(400, 21602, "Message body is required")
    if len(body) > MAX_BODY:
        raise RestError(400, 21617, f"The message body exceeds the {MAX_BODY} character limit")
    behaviour = exchange.handset(to).next_text()
    if behaviour.outcome == "refuse":
        status = 429 if behaviour.code == 20429 else 400
        raise RestError(status, behaviour.code, REFUSALS.get(behaviour.code, "The message was refused"))
    message = send_text(exchange, from_, to, body, form.get("StatusCallback", ""), behaviour)
    return web.json_response(message_json(exchange, message), status=201)


@routes.get(f"{BASE}/Messages.json")
async def listing(request: web.Request) -> web.Response:
    exchange, query = request.app[EXCHANGE], request.query
    found = [
        message
        for message in exchange.messages.values()
        if query.get("To", message.to) == message.to
        and query.get("From", message.from_) == message.from_
        and in_time(query, "DateSent", message.sent or message.created)
    ]
    found.sort(key=lambda message: message.created, reverse=True)
    return page(request, "messages", [message_json(exchange, message) for message in found])


@routes.get(BASE + "/Messages/{sid:[^.]+}.json")
async def fetch(request: web.Request) -> web.Response:
    exchange = request.app[EXCHANGE]
    message = exchange.messages.get(request.match_info["sid"])
    if message is None:
        raise not_found(request)
    return web.json_response(message_json(exchange, message))
