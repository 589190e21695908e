"""<Gather>: published behaviour, one case a test."""


def heard(call):
    return [entry["text"] for entry in call["dialogue"] if entry["who"] == "hotline"]


def test_digits_are_posted_to_the_action(network):
    network.product.on(
        "/voice/incoming", '<Gather action="/voice/menu" numDigits="1"><Say>请按一</Say></Gather>'
    )
    network.product.on("/voice/menu", "<Say>好的</Say>")
    call = network.call({"press": "1"})
    assert network.product.forms("/voice/menu")[0]["Digits"] == "1"
    assert heard(call) == ["请按一", "好的"]
    assert (call["status"], call["ended_by"], call["errors"]) == ("completed", "hotline", [])


def test_finish_key_ends_the_number_and_is_not_part_of_it(network):
    network.product.on("/voice/incoming", '<Gather action="/voice/menu"><Say>单号</Say></Gather>')
    network.call({"press": "1024#"})
    form = network.product.forms("/voice/menu")[0]
    assert (form["Digits"], form["FinishedOnKey"]) == ("1024", "#")


def test_timeout_after_the_last_key_submits_what_was_pressed(network):
    network.product.on("/voice/incoming", '<Gather action="/voice/menu" timeout="2"/>')
    network.call({"press": "77"})
    assert network.product.forms("/voice/menu")[0]["Digits"] == "77"


def test_no_input_falls_through_to_the_next_verb(network):
    network.product.on(
        "/voice/incoming",
        '<Gather action="/voice/menu"><Say>请按键</Say></Gather><Redirect>/voice/empty</Redirect>',
    )
    call = network.call()
    assert not network.product.forms("/voice/menu")
    assert len(network.product.forms("/voice/empty")) == 1
    assert 5.0 <= call["seconds"] < 9.0  # default timeout of 5 s after the prompt


def test_hash_first_counts_as_empty(network):
    network.product.on("/voice/incoming", '<Gather action="/voice/menu"/><Say>没有听到</Say>')
    call = network.call({"press": "#"})
    assert not network.product.forms("/voice/menu")
    assert heard(call) == ["没有听到"]


def test_action_on_empty_result_posts_empty_digits(network):
    network.product.on(
        "/voice/incoming", '<Gather action="/voice/menu" timeout="1" actionOnEmptyResult="true"/>'
    )
    network.call()
    assert network.product.forms("/voice/menu")[0]["Digits"] == ""


def test_action_defaults_to_the_current_document(network):
    network.product.on("/voice/incoming", "<Redirect>/voice/turn</Redirect>")
    network.product.on("/voice/turn", '<Gather numDigits="1"/>', "<Hangup/>")
    network.call({"press": "5"})
    assert [form.get("Digits") for form in network.product.forms("/voice/turn")] == [None, "5"]


def test_a_key_during_the_prompt_cuts_it_and_counts(network):
    network.product.on(
        "/voice/incoming", f'<Gather action="/voice/menu" numDigits="1"><Say>{"很长的话" * 20}</Say></Gather>'
    )
    call = network.call({"barge": "3", "after": 1.0})
    assert network.product.forms("/voice/menu")[0]["Digits"] == "3"
    assert call["dialogue"][0]["cut"] is True
    assert call["seconds"] < 6


def test_an_empty_finish_key_lets_hash_be_a_digit(network):
    network.product.on("/voice/incoming", '<Gather action="/voice/menu" finishOnKey="" timeout="4"/>')
    network.call({"press": "#1"})
    assert network.product.forms("/voice/menu")[0]["Digits"] == "#1"


def test_keys_outside_a_gather_are_lost(network):
    network.product.on(
        "/voice/incoming", f'<Say>{"您好" * 10}</Say><Gather action="/voice/menu" timeout="1"/>'
    )
    network.call({"barge": "1", "after": 0.5})
    assert not network.product.forms("/voice/menu")


def test_speech_in_a_keypad_gather_is_not_heard(network):
    from ivr.exchange.mic import white_noise
    from ivr.exchange.scriptfile import speech_step
    from speech.audio import mulaw_decode

    network.product.on("/voice/incoming", '<Gather action="/voice/menu" timeout="2"/><Say>再见</Say>')
    call = network.call(speech_step(mulaw_decode(white_noise(1.0, -20)), "你好"))
    assert [entry["text"] for entry in call["dialogue"]] == ["你好", "再见"]
    assert not network.product.forms("/voice/menu")
