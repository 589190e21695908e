"""Fault switches: what goes wrong on purpose really goes wrong, and only that."""

import time

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from ivr.exchange.errors import BadOrder
from ivr.exchange.faults import Faults

CALLER, HOTLINE = "+8613800001111", "+864001234567"
PACE = 12.0
ALL_EVENTS = ["initiated", "ringing", "answered", "completed"]


def answering(network, **more):
    network.client.handset(CALLER, calls=[{"outcome": "answer", "pace": PACE, **more}])


@pytest.mark.parametrize("how", ["after", "together"])
def test_every_webhook_is_sent_twice_and_the_first_answer_used(network, how):
    network.product.on("/voice/incoming", "<Redirect>/turn</Redirect>")
    network.product.on("/turn", "<Say>一</Say>")
    call = network.call(faults={"duplicate": how})
    for path in ("/voice/incoming", "/turn", "/voice/status"):
        first, second = network.product.forms(path)
        assert first == second
    tokens = [r.headers["I-Twilio-Idempotency-Token"] for r in network.product.requests if r.path == "/turn"]
    assert len(set(tokens)) == 1
    assert [entry["text"] for entry in call["dialogue"]] == ["一"]


def test_the_first_answer_wins_over_that_of_the_duplicate(network):
    network.product.on("/voice/incoming", "<Say>先</Say>", "<Say>后</Say>")
    assert network.call(faults={"duplicate": True})["dialogue"][0]["text"] == "先"


def test_late_duplicates_come_out_of_order(network):
    network.product.on("/voice/incoming", "<Redirect>/one</Redirect>")
    network.product.on("/one", "<Redirect>/two</Redirect>")
    network.product.on("/two", "<Say>再见</Say>")
    network.call(faults={"late_duplicates": True})
    paths = [request.path for request in network.product.requests]
    assert sorted(paths) == sorted(["/voice/incoming", "/one", "/two", "/voice/status"] * 2)
    assert paths.index("/two") < len(paths) - 1 - paths[::-1].index("/voice/incoming")


def test_an_old_webhook_can_be_replayed_by_hand(network):
    network.product.on("/voice/incoming", "<Say>一</Say>", "<Say>二</Say>")
    call = network.call()
    answer = network.client.replay(call["webhooks"][0]["id"])
    assert answer["status"] == 200
    assert "二" in answer["body"]


def test_status_callbacks_come_last_first_on_request(network):
    answering(network, faults={"reorder_status": True})
    placed = network.ring(status_callback=network.product.url + "/status", status_callback_event=ALL_EVENTS)
    network.client.wait_call(placed.sid)
    assert [f["SequenceNumber"] for f in network.product.forms("/status")] == ["3", "2", "1", "0"]


def test_text_states_come_last_first_on_request(network):
    network.client.faults(reorder_status=True)
    network.rest.messages.create(
        to=CALLER, from_=HOTLINE, body="您好", status_callback=network.product.url + "/s"
    )
    deadline = time.monotonic() + 10
    while len(network.product.forms("/s")) < 3:
        assert time.monotonic() < deadline
    assert [f["MessageStatus"] for f in network.product.forms("/s")] == ["delivered", "sent", "queued"]


def test_the_compatible_carrier_sends_one_status_callback(network):
    answering(network, faults={"profile": "compatible"})
    placed = network.ring(status_callback=network.product.url + "/status", status_callback_event=ALL_EVENTS)
    network.client.wait_call(placed.sid)
    [form] = network.product.forms("/status")
    assert form["CallStatus"] == "completed"
    assert "SequenceNumber" not in form


def test_rest_errors_strike_the_next_requests_only(network):
    answering(network)
    network.client.faults(
        rest_errors=[{"times": 1, "status": 429, "code": 20429, "message": "Too Many Requests"}]
    )
    with pytest.raises(TwilioRestException) as busy:
        network.ring()
    assert (busy.value.status, busy.value.code) == (429, 20429)
    assert network.client.calls_to(CALLER) == []
    assert network.client.wait_call(network.ring().sid)["status"] == "completed"


def test_an_accepted_call_whose_answer_is_an_error_still_rings_once(network):
    answering(network)
    network.client.faults(rest_errors=[{"resource": "Calls", "method": "POST", "accept": True}])
    with pytest.raises(TwilioRestException) as unclear:
        network.ring()
    assert unclear.value.status == 500
    [call] = network.client.calls_to(CALLER)
    assert network.client.wait_call(call["id"])["rang"]
    assert len(network.rest.calls.list(to=CALLER)) == 1


def test_an_accepted_call_whose_answer_never_comes_still_rings_once(network):
    answering(network)
    network.client.faults(rest_errors=[{"accept": True, "hang": 3.0}])
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.post(
            f"{network.server.url}/2010-04-01/Accounts/AC{'0' * 32}/Calls.json",
            {"To": CALLER, "From": HOTLINE, "Url": network.product.url + "/answer"},
            auth=("AC" + "0" * 32, "test-token"),
            timeout=0.5,
        )
    [call] = network.client.calls_to(CALLER)
    assert network.client.wait_call(call["id"])["status"] == "completed"


def test_a_webhook_can_arrive_before_the_rest_answer(network):
    answering(network)
    network.client.faults(rest_delay=1.5)
    asked = []
    network.product.on("/answer", lambda form: asked.append(time.monotonic()) or "")
    network.ring()
    assert asked
    assert asked[0] < time.monotonic()


@pytest.mark.parametrize(
    "order",
    [
        {"duplicate": "often"},
        {"surprise": 1},
        {"answer_cap": "long"},
        {"stream_break": {"how": "explode"}},
        {"rest_errors": [{"time": 1}]},
        {"streams": 0},
    ],
)
def test_unknown_or_senseless_switches_are_refused(order):
    with pytest.raises(BadOrder):
        Faults().merged(order)
