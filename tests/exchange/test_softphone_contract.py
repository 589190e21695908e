"""What the network owes whoever holds the telephone: the same for a script and for a browser's WebSocket."""

import base64
import json
from collections.abc import Iterator
from typing import Any, Protocol

import pytest
from aiohttp import web

from ivr.exchange.mic import white_noise
from ivr.exchange.scriptfile import speech_step
from speech.audio import SAMPLE_RATE, mulaw_decode, rms_dbfs
from tests.exchange.conftest import CALLER, HOTLINE, PACE, Network
from tests.support.softphone import browser_phone

SECOND = white_noise(1.0, -20, seed=7)
WORDS = mulaw_decode(white_noise(0.6, -18, seed=3))
STREAM = '<Connect><Stream url="{url}/media"/></Connect><Say>再见</Say>'


class Caller(Protocol):
    """One telephone whose owner does things, each after the hotline has said something new."""

    def call(self, *acts: tuple[str, Any]) -> dict[str, Any]: ...
    def is_rung(self, outcome: str, *acts: tuple[str, Any], **order: Any) -> dict[str, Any]: ...


class Script:
    def __init__(self, network: Network) -> None:
        self.network = network

    def call(self, *acts: tuple[str, Any]) -> dict[str, Any]:
        return self.network.call(*_steps(acts))

    def is_rung(self, outcome: str, *acts: tuple[str, Any], **order: Any) -> dict[str, Any]:
        ring = {"outcome": outcome, "steps": _steps(acts), "pace": PACE}
        self.network.client.handset(CALLER, calls=[ring])
        return self.network.client.wait_call(self.network.ring(**order).sid)


class Browser:
    def __init__(self, network: Network) -> None:
        self.network = network

    def call(self, *acts: tuple[str, Any]) -> dict[str, Any]:
        with browser_phone(self.network.server.url, CALLER) as phone:
            phone.do("dial")
            _act(phone, acts)
            return self._over(phone)

    def is_rung(self, outcome: str, *acts: tuple[str, Any], **order: Any) -> dict[str, Any]:
        with browser_phone(self.network.server.url, CALLER) as phone:
            self.network.ring(**order)
            phone.wait_for("ringing")
            if outcome != "no_answer":
                phone.do("answer" if outcome == "answer" else "hangup")
            _act(phone, acts)
            return self._over(phone)

    def _over(self, phone: Any) -> dict[str, Any]:
        phone.wait_for("ended")
        [call] = self.network.client.calls()
        return self.network.client.wait_call(call["sid"])


def _steps(acts: tuple[tuple[str, Any], ...]) -> list[dict[str, Any]]:
    make = {
        "say": lambda pcm: speech_step(pcm, "话"),
        "press": lambda key: {"press": key},
        "hangup": lambda _: {"hangup": True, "wait_prompt": True},
    }
    return [make[what](with_) for what, with_ in acts]


def _act(phone: Any, acts: tuple[tuple[str, Any], ...]) -> None:
    for number, (what, with_) in enumerate(acts, 1):
        phone.wait(lambda needed=number: len(phone.lines("hotline")) >= needed)
        phone.wait_quiet()
        if what == "say":
            phone.say(with_)
        elif what == "press":
            phone.do("press", key=with_)
        else:
            phone.do("hangup")


@pytest.fixture(params=[Script, Browser])
def caller(request: pytest.FixtureRequest, network: Network) -> Caller:
    return request.param(network)


class Gateway:
    """Says one sentence and listens until `enough` loud frames or a key came."""

    def __init__(self, enough: int = 30) -> None:
        self.enough, self.heard, self.keys = enough, bytearray(), ""

    async def __call__(self, socket: web.WebSocketResponse) -> None:
        loud = 0
        async for message in socket:
            frame = json.loads(message.data)
            if frame["event"] == "start":
                sid = frame["streamSid"]
                media = {"payload": base64.b64encode(SECOND[:4000]).decode()}
                await socket.send_json({"event": "media", "streamSid": sid, "media": media})
                await socket.send_json({"event": "mark", "streamSid": sid, "mark": {"name": "请讲。"}})
            if frame["event"] == "media":
                audio = base64.b64decode(frame["media"]["payload"])
                self.heard += audio
                loud += rms_dbfs(mulaw_decode(audio)) > -40
            self.keys += frame["dtmf"]["digit"] if frame["event"] == "dtmf" else ""
            if loud >= self.enough or self.keys:
                await socket.close()
                return


