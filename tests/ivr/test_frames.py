"""The codec of a media stream: what carriers send is read, everything else is a FrameError, never anything else."""

import base64
import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.frames import (
    Connected,
    Dtmf,
    Frame,
    FrameError,
    Mark,
    Media,
    Other,
    Start,
    Stop,
    encode_clear,
    encode_mark,
    encode_media,
    parse,
)

FORMAT = {"encoding": "audio/x-mulaw", "sampleRate": "8000", "channels": "1"}
INSIDE = {"streamSid": "MZ1", "callSid": "CA1", "tracks": ["inbound"], "mediaFormat": FORMAT}
WORDS = {"token": "abc", "turn": "3"}

READ: list[tuple[dict[str, Any], Frame]] = [
    ({"event": "connected", "protocol": "Call", "version": "1.0.0"}, Connected()),
    ({"event": "start", "start": INSIDE | {"customParameters": WORDS}}, Start("MZ1", "CA1", WORDS)),
    ({"event": "start", "start": INSIDE, "customParameters": WORDS}, Start("MZ1", "CA1", WORDS)),
    ({"event": "start", "streamSid": "MZ1", "start": {"callSid": "CA1"}}, Start("MZ1", "CA1")),
    (
        {"event": "start", "start": INSIDE | {"mediaFormat": {"encoding": "audio/l16", "sampleRate": 16000}}},
        Start("MZ1", "CA1", {}, "audio/l16", 16000, 1),
    ),
    (
        {"event": "media", "media": {"track": "inbound", "chunk": "2", "timestamp": "40", "payload": "/38="}},
        Media(b"\xff\x7f", 40),
    ),
    ({"event": "media", "media": {"payload": ""}}, Media(b"")),
    (
        {"event": "media", "media": {"payload": "", "timestamp": 7, "track": "outbound"}},
        Media(b"", 7, "outbound"),
    ),
    ({"event": "dtmf", "dtmf": {"track": "inbound_track", "digit": "#"}}, Dtmf("#")),
    ({"event": "mark", "mark": {"name": "您好。"}}, Mark("您好。")),
    ({"event": "stop", "stop": {"callSid": "CA1"}}, Stop()),
    ({"event": "heartbeat"}, Other("heartbeat")),
]


@pytest.mark.parametrize(("frame", "meaning"), READ)
def test_frames_that_carriers_send(frame: dict[str, Any], meaning: Frame) -> None:
    assert parse(json.dumps(frame)) == meaning
    assert parse(json.dumps(frame).encode()) == meaning


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "1",
        "{",
        '{"event": 1}',
        '{"event": ""}',
        '{"event": "media"}',
        '{"event": "media", "media": []}',
        '{"event": "media", "media": {"payload": 1}}',
        '{"event": "media", "media": {"payload": "*"}}',
        '{"event": "media", "media": {"payload": "A"}}',
        '{"event": "media", "media": {"payload": "", "timestamp": "-1"}}',
        '{"event": "media", "media": {"payload": "", "timestamp": "²"}}',
        '{"event": "media", "media": {"payload": "", "timestamp": true}}',
        '{"event": "media", "media": {"payload": "", "timestamp": 1e400}}',
        '{"event": "dtmf", "dtmf": {"digit": "10"}}',
        '{"event": "dtmf", "dtmf": {"digit": "一"}}',
        '{"event": "mark", "mark": {}}',
        '{"event": "start", "start": {}}',
        '{"event": "start", "start": {"streamSid": "MZ1"}}',
        '{"event": "start", "start": {"streamSid": "MZ1", "callSid": "CA1", "customParameters": []}}',
        '{"event": "start", "start": {"streamSid": "MZ1", "callSid": "CA1", "customParameters": [1]}}',
        '{"event": "start", "start": {"streamSid": "MZ1", "callSid": "CA1", "customParameters": {"a": 1}}}',
        '{"event": "start", "start": {"streamSid": "MZ1", "callSid": "CA1", "mediaFormat": "mulaw"}}',
        '{"event": "media", "media": {"payload": "' + "A" * 70_000 + '"}}',
        "[" * 5_000,
    ],
)
def test_malformed_frames_are_refused(text: str) -> None:
    if '"customParameters": []' in text:
        assert isinstance(parse(text), Start)  # an empty list is what some languages write for an empty map
        return
    with pytest.raises(FrameError):
        parse(text)


def test_invalid_utf8_is_refused() -> None:
    with pytest.raises(FrameError):
        parse(b'{"event": "\xff\xfe"}')


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
_EVENTS = st.sampled_from(["connected", "start", "media", "dtmf", "mark", "stop"])
_FIELDS = st.sampled_from(
    [
        "streamSid",
        "callSid",
        "customParameters",
        "mediaFormat",
        "payload",
        "timestamp",
        "track",
        "digit",
        "name",
    ]
)


@given(event=_EVENTS, inside=st.dictionaries(_FIELDS, _JSON, max_size=5) | _JSON, top=_JSON)
def test_any_json_is_a_frame_or_a_frame_error(event: str, inside: Any, top: Any) -> None:
    frame = {"event": event, event: inside, "customParameters": top}
    with contextlib.suppress(FrameError):
        parse(json.dumps(frame))


@given(st.text(max_size=300) | st.binary(max_size=300))
def test_any_message_is_a_frame_or_a_frame_error(message: str | bytes) -> None:
    with contextlib.suppress(FrameError):
        parse(message)


@given(st.binary(max_size=800))
def test_audio_survives(audio: bytes) -> None:
    sent = json.loads(encode_media("MZ1", audio))
    assert sent == {
        "event": "media",
        "streamSid": "MZ1",
        "media": {"payload": base64.b64encode(audio).decode()},
    }
    assert parse(json.dumps(sent)) == Media(audio)


def test_we_send_exactly_the_fields_that_are_allowed() -> None:
    assert json.loads(encode_mark("MZ1", "您好")) == {
        "event": "mark",
        "streamSid": "MZ1",
        "mark": {"name": "您好"},
    }
    assert json.loads(encode_clear("MZ1")) == {"event": "clear", "streamSid": "MZ1"}
