"""The frames of a media stream: text in, dataclasses out, and the three frames that we may send.

Numbers arrive as strings. One compatible carrier puts `customParameters` beside `start` instead of inside it.
We may send only `media`, `mark` and `clear`, with exactly their fields: one field too many and the carrier closes.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.errors import BadInput

MAX_FRAME = 64 * 1024
"""Characters of one frame; 20 ms of audio are some 300, a carrier that bundles a second sends 11,000."""
MAX_PARAMETERS = 32
_DIGITS = frozenset("0123456789*#ABCD")


class FrameError(BadInput):
    """Not a frame of a media stream, or one with missing or senseless fields."""


@dataclass(frozen=True)
class Connected:
    """The socket is open; nothing is known yet."""


@dataclass(frozen=True)
class Start:
    """Which call this is; `parameters` are the `<Parameter>`s of our TwiML; `sample_rate` in Hz."""

    stream_sid: str
    call_sid: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "audio/x-mulaw"
    sample_rate: int = 8000
    channels: int = 1


@dataclass(frozen=True)
class Media:
    """`audio` is mu-law; `timestamp` in milliseconds since the stream began, None if the carrier sends none."""

    audio: bytes
    timestamp: int | None = None
    track: str = "inbound"


@dataclass(frozen=True)
class Dtmf:
    digit: str


@dataclass(frozen=True)
class Mark:
    """What we sent before this mark has been played, or thrown away by `clear`."""

    name: str


@dataclass(frozen=True)
class Stop:
    """The caller hung up, or the stream was stopped."""


@dataclass(frozen=True)
class Other:
    """An event that this version doesn't know; carriers add some. To be ignored."""

    event: str


Frame = Connected | Start | Media | Dtmf | Mark | Stop | Other


def parse(text: str | bytes) -> Frame:
    """One WebSocket message → one frame; raises FrameError."""
    if len(text) > MAX_FRAME:
        raise FrameError(f"frame of {len(text)} characters, at most {MAX_FRAME}")
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError covers JSON and UTF-8
        raise FrameError("a frame must be JSON") from error
    if not isinstance(frame, dict):
        raise FrameError("a frame must be a JSON object")
    match event := _string(frame, "event", limit=40):
        case "connected":
            return Connected()
        case "start":
            return _start(frame)
        case "media":
            return _media(_object(frame, "media"))
        case "dtmf":
            digit = _string(_object(frame, "dtmf"), "digit", limit=8)
            if digit not in _DIGITS:
                raise FrameError(f"dtmf.digit: {digit!r} is no key")
            return Dtmf(digit)
        case "mark":
            return Mark(_string(_object(frame, "mark"), "name", limit=1000))
        case "stop":
            return Stop()
        case _:
            return Other(event)


def encode_media(stream_sid: str, audio: bytes) -> str:
    """`audio` is mu-law, 8 kHz, without any header."""
    payload = base64.b64encode(audio).decode("ascii")
    return json.dumps({"event": "media", "streamSid": stream_sid, "media": {"payload": payload}})


def encode_mark(stream_sid: str, name: str) -> str:
    """The carrier returns the name when everything sent before has been played."""
    return json.dumps({"event": "mark", "streamSid": stream_sid, "mark": {"name": name}})


def encode_clear(stream_sid: str) -> str:
    """Stops what is being played; the carrier then returns all pending marks as well."""
    return json.dumps({"event": "clear", "streamSid": stream_sid})


def _start(frame: dict[str, Any]) -> Start:
    start = _object(frame, "start")
    parameters = start.get("customParameters", frame.get("customParameters")) or {}
    if not isinstance(parameters, dict) or len(parameters) > MAX_PARAMETERS:
        raise FrameError(f"customParameters: an object of at most {MAX_PARAMETERS} is wanted")
    if not all(isinstance(value, str) for value in parameters.values()):
        raise FrameError("customParameters: only strings are wanted")
    form = start.get("mediaFormat") or {}
    if not isinstance(form, dict):
        raise FrameError("start.mediaFormat: an object is wanted")
    sid = start.get("streamSid", frame.get("streamSid"))
    return Start(
        stream_sid=_string({"streamSid": sid}, "streamSid", limit=64),
        call_sid=_string(start, "callSid", limit=64),
        parameters=parameters,
        encoding=_string(form, "encoding", limit=40) if "encoding" in form else "audio/x-mulaw",
        sample_rate=_number(form.get("sampleRate"), "start.mediaFormat.sampleRate") or 8000,
        channels=_number(form.get("channels"), "start.mediaFormat.channels") or 1,
    )


def _media(media: dict[str, Any]) -> Media:
    payload = _string(media, "payload", limit=MAX_FRAME, empty=True)
    try:
        audio = base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FrameError("media.payload: not base64") from error
    track = media.get("track", "inbound")
    if not isinstance(track, str) or len(track) > 20:
        raise FrameError("media.track: a short string is wanted")
    return Media(audio, _number(media.get("timestamp"), "media.timestamp"), track)


def _number(value: object, name: str) -> int | None:
    if value is None:
        return None
    # str.isdigit alone takes ², and int() takes ٣: neither is what a carrier writes
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 15:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**15:
        return value
    raise FrameError(f"{name}: a number is wanted")


def _object(frame: dict[str, Any], name: str) -> dict[str, Any]:
    value = frame.get(name)
    if not isinstance(value, dict):
        raise FrameError(f"{name}: an object is wanted")
    return value


def _string(frame: dict[str, Any], name: str, *, limit: int, empty: bool = False) -> str:
    value = frame.get(name)
    if not isinstance(value, str) or len(value) > limit or not (value or empty):
        raise FrameError(f"{name}: a string of at most {limit} characters is wanted")
    return value