@pytest.fixture
def gateway(network: Network) -> Iterator[Gateway]:
    network.product.gateway = gateway = Gateway()
    network.product.on("/voice/incoming", STREAM.format(url=network.product.url.replace("http", "ws")))
    network.product.on("/answer", STREAM.format(url=network.product.url.replace("http", "ws")))
    yield gateway


def hotline_said(call: dict[str, Any]) -> list[str]:
    return [entry["text"] for entry in call["dialogue"] if entry["who"] == "hotline"]


def test_speech_reaches_the_stream_whole(caller: Caller, gateway: Gateway) -> None:
    call = caller.call(("say", WORDS))
    # mu-law there and back is the same once it has been mu-law
    assert WORDS[: 29 * 320] in mulaw_decode(bytes(gateway.heard))
    assert hotline_said(call) == ["请讲。", "再见"]
    assert (call["ended_by"], call["status"], call["violations"], call["errors"]) == (
        "hotline", "completed", [], [],
    )  # fmt: skip


def test_a_key_reaches_the_stream_and_the_record(caller: Caller, gateway: Gateway) -> None:
    call = caller.call(("press", "5"))
    assert gateway.keys == "5"
    assert [e["key"] for e in call["dialogue"] if e["kind"] == "press"] == ["5"]


def test_keys_are_gathered(caller: Caller, network: Network) -> None:
    network.product.on(
        "/voice/incoming", '<Gather action="/voice/keys" timeout="3"><Say>请按键</Say></Gather>'
    )
    caller.call(("press", "7"))
    [form] = network.product.forms("/voice/keys")
    assert form["Digits"] == "7"


def test_what_is_said_is_recorded(caller: Caller, network: Network) -> None:
    network.product.on(
        "/voice/incoming", '<Say>请留言</Say><Record action="/voice/done" timeout="1" playBeep="false"/>'
    )
    caller.call(("say", WORDS))
    [form] = network.product.forms("/voice/done")
    pcm = next(iter(network.server.exchange.recordings.values())).pcm
    assert form["RecordingDuration"] == "1" and len(pcm) / 2 / SAMPLE_RATE == pytest.approx(0.6, abs=0.1)


def test_a_hang_up_is_the_callers(caller: Caller, network: Network) -> None:
    network.product.on("/voice/incoming", "<Say>您好</Say><Gather timeout='9'/><Say>太久</Say>")
    call = caller.call(("hangup", None))
    assert (call["ended_by"], call["status"]) == ("caller", "completed")
    assert hotline_said(call) == ["您好"]
    [form] = network.product.forms("/voice/status")
    assert form["CallStatus"] == "completed"


def test_a_telephone_that_is_rung_and_answered_hears_the_hotline(caller: Caller, gateway: Gateway) -> None:
    call = caller.is_rung("answer", ("say", WORDS))
    assert (call["direction"], call["from"], call["status"]) == ("outbound-api", HOTLINE, "completed")
    assert call["rang"] is not None and WORDS[: 29 * 320] in mulaw_decode(bytes(gateway.heard))


@pytest.mark.parametrize(("outcome", "status"), [("busy", "busy"), ("no_answer", "no-answer")])
def test_a_telephone_that_is_not_answered(
    caller: Caller, network: Network, outcome: str, status: str
) -> None:
    call = caller.is_rung(
        outcome,
        timeout=1,
        status_callback=network.product.url + "/status",
        status_callback_event=["completed"],
    )
    assert (call["status"], call["answered"]) == (status, None)
    [form] = network.product.forms("/status")
    assert form["CallStatus"] == status


def test_machine_detection_finds_a_person(caller: Caller, network: Network) -> None:
    network.product.on("/answer", "<Say>您好</Say>")
    call = caller.is_rung("answer", machine_detection="Enable")
    assert call["answered_by"] == "human"
