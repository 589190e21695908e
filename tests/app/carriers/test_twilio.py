"""The official client against a server that says what we tell it."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from app.carriers.protocol import RECORDING_LIMIT
from app.carriers.twilio import TwilioCarrier
from app.errors import (
    CarrierBusy,
    CarrierError,
    CarrierMisconfigured,
    CarrierRefused,
    CarrierUnclear,
)
from tests.support.carrier_server import Answer, CarrierServer, Request, carrier_server

ACCOUNT = "AC" + "0" * 32
TO, HOTLINE = "+8613800001111", "+864001234567"


@pytest.fixture
def server() -> Iterator[CarrierServer]:
    with carrier_server() as server:
        yield server


@pytest.fixture
def carrier(server: CarrierServer) -> TwilioCarrier:
    return carrier_at(server.url)


def carrier_at(url: str, timeout: float = 5.0) -> TwilioCarrier:
    return TwilioCarrier(
        account_sid=ACCOUNT, auth_token="secret", caller=HOTLINE, base_url=url, timeout=timeout
    )


def order(carrier: TwilioCarrier) -> str:
    return carrier.place_call(TO, "https://x.example/voice/callback/u", "https://x.example/voice/status")


def test_a_call_is_ordered_with_every_status_event_and_our_urls(
    server: CarrierServer, carrier: TwilioCarrier
) -> None:
    server.answer = lambda request: Answer(201, {"sid": "CA1"})
    assert (
        carrier.place_call(TO, "https://x.example/a", "https://x.example/s?attempt=u", ring_seconds=25)
        == "CA1"
    )
    request = server.requests[0]
    assert (request.method, request.path) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json")
    assert request.form["To"] == [TO]
    assert request.form["From"] == [HOTLINE]
    assert request.form["Url"] == ["https://x.example/a"]
    assert request.form["StatusCallback"] == ["https://x.example/s?attempt=u"]
    assert request.form["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]
    assert request.form["Timeout"] == ["25"]
    assert "MachineDetection" not in request.form
    assert request.authorization.startswith("Basic ")


def test_a_base_url_may_have_a_path_of_its_own(server: CarrierServer) -> None:
    server.answer = lambda request: Answer(201, {"sid": "SM1"})
    assert carrier_at(server.url + "/api/laml/").send_text(TO, "您好", "https://x.example/s") == "SM1"
    assert server.requests[0].path == f"/api/laml/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert server.requests[0].form["Body"] == ["您好"]


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, 21211, CarrierRefused),
        (400, 21614, CarrierRefused),
        (400, 21610, CarrierRefused),
        (400, 30005, CarrierRefused),
        (400, 30006, CarrierRefused),
        (400, 99999, CarrierRefused),
        (429, 20429, CarrierBusy),
        (429, None, CarrierBusy),
        (400, 30003, CarrierBusy),
        (400, 30008, CarrierBusy),
        (503, None, CarrierBusy),
        (401, 20003, CarrierMisconfigured),
        (401, None, CarrierMisconfigured),
        (403, None, CarrierMisconfigured),
        (404, None, CarrierMisconfigured),
        (400, 21219, CarrierMisconfigured),
        (400, 13227, CarrierMisconfigured),
        (400, 30007, CarrierMisconfigured),
        (302, None, CarrierMisconfigured),
        (500, 20500, CarrierUnclear),
        (502, None, CarrierUnclear),
        (504, None, CarrierUnclear),
    ],
)
def test_each_answer_of_the_carrier_says_what_helps(
    server: CarrierServer,
    carrier: TwilioCarrier,
    status: int,
    code: int | None,
    kind: type[CarrierError],
) -> None:
    body = {"status": status, "message": "no", **({"code": code} if code else {})}
    server.answer = lambda request: Answer(status, body)
    with pytest.raises(CarrierError) as caught:
        order(carrier)
    assert type(caught.value) is kind
    if code:
        assert caught.value.code == code


@pytest.mark.parametrize("body", ["<html>bad gateway</html>", "", {"sid": None}, {}, [], "null"])
def test_a_confirmation_that_makes_no_sense_is_unclear(
    server: CarrierServer, carrier: TwilioCarrier, body: object
) -> None:
    server.answer = lambda request: Answer(201, body)
    with pytest.raises(CarrierUnclear):
        order(carrier)


def test_a_time_out_is_unclear_and_is_not_repeated(server: CarrierServer) -> None:
    server.answer = lambda request: Answer(201, {"sid": "CA1"}, hang=30)
    with pytest.raises(CarrierUnclear):
        order(carrier_at(server.url, timeout=0.3))
    assert len(server.requests) == 1


def test_a_connection_cut_after_the_order_is_unclear_and_is_not_repeated(
    server: CarrierServer, carrier: TwilioCarrier
) -> None:
    server.answer = lambda request: Answer(cut=True)
    with pytest.raises(CarrierUnclear):
        order(carrier)
    assert len(server.requests) == 1


def test_a_refused_connection_is_busy_because_nothing_was_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        with pytest.raises(CarrierBusy):
            order(carrier_at(f"http://127.0.0.1:{taken.getsockname()[1]}"))


def test_a_name_that_does_not_resolve_is_busy() -> None:
    with pytest.raises(CarrierBusy):
        order(carrier_at("http://no-such-host.invalid"))


@pytest.mark.parametrize("url", ["carrier.example", "ftp://carrier.example", "http://"])
def test_a_base_url_that_is_none_is_said_at_once(url: str) -> None:
    with pytest.raises(CarrierMisconfigured):
        carrier_at(url)


def test_questions_that_fail_are_busy_never_unclear(server: CarrierServer) -> None:
    server.answer = lambda request: Answer(500, {"message": "no"})
    with pytest.raises(CarrierBusy):
        carrier_at(server.url).find_calls(TO, datetime(2026, 11, 2, tzinfo=UTC))
    server.answer = lambda request: Answer(200, hang=30)
    with pytest.raises(CarrierBusy):
        carrier_at(server.url, timeout=0.3).find_texts(TO, datetime(2026, 11, 2, tzinfo=UTC))


def listed(request: Request) -> Answer:
    base = {"to": TO, "from": HOTLINE, "status": "completed", "direction": "outbound-api", "start_time": None}
    calls = [
        {**base, "sid": "CAnew", "date_created": "Mon, 02 Nov 2026 01:00:05 +0000"},
        {**base, "sid": "CAold", "date_created": "Mon, 02 Nov 2026 00:00:00 +0000"},
        {
            **base,
            "sid": "CAin",
            "direction": "inbound",
            "date_created": "Mon, 02 Nov 2026 01:00:06 +0000",
        },
    ]
    return Answer(200, {"calls": calls, "page": 0, "page_size": 50, "next_page_uri": None})


def test_calls_are_found_by_number_and_time_also_those_that_never_began(
    server: CarrierServer, carrier: TwilioCarrier
) -> None:
    server.answer = listed
    found = carrier.find_calls(TO, datetime(2026, 11, 2, 1, 0, 5, 900_000, tzinfo=UTC))
    assert [call.sid for call in found] == ["CAnew"]  # the carrier's times are whole seconds
    assert server.requests[0].query["To"] == [TO]
    assert "StartTime>" not in server.requests[0].query


def test_hanging_up_a_call_that_is_over_is_fine(server: CarrierServer, carrier: TwilioCarrier) -> None:
    server.answer = lambda request: Answer(404, {"code": 20404, "message": "not found"})
    carrier.hang_up("CA1")
    server.answer = lambda request: Answer(400, {"code": 21220, "message": "not in-progress"})
    carrier.hang_up("CA1")
    server.answer = lambda request: Answer(401, {"code": 20003, "message": "authenticate"})
    with pytest.raises(CarrierMisconfigured):
        carrier.hang_up("CA1")


def test_deleting_a_recording_twice_is_fine(server: CarrierServer, carrier: TwilioCarrier) -> None:
    server.answer = lambda request: Answer(204)
    carrier.delete_recording("RE1")
    assert server.requests[0].method == "DELETE"
    server.answer = lambda request: Answer(404, {"code": 20404, "message": "not found"})
    carrier.delete_recording("RE1")


def test_a_recording_is_fetched_with_our_credentials(server: CarrierServer, carrier: TwilioCarrier) -> None:
    server.answer = lambda request: Answer(200, b"RIFF", "audio/x-wav")
    assert carrier.fetch_recording(server.url + "/2010-04-01/Accounts/AC/Recordings/RE1") == b"RIFF"
    assert server.requests[0].path.endswith("/RE1.wav")
    assert server.requests[0].authorization.startswith("Basic ")


def test_credentials_go_nowhere_but_to_the_carrier(server: CarrierServer) -> None:
    with carrier_server() as stranger:
        with pytest.raises(CarrierRefused):
            carrier_at(server.url).fetch_recording(stranger.url + "/steal")
        assert stranger.requests == []


def test_a_recording_at_the_official_host_is_looked_for_at_our_carrier(
    server: CarrierServer, carrier: TwilioCarrier
) -> None:
    server.answer = lambda request: Answer(200, b"RIFF", "audio/x-wav")
    carrier.fetch_recording("https://api.twilio.com/2010-04-01/Accounts/AC/Recordings/RE1")
    assert server.requests[0].path == "/2010-04-01/Accounts/AC/Recordings/RE1.wav"


def test_an_endless_recording_is_refused(server: CarrierServer, carrier: TwilioCarrier) -> None:
    server.answer = lambda request: Answer(200, b"x" * (RECORDING_LIMIT + 1), "audio/x-wav")
    with pytest.raises(CarrierRefused):
        carrier.fetch_recording(server.url + "/R")


@pytest.mark.parametrize(
    ("status", "kind"), [(404, CarrierRefused), (500, CarrierBusy), (401, CarrierMisconfigured)]
)
def test_a_recording_that_does_not_come_says_why(
    server: CarrierServer, carrier: TwilioCarrier, status: int, kind: type[CarrierError]
) -> None:
    server.answer = lambda request: Answer(status, b"")
    with pytest.raises(kind):
        carrier.fetch_recording(server.url + "/R")


URL = "https://hotline.example/voice/incoming?a=%E4%B8%80"
FORM = {"CallSid": "CA1", "From": "+86 138", "Body": "路灯不亮"}


def test_signatures_are_judged_as_the_official_validator_does() -> None:
    carrier = carrier_at("http://127.0.0.1:1")
    good = RequestValidator("secret").compute_signature(URL, FORM)
    assert carrier.valid_signature(URL, FORM, good)
    assert carrier.valid_signature(URL, MultiDict(FORM), good)
    flipped = ("A" if good[0] != "A" else "B") + good[1:]
    assert not carrier.valid_signature(URL, FORM, flipped)
    assert not carrier.valid_signature(URL, {**FORM, "Body": "x"}, good)
    assert not carrier.valid_signature(URL.replace("hotline", "other"), FORM, good)
    assert not carrier.valid_signature(URL, FORM, "")
    assert not carrier.valid_signature(URL, {**FORM, "Body": "\ud800"}, good)


def test_the_newer_signature_algorithm_is_understood() -> None:
    carrier = carrier_at("http://127.0.0.1:1")
    good = RequestValidator("secret").compute_signature(URL, FORM, "HMAC_SHA256")
    settings = "key=webhooks_1,algorithm=HMAC_SHA256"
    assert carrier.valid_signature(URL, FORM, good, settings)
    assert not carrier.valid_signature(URL, FORM, good)
    assert not carrier.valid_signature(URL, FORM, good, "algorithm=NONE")
