"""When has the caller finished? End-of-speech detection of our own, in seconds of audio, never of the clock.

Two things make a frame speech: it stands clear of the noise floor, and it sounds like a voice (voice_activity.py).
The floor is the lowest smoothed level of the last two seconds, so steady noise raises it and speech, which always
has gaps, does not. Speech *starts* when the frames of a syllable together sound like a voice; the last second is
judged again with each new floor, because someone may be speaking when the line opens. Speech *goes on* while
frames that may be a voice stand clear of the floor and not too far below the speaker's own level: neither a dog nor
a television in the background holds the line.

How a frame sounds is known `DELAY` frames later. The closing silence is longer, so no turn ends later for it,
except that a sound in its last moments is waited for.
"""

import enum
import math
from collections import deque

import numpy as np
import numpy.typing as npt

from app.errors import AudioError
from speech.audio import FRAME_BYTES, FRAME_SAMPLES, FRAME_SECONDS
from speech.voice_activity import DELAY, Features, net

_QUIETEST_DB = -66.0
"""No floor is taken for lower than this (dBFS in the band): mu-law silence is digitally silent."""
_FLOOR_FRAMES = 100
_START_MARGIN_DB = 4.0
_HOLD_MARGIN_DB = 5.0
_BELOW_SPEAKER_DB = 25.0
_SYLLABLE_DB = 12.0
_LOOK_BACK = 50
_SYLLABLE = 6
"""Frames over which the voice's log odds are averaged: a short syllable."""
_SURE = 0.4
"""Mean log odds from which a syllable is speech."""
_MAYBE = -1.5
"""Log odds from which a frame may belong to speech that was found beside it."""
_LIMIT = 4.0
"""No single frame counts for more."""
_GAP = 15
"""Frames without voice inside one piece of speech, when its beginning is looked for."""
_MEAN = np.full(_SYLLABLE, 1 / _SYLLABLE)
_STEADY_DB = 1.5
_GRACE = 0.5  # seconds
_HOLD_NEED, _HOLD_OF = 3, 4
_PITCHED = 0.45
_AT_ONCE = 50
_DOUBTFUL_FRAMES = 8

Bools = npt.NDArray[np.bool_]


class Verdict(enum.Enum):
    WAITING = "waiting"
    SPEAKING = "speaking"
    ENDED = "ended"
    NO_INPUT = "no_input"
    TOO_LONG = "too_long"

    @property
    def final(self) -> bool:
        """Nothing that comes later changes it."""
        return self not in (Verdict.WAITING, Verdict.SPEAKING)


