"""Inbound calls: webhook fields, TwiML rules, scripts, hang-ups, errors."""

import pytest
from aiohttp import web

CALLER, HOTLINE = "+8613800001111", "+864001234567"


def texts(call):
    return [entry["text"] for entry in call["dialogue"]]


def test_the_first_request_carries_the_documented_fields(network):
    call = network.call()
    form = network.product.forms("/voice/incoming")[0]
    assert form == {
        "CallSid": call["sid"],
        "AccountSid": "AC" + "0" * 32,
        "From": CALLER,
        "To": HOTLINE,
        "Caller": CALLER,
        "Called": HOTLINE,
        "CallStatus": "ringing",
        "Direction": "inbound",
        "ApiVersion": "2010-04-01",
    }


def test_the_end_is_told_once_with_the_duration(network):
    network.product.on("/voice/incoming", "<Say>您好您好您好您好您好</Say>")
    network.call()
    [form] = network.product.forms("/voice/status")
    assert (form["CallStatus"], form["CallDuration"]) == ("completed", "3")


def test_redirect_leaves_the_rest_of_the_document(network):
    network.product.on("/voice/incoming", "<Redirect>/voice/turn</Redirect><Say>不会说</Say>")
    network.product.on("/voice/turn", "<Say>好</Say><Hangup/><Say>也不会说</Say>")
    assert texts(network.call()) == ["好"]


def test_percent_escapes_and_queries_survive_in_signed_addresses(network):
    network.product.on("/voice/incoming", "<Redirect>/voice/a%2Fb%20c?x=1&amp;y=%E4%B8%AD</Redirect>")
    call = network.call()
    assert call["webhooks"][1]["url"].endswith("/voice/a%2Fb%20c?x=1&y=%E4%B8%AD")
    assert call["webhooks"][1]["status"] == 200  # the fixture checks its signature


def test_wrong_case_verbs_are_skipped(network):
    network.product.on("/voice/incoming", "<say>听不到</say><Say>听得到</Say>")
    call = network.call()
    assert texts(call) == ["听得到"]
    assert "<say>" in call["warnings"][0]["message"]


def test_play_speaks_a_wav_for_as_long_as_it_lasts(network):
    from speech.audio import encode_wav

    wav = encode_wav(b"\x10\x10" * 16000)
    network.product.on("/voice/incoming", "<Play>/clip.wav</Play>")
    network.product.on("/clip.wav", lambda form: web.Response(body=wav, content_type="audio/wav"))
    call = network.call()
    assert 2.0 <= call["seconds"] < 4.0
    assert call["dialogue"][0]["audio"].endswith("/audio/0.wav")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda form: web.Response(text="<Response/>", content_type="text/plain"), 12300),
        (lambda form: web.Response(status=500), 11200),
        (lambda form: web.Response(text="<Response>", content_type="text/xml"), 12100),
        (lambda form: web.Response(text="<Reply/>", content_type="text/xml"), 12200),
        (lambda form: "<!--" + "x" * 65536 + "-->", 11750),
        (lambda form: "<Redirect>gopher://x/</Redirect>", 11100),
    ],
)
def test_an_unusable_answer_ends_the_call_with_the_carriers_error(network, answer, code):
    network.product.on("/voice/incoming", answer)
    call = network.call()
    assert (call["ended_by"], [error["code"] for error in call["errors"]]) == ("error", [code])
    assert network.product.forms("/voice/status")[0]["CallStatus"] == "completed"


def test_an_answer_that_takes_too_long_ends_the_call(network):
    import asyncio

    async def slow(form):
        await asyncio.sleep(1.0)
        return ""

    network.product.on("/voice/incoming", slow)
    call = network.call(faults={"answer_cap": 0.2})
    assert [error["code"] for error in call["errors"]] == [11200]


def test_the_caller_can_hang_up_in_any_verb(network):
    network.product.on("/voice/incoming", f"<Say>{'您好' * 20}</Say>")
    call = network.call(faults={"hangup_in": "Say", "hangup_after": 1.0})
    assert (call["ended_by"], call["seconds"] < 4) == ("caller", True)
    assert network.product.forms("/voice/status")[0]["CallStatus"] == "completed"


