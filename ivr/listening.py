"""One turn's listening: frames and keys in, an outcome out. Time is counted in audio; no I/O here."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from speech.audio import FRAME_BYTES, FRAME_SAMPLES, FRAME_SECONDS, seconds_of, to_samples
from speech.endpointing import Endpointer, Verdict

KEY_PAUSE = 3.0  # seconds after the last key until the entry counts as complete
NOISE_DBFS = -42.0
"""A line is quieter than this: who stays above it for a second may be speaking under a noise that hides the voice."""
_NOISE_POWER = (32768 * 10 ** (NOISE_DBFS / 20)) ** 2
NOISE_SECONDS = 1.0
_MARK_GRACE = 2.0  # a carrier that never returns the mark must not hold the turn for ever
BURST_SECONDS = 0.6
"""A cough, a bark or a door is shorter; a word may be as well, so it takes a recogniser to tell them apart."""
BURSTS = 2  # in a turn; whoever mumbles is asked again and not left waiting


class Ended(StrEnum):
    SPEECH = "speech"
    KEYS = "keys"
    SILENCE = "silence"
    HANGUP = "hangup"


@dataclass(frozen=True, slots=True)
class ListenSpec:
    """How an answer is taken; seconds of audio. `num_digits` 0 takes no keys, and 0-9*# come one at a time."""

    keys: str
    num_digits: int
    closing_silence: float
    no_input: float
    max_length: float


class Listening:
    """Until the prompt has been heard nothing counts as silence; what is said during it counts as said."""

    def __init__(self, spec: ListenSpec, prompt_seconds: float) -> None:
        self.spec = spec
        self.ended: Ended | None = None
        self.keys = ""
        self.frames = 0  # received so far; at the end: the frame that decided
        self._prompt_left = prompt_seconds + _MARK_GRACE if prompt_seconds else 0.0
        self._since_key = 0.0
        self._loud = 0.0  # seconds above NOISE_DBFS while nothing was being played
        self._waited = 0.0  # seconds since the prompt was over
        self._bursts: list[float] = []  # seconds of each sound after which the turn went on
        self._ear = self._fresh_ear()

    def _fresh_ear(self) -> Endpointer:
        left = max(FRAME_SECONDS, self.spec.no_input - self._waited)
        return Endpointer(self.spec.closing_silence, left, self.spec.max_length)

    @property
    def prompting(self) -> bool:
        return self._prompt_left > 1e-6  # what is left over of many frames

    @property
    def speaking(self) -> bool:
        """Speech has begun (and may have ended)."""
        return self._ear.speech_started is not None

    @property
    def quiet(self) -> float:
        """Seconds since the last speech; 0 before it has begun."""
        return self._ear.quiet

    @property
    def spoke(self) -> bool:
        """Something was heard: speech, or a noise so loud that a person should listen."""
        return self.speaking or bool(self._bursts) or self._loud >= NOISE_SECONDS

    @property
    def speech_seconds(self) -> float:
        started, ended = self._ear.speech_started, self._ear.speech_ended
        if started is None or ended is None:
            return max([self._loud] if self._loud >= NOISE_SECONDS else [0.0, *self._bursts])
        return max(0.0, ended - started)

    @property
    def doubtful(self) -> bool:
        """No speech was found, but sounds with a pitch: worth a recogniser's opinion."""
        return self._ear.doubtful

    @property
    def may_go_on(self) -> bool:
        """A short sound and the closing silence ended the turn, and there is time left to wait for words."""
        return (
            self.ended is Ended.SPEECH
            and self._ear.verdict is Verdict.ENDED
            and self.speech_seconds < BURST_SECONDS
            and len(self._bursts) < BURSTS
            and self._waited < self.spec.no_input
        )

    def go_on(self) -> None:
        """The sound that ended the turn held no words: wait for some, no longer than without it."""
        if not self.may_go_on:
            raise ValueError("the turn has not ended by a short sound, or has no time left")
        self._bursts.append(self.speech_seconds)
        self.ended = None
        self._ear = self._fresh_ear()

    def prompt_done(self) -> None:
        """The last mark came back: from now on silence is counted."""
        if self.prompting:
            self._prompt_left = 0.0
            self._begin_waiting()

    def _begin_waiting(self) -> None:
        if not self.speaking:
            self._ear.wait_anew()

    @property
    def undecided(self) -> int:
        """Frames that may come, whatever they hold, before the turn can end or the prompt be over."""
        if self.keys:
            return _before(KEY_PAUSE - self._since_key)
        return min(self._ear.undecided, _before(self._prompt_left)) if self.prompting else self._ear.undecided

    def audio(self, pcm: bytes) -> Ended | None:
        """PCM16, whole frames of 20 ms."""
        position = 0
        while position < len(pcm) and self.ended is None:
            size = FRAME_BYTES * max(1, self.undecided)
            self._audio(pcm[position : position + size])
            position += size
        return self.ended

    def _audio(self, pcm: bytes) -> None:
        """One frame, or several that decide nothing."""
        seconds = seconds_of(pcm)
        if self.keys:
            self.frames += len(pcm) // FRAME_BYTES
            self._since_key += seconds
            if _before(KEY_PAUSE - self._since_key) < 0:
                self.ended = Ended.KEYS
            return
        if self.prompting:
            self._prompt_left -= seconds
            if not self.prompting:
                self._begin_waiting()
        else:
            self._waited += seconds
            self._loud += FRAME_SECONDS * _loud_frames(pcm)
        judged = self._ear.frames
        verdict = self._ear.feed(pcm)
        self.frames += self._ear.frames - judged
        if verdict is Verdict.NO_INPUT:
            if self.prompting:
                self._ear = self._fresh_ear()
            else:
                self.ended = Ended.SPEECH if self.spoke else Ended.SILENCE
        elif verdict in (Verdict.ENDED, Verdict.TOO_LONG):
            self.ended = Ended.SPEECH

    def key(self, digit: str) -> Ended | None:
        """A key ends speech at once: whoever presses has decided. `#` closes a longer entry."""
        if self.ended or not digit:
            return self.ended
        self._prompt_left = 0.0
        self._since_key = 0.0
        if digit == "#" and self.spec.num_digits > 1:
            self.ended = Ended.KEYS if self.keys else None
        elif digit in self.spec.keys:
            self.keys += digit
            # 0 alone asks for a person even where a number is awaited: that is decided by the flow after the pause
            if len(self.keys) >= max(1, self.spec.num_digits):
                self.ended = Ended.KEYS
        return self.ended

    def hang_up(self) -> Ended:
        """The line is gone: what was said or pressed so far is the result."""
        if self.ended is None:
            self.ended = Ended.HANGUP
        return self.ended


def _before(seconds: float) -> int:
    """Whole frames that end before then; -1 if it is past."""
    return math.ceil(seconds / FRAME_SECONDS - 1e-6) - 1


def _loud_frames(pcm: bytes) -> int:
    samples = to_samples(pcm).astype(np.float64).reshape(-1, FRAME_SAMPLES)
    return int((np.square(samples).mean(axis=1) > _NOISE_POWER).sum())
