"""The soft-phone's WebSocket: what it hears and shows, one call a number, and what it refuses."""

import base64
import json
from typing import Any

import aiohttp
import numpy as np
import pytest
from aiohttp import web

from ivr.exchange.mic import white_noise
from speech.audio import SAMPLE_RATE, decode_wav, encode_wav, mulaw_decode, rms_dbfs, to_pcm
from speech.voice import synthesise
from tests.exchange.conftest import CALLER, HOTLINE, KEEPER, Network, at_once
from tests.support.softphone import browser_phone

SECOND = white_noise(1.0, -20, seed=7)
GATHER = "<Gather timeout='9'/>"


class Speaker:
    """A gateway that says one sentence in one second and waits for a key."""

    async def __call__(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            frame = json.loads(message.data)
            if frame["event"] == "start":
                sid = frame["streamSid"]
                await socket.send_json(
                    {
                        "event": "media",
                        "streamSid": sid,
                        "media": {"payload": base64.b64encode(SECOND).decode()},
                    }
                )
                await socket.send_json({"event": "mark", "streamSid": sid, "mark": {"name": "请讲。"}})
            if frame["event"] == "dtmf":
                await socket.close()
                return


def dial(network: Network, document: str) -> Any:
    network.product.on("/voice/incoming", document)
    return browser_phone(network.server.url, CALLER)


def streamed(network: Network) -> str:
    network.product.gateway = Speaker()
    return f'<Connect><Stream url="{network.product.url.replace("http", "ws")}/media"/></Connect>'


# --- hearing and seeing ----------------------------------------------------------------------------------


def test_the_stream_s_prompt_is_heard_as_it_was_sent_and_shown_while_it_is_spoken(network: Network) -> None:
    with dial(network, streamed(network)) as phone:
        phone.do("dial")
        phone.wait_for("line")
        phone.do("press", key="1")
        phone.wait_for("ended")
        assert bytes(phone.audio) == mulaw_decode(SECOND)
        order = [event["event"] for event in phone.events]
        assert order == ["plugged_in", "dialling", "connected", "caption", "line", "line", "ended"]
        assert phone.named("caption")[0]["text"] == "请讲。"
        assert [(e["entry"]["who"], e["entry"]["text"]) for e in phone.named("line")] == [
            ("hotline", "请讲。"), ("caller", "〔按 1〕"),
        ]  # fmt: skip


def test_a_played_file_is_heard(network: Network) -> None:
    pcm = mulaw_decode(white_noise(0.5, -20))
    network.product.on("/a.wav", web.Response(body=encode_wav(pcm), content_type="audio/wav"))
    with dial(network, "<Play>/a.wav</Play>") as phone:
        phone.do("dial")
        phone.wait_for("ended")
        assert bytes(phone.audio) == pcm


def test_what_the_carrier_says_has_a_voice_and_can_be_heard_again(network: Network) -> None:
    with dial(network, "<Say>请讲</Say>") as phone:
        phone.do("dial")
        entry = phone.wait_for("line")["entry"]
        phone.wait_for("ended")
        spoken = decode_wav(network.client.audio(entry["audio"]))
        assert rms_dbfs(spoken) > -30
        assert bytes(phone.audio) == spoken


def test_her_words_are_on_the_record_with_their_sound(network: Network) -> None:
    words = synthesise("三栋二单元路灯不亮了")
    with dial(network, "<Record timeout='2' playBeep='false'/>") as phone:
        phone.do("dial")
        phone.wait_for("connected")
        phone.say(words + bytes(2 * SAMPLE_RATE * 2))
        phone.wait_for("ended")
        [entry] = [event["entry"] for event in phone.named("line")]
        length = float(entry["text"].removeprefix("〔说话 ").removesuffix(" 秒〕"))
        assert (entry["who"], entry["kind"]) == ("caller", "say")
        assert length == pytest.approx(len(words) / 2 / SAMPLE_RATE, abs=0.5)
        again = decode_wav(network.client.audio(entry["audio"]))
        assert rms_dbfs(again) > -30


def test_a_browser_s_own_rate_is_brought_down_to_the_telephone_s(network: Network) -> None:
    tone = to_pcm(8000 * np.sin(2 * np.pi * 400 / 48000 * np.arange(48000)))
    network.product.on("/voice/incoming", "<Record timeout='1' playBeep='false' trim='do-not-trim'/>")
    with browser_phone(network.server.url, CALLER) as phone:
        phone.do("microphone", rate=48000)
        phone.do("dial")
        phone.wait_for("connected")
        phone.say(tone, piece=1920)
        phone.wait_for("ended")
    [recording] = network.server.exchange.recordings.values()
    heard = np.frombuffer(recording.pcm, "<i2").astype(float)
    loud = heard[np.flatnonzero(np.abs(heard) > 3000)[0] :][: SAMPLE_RATE // 2]
    spectrum = np.abs(np.fft.rfft(loud))
    assert np.argmax(spectrum) * SAMPLE_RATE / len(loud) == pytest.approx(400, abs=4)


def test_two_people_joined_by_the_hotline_hear_each_other(network: Network) -> None:
    network.product.on("/voice/incoming", f"<Dial timeout='9'>{KEEPER}</Dial>")
    one, other = (mulaw_decode(white_noise(0.4, -18, seed=seed)) for seed in (5, 6))
    with (
        browser_phone(network.server.url, CALLER) as resident,
        browser_phone(network.server.url, KEEPER) as keeper,
    ):
        resident.do("dial")
        assert keeper.wait_for("ringing")["number"] == CALLER
        keeper.do("answer")
        keeper.wait_for("connected")
        resident.say(one)
        keeper.wait(lambda: one in keeper.audio)
        keeper.say(other)
        resident.wait(lambda: other in resident.audio)
        keeper.do("hangup")
        resident.wait_for("ended")


# --- one number, one call --------------------------------------------------------------------------------


def test_who_talks_already_is_busy(network: Network) -> None:
    with dial(network, GATHER) as phone:
        phone.do("dial")
        phone.wait_for("connected")
        second = network.client.wait_call(network.ring().sid)
        assert (second["status"], second["answered"]) == ("busy", None)
        phone.do("dial")
        assert "先挂断" in phone.wait_for("problem")["text"]
        assert len(network.client.calls(direction="inbound")) == 1


def test_closing_the_page_hangs_up(network: Network) -> None:
    with dial(network, GATHER) as phone:
        phone.do("dial")
        phone.wait_for("connected")
    call = network.client.wait_call(network.client.calls()[0]["sid"])
    assert (call["ended_by"], call["status"]) == ("caller", "completed")
    assert call["from"] not in network.server.exchange.plugged_in


def test_closing_the_page_while_it_rings_declines(network: Network) -> None:
    with browser_phone(network.server.url, CALLER) as phone:
        sid = network.ring().sid
        phone.wait_for("ringing")
    assert network.client.wait_call(sid)["status"] == "busy"


def test_a_caller_who_gives_up_stops_the_ringing(network: Network) -> None:
    with browser_phone(network.server.url, CALLER) as phone:
        call = network.ring()
        phone.wait_for("ringing")
        network.rest.calls(call.sid).update(status="canceled")
        assert phone.wait_for("ended")["status"] == "canceled"
        network.ring(timeout=5)
        phone.wait_for("ringing", 2)


def test_a_product_that_does_not_answer_is_told_as_such(network: Network) -> None:
    network.product.on("/voice/incoming", web.Response(status=500))
    with browser_phone(network.server.url, CALLER) as phone:
        phone.do("dial")
        ended = phone.wait_for("ended")
        assert ended["by"] == "error" and "status 500" in ended["problem"]
        phone.do("dial")
        phone.wait_for("dialling", 2)


def test_without_a_soft_phone_the_handset_does_what_it_was_told(network: Network) -> None:
    with browser_phone(network.server.url, KEEPER):
        network.client.handset(CALLER, calls=[{"outcome": "busy", "pace": 12.0}])
        assert network.client.wait_call(network.ring().sid)["status"] == "busy"


# --- refused ---------------------------------------------------------------------------------------------


def test_a_number_is_open_once(network: Network) -> None:
    with (
        browser_phone(network.server.url, CALLER),
        browser_phone(network.server.url, CALLER) as second,
    ):
        assert second.events == [{"event": "refused", "why": "taken"}]
        second.wait(lambda: second.closed_with == 4000)


@pytest.mark.parametrize("number", ["", "13800001111", "+8613x", "+" + "1" * 40, HOTLINE])
def test_what_is_no_telephone_of_a_person_is_refused(network: Network, number: str) -> None:
    with browser_phone(network.server.url, number) as phone:
        assert phone.events == [{"event": "refused", "why": "number"}]


@pytest.mark.parametrize(
    "order",
    ["", "[]", "{", "[" * 5000, '{"do": "fly"}', '{"do": "press", "key": "12"}', '{"do": "answer"}',
     '{"do": "microphone", "rate": 1}', '{"do": "microphone", "rate": true}'],
)  # fmt: skip
def test_a_wrong_order_is_told_and_the_line_lives_on(network: Network, order: str) -> None:
    with dial(network, "<Say>您好</Say>") as phone:
        phone.send(order)
        phone.wait_for("problem")
        phone.do("dial")
        phone.wait_for("connected")


def test_half_a_sample_is_told(network: Network) -> None:
    with dial(network, GATHER) as phone:
        phone.do("dial")
        phone.wait_for("connected")
        phone.send(b"\x00" * 321)
        assert "321" in phone.wait_for("problem")["text"]


def test_who_sends_too_much_is_cut_off(network: Network) -> None:
    with browser_phone(network.server.url, CALLER) as phone:
        with pytest.raises(ConnectionError):
            for _ in range(3000):
                phone.do("press", key="1")
        assert phone.named("refused") == [{"event": "refused", "why": "too_much"}]
    with browser_phone(network.server.url, CALLER) as again:
        assert again.named("plugged_in")


def test_a_message_that_is_too_long_closes_the_line(network: Network) -> None:
    with browser_phone(network.server.url, CALLER) as phone:
        phone.send(b"\x00" * 20_000)
        phone.wait(lambda: phone.closed_with == 1009)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "evil.example:8002"},
        {"Host": "127.0.0.1.evil.example"},
    ],
)
@pytest.mark.parametrize("path", ["/exchange/line?number=%2B8613800001111", "/phone", "/exchange/directory"])
def test_another_site_cannot_reach_in(network: Network, headers: dict[str, str], path: str) -> None:
    async def ask() -> int:
        async with aiohttp.ClientSession() as session:
            try:
                async with session.ws_connect(network.server.url + path, headers=headers):
                    return 101
            except aiohttp.WSServerHandshakeError as error:
                return error.status

    assert at_once(network.loop, ask()) == 403


def test_the_own_page_may(network: Network) -> None:
    with browser_phone(network.server.url, CALLER, Origin=network.server.url) as phone:
        assert phone.named("plugged_in")
