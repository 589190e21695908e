"""Does a frame sound like somebody speaking? A small net over what the last half second and two seconds sounded like.

Each 20 ms frame gives the levels of 16 mel bands, a level within the speech band (hum lies below it) and the height
of the pitch peak. The net sees bands and pitch of every other of the last 24 frames, and per band the lowest and the
mean level of the last two seconds, all against the loudest of them: how loud somebody speaks doesn't matter. Its
answer is for the frame `DELAY` frames back, so that it knows what came after it.

The weights are in `voice_activity.npz`, made by `python -m speech.starter.activity` from made voices and made
sounds (speech/starter/nonspeech.py); nothing is known about human voices. Hence `speech.endpointing` takes
the net's word for where speech is, and keeps in mind what it may have missed.
"""

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech.audio import FRAME_SAMPLES, SAMPLE_RATE

Floats = npt.NDArray[np.float32]

DELAY = 8
"""Frames that the net wants to hear behind the one that it judges."""
BANDS = 16
CONTEXT, _EVERY = 24, 2
LONG = 100
INPUTS = (BANDS + 1) * (CONTEXT // _EVERY) + 2 * BANDS + 1
WEIGHTS = Path(__file__).with_name("voice_activity.npz")

_SPEECH_BAND = (300.0, 3400.0)
_MEL_BAND = (150.0, 3700.0)
_PITCH = (65.0, 400.0)
_WINDOW = 2 * FRAME_SAMPLES
_FFT = 512
_SILENCE_DB = -110.0
_QUIETEST_DB = -90.0  # of a band: what lies below is as good as silent
_LOUDEST_AT_LEAST_DB = -75.0  # the dust of an empty line must not look like a voice
_RANGE_DB = 50.0
_SCALE_DB = 20.0

_HANN = np.hanning(_WINDOW)
_FREQUENCIES = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE).astype(np.float64)
_POWER = 2.0 / (float(np.sum(_HANN**2)) * _FFT)
_IN_BAND = (np.abs(_FREQUENCIES - sum(_SPEECH_BAND) / 2) <= (_SPEECH_BAND[1] - _SPEECH_BAND[0]) / 2) * 1.0
_LONG_ROWS = np.arange(LONG)
_LAGS = slice(int(SAMPLE_RATE / _PITCH[1]), int(SAMPLE_RATE / _PITCH[0]) + 1)


def _taper() -> npt.NDArray[np.float64]:
    """The window's own autocorrelation, by which that of the windowed sound is divided (Boersma 1993)."""
    correlation = np.fft.irfft(np.abs(np.fft.rfft(_HANN, _FFT)) ** 2)
    return np.asarray(correlation / correlation[0])[_LAGS]


def _mel(hertz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return 1127.0 * np.log1p(hertz / 700.0)


def _triangles() -> npt.NDArray[np.float64]:
    """[FFT bins, BANDS]: the weight of each bin of the power spectrum in each band, evenly spaced in mel."""
    mel = _mel(_FREQUENCIES)
    low, high = _mel(np.array(_MEL_BAND))
    feet = np.linspace(float(low), float(high), BANDS + 2)[:, None]
    rising = (mel - feet[:-2]) / (feet[1:-1] - feet[:-2])
    falling = (feet[2:] - mel) / (feet[2:] - feet[1:-1])
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)).T)


_TAPER, _TRIANGLES = _taper(), _triangles()


@dataclass(frozen=True, slots=True)
class Frames:
    """Of each frame, `levels`: dBFS in the speech band; `pitches`: height of the autocorrelation's peak, 1 for a steady
    tone; `inputs`: what the net is given, float32 [frames, INPUTS].
    """

    levels: npt.NDArray[np.float64]
    pitches: npt.NDArray[np.float64]
    inputs: Floats


