"""Texts: out to a handset with their status callbacks, and in from one to the product."""

import asyncio
from email.utils import format_datetime

from ivr.exchange import twiml
from ivr.exchange.callbacks import CallbackQueue
from ivr.exchange.handset import TextBehaviour
from ivr.exchange.sids import MESSAGE, new_sid
from ivr.exchange.state import Exchange, Message, now
from ivr.exchange.twiml import Verb
from ivr.exchange.webhooks import API_VERSION, Line, Webhook

GSM_7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)


def segments(body: str) -> int:
    """Billed parts: 160/153 characters of the GSM alphabet, else 70/67 UTF-16 units."""
    if set(body) <= GSM_7:
        length, single, part = len(body), 160, 153
    else:
        length, single, part = len(body.encode("utf-16-le")) // 2, 70, 67
    return 1 if length <= single else -(-length // part)


def send_text(
    exchange: Exchange, from_: str, to: str, body: str, status_callback: str, behaviour: TextBehaviour
) -> Message:
    """Queue a text; its delivery goes on by itself."""
    message = _new(exchange, "outbound-api", from_, to, body, "queued")
    message.status_callback = status_callback
    exchange.spawn(_deliver(exchange, message, behaviour))
    return message


async def _deliver(exchange: Exchange, message: Message, behaviour: TextBehaviour) -> None:
    line = Line(exchange, exchange.faults)
    queue = CallbackQueue(line, exchange.faults)
    path = {
        "deliver": ("queued", "sent", "delivered"),
        "undelivered": ("queued", "sent", "undelivered"),
        "failed": ("queued", "failed"),
    }[behaviour.outcome]
    for status in path:
        await asyncio.sleep(behaviour.delay)
        message.status, message.updated = status, now()
        if status == "sent":
            message.sent = message.updated
        if status in ("undelivered", "failed"):
            message.error_code = behaviour.code
        exchange.changed(message)
        if message.status_callback:
            webhook = Webhook("text-status", message.status_callback, _status_form(exchange, message))
            await queue.put(webhook, last=status == path[-1])
    await line.replay_rest()


def _status_form(exchange: Exchange, message: Message) -> dict[str, str]:
    form = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": message.status,
        "SmsStatus": message.status,
        "AccountSid": exchange.account,
        "From": message.from_,
        "To": message.to,
        "ApiVersion": API_VERSION,
    }
    return form | ({"ErrorCode": str(message.error_code)} if message.error_code else {})


async def receive_text(exchange: Exchange, from_: str, to: str, body: str) -> tuple[Message, list[Message]]:
    """Deliver a resident's or keeper's text to the product; returns it and the replies in the TwiML answer.

    Raises CallFailed when the product's answer cannot be used; the text stays on the record.
    """
    message = _new(exchange, "inbound", from_, to, body, "received")
    form = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsMessageSid": message.sid,
        "SmsStatus": "received",
        "AccountSid": exchange.account,
        "From": from_,
        "To": to,
        "Body": body,
        "NumMedia": "0",
        "NumSegments": str(message.segments),
        "ApiVersion": API_VERSION,
    }
    line = Line(exchange, exchange.faults)
    answer = await line.ask(Webhook("text", exchange.urls.sms_url, form))
    await line.replay_rest()
    twiml.check_answer(answer.status, answer.content_type, answer.body)
    replies = [_reply(exchange, message, verb) for verb in twiml.parse(answer.body) if verb.name == "Message"]
    return message, replies


def _reply(exchange: Exchange, question: Message, verb: Verb) -> Message:
    body = verb.text or "".join(child.text for child in verb.children if child.name == "Body")
    to, from_ = verb.get("to", question.from_), verb.get("from", question.to)
    message = _new(exchange, "outbound-reply", from_, to, body, "queued")
    message.status_callback = verb.get("statusCallback")
    exchange.spawn(_deliver(exchange, message, exchange.handset(to).next_text()))
    return message


def _new(exchange: Exchange, direction: str, from_: str, to: str, body: str, status: str) -> Message:
    sid = new_sid(MESSAGE, compatible=exchange.faults.profile == "compatible")
    created = now()
    message = Message(sid, direction, from_, to, body, segments(body), status, created, updated=created)
    exchange.messages[sid] = message
    exchange.changed(message)
    return message


def message_json(exchange: Exchange, message: Message) -> dict[str, object]:
    """The REST resource, in Twilio's shape."""
    path = f"/{API_VERSION}/Accounts/{exchange.account}/Messages/{message.sid}"
    return {
        "account_sid": exchange.account,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": format_datetime(message.created),
        "date_sent": format_datetime(message.sent) if message.sent else None,
        "date_updated": format_datetime(message.updated or message.created),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": "delivery failed" if message.error_code else None,
        "from": message.from_,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": str(message.segments),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{path}/Media.json"},
        "to": message.to,
        "uri": f"{path}.json",
    }
