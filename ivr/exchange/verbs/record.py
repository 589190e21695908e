"""Record: keeps what the person says; a hang-up in the middle still posts the action, with Digits=hangup."""

import asyncio
import math
import time
from email.utils import format_datetime

import numpy as np

from ivr.exchange.clock import FRAME_SECONDS
from ivr.exchange.errors import HungUp
from ivr.exchange.interpreter import Goto, Interpreter, goto_action
from ivr.exchange.leg import Leg
from ivr.exchange.script import KEYS
from ivr.exchange.sids import RECORDING, new_sid
from ivr.exchange.state import Recording, now
from ivr.exchange.twiml import Verb
from ivr.exchange.webhooks import Webhook
from speech.audio import SAMPLE_RATE, mulaw_decode, mulaw_encode, rms_dbfs, to_pcm

VOICE_DBFS = -42.0  # a frame louder than this is speech
BEEP_SECONDS = 0.2
BEEP = mulaw_encode(
    to_pcm(8000 * np.sin(2 * np.pi * 1000 / SAMPLE_RATE * np.arange(int(BEEP_SECONDS * SAMPLE_RATE))))
)
LOOK_FRAMES = 5


class RecordKeys:
    kind = "record"

    def __init__(self, leg: Leg, finish: str) -> None:
        self.started, self.started_wall = leg.clock.now(), time.monotonic()
        self.ended_by = ""
        self._finish = finish

    def key(self, digit: str) -> None:
        if digit in self._finish and not self.ended_by:
            self.ended_by = digit


class Take:
    """The audio of one <Record>: PCM frames and where in them there was a voice."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.voiced: list[int] = []

    def add(self, mulaw: bytes) -> None:
        pcm = mulaw_decode(mulaw)
        if rms_dbfs(pcm) > VOICE_DBFS:
            self.voiced.append(len(self.frames))
        self.frames.append(pcm)

    @property
    def quiet_seconds(self) -> float:
        return (len(self.frames) - (self.voiced[-1] + 1 if self.voiced else 0)) * FRAME_SECONDS

    @property
    def seconds(self) -> float:
        return len(self.frames) * FRAME_SECONDS

    def pcm(self, trim: bool) -> bytes:
        """Empty if nobody spoke; silence before and after is cut off when `trim`."""
        if not self.voiced:
            return b""
        span = slice(self.voiced[0], self.voiced[-1] + 1) if trim else slice(None)
        return b"".join(self.frames[span])


async def record(call: Interpreter, verb: Verb) -> Goto | None:
    leg, take = call.leg, Take()
    limits = verb.seconds("timeout", 5.0), verb.seconds("maxLength", 3600.0)
    if verb.get("playBeep", "true") == "true":
        leg.ear.begin()
        try:
            await leg.sound(BEEP)
        finally:
            leg.ear.end()
    keys = RecordKeys(leg, verb.get("finishOnKey", KEYS))
    leg.listener = keys
    started = now()
    try:
        await _listen(leg, take, keys, *limits)
    except HungUp:
        keys.ended_by = "hangup"
    finally:
        leg.listener = None
    pcm = take.pcm(trim=verb.get("trim", "trim-silence") == "trim-silence")
    goto = None
    if pcm:  # an empty recording posts nothing, the next verb follows
        recording = Recording(
            new_sid(RECORDING, compatible=leg.compatible), leg.sid, pcm, started, math.ceil(len(pcm) / 16000)
        )
        call.exchange.recordings[recording.sid] = recording
        _tell_recorded(call, verb, recording)
        goto = goto_action(verb, _form(call, recording, keys.ended_by))
    if leg.hung.is_set():
        if goto is not None:
            await call.tell_last(goto)
        raise HungUp
    return goto


async def _listen(leg: Leg, take: Take, keys: RecordKeys, timeout: float, longest: float) -> None:
    index = leg.clock.frame()
    while not keys.ended_by:
        for frame in range(index, leg.clock.frame()):
            take.add(leg.mic.frame(frame))
            index = frame + 1
            if take.quiet_seconds >= timeout or take.seconds >= longest:
                return
        if leg.hung.is_set():
            raise HungUp
        await asyncio.sleep(LOOK_FRAMES * FRAME_SECONDS / leg.clock.pace)


def recording_url(call: Interpreter, sid: str) -> str:
    return f"{call.exchange.base_url}/2010-04-01/Accounts/{call.exchange.account}/Recordings/{sid}"


def _form(call: Interpreter, recording: Recording, key: str) -> dict[str, str]:
    form = {
        "RecordingUrl": recording_url(call, recording.sid),
        "RecordingSid": recording.sid,
        "RecordingDuration": str(recording.duration),
    }
    return form | ({"Digits": key} if key else {})


def _tell_recorded(call: Interpreter, verb: Verb, recording: Recording) -> None:
    if not verb.get("recordingStatusCallback"):
        return
    form = {
        "AccountSid": call.exchange.account,
        "CallSid": call.leg.sid,
        "RecordingSid": recording.sid,
        "RecordingUrl": recording_url(call, recording.sid),
        "RecordingStatus": "completed",
        "RecordingDuration": str(recording.duration),
        "RecordingChannels": "1",
        "RecordingStartTime": format_datetime(recording.started),
        "RecordingSource": recording.source,
    }
    url = call.resolve(verb.get("recordingStatusCallback"))
    call.leg.later(call.line.tell(Webhook("recording", url, form)))
