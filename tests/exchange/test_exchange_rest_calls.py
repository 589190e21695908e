"""Calls placed through the official client against the real exchange."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

CALLER, OTHER = "+8613800001111", "+8613800003333"
PACE = 12.0
ALL_EVENTS = ["initiated", "ringing", "answered", "completed"]


def finished(network, call):
    return network.client.wait_call(call.sid, timeout=40)


def answering(network, number=CALLER, **more):
    network.client.handset(number, calls=[{"outcome": "answer", "pace": PACE, **more}])


def test_an_answered_call_runs_the_twiml_and_tells_every_state(network):
    answering(network, steps=[{"press": "1"}])
    network.product.on("/answer", '<Gather numDigits="1" action="/menu"><Say>请按一</Say></Gather>')
    placed = network.ring(status_callback=network.product.url + "/status", status_callback_event=ALL_EVENTS)
    assert (placed.status, placed.direction, placed.to) == ("queued", "outbound-api", CALLER)
    call = finished(network, placed)
    first = network.product.forms("/answer")[0]
    assert first["CallStatus"] == "in-progress"
    assert first["Direction"] == "outbound-api"
    assert network.product.forms("/menu")[0]["Digits"] == "1"
    states = network.product.forms("/status")
    assert [s["CallStatus"] for s in states] == ["initiated", "ringing", "in-progress", "completed"]
    assert [s["SequenceNumber"] for s in states] == ["0", "1", "2", "3"]
    assert int(states[-1]["CallDuration"]) >= round(call["seconds"])
    assert parsedate_to_datetime(states[-1]["Timestamp"]).tzinfo is not None
    fetched = network.rest.calls(placed.sid).fetch()
    assert fetched.status == "completed"
    assert int(fetched.duration) == round(call["seconds"])


@pytest.mark.parametrize(
    ("outcome", "status"), [("busy", "busy"), ("no_answer", "no-answer"), ("failed", "failed")]
)
def test_a_call_that_is_not_answered_says_why(network, outcome, status):
    network.client.handset(CALLER, calls=[{"outcome": outcome, "pace": PACE}])
    placed = network.ring(timeout=5, status_callback=network.product.url + "/status")
    call = finished(network, placed)
    assert call["status"] == status
    assert not network.product.forms("/answer")
    assert [s["CallStatus"] for s in network.product.forms("/status")] == [status]
    assert (call["rang"] is None) == (outcome == "failed")


def test_behaviours_are_used_up_one_a_ring_and_calls_to_lists_them(network):
    network.client.handset(CALLER, calls=[{"outcome": "busy", "pace": PACE}, {"steps": [], "pace": PACE}])
    for _ in range(3):
        finished(network, network.ring())
    assert [call["status"] for call in network.client.calls_to(CALLER)] == ["busy", "completed", "completed"]


def test_machine_detection_waits_for_the_verdict(network):
    network.client.handset(CALLER, calls=[{"outcome": "machine", "pace": PACE}])
    network.product.on("/answer", '<Gather timeout="2"><Say>按一开始</Say></Gather>')
    placed = network.ring(machine_detection="Enable", status_callback=network.product.url + "/status")
    finished(network, placed)
    assert network.product.forms("/answer")[0]["AnsweredBy"] == "machine_start"
    assert network.product.forms("/status")[0]["AnsweredBy"] == "machine_start"


def test_asynchronous_detection_does_not_hold_the_call(network):
    answering(network)
    network.product.on("/answer", "<Say>您好，请您稍等一下，我们正在为您接通工作人员</Say>")
    placed = network.ring(
        machine_detection="Enable", async_amd="true", async_amd_status_callback=network.product.url + "/amd"
    )
    finished(network, placed)
    assert "AnsweredBy" not in network.product.forms("/answer")[0]
    assert network.product.forms("/amd")[0]["AnsweredBy"] == "human"


def test_a_call_can_be_hung_up_through_rest(network):
    answering(network)
    network.product.on("/answer", lambda form: '<Gather timeout="60"/>')
    placed = network.ring()
    until(lambda: network.rest.calls(placed.sid).fetch().status == "in-progress")
    network.rest.calls(placed.sid).update(status="completed")
    assert finished(network, placed)["ended_by"] == "hotline"


def until(check):
    import time

    deadline = time.monotonic() + 10
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_ringing_call_can_be_cancelled(network):
    network.client.handset(CALLER, calls=[{"outcome": "no_answer", "pace": 1}])
    placed = network.ring()
    network.rest.calls(placed.sid).update(status="canceled")
    assert finished(network, placed)["status"] == "canceled"


def test_lists_are_filtered_by_number_state_and_time(network):
    answering(network)
    answering(network, OTHER)
    first, second = network.ring(), network.ring(OTHER)
    finished(network, first), finished(network, second)
    an_hour = timedelta(hours=1)
    now = datetime.now(UTC)
    assert [c.sid for c in network.rest.calls.list(to=OTHER)] == [second.sid]
    assert [c.sid for c in network.rest.calls.list()] == [second.sid, first.sid]
    assert [c.sid for c in network.rest.calls.list(status="busy")] == []
    assert len(network.rest.calls.list(start_time_after=now - an_hour)) == 2
    assert len(network.rest.calls.list(start_time_after=now + an_hour)) == 0
    assert len(network.rest.calls.list(start_time_before=now - an_hour)) == 0
    assert len(network.rest.calls.list(start_time=f"{now:%Y-%m-%d}")) == 2


def test_long_lists_come_in_pages(network):
    answering(network)
    sids = [network.ring().sid for _ in range(5)]
    for sid in sids:
        network.client.wait_call(sid)
    assert [c.sid for c in network.rest.calls.list(page_size=2)] == sids[::-1]


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"to": "12"}, 21211),
        ({"to": ""}, 21201),
        ({"from_": "+8613912345678"}, 21210),
        ({"url": "not a url"}, 21205),
    ],
)
def test_bad_orders_get_the_carriers_error_numbers(network, order, code):
    values = {"to": CALLER, "from_": "+864001234567", "url": network.product.url + "/answer", **order}
    with pytest.raises(TwilioRestException) as refused:
        network.rest.calls.create(**values)
    assert (refused.value.status, refused.value.code) == (400, code)
    assert network.client.calls_to(CALLER) == []


def test_wrong_login_is_refused(network):
    stranger = Client("AC" + "0" * 32, "wrong", http_client=network.rest.http_client)
    with pytest.raises(TwilioRestException) as refused:
        stranger.calls("CAunknown").fetch()
    assert (refused.value.status, refused.value.code) == (401, 20003)


def test_error_bodies_have_the_four_fields(network):
    base = f"{network.server.url}/2010-04-01/Accounts/AC{'0' * 32}"
    answer = requests.get(f"{base}/Calls/CAunknown.json", auth=("AC" + "0" * 32, "test-token"), timeout=5)
    assert answer.status_code == 404
    assert set(answer.json()) == {"code", "message", "more_info", "status"}
    assert answer.json()["code"] == 20404


def test_inline_twiml_is_carried_out_only_without_a_url(network):
    answering(network)
    call = network.rest.calls.create(
        to=CALLER, from_="+864001234567", twiml="<Response><Say>您好</Say></Response>"
    )
    assert [entry["text"] for entry in finished(network, call)["dialogue"]] == ["您好"]
