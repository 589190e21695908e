"""Texts out through the official client, texts in through the control API."""

import time

import pytest
from twilio.base.exceptions import TwilioRestException

from ivr.exchange.errors import ProductFailed
from ivr.exchange.messages import segments

KEEPER, HOTLINE = "+8613900002222", "+864001234567"


def send(network, body="您有新任务 1024", **more):
    callback = network.product.url + "/sms/status"
    return network.rest.messages.create(to=KEEPER, from_=HOTLINE, body=body, status_callback=callback, **more)


def final(network, sid):
    deadline = time.monotonic() + 10
    while network.rest.messages(sid).fetch().status not in ("delivered", "undelivered", "failed"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return network.rest.messages(sid).fetch()


def states(network, count):
    deadline = time.monotonic() + 10
    while len(network.product.forms("/sms/status")) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return [form["MessageStatus"] for form in network.product.forms("/sms/status")]


def test_a_text_is_delivered_and_tells_each_state(network):
    message = send(network)
    assert message.status == "queued"
    assert final(network, message.sid).error_code is None
    assert states(network, 3) == ["queued", "sent", "delivered"]
    assert [m["body"] for m in network.client.messages(KEEPER)] == ["您有新任务 1024"]


@pytest.mark.parametrize(
    ("outcome", "path"),
    [("undelivered", ["queued", "sent", "undelivered"]), ("failed", ["queued", "failed"])],
)
def test_a_text_that_does_not_arrive_names_the_error(network, outcome, path):
    network.client.handset(KEEPER, texts=[{"outcome": outcome, "code": 30005}])
    assert final(network, send(network).sid).error_code == 30005
    assert states(network, len(path)) == path
    assert network.product.forms("/sms/status")[-1]["ErrorCode"] == "30005"


def test_opted_out_numbers_are_refused_by_the_request_itself(network):
    network.client.handset(KEEPER, texts=[{"outcome": "refuse", "code": 21610}])
    with pytest.raises(TwilioRestException) as refused:
        send(network)
    assert (refused.value.status, refused.value.code) == (400, 21610)
    assert network.client.messages(KEEPER) == []


def test_an_incoming_text_returns_the_reply_of_the_product(network):
    network.product.on("/sms/incoming", "<Message>已受理，单号1024</Message>")
    assert network.client.text(KEEPER, "报修 3栋路灯不亮") == "已受理，单号1024"
    form = network.product.forms("/sms/incoming")[0]
    assert (form["From"], form["To"], form["Body"]) == (KEEPER, HOTLINE, "报修 3栋路灯不亮")
    assert (form["NumMedia"], form["NumSegments"]) == ("0", "1")
    assert form["MessageSid"]
    assert [m["direction"] for m in network.client.messages(KEEPER)] == ["outbound-reply"]


def test_no_message_in_the_answer_means_no_reply(network):
    network.product.on("/sms/incoming", "")
    assert network.client.text(KEEPER, "接 1024") is None


def test_a_product_that_fails_is_named(network):
    from aiohttp import web

    network.product.on("/sms/incoming", lambda form: web.Response(status=500))
    with pytest.raises(ProductFailed, match="11200"):
        network.client.text(KEEPER, "接 1024")


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("灯" * 70, 1),
        ("灯" * 71, 2),
        ("灯" * 134, 2),
        ("🏮" * 35, 1),
        ("🏮" * 36, 2),
    ],
)
def test_segments_are_counted_in_utf16_units(body, parts):
    assert segments(body) == parts


def test_incoming_texts_are_doubled_on_request(network):
    network.client.faults(duplicate=True)
    network.product.on("/sms/incoming", "<Message>第一次</Message>", "<Message>第二次</Message>")
    assert network.client.text(KEEPER, "接 1024") == "第一次"
    sids = [form["MessageSid"] for form in network.product.forms("/sms/incoming")]
    assert len(sids) == 2
    assert len(set(sids)) == 1
