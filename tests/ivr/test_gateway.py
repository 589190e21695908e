"""The media gateway over a real socket, with the real engine: what it hears, refuses, and never loses."""

import asyncio
import base64
import json
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from app.settings import load_settings
from ivr.gateway import Gateway, serving
from models.call import CallTurn
from models.recording import Recording
from speech.audio import mulaw_encode, read_wav, rms_dbfs, silence, to_pcm
from speech.engine import Engine
from speech.fake_engine import FakeEngine
from speech.voice import synthesise
from speech.vosk_engine import VoskEngine
from tests.support.line import Line, voice_app
from tests.support.office import Office, open_office

FRAME = 160
FORMAT = {"encoding": "audio/x-mulaw", "sampleRate": "8000", "channels": "1"}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return VoskEngine.load(load_settings({}).speech_model)


@pytest.fixture
def spoken_office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    """An office whose prompts have audio."""
    with open_office(sqlite_url, tmp_path, demo_voice=True) as office:
        yield office


def speech(text: str, *, after: float = 3.0) -> bytes:
    """mu-law of half a second of silence, the words, and silence again."""
    return mulaw_encode(silence(0.5) + synthesise(text) + silence(after))


class Caller:
    """The carrier's end of one stream."""

    def __init__(self, socket: ClientConnection, line: Line) -> None:
        self.socket, self.line = socket, line

    async def start(
        self, *, token: str | None = None, form: dict[str, str] = FORMAT, sid: str | None = None
    ) -> None:
        parameters = {"token": self.line.parameters["token"] if token is None else token}
        await self.send({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        start = {
            "streamSid": "MZ1",
            "callSid": sid or self.line.sid,
            "customParameters": parameters,
            "mediaFormat": form,
        }
        await self.send({"event": "start", "streamSid": "MZ1", "start": start})

    async def send(self, frame: dict[str, Any]) -> None:
        await self.socket.send(json.dumps(frame))

    async def play(self, audio: bytes) -> None:
        """Frame after frame until all is sent or the gateway hangs up."""
        try:
            for at in range(0, len(audio), FRAME):
                payload = base64.b64encode(audio[at : at + FRAME]).decode()
                await self.send(
                    {"event": "media", "streamSid": "MZ1", "media": {"track": "inbound", "payload": payload}}
                )
        except ConnectionClosed:
            return

    async def closed(self) -> tuple[int | None, str, list[dict[str, Any]]]:
        """Wait for the end: close code, reason, and what was received."""
        received = []
        async with asyncio.timeout(20):
            try:
                while True:
                    received.append(json.loads(await self.socket.recv()))
            except ConnectionClosed:
                pass
        return self.socket.close_code, self.socket.close_reason or "", received


def stream(
    office: Office, line: Line, engine: Engine | None, act: Callable[[Caller], Coroutine[Any, Any, Any]]
) -> Any:
    """Run one stream against a real gateway."""

    async def run() -> Any:
        async with serving(Gateway(office.runtime, engine), "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            async with connect(f"ws://127.0.0.1:{port}/media") as socket:
                return await act(Caller(socket, line))

    return asyncio.run(run())


def heard(office: Office, n: int = 1) -> dict[str, Any] | None:
    with office.db.transaction(read_only=True) as session:
        return session.scalars(select(CallTurn.heard).where(CallTurn.n == n)).one()


def test_words_and_audio_are_saved_before_the_socket_is_closed(
    office: Office, ring: Callable[..., Line], engine: Engine
) -> None:
    async def act(caller: Caller) -> Any:
        await caller.start()
        await caller.play(speech("三栋二单元路灯不亮了"))
        return await caller.closed(), heard(office)

    (code, _, _), found = stream(office, ring(), engine, act)
    assert code == 1000 and found is not None
    assert (found["kind"], found["text"]) == ("speech", "三栋二单元路灯不亮了")
    with office.db.transaction(read_only=True) as session:
        recording = session.get_one(Recording, found["recording_id"])
    assert recording.path is not None
    assert rms_dbfs(read_wav(office.runtime.settings.data_dir / recording.path)) > -50
    assert list(office.runtime.settings.spool_dir.iterdir()) == []


def say_where_asked(office: Office, line: Line, engine: Engine, text: str) -> dict[str, Any]:
    """Words into the stream of a later turn; what was saved."""

    async def act(caller: Caller) -> Any:
        await caller.start()
        await caller.play(speech(text))
        return await caller.closed()

    with office.db.transaction(read_only=True) as session:
        n = line.turn_row(session).n
    assert stream(office, line, engine, act)[0] == 1000
    found = heard(office, n)
    assert found is not None
    return found


def test_a_yes_in_other_words_than_listed_is_taken(
    office: Office, ring: Callable[..., Line], engine: Engine
) -> None:
    line = ring().says("三栋二单元路灯不亮了")
    found = say_where_asked(office, line, engine, "就是这么回事")
    assert (found["text"], found["rejected"], found["open"]) == ("就是这么回事", False, True)
    assert found["listed"]["rejected"], "no phrase of the list was said"
    line.go_on()
    with office.db.transaction(read_only=True) as session:
        recording = session.get_one(Recording, found["recording_id"])
        assert office.ticket(session).number
    assert recording.transcript == "就是这么回事"


def test_a_listed_answer_is_heard_once(office: Office, ring: Callable[..., Line], engine: Engine) -> None:
    found = say_where_asked(office, ring().says("三栋二单元路灯不亮了"), engine, "是的")
    assert (found["text"], found["open"]) == ("是的", False)
    assert "listed" not in found


def test_danger_cried_where_yes_or_no_was_asked_is_acted_on(
    office: Office, ring: Callable[..., Line], engine: Engine
) -> None:
    line = ring().says("三栋二单元路灯不亮了")
    found = say_where_asked(office, line, engine, "着火了，快来人")
    assert found["listed"]["rejected"] and found["open"]
    line.go_on()
    assert "幺幺九" in line.said


def test_a_key_ends_the_turn_at_once(office: Office, ring: Callable[..., Line], engine: Engine) -> None:
    async def act(caller: Caller) -> Any:
        await caller.start()
        await caller.send({"event": "dtmf", "streamSid": "MZ1", "dtmf": {"digit": "0"}})
        return await caller.closed()

    assert stream(office, ring(), engine, act)[0] == 1000
    found = heard(office)
    assert found is not None and (found["kind"], found["keys"]) == ("keys", "0")


def test_hang_up_keeps_what_was_said(office: Office, ring: Callable[..., Line], engine: Engine) -> None:
    async def act(caller: Caller) -> None:
        await caller.start()
        await caller.play(speech("三栋二单元路灯", after=0.1))
        await caller.send({"event": "stop", "streamSid": "MZ1", "stop": {"callSid": caller.line.sid}})
        await caller.closed()

    stream(office, ring(), engine, act)
    found = heard(office)
    assert found is not None and found["kind"] == "hangup" and "三栋" in found["text"]
    assert found["recording_id"] is not None


def test_without_a_model_the_audio_is_kept(office: Office, ring: Callable[..., Line]) -> None:
    async def act(caller: Caller) -> Any:
        await caller.start()
        await caller.play(speech("三栋二单元路灯不亮了"))
        return await caller.closed()

    assert stream(office, ring(), None, act)[0] == 1000
    found = heard(office)
    assert found is not None and (found["kind"], found["text"]) == ("speech", "")
    assert found["recording_id"] is not None and found["speech_seconds"] > 1


def test_silence_keeps_no_audio(office: Office, ring: Callable[..., Line], engine: Engine) -> None:
    async def act(caller: Caller) -> Any:
        await caller.start()
        await caller.play(mulaw_encode(silence(12)))
        return await caller.closed()

    assert stream(office, ring(), engine, act)[0] == 1000
    found = heard(office)
    assert found is not None and found["kind"] == "silence" and found["recording_id"] is None


def test_a_short_sound_without_words_does_not_end_the_turn(office: Office, ring: Callable[..., Line]) -> None:
    engine = FakeEngine()
    engine.teach(synthesise("三栋二单元路灯不亮了"), ("三栋", "二单元", "路灯", "不亮"))

    async def act(caller: Caller) -> Any:
        await caller.start()
        await caller.play(mulaw_encode(silence(0.5) + synthesise("啊") + silence(3)))
        await caller.play(speech("三栋二单元路灯不亮了"))
        return await caller.closed()

    assert stream(office, ring(), engine, act)[0] == 1000
    found = heard(office)
    assert found is not None and (found["kind"], found["text"]) == ("speech", "三栋二单元路灯不亮")
    with office.db.transaction(read_only=True) as session:
        recording = session.get_one(Recording, found["recording_id"])
    assert recording.seconds > 5, "what came before her words is on the recording as well"


def test_short_sounds_without_words_end_the_turn_at_the_no_input_limit(
    office: Office, ring: Callable[..., Line]
) -> None:
    async def act(caller: Caller) -> Any:
        await caller.start()
        await caller.play(mulaw_encode(silence(0.5) + synthesise("啊") + silence(14)))
        return await caller.closed()

    assert stream(office, ring(), FakeEngine(), act)[0] == 1000
    found = heard(office)
    assert found is not None and (found["kind"], found["text"]) == ("speech", "")
    assert found["frames"] * 0.02 < 12 and found["recording_id"] is not None


def test_without_a_model_a_short_sound_ends_the_turn_for_a_person_to_listen_to(
    office: Office, ring: Callable[..., Line]
) -> None:
    async def act(caller: Caller) -> Any:
        await caller.start()
        await caller.play(mulaw_encode(silence(0.5) + synthesise("啊") + silence(14)))
        return await caller.closed()

    assert stream(office, ring(), None, act)[0] == 1000
    found = heard(office)
    assert found is not None and found["kind"] == "speech" and found["frames"] * 0.02 < 5


def test_a_voice_of_an_unknown_kind_is_heard_by_the_recogniser_in_the_end(
    office: Office, ring: Callable[..., Line]
) -> None:
    time = np.arange(8000) / 8000
    voice = to_pcm(2000 * (np.sin(2 * np.pi * 200 * time) + np.sin(2 * np.pi * 400 * time)))
    engine = FakeEngine()
    engine.teach(voice, ("路灯", "不亮"))

    async def act(caller: Caller) -> Any:
        await caller.start()
        await caller.play(mulaw_encode(silence(1) + voice + silence(14)))
        return await caller.closed()

    assert stream(office, ring(), engine, act)[0] == 1000
    found = heard(office)
    assert found is not None and (found["kind"], found["text"]) == ("speech", "路灯不亮")
    assert found["recording_id"] is not None


@pytest.mark.parametrize(
    "garbage",
    ["not json", "[]", '{"event":"media"}', '{"event":"media","media":{"payload":"%%%"}}', "{" * 70000],
)
def test_malformed_frames_close_the_stream_and_the_audio_is_kept(
    office: Office, ring: Callable[..., Line], engine: Engine, garbage: str
) -> None:
    async def act(caller: Caller) -> Any:
        await caller.start()
        await caller.play(speech("三栋二单元路灯", after=0.1))
        await caller.socket.send(garbage)
        return await caller.closed()

    assert stream(office, ring(), engine, act)[0] in (1000, 1003, 1009)
    found = heard(office)
    assert found is not None and found["kind"] in ("lost", "hangup") and found["recording_id"] is not None


@pytest.mark.parametrize("form", [FORMAT | {"encoding": "audio/opus"}, FORMAT | {"sampleRate": "16000"}])
def test_audio_of_another_format_is_refused_with_the_reason(
    office: Office, ring: Callable[..., Line], engine: Engine, form: dict[str, str]
) -> None:
    async def act(caller: Caller) -> Any:
        await caller.start(form=form)
        return await caller.closed()

    code, reason, _ = stream(office, ring(), engine, act)
    assert code == 1008 and reason.startswith("audio is")
    assert heard(office) is None


def test_a_wrong_token_or_another_call_is_refused(
    office: Office, ring: Callable[..., Line], engine: Engine
) -> None:
    line = ring()
    for start in ({"token": "guessed"}, {"token": ""}, {"sid": "CAother"}):

        async def act(caller: Caller, start: dict[str, str] = start) -> Any:
            await caller.start(**start)  # type: ignore[arg-type]
            return await caller.closed()

        assert stream(office, line, engine, act)[0] == 1008
    assert heard(office) is None


def test_a_token_is_good_once(office: Office, ring: Callable[..., Line], engine: Engine) -> None:
    line = ring()

    async def press(caller: Caller) -> Any:
        await caller.start()
        await caller.send({"event": "dtmf", "streamSid": "MZ1", "dtmf": {"digit": "0"}})
        return await caller.closed()

    assert [stream(office, line, engine, press)[0] for _ in range(2)] == [1000, 1008]


def test_a_full_gateway_sends_callers_to_the_keypad(
    office: Office, ring: Callable[..., Line], engine: Engine
) -> None:
    line = ring()

    async def run() -> int | None:
        gateway = Gateway(office.runtime, engine)
        gateway.active = office.runtime.settings.gateway_max_calls
        async with serving(gateway, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            async with connect(f"ws://127.0.0.1:{port}/media") as socket:
                return (await Caller(socket, line).closed())[0]

    assert asyncio.run(run()) == 1013
    line.go_on()
    assert line.has("Gather") and not line.has("Connect")


def test_prompts_are_played_with_marks_and_a_key_clears_them(spoken_office: Office, engine: Engine) -> None:
    line = Line(spoken_office, voice_app(spoken_office.runtime).test_client(), "+8613800001999").dial()

    async def act(caller: Caller) -> Any:
        await caller.start()
        async with asyncio.timeout(10):
            first = json.loads(await caller.socket.recv())
        await caller.send({"event": "dtmf", "streamSid": "MZ1", "dtmf": {"digit": "0"}})
        return first, await caller.closed()

    first, (code, _, received) = stream(spoken_office, line, engine, act)
    assert first["event"] == "media" and code == 1000
    events = [frame["event"] for frame in received]
    assert events[-1] == "clear" and "mark" in events
    marks = [frame["mark"]["name"] for frame in received if frame["event"] == "mark"]
    assert any("请直接说您的事" in name for name in marks)
