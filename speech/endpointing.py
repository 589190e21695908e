"""When has the caller finished? End-of-speech detection of our own, in seconds of audio, never of the clock.

Each 20 ms frame gives a level within the speech band (hum lies below it) and a yes or no to "has it a pitch?".
The noise floor is the lowest smoothed level of the last two seconds, so steady noise raises it and speech, which
always has gaps, does not. Speech *starts* when enough frames stand clear of the floor, have a pitch and are no
steady tone; the last second is judged again with each new floor, because someone may be speaking when the line
opens. Speech *goes on* while frames stand clear of the floor and not too far below the speaker's own level:
a television in the background doesn't hold the line.
"""

import enum
from collections import deque

import numpy as np
import numpy.typing as npt

from app.errors import AudioError
from speech.audio import FRAME_BYTES, FRAME_SAMPLES, FRAME_SECONDS, SAMPLE_RATE

_BAND = (300.0, 3400.0)
_PITCH = (65.0, 400.0)
_PITCHED = 0.45
"""Height of the autocorrelation's peak from which a frame counts as voiced."""
_WINDOW = 2 * FRAME_SAMPLES
_FFT = 512
_QUIETEST_DB = -66.0
"""No floor is taken for lower than this (dBFS in the band): mu-law silence is digitally silent."""
_FLOOR_FRAMES = 100
_START_MARGIN_DB = 9.0
_HOLD_MARGIN_DB = 7.0
_BELOW_SPEAKER_DB = 25.0
_SYLLABLE_DB = 12.0
_LOOK_BACK = 50
_MIN_ACTIVE, _MIN_PITCHED = 5, 3
_UNPITCHED_ACTIVE = 24
_STEADY_DB = 1.5
_HOLD_NEED, _HOLD_OF = 3, 4

_FREQUENCIES = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE)
_IN_BAND = np.abs(_FREQUENCIES - sum(_BAND) / 2) <= (_BAND[1] - _BAND[0]) / 2
_HANN = np.hanning(_WINDOW)
_SCALE = 2.0 / (float(np.sum(_HANN**2)) * _FFT)
_LAGS = slice(int(SAMPLE_RATE / _PITCH[1]), int(SAMPLE_RATE / _PITCH[0]) + 1)


def _taper() -> npt.NDArray[np.float64]:
    spectrum = np.abs(np.fft.rfft(_HANN, _FFT)) ** 2
    correlation = np.fft.irfft(spectrum)
    return np.asarray(correlation / correlation[0])[_LAGS]


_TAPER = _taper()


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
        self._previous = np.zeros(FRAME_SAMPLES)
        self._levels: deque[float] = deque(maxlen=_FLOOR_FRAMES)
        self._smooth: deque[float] = deque(maxlen=_FLOOR_FRAMES)
        self._pitched: deque[bool] = deque(maxlen=_LOOK_BACK)
        self._recent: deque[bool] = deque(maxlen=_HOLD_OF)
        self._speaker = _QUIETEST_DB

    @property
    def seconds(self) -> float:
        """Audio judged so far."""
        return round(self._frames * FRAME_SECONDS, 2)

    def feed(self, pcm: bytes) -> Verdict:
        """PCM16 8 kHz; meant for 20 ms frames, other lengths are cut into such. After a final verdict: no change."""
        if len(pcm) % 2:
            raise AudioError(f"16-bit audio needs an even number of bytes, got {len(pcm)}")
        data = self._rest + pcm
        position = 0
        while len(data) - position >= FRAME_BYTES and not self.verdict.final:
            self._judge(np.frombuffer(data, "<i2", FRAME_SAMPLES, position).astype(np.float64) / 32768)
            position += FRAME_BYTES
        self._rest = b"" if self.verdict.final else data[position:]
        return self.verdict

    def _judge(self, frame: npt.NDArray[np.float64]) -> None:
        level, pitched = self._measure(frame)
        self._frames += 1
        self._levels.append(level)
        self._pitched.append(pitched)
        recent = list(self._levels)[-3:]
        self._smooth.append(sum(recent) / len(recent))
        floor = max(_QUIETEST_DB, min(self._smooth))
        if self.speech_started is None:
            self._look_for_start(floor)
        else:
            self._go_on(level, floor)

    def _measure(self, frame: npt.NDArray[np.float64]) -> tuple[float, bool]:
        """Level in the band in dBFS, and whether the last 40 ms have a pitch."""
        window = np.concatenate((self._previous, frame)) * _HANN
        self._previous = frame
        power = np.abs(np.fft.rfft(window, _FFT)) ** 2 * _IN_BAND
        energy = float(power.sum()) * _SCALE
        if energy < 1e-11:
            return -110.0, False
        correlation = np.fft.irfft(power)
        peak = float(np.max(correlation[_LAGS] / _TAPER)) / float(correlation[0])
        return 10 * float(np.log10(energy)), peak > _PITCHED

    def _look_for_start(self, floor: float) -> None:
        levels = np.array(list(self._levels)[-_LOOK_BACK:])
        active = levels > floor + _START_MARGIN_DB
        pitched = active & np.array(self._pitched)
        if self._is_speech(levels, active, pitched):
            indices = np.flatnonzero(active)
            first = self._frames - len(levels) + self._segment_start(active)
            # The level looks at 40 ms: the frame before may already hold the first sound.
            self.speech_started = round(max(0, first) * FRAME_SECONDS, 2)
            self.speech_ended = round((self._frames - len(levels) + int(indices[-1]) + 1) * FRAME_SECONDS, 2)
            self._speaker = float(np.percentile(levels[active], 80))
            self._recent.extend(bool(a) for a in active[-_HOLD_OF:])
            self.verdict = Verdict.SPEAKING
        elif self.seconds >= self._no_input - 1e-9:
            self.verdict = Verdict.NO_INPUT

    @staticmethod
    def _is_speech(
        levels: npt.NDArray[np.float64], active: npt.NDArray[np.bool_], pitched: npt.NDArray[np.bool_]
    ) -> bool:
        for window, need, of in ((12, _MIN_PITCHED, pitched), (30, _UNPITCHED_ACTIVE, active)):
            for end in range(len(levels), 0, -window // 2):
                span = slice(max(0, end - window), end)
                if active[span].sum() < _MIN_ACTIVE or of[span].sum() < need:
                    continue
                low, high = np.percentile(levels[span][active[span]], (20, 80))
                if high - low >= _STEADY_DB:
                    return True
        return False

    @staticmethod
    def _segment_start(active: npt.NDArray[np.bool_]) -> int:
        """The first active frame that is not a lone click."""
        indices = np.flatnonzero(active)
        for index in indices:
            if active[index : index + _HOLD_OF].sum() >= _HOLD_NEED:
                return int(index)
        return int(indices[0])

    def _go_on(self, level: float, floor: float) -> None:
        active = level > max(floor + _HOLD_MARGIN_DB, self._speaker - _BELOW_SPEAKER_DB)
        self._recent.append(active)
        if active and sum(self._recent) >= _HOLD_NEED:
            self.speech_ended = self.seconds
            # The level of the syllables, not of what lies between them: up at once, down slowly.
            if level > self._speaker:
                self._speaker += (level - self._speaker) * 0.3
            elif level > self._speaker - _SYLLABLE_DB:
                self._speaker += (level - self._speaker) * 0.005
        now = self.seconds
        if self.speech_ended is not None and now - self.speech_ended >= self._closing - 1e-9:
            self.verdict = Verdict.ENDED
        elif self.speech_started is not None and now - self.speech_started >= self._max_length - 1e-9:
            self.verdict = Verdict.TOO_LONG