class Features:
    """One stream's frames. Several at once cost little more than one: most of it is the calls, not the numbers."""

    def __init__(self) -> None:
        self._previous = np.zeros((1, FRAME_SAMPLES))
        self._past: Floats | None = None  # bands and pitch of the last LONG - 1 frames

    def feed(self, frames: npt.NDArray[np.float64]) -> Frames:
        """[frames, 160] samples within ±1."""
        sound = np.concatenate((self._previous, frames))
        self._previous = frames[-1:]
        windows = np.concatenate((sound[:-1], sound[1:]), axis=1)
        spectrum = np.fft.rfft(windows * _HANN, _FFT)
        power = spectrum.real**2 + spectrum.imag**2
        levels, pitches = self._levels_and_pitches(power * _IN_BAND)
        bands = 10 * np.log10(power @ _TRIANGLES * _POWER + 10 ** (_QUIETEST_DB / 10))
        return Frames(levels, pitches, self._inputs(np.column_stack((bands, pitches)).astype(np.float32)))

    @staticmethod
    def _levels_and_pitches(
        power: npt.NDArray[np.float64],
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        energy = power.sum(axis=1) * _POWER
        silent = energy < 10 ** (_SILENCE_DB / 10)
        correlation = np.fft.irfft(power)
        peaks = (correlation[:, _LAGS] / _TAPER).max(axis=1)
        pitches = np.minimum(peaks / np.where(silent, 1.0, correlation[:, 0]), 1.0)
        levels = 10 * np.log10(np.where(silent, 1.0, energy))
        return np.where(silent, _SILENCE_DB, levels), np.where(silent, 0.0, pitches)

    def _inputs(self, rows: Floats) -> Floats:
        # Before the first frame it sounded as in it: a line that hums from the start isn't an onset.
        past = self._past if self._past is not None else np.repeat(rows[:1], LONG - 1, axis=0)
        every = np.concatenate((past, rows))
        self._past = every[-LONG + 1 :]
        windows = every[np.arange(len(rows))[:, None] + _LONG_ROWS]  # [frames, LONG, BANDS + 1]
        recent = windows[:, LONG - CONTEXT + _EVERY - 1 :: _EVERY]
        top = np.maximum(recent[:, :, :BANDS].max(axis=(1, 2)), np.float32(_LOUDEST_AT_LEAST_DB))
        lowest, mean = windows[:, :, :BANDS].min(axis=1), windows.sum(axis=1) / np.float32(LONG)
        return _scaled(np.concatenate((recent.reshape(len(rows), -1), lowest, mean), axis=1), top[:, None])


_IS_PITCH = np.zeros(INPUTS, bool)
_IS_PITCH[BANDS : (BANDS + 1) * (CONTEXT // _EVERY) : BANDS + 1] = True
_IS_PITCH[-1] = True


def _scaled(inputs: Floats, top: Floats) -> Floats:
    """Levels against the loudest, both kinds of numbers about ±1."""
    levels = np.maximum(inputs - top, np.float32(-_RANGE_DB)) / np.float32(_SCALE_DB)
    half = np.float32(_RANGE_DB / _SCALE_DB / 2)
    return np.where(_IS_PITCH, inputs - np.float32(0.3), levels + half)


class Net:
    """Three layers, rectified; `layers` are (weights [inputs, outputs], biases) in float32."""

    def __init__(self, layers: list[tuple[Floats, Floats]]) -> None:
        self.layers = layers

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> "Net":
        with np.load(path, allow_pickle=False) as file:
            return cls(
                [(file[f"w{n}"].astype(np.float32), file[f"b{n}"].astype(np.float32)) for n in (1, 2, 3)]
            )

    def log_odds(self, inputs: Floats) -> Floats:
        """Of speech against no speech, for one frame [INPUTS] or many [frames, INPUTS]."""
        out = inputs
        for n, (weights, biases) in enumerate(self.layers):
            out = out @ weights + biases
            if n < len(self.layers) - 1:
                out = np.maximum(out, 0)
        return out[..., 0]


@functools.cache
def net() -> Net:
    """The built-in weights, read once a process."""
    return Net.load()
