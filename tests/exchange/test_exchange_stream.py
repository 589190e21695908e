"""Media streams over a real WebSocket: frames, playback, marks, keys, breaks."""

import base64
import json

import pytest

from ivr.exchange.mic import white_noise
from ivr.exchange.scriptfile import speech_step
from speech.audio import decode_wav, mulaw_decode, rms_dbfs

STREAM = (
    '<Connect><Stream url="{url}/media"><Parameter name="token" value="t-1"/></Stream></Connect>'
    "<Redirect>/voice/next</Redirect>"
)
SECOND = white_noise(1.0, -20, seed=7)


def spoken(text="三栋二单元路灯不亮", seconds=1.0):
    return speech_step(mulaw_decode(white_noise(seconds, -20)), text)


class Gateway:
    """Plays the prompts, then listens until `stop_when(self)`; keeps every frame."""

    def __init__(self, *prompts, stop_when=lambda g: g.loud_frames >= 40):
        self.prompts, self.stop_when = prompts, stop_when
        self.frames, self.loud_frames, self.socket = [], 0, None

    def of(self, event):
        return [frame for frame in self.frames if frame["event"] == event]

    async def send(self, **frame):
        await self.socket.send_str(json.dumps(frame))

    async def play(self, text, audio):
        for start in range(0, len(audio), 800):
            payload = base64.b64encode(audio[start : start + 800]).decode()
            await self.send(event="media", streamSid=self.sid, media={"payload": payload})
        await self.send(event="mark", streamSid=self.sid, mark={"name": text})

    async def __call__(self, socket):
        self.socket = socket
        async for message in socket:
            try:
                frame = json.loads(message.data)
            except (ValueError, TypeError):
                await socket.close()
                return
            self.frames.append(frame)
            if frame["event"] == "start":
                self.sid = frame["streamSid"]
                for text, audio in self.prompts:
                    await self.play(text, audio)
            if frame["event"] == "media":
                pcm = mulaw_decode(base64.b64decode(frame["media"]["payload"]))
                self.loud_frames += rms_dbfs(pcm) > -40
            await self.heard(frame)
            if self.stop_when(self):
                await socket.close()
                return

    async def heard(self, frame):
        """For tests that react."""


def stream(network, gateway, *steps, **more):
    network.product.gateway = gateway
    network.product.on("/voice/incoming", STREAM.format(url=network.product.url.replace("http", "ws")))
    return network.call(*steps, **more)


def test_frames_are_the_documented_ones(network):
    gateway = Gateway()
    call = stream(network, gateway, spoken())
    connected, start, first = gateway.frames[:3]
    assert connected == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
    sid = start["streamSid"]
    assert start == {
        "event": "start",
        "sequenceNumber": "1",
        "streamSid": sid,
        "start": {
            "streamSid": sid,
            "callSid": call["sid"],
            "accountSid": "AC" + "0" * 32,
            "tracks": ["inbound"],
            "customParameters": {"token": "t-1"},
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        },
    }
    assert (first["sequenceNumber"], first["streamSid"]) == ("2", sid)
    assert first["media"].keys() == {"track", "chunk", "timestamp", "payload"}
    media = [frame["media"] for frame in gateway.of("media")]
    assert [m["chunk"] for m in media[:3]] == ["1", "2", "3"]
    assert [m["timestamp"] for m in media[:3]] == ["0", "20", "40"]
    assert {len(base64.b64decode(m["payload"])) for m in media} == {160}
    assert call["violations"] == []


def test_closing_the_socket_goes_on_to_the_next_verb(network):
    network.product.on("/voice/next", "<Say>再见</Say>")
    call = stream(network, Gateway(), spoken())
    assert call["dialogue"][-1]["text"] == "再见"
    assert (call["ended_by"], call["errors"]) == ("hotline", [])


def test_speech_arrives_whole_and_silence_before_it(network):
    gateway = Gateway(stop_when=lambda g: g.loud_frames >= 50)
    stream(network, gateway, spoken(seconds=1.0))
    audio = b"".join(base64.b64decode(f["media"]["payload"]) for f in gateway.of("media"))
    assert mulaw_decode(white_noise(1.0, -20)) in mulaw_decode(audio)
    assert audio.startswith(b"\xff" * 160)


def test_line_noise_is_on_the_line_when_nobody_speaks(network):
    gateway = Gateway(stop_when=lambda g: len(g.frames) > 30)
    stream(network, gateway, line_noise=-50)
    payload = base64.b64decode(gateway.of("media")[0]["media"]["payload"])
    assert -53 < rms_dbfs(mulaw_decode(payload)) < -47


def test_prompts_are_in_the_dialogue_with_their_audio_and_the_caller_waits_for_them(network):
    gateway = Gateway(("您好，家常热线。", SECOND), ("请讲。", SECOND))
    call = stream(network, gateway, spoken("路灯不亮"))
    assert [(e["who"], e["text"]) for e in call["dialogue"]] == [
        ("hotline", "您好，家常热线。"),
        ("hotline", "请讲。"),
        ("caller", "路灯不亮"),
    ]
    first, second, answer = [entry["at"] for entry in call["dialogue"]]
    assert 0.98 <= second - first <= 1.04
    assert answer >= second + 1.0
    pcm = decode_wav(network.client.audio(call["dialogue"][0]["audio"]))
    assert pcm == mulaw_decode(SECOND)


