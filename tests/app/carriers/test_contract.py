"""What every carrier does, asked of each implementation: the one in memory, and the official client over real HTTP
against the local exchange."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from twilio.request_validator import RequestValidator

from app.carriers.memory import MemoryCarrier
from app.carriers.protocol import Carrier
from app.carriers.twilio import TwilioCarrier
from app.errors import CarrierBusy, CarrierMisconfigured, CarrierRefused, CarrierUnclear
from ivr.exchange.client import ExchangeClient
from tests.support.exchange import ACCOUNT, running_exchange

TOKEN, HOTLINE = "contract", "+864001234567"
WANG, LI = "+8613800001111", "+8613800001112"
URL, STATUS = "http://127.0.0.1:9/voice/callback/u", "http://127.0.0.1:9/voice/status?attempt=u"


@dataclass
class Bench:
    """A carrier, and a switch for its next order: the error it ends in, and whether it is carried out all the same."""

    carrier: Carrier
    fail: Callable[[type[Exception], bool], None]


@pytest.fixture(scope="module")
def exchange() -> Iterator[str]:
    with running_exchange(token=TOKEN, public_url="http://127.0.0.1:9", hotline_number=HOTLINE) as url:
        yield url


@pytest.fixture(params=["memory", "twilio"])
def bench(request: pytest.FixtureRequest) -> Bench:
    if request.param == "memory":
        memory = MemoryCarrier(token=TOKEN)

        def fail_in_memory(kind: type[Exception], accept: bool) -> None:
            memory.takes_unclear_orders = accept
            memory.failures.append(kind("switched on"))  # type: ignore[arg-type]

        return Bench(memory, fail_in_memory)
    url = request.getfixturevalue("exchange")
    client = ExchangeClient(url)
    client.reset()
    carrier = TwilioCarrier(account_sid=ACCOUNT, auth_token=TOKEN, caller=HOTLINE, base_url=url, timeout=10.0)
    answers = {
        CarrierRefused: (400, 21211),
        CarrierBusy: (429, 20429),
        CarrierMisconfigured: (403, 20003),
        CarrierUnclear: (500, 20500),
    }

    def fail_at_exchange(kind: type[Exception], accept: bool) -> None:
        status, code = answers[kind]  # type: ignore[index]
        client.faults(rest_errors=[{"times": 1, "status": status, "code": code, "accept": accept}])

    return Bench(carrier, fail_at_exchange)


def before() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=1)


def test_a_call_that_was_placed_is_found_by_number_and_time(bench: Bench) -> None:
    sid = bench.carrier.place_call(WANG, URL, STATUS, ring_seconds=5)
    (call,) = bench.carrier.find_calls(WANG, before())
    assert (call.sid, call.to) == (sid, WANG)
    assert bench.carrier.find_calls(LI, before()) == []
    assert bench.carrier.find_calls(WANG, datetime.now(UTC) + timedelta(minutes=1)) == []
    bench.carrier.hang_up(sid)


def test_every_order_has_an_identifier_of_its_own(bench: Bench) -> None:
    calls = {bench.carrier.place_call(WANG, URL, STATUS, ring_seconds=5) for _ in range(3)}
    texts = {bench.carrier.send_text(WANG, "您好", STATUS) for _ in range(3)}
    assert len(calls | texts) == 6
    for sid in calls:
        bench.carrier.hang_up(sid)


def test_a_text_that_was_sent_is_found_with_its_words(bench: Bench) -> None:
    body = "【家常热线】1024号：3栋2单元路灯不亮💡"
    sid = bench.carrier.send_text(WANG, body, STATUS)
    (text,) = bench.carrier.find_texts(WANG, before())
    assert (text.sid, text.body) == (sid, body)
    assert bench.carrier.find_texts(LI, before()) == []


def test_hanging_up_twice_or_what_never_was_is_fine(bench: Bench) -> None:
    sid = bench.carrier.place_call(WANG, URL, STATUS, ring_seconds=5)
    for _ in range(2):
        bench.carrier.hang_up(sid)
    bench.carrier.hang_up("CA" + "0" * 32)


@pytest.mark.parametrize("kind", [CarrierRefused, CarrierBusy, CarrierMisconfigured])
def test_an_order_that_was_refused_was_not_carried_out(bench: Bench, kind: type[Exception]) -> None:
    bench.fail(kind, False)
    with pytest.raises(kind):
        bench.carrier.place_call(WANG, URL, STATUS)
    assert bench.carrier.find_calls(WANG, before()) == []


@pytest.mark.parametrize("taken", [True, False])
def test_an_order_whose_answer_got_lost_can_be_looked_up(bench: Bench, taken: bool) -> None:
    bench.fail(CarrierUnclear, taken)
    with pytest.raises(CarrierUnclear):
        bench.carrier.place_call(WANG, URL, STATUS, ring_seconds=5)
    bench.fail(CarrierUnclear, taken)
    with pytest.raises(CarrierUnclear):
        bench.carrier.send_text(LI, "您好", STATUS)
    assert len(bench.carrier.find_calls(WANG, before())) == taken
    assert len(bench.carrier.find_texts(LI, before())) == taken


def test_a_recording_that_is_not_there_is_refused_and_deleting_it_is_fine(bench: Bench) -> None:
    with pytest.raises(CarrierRefused):
        bench.carrier.fetch_recording(
            f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/RE{'0' * 32}"
        )
    bench.carrier.delete_recording("RE" + "0" * 32)


def test_only_what_the_carrier_signed_is_valid(bench: Bench) -> None:
    url, form = "https://hotline.example/sms/incoming", {"MessageSid": "SM1", "Body": "接1024"}
    good = RequestValidator(TOKEN).compute_signature(url, form)
    assert bench.carrier.valid_signature(url, form, good)
    assert not bench.carrier.valid_signature(url, {**form, "Body": "接1025"}, good)
    assert not bench.carrier.valid_signature(url + "/", form, good)
    assert not bench.carrier.valid_signature(
        url, form, RequestValidator("other").compute_signature(url, form)
    )
