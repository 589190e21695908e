"""A real microphone: pieces of audio, arriving when they like, put on a leg's time line; speech in them is kept."""

from app.errors import AudioError
from ivr.exchange.clock import FRAME_SECONDS
from ivr.exchange.leg import Leg
from speech.audio import FRAME_BYTES, SAMPLE_RATE, StreamResampler, mulaw_encode
from speech.endpointing import Endpointer, Verdict

DELAY = 8
"""Frames between arrival and line: what browsers and a busy machine make of an even stream stays inside it."""
MOST_AHEAD = 60
"""Frames that may wait; a microphone whose clock runs faster than ours loses the rest."""
CLOSING_SILENCE, LONGEST = 0.8, 60.0  # seconds
MARGIN = 0.2  # seconds kept before and after speech


class Microphone:
    """`rate` in Hz, whatever the browser records at."""

    def __init__(self, leg: Leg, rate: int = SAMPLE_RATE) -> None:
        self._leg = leg
        self._resampler = None if rate == SAMPLE_RATE else StreamResampler(rate, SAMPLE_RATE)
        self._rest = b""
        self._next = 0
        self._begin()

    def feed(self, pcm: bytes) -> None:
        """PCM16 mono at `rate`; raises AudioError on an odd number of bytes."""
        if len(pcm) % 2:
            raise AudioError(f"16-bit audio needs an even number of bytes, got {len(pcm)}")
        data = self._rest + (pcm if self._resampler is None else self._resampler.feed(pcm))
        frames = len(data) // FRAME_BYTES
        data, self._rest = data[: frames * FRAME_BYTES], data[frames * FRAME_BYTES :]
        now = self._leg.clock.frame()
        if self._next <= now:
            self._next = now + DELAY
        if not frames or self._next > now + MOST_AHEAD:
            return
        self._leg.mic.speak(self._next, mulaw_encode(data))
        self._listen(data)
        self._next += frames

    def end(self) -> None:
        """The call is over; speech that it broke off is kept too."""
        if self._ears.speech_started is not None:
            self._keep(self._ears.speech_started, self._ears.seconds)

    def _begin(self) -> None:
        self._ears = Endpointer(CLOSING_SILENCE, LONGEST, LONGEST)
        self._heard = bytearray()
        self._since = 0.0

    def _listen(self, pcm: bytes) -> None:
        if not self._heard:
            self._since = max(0.0, self._next * FRAME_SECONDS - self._leg.answer_moment)
        self._heard += pcm
        if self._ears.feed(pcm).final:
            started, ended = self._ears.speech_started, self._ears.speech_ended
            if self._ears.verdict is not Verdict.NO_INPUT and started is not None:
                self._keep(started, ended if ended is not None else self._ears.seconds)
            self._begin()

    def _keep(self, started: float, ended: float) -> None:
        leg, first = self._leg, max(0.0, started - MARGIN)
        span = slice(*(int(moment / FRAME_SECONDS) * FRAME_BYTES for moment in (first, ended + MARGIN)))
        leg.audio.append(mulaw_encode(bytes(self._heard[span])))
        leg.said(
            "caller", f"〔说话 {ended - started:.1f} 秒〕", kind="say", at=self._since + started,
            audio=len(leg.audio) - 1,
        )  # fmt: skip