def test_marks_come_back_after_their_audio_was_played(network):
    gateway = Gateway(("一", SECOND), ("二", SECOND), stop_when=lambda g: len(g.of("mark")) == 2)
    stream(network, gateway)
    events = [f["event"] for f in gateway.frames]
    assert [m["mark"]["name"] for m in gateway.of("mark")] == ["一", "二"]
    assert events.index("mark") - events.index("media") in (50, 51, 52)


def test_a_key_reaches_the_stream_as_dtmf(network):
    gateway = Gateway(("请按键", SECOND), stop_when=lambda g: g.of("dtmf"))
    stream(network, gateway, {"press": "2", "expect": "请按键"})
    assert gateway.of("dtmf")[0]["dtmf"] == {"track": "inbound_track", "digit": "2"}


class BargeGateway(Gateway):
    async def heard(self, frame):
        if frame["event"] == "dtmf":
            await self.send(event="clear", streamSid=self.sid)


def test_clear_stops_playback_and_returns_all_pending_marks(network):
    gateway = BargeGateway(
        ("很长", SECOND * 5), ("更长", SECOND * 5), stop_when=lambda g: len(g.of("mark")) == 2
    )
    call = stream(network, gateway, {"barge": "1", "after": 1.0})
    assert [m["mark"]["name"] for m in gateway.of("mark")] == ["很长", "更长"]
    spoken_entries = [e for e in call["dialogue"] if e["who"] == "hotline"]
    assert [(e["text"], e.get("cut")) for e in spoken_entries] == [("很长", True)]
    assert call["seconds"] < 5


def test_hang_up_sends_stop(network):
    gateway = Gateway(("请讲", SECOND), stop_when=lambda g: False)
    call = stream(network, gateway, spoken(), {"hangup": True})
    assert gateway.frames[-1]["event"] == "stop"
    assert gateway.frames[-1]["stop"] == {"accountSid": "AC" + "0" * 32, "callSid": call["sid"]}
    assert not network.product.forms("/voice/next")
    assert call["ended_by"] == "caller"


class WrongGateway(Gateway):
    wrong = ()

    async def heard(self, frame):
        if frame["event"] == "start":
            for text in self.wrong:
                await self.socket.send_str(text.replace("SID", self.sid))


@pytest.mark.parametrize(
    "wrong",
    [
        "{",
        '{"event": "hello", "streamSid": "SID"}',
        '{"event": "clear", "streamSid": "other"}',
        '{"event": "clear", "streamSid": "SID", "mark": {}}',
        '{"event": "media", "streamSid": "SID", "media": {"payload": "//8=", "track": "outbound"}}',
        '{"event": "media", "streamSid": "SID", "media": {"payload": "***"}}',
        '{"event": "mark", "streamSid": "SID", "mark": {"name": 1}}',
    ],
)
def test_frames_beyond_the_documentation_are_violations(network, wrong):
    gateway = WrongGateway(stop_when=lambda g: len(g.frames) > 20)
    gateway.wrong = (wrong,)
    assert len(stream(network, gateway)["violations"]) == 1


@pytest.mark.parametrize("how", ["drop", "malformed", "binary"])
def test_a_broken_stream_ends_in_the_next_verb(network, how):
    gateway = Gateway(stop_when=lambda g: False)
    call = stream(network, gateway, faults={"stream_break": {"how": how, "after": 0.5}})
    assert len(network.product.forms("/voice/next")) == 1
    assert call["ended_by"] == "hotline"


def test_a_gateway_that_is_down_is_an_error_and_the_call_goes_on(network):
    network.product.on(
        "/voice/incoming",
        '<Connect><Stream url="ws://127.0.0.1:9/media"/></Connect><Redirect>/voice/next</Redirect>',
    )
    call = network.call()
    assert [error["code"] for error in call["errors"]] == [31920]
    assert len(network.product.forms("/voice/next")) == 1


def test_a_carrier_without_streams_skips_connect(network):
    gateway = Gateway()
    call = stream(network, gateway, faults={"streams": False})
    assert gateway.frames == []
    assert [error["code"] for error in call["errors"]] == [12200]
    assert len(network.product.forms("/voice/next")) == 1


def test_the_compatible_carrier_has_parameters_at_the_top_and_uuid_sids(network):
    gateway = Gateway(stop_when=lambda g: len(g.frames) > 10)
    call = stream(network, gateway, faults={"profile": "compatible"})
    start = gateway.of("start")[0]
    assert start["customParameters"] == {"token": "t-1"}
    assert "customParameters" not in start["start"]
    assert call["sid"].count("-") == 4


def test_the_handshake_is_signed(network):
    from twilio.request_validator import RequestValidator

    stream(network, Gateway(stop_when=lambda g: True))
    url = network.product.url.replace("http", "ws") + "/media"
    signature = network.product.gateway_headers[0]["X-Twilio-Signature"]
    assert RequestValidator("test-token").compute_signature(url, {}) == signature
