"""<Dial>: ringing a person, the whisper, and what is told afterwards."""

CALLER, DUTY = "+8613800001111", "+8613900002222"
DIAL = '<Say>正在接通</Say><Dial timeout="10" action="/voice/dialled">{who}</Dial>'
WHISPER = '<Gather numDigits="1" action="/accept" timeout="3"><Say>按一接听</Say></Gather><Hangup/>'


def dialled(network, *steps, who=DUTY, duty=(), **more):
    network.client.handset(DUTY, calls=list(duty))
    network.product.on("/voice/incoming", DIAL.format(who=who))
    network.product.on("/voice/whisper", WHISPER)
    network.product.on("/accept", "")
    network.product.on("/voice/dialled", "<Say>再见</Say>")
    call = network.call(*steps, **more)
    return call, network.product.forms("/voice/dialled")[0]


def with_whisper():
    return f'<Number url="/voice/whisper">{DUTY}</Number>'


def test_a_plain_number_is_joined_and_the_length_of_the_talk_told(network):
    duty = [{"steps": [{"silence": 3.0}, {"hangup": True}]}]
    call, form = dialled(network, duty=duty)
    assert (form["DialCallStatus"], form["DialBridged"]) == ("completed", "true")
    assert form["DialCallDuration"] in ("3", "4")
    assert form["DialCallSid"] == call["children"][0]
    assert call["dialogue"][-1]["text"] == "再见"


def test_the_caller_is_joined_only_after_the_callee_pressed_the_key(network):
    duty = [{"steps": [{"press": "1"}, {"silence": 2.0}, {"hangup": True}]}]
    call, form = dialled(network, who=with_whisper(), duty=duty)
    assert form["DialBridged"] == "true"
    child = network.client.get_call(call["children"][0])
    assert child["parent"] == call["id"]
    assert child["direction"] == "outbound-dial"
    asked = network.product.forms("/voice/whisper")[0]
    assert (asked["CallSid"], asked["ParentCallSid"]) == (child["sid"], call["sid"])
    assert network.product.forms("/accept")[0]["Digits"] == "1"


def test_a_voicemail_box_is_never_joined(network):
    call, form = dialled(network, who=with_whisper(), duty=[{"outcome": "machine"}])
    assert (form["DialCallStatus"], form["DialBridged"], form["DialCallDuration"]) == (
        "no-answer",
        "false",
        "0",
    )
    assert call["ended_by"] == "hotline"


def test_nobody_there_is_told_after_the_timeout(network):
    call, form = dialled(network, duty=[{"outcome": "no_answer"}])
    assert form["DialCallStatus"] == "no-answer"
    assert call["seconds"] >= 10


def test_busy_is_told(network):
    assert dialled(network, duty=[{"outcome": "busy"}])[1]["DialCallStatus"] == "busy"


def test_a_caller_who_hangs_up_while_it_rings_cancels_it(network):
    call, form = dialled(
        network, duty=[{"outcome": "no_answer"}], faults={"hangup_in": "Dial", "hangup_after": 2.0}
    )
    assert (form["CallStatus"], form["DialCallStatus"]) == ("completed", "canceled")
    assert network.client.get_call(call["children"][0])["status"] == "canceled"
    assert "再见" not in [entry["text"] for entry in call["dialogue"]]


def test_a_caller_who_hangs_up_during_the_talk_ends_both_legs(network):
    duty = [{"steps": []}]
    call, form = dialled(network, {"silence": 4.0}, {"hangup": True}, duty=duty)
    assert (form["CallStatus"], form["DialCallStatus"]) == ("completed", "completed")
    assert network.client.get_call(call["children"][0])["done"] is True


def test_without_an_action_the_next_verb_follows(network):
    network.client.handset(DUTY, calls=[{"outcome": "busy"}])
    network.product.on("/voice/incoming", f"<Dial>{DUTY}</Dial><Say>再见</Say>")
    assert network.call()["dialogue"][-1]["text"] == "再见"
