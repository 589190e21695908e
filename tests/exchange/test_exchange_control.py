"""The control API: who may use it, what it refuses, scripts and handsets."""

import pytest
import requests

from ivr.exchange.errors import BadOrder
from ivr.exchange.scriptfile import inline, load_script
from speech.audio import SAMPLE_RATE, write_wav

CALLER, OTHER = "+8613800001111", "+8613800003333"


def test_a_page_in_a_browser_cannot_use_it(network):
    url = f"{network.server.url}/exchange/reset"
    rebound = requests.post(url, json={}, headers={"Host": "evil.example"}, timeout=5)
    form = requests.post(url, data={"x": "1"}, timeout=5)
    assert (rebound.status_code, form.status_code) == (403, 415)


def test_unknown_things_are_404(network):
    with pytest.raises(BadOrder, match="Not Found"):
        network.client.get_call("CAunknown")
    with pytest.raises(BadOrder):
        network.client.replay(99)


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ([{"press": "A"}], "step 1: press"),
        ([{"press": "1"}, {}], "step 2"),
        ([{"press": "1", "hangup": True}], "one action"),
        ([{"audio": "***"}], "base64"),
        ([{"silence": -1}], "silence"),
        ([{"silence": 1, "level": 3}], "does not belong"),
        ([{"dance": True}], "no action"),
    ],
)
def test_a_wrong_step_is_refused_by_its_number(network, steps, why):
    with pytest.raises(BadOrder, match=why):
        network.client.call(CALLER, steps)


def test_wrong_orders_are_refused(network):
    for order in ({"pace": 0}, {"pace": "fast"}, {"limit": None}):
        with pytest.raises(BadOrder):
            network.client.call(CALLER, **order)
    with pytest.raises(BadOrder, match="outcome"):
        network.client.handset(CALLER, calls=[{"outcome": "explode"}])
    with pytest.raises(BadOrder, match="unknown field"):
        network.client.handset(CALLER, texts=[{"speed": 1}])


def test_reset_forgets_everything_and_ends_live_calls(network):
    network.product.on("/voice/incoming", '<Gather timeout="600"/>')
    network.client.call(CALLER)
    network.client.faults(duplicate=True)
    network.client.reset()
    assert network.client.calls() == []
    assert network.client.webhooks() == []
    assert network.client.faults()["duplicate"] == ""


def test_webhook_addresses_can_be_moved(network):
    network.client.webhook_urls(voice_url=network.product.url + "/elsewhere")
    network.call()
    assert len(network.product.forms("/elsewhere")) == 1
    assert not network.product.forms("/voice/incoming")


def test_calls_of_several_people_run_side_by_side(network):
    network.product.on("/voice/incoming", '<Gather numDigits="1" action="/menu"><Say>请按一</Say></Gather>')
    ids = [network.client.call(f"+861380000{n:04}", [{"press": "1"}], pace=12) for n in range(8)]
    assert {network.client.wait_call(i)["ended_by"] for i in ids} == {"hotline"}
    assert len(network.product.forms("/menu")) == 8


def test_script_files_speak_wavs_beside_them(network, tmp_path):
    write_wav(tmp_path / "路灯.wav", b"\x00\x20" * SAMPLE_RATE)
    script = tmp_path / "call.toml"
    script.write_text(
        '[[step]]\nexpect = "请讲"\nsay = "路灯.wav"\ntext = "路灯不亮"\n'
        '[[step]]\nbarge = "1"\nafter = 0.5\n'
        '[[step]]\nbarge = "路灯.wav"\n'
        "[[step]]\nhangup = true\n"
    )
    said, key, barged, hangup = load_script(script)
    assert (said["expect"], said["text"]) == ("请讲", "路灯不亮")
    assert key == {"barge": True, "after": 0.5, "press": "1"}
    assert (barged["barge"], barged["text"]) == (True, "〔路灯〕")
    assert hangup == {"hangup": True}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[step", "call.toml"),
        ("step = 1", "list"),
        ("[[step]]\nsay = 'no.wav'", "no.wav"),
        ("x = 1", "list"),
    ],
)
def test_a_wrong_script_file_is_refused_with_its_name(tmp_path, text, why):
    from app.errors import BadInput

    (tmp_path / "call.toml").write_text(text)
    with pytest.raises(BadInput, match=why):
        load_script(tmp_path / "call.toml")


def test_a_missing_script_file_is_refused(tmp_path):
    with pytest.raises(BadOrder, match="读不到"):
        load_script(tmp_path / "none.toml")


def test_a_sentence_can_be_broken_off(tmp_path):
    from ivr.exchange.script import read_steps

    write_wav(tmp_path / "a.wav", b"\x00\x20" * SAMPLE_RATE * 2)
    [step] = read_steps(inline([{"say": "a.wav", "seconds": 0.5}], tmp_path))
    assert len(step.audio) == SAMPLE_RATE // 2