def test_expectations_that_fail_are_noted_with_what_was_heard(network):
    network.product.on(
        "/voice/incoming", '<Gather action="/next" numDigits="1"><Say>三栋二单元，是吗</Say></Gather>'
    )
    call = network.call({"expect": "是吗", "press": "1"})
    assert call["mismatches"] == []
    call = network.call({"press": "1", "expect": "五栋"})
    assert call["mismatches"] == [{"step": 1, "expected": "五栋", "heard": "三栋二单元，是吗"}]


def test_a_silent_caller_hangs_up_at_the_limit(network):
    network.product.on("/voice/incoming", '<Gather timeout="500"/>')
    call = network.call(limit=3.0)
    assert (call["ended_by"], 2.9 <= call["seconds"] < 5) == ("caller", True)


def test_a_caller_can_be_driven_by_hand(network):
    network.product.on("/voice/incoming", '<Gather action="/menu" numDigits="1" timeout="60"/>')
    call_id = network.client.call(CALLER)
    while "Gather" not in network.client.get_call(call_id)["verbs"]:
        assert not network.client.get_call(call_id)["done"]
    network.client.press(call_id, "7")
    assert network.client.wait_call(call_id, timeout=20)["ended_by"] == "hotline"
    assert network.product.forms("/menu")[0]["Digits"] == "7"


def test_product_time_is_not_multiplied_by_the_pace(network):
    import asyncio

    async def slow(form):
        await asyncio.sleep(0.5)
        return "<Hangup/>"

    network.product.on("/voice/incoming", "<Redirect>/slow</Redirect>")
    network.product.on("/slow", slow)
    assert network.call(pace=20)["seconds"] < 3  # ten, if it were


def test_the_compatible_carrier_drops_documents_with_pause(network):
    network.product.on("/voice/incoming", "<Pause/><Say>您好</Say>")
    assert network.call()["errors"] == []
    call = network.call(faults={"profile": "compatible"})
    assert [error["code"] for error in call["errors"]] == [12200]
    assert "Caller" not in network.product.forms("/voice/incoming")[-1]


def test_a_hang_up_while_the_product_is_working_is_told_at_once(network):
    import asyncio

    async def slow(form):
        for _ in range(500):
            if network.product.forms("/voice/status"):
                return "<Say>太晚了</Say>"
            await asyncio.sleep(0.01)
        return "<Say>状态没有来</Say>"

    network.product.on("/voice/incoming", "<Redirect>/slow</Redirect>")
    network.product.on("/slow", slow)
    call_id = network.client.call(CALLER)
    while not network.product.forms("/slow"):
        assert not network.client.get_call(call_id)["done"]
    network.client.hang_up(call_id)
    call = network.client.wait_call(call_id, timeout=20)
    assert (call["ended_by"], call["dialogue"]) == ("caller", [])
    assert call["webhooks"][1]["status"] == 200
    assert call["webhooks"][1]["ms"] < 4000


def test_an_expectation_is_checked_even_if_the_hotline_hangs_up_first(network):
    network.product.on("/voice/incoming", "<Say>再见</Say>")
    assert network.call({"expect": "再见"})["mismatches"] == []
    missed = network.call({"expect": "您好"}, {"press": "1"}, {"expect": "再见"})["mismatches"]
    assert missed == [
        {"step": 1, "expected": "您好", "heard": "再见"},
        {"step": 3, "expected": "再见", "heard": ""},
    ]


def test_long_prompts_do_not_make_the_caller_speak_out_of_turn(network):
    network.product.on(
        "/voice/incoming", f'<Gather action="/menu" numDigits="1"><Say>{"很长的话" * 45}</Say></Gather>'
    )
    call = network.call({"press": "1"})
    assert "cut" not in call["dialogue"][0]
    assert call["dialogue"][1]["at"] >= 40
    assert call["steps_done"] == 1