class Endpointer:
    """One listening turn.

    `closing_silence`: seconds without speech after which the caller has finished; `no_input`: seconds to
    wait for the first sound; `max_length`: seconds from the start of speech.
    """

    def __init__(self, closing_silence: float, no_input: float, max_length: float) -> None:
        if min(closing_silence, no_input, max_length) <= 0:
            raise ValueError("closing_silence, no_input and max_length are seconds above zero")
        self._closing, self._no_input, self._max_length = closing_silence, no_input, max_length
        self.verdict = Verdict.WAITING
        self.speech_started: float | None = None
        self.speech_ended: float | None = None
        self._rest = b""
        self._frames = 0
        self._waiting_since = 0.0
        self._features, self._net = Features(), net()
        self._levels: deque[float] = deque(maxlen=_LOOK_BACK + DELAY)
        self._smooth: deque[float] = deque(maxlen=_FLOOR_FRAMES)
        self._voices: deque[float] = deque(maxlen=_LOOK_BACK)  # log odds; the last is of DELAY frames ago
        self._recent: deque[bool] = deque(maxlen=_HOLD_OF)
        self._speaker = _QUIETEST_DB
        self._pitched = 0

    @property
    def seconds(self) -> float:
        """Audio judged so far."""
        return round(self._frames * FRAME_SECONDS, 2)

    @property
    def frames(self) -> int:
        """Frames judged so far: after a final verdict, the one that decided is the last of them."""
        return self._frames

    @property
    def quiet(self) -> float:
        """Seconds since the end of the last speech; 0 before any was found."""
        return 0.0 if self.speech_ended is None else self.seconds - self.speech_ended

    @property
    def doubtful(self) -> bool:
        """No speech was found, but sounds with a pitch were: a voice of an unknown kind is one explanation."""
        return self.speech_started is None and self._pitched >= _DOUBTFUL_FRAMES

    def wait_anew(self) -> None:
        """The prompt is over: `no_input` counts from now. A word that has just begun isn't lost."""
        self._waiting_since, self._pitched = self.seconds, 0

    def feed(self, pcm: bytes) -> Verdict:
        """PCM16 8 kHz, any length; judged in frames of 20 ms. After a final verdict: no change."""
        if len(pcm) % 2:
            raise AudioError(f"16-bit audio needs an even number of bytes, got {len(pcm)}")
        data = self._rest + pcm
        position = 0
        while (count := min(_AT_ONCE, (len(data) - position) // FRAME_BYTES)) and not self.verdict.final:
            samples = np.frombuffer(data, "<i2", count * FRAME_SAMPLES, position).astype(np.float64) / 32768
            self._judge(samples.reshape(count, FRAME_SAMPLES))
            position += count * FRAME_BYTES
        self._rest = b"" if self.verdict.final else data[position:]
        return self.verdict

    @property
    def undecided(self) -> int:
        """Frames that may come, whatever they hold, before the verdict can be final: judged together they cost a third.

        Only who is found late, with words of a second ago, has finished sooner.
        """
        if self.speech_started is None:
            left = -self._late
        else:
            ended = self._closing - (self.seconds - (self.speech_ended or 0.0))
            left = min(ended, self._max_length - (self.seconds - self.speech_started))
        return max(0, math.ceil(left / FRAME_SECONDS - 1e-6) - 1)

    def _judge(self, samples: npt.NDArray[np.float64]) -> None:
        """[frames, 160], until one of them is final."""
        frames = self._features.feed(samples)
        odds = np.clip(self._net.log_odds(frames.inputs), -_LIMIT, _LIMIT).tolist()
        for level, pitch, odd in zip(frames.levels.tolist(), frames.pitches.tolist(), odds, strict=True):
            self._judge_frame(level, pitch, odd)
            if self.verdict.final:
                return

    def _judge_frame(self, level: float, pitch: float, odds: float) -> None:
        self._frames += 1
        self._levels.append(level)
        recent = list(self._levels)[-3:]
        self._smooth.append(sum(recent) / len(recent))
        floor = max(_QUIETEST_DB, min(self._smooth))
        if self._frames > DELAY:
            self._voices.append(odds)
        if self.speech_started is None:
            self._pitched += pitch > _PITCHED and level > floor + _START_MARGIN_DB
            self._look_for_start(floor)
        else:
            self._go_on(floor)

    def _look_for_start(self, floor: float) -> None:
        if self._voices and max(self._voices) >= _SURE and self._starts(floor):
            self.verdict = Verdict.SPEAKING
        elif self._late >= -1e-9 and not self._may_be_starting(floor):
            self.verdict = Verdict.NO_INPUT

    @property
    def _late(self) -> float:
        """Seconds since the time to wait was over."""
        return self.seconds - self._waiting_since - self._no_input

    def _starts(self, floor: float) -> bool:
        voices, levels = np.array(self._voices), np.array(self._levels)
        clear = levels > floor + _START_MARGIN_DB
        place = _syllable(np.where(clear[: len(voices)], voices, -_LIMIT))
        if place is None or _is_steady(levels[place:], clear[place:]):
            return False
        voiced = clear[: len(voices)] & (voices > _MAYBE)
        first, last = _piece(voiced, place + int(voiced[place:].argmax()))
        before = self._frames - DELAY - len(voices)
        self.speech_started = round((before + first) * FRAME_SECONDS, 2)
        self.speech_ended = round((before + last + 1) * FRAME_SECONDS, 2)
        self._speaker = float(np.percentile(levels[first : last + 1][voiced[first : last + 1]], 80))
        self._recent.extend(bool(v) for v in voiced[-_HOLD_OF:])
        return True

    def _may_be_starting(self, floor: float) -> bool:
        """Something sounds right now: who begins in the last moment isn't cut off."""
        latest = list(self._levels)[-_HOLD_NEED:]
        return min(latest) > floor + _START_MARGIN_DB and self._late < _GRACE

    def _go_on(self, floor: float) -> None:
        """Judges the frame of DELAY frames ago."""
        level = self._levels[-1 - DELAY]
        needed = max(floor + _HOLD_MARGIN_DB, self._speaker - _BELOW_SPEAKER_DB)
        active = level > needed and self._voices[-1] > _MAYBE
        self._recent.append(active)
        judged = round((self._frames - DELAY) * FRAME_SECONDS, 2)
        if active and sum(self._recent) >= _HOLD_NEED:
            self.speech_ended = judged
            # The level of the syllables, not of what lies between them: up at once, down slowly.
            if level > self._speaker:
                self._speaker += (level - self._speaker) * 0.3
            elif level > self._speaker - _SYLLABLE_DB:
                self._speaker += (level - self._speaker) * 0.005
        now = self.seconds
        if self.speech_ended is not None and now - self.speech_ended >= self._closing - 1e-9:
            unheard = list(self._smooth)[-DELAY + 2 :]
            may_be_voice = max(unheard) > needed and judged - self.speech_ended < self._closing
            if not may_be_voice:
                self.verdict = Verdict.ENDED
        elif self.speech_started is not None and now - self.speech_started >= self._max_length - 1e-9:
            self.verdict = Verdict.TOO_LONG


def _syllable(odds: npt.NDArray[np.float64]) -> int | None:
    """The first frame of the likeliest syllable; None if no span sounds like one."""
    if len(odds) < _SYLLABLE:
        return None
    means = np.convolve(odds, _MEAN, "valid")
    place = int(means.argmax())
    return place if means[place] >= _SURE else None


def _is_steady(levels: npt.NDArray[np.float64], clear: Bools) -> bool:
    """A hum that has just begun looks like a vowel, but it goes on, and stays as loud as it is."""
    begins = int(clear.argmax())
    span = slice(begins, begins + _SYLLABLE + DELAY)
    low, high = np.percentile(levels[span], (20, 80))
    return bool(clear[span].all() and high - low < _STEADY_DB)


def _piece(voiced: Bools, anchor: int) -> tuple[int, int]:
    """First and last frame of the speech around `anchor`, backwards over short gaps; a lone click isn't part of it."""
    first = anchor
    for n in range(anchor - 1, -1, -1):
        if first - n > _GAP:
            break
        if voiced[n : n + _HOLD_OF].sum() >= _HOLD_NEED:
            first = n
    return first, int(np.flatnonzero(voiced)[-1])
