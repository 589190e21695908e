"""Media stream frames, both ways. What our side sends is checked as strictly as the documentation is written."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any


class FrameViolation(Exception):
    """A message of ours that the carrier's documentation doesn't allow."""


@dataclass(frozen=True)
class Media:
    payload: bytes  # mu-law


@dataclass(frozen=True)
class Mark:
    name: str


@dataclass(frozen=True)
class Clear:
    pass


_FIELDS = {
    "media": {"event", "streamSid", "media"},
    "mark": {"event", "streamSid", "mark"},
    "clear": {"event", "streamSid"},
}


def read(text: str, stream_sid: str) -> Media | Mark | Clear:
    """A message from our side; raises FrameViolation unless it has exactly the documented fields."""
    try:
        frame = json.loads(text)
    except ValueError as error:
        raise FrameViolation(f"not JSON: {text[:60]!r}") from error
    if not isinstance(frame, dict) or frame.get("event") not in _FIELDS:
        raise FrameViolation(f"unknown event: {text[:60]!r}")
    event = frame["event"]
    _exactly(event, frame, _FIELDS[event])
    if frame["streamSid"] != stream_sid:
        raise FrameViolation(f"{event}: streamSid {frame['streamSid']!r} is not this stream's")
    if event == "media":
        return Media(_payload(_only_string(frame, "media", "payload")))
    if event == "mark":
        return Mark(_only_string(frame, "mark", "name"))
    return Clear()


def _exactly(what: str, found: dict[str, Any], wanted: set[str]) -> None:
    if missing := wanted - set(found):
        raise FrameViolation(f"{what}: {sorted(missing)[0]!r} is missing")
    if extra := set(found) - wanted:
        raise FrameViolation(f"{what}: unknown field {sorted(extra)[0]!r}")


def _only_string(frame: dict[str, Any], part: str, field: str) -> str:
    inner = frame[part]
    if not isinstance(inner, dict):
        raise FrameViolation(f"{part}: an object is needed")
    _exactly(part, inner, {field})
    value = inner[field]
    if not isinstance(value, str):
        raise FrameViolation(f"{part}.{field}: a string is needed")
    return value


def _payload(text: str) -> bytes:
    try:
        payload = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FrameViolation("media.payload is not base64") from error
    if not payload:
        raise FrameViolation("media.payload is empty")
    if payload[:4] == b"RIFF":
        raise FrameViolation("media.payload carries a file header, only bare mu-law is allowed")
    return payload


class FrameWriter:
    """The carrier's frames of one stream: numbers are strings, the sequence counts every frame but `connected`."""

    def __init__(self, stream_sid: str, call_sid: str, account_sid: str) -> None:
        self._stream, self._call, self._account = stream_sid, call_sid, account_sid
        self._sequence = 0
        self._chunk = 0

    @staticmethod
    def connected() -> str:
        return json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"})

    def start(self, parameters: dict[str, str], *, top_level: bool) -> str:
        """`top_level` puts customParameters where one compatible carrier has them."""
        start: dict[str, Any] = {
            "accountSid": self._account,
            "streamSid": self._stream,
            "callSid": self._call,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        }
        if top_level:
            return self._frame("start", start=start, customParameters=parameters)
        return self._frame("start", start=start | {"customParameters": parameters})

    def media(self, mulaw: bytes, milliseconds: int) -> str:
        self._chunk += 1
        payload = base64.b64encode(mulaw).decode()
        inner = {
            "track": "inbound",
            "chunk": str(self._chunk),
            "timestamp": str(milliseconds),
            "payload": payload,
        }
        return self._frame("media", media=inner)

    def dtmf(self, digit: str) -> str:
        return self._frame("dtmf", dtmf={"track": "inbound_track", "digit": digit})

    def mark(self, name: str) -> str:
        return self._frame("mark", mark={"name": name})

    def stop(self) -> str:
        return self._frame("stop", stop={"accountSid": self._account, "callSid": self._call})

    def _frame(self, event: str, **more: Any) -> str:
        self._sequence += 1
        head = {"event": event, "sequenceNumber": str(self._sequence), "streamSid": self._stream}
        return json.dumps(head | more)
