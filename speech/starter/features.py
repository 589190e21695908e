"""Log-mel filterbank, the same numbers as Kaldi's `fbank` computes inside the engine; numpy alone.

The net is trained on these and decodes on Kaldi's, so they must agree (they do to 2e-5). Kaldi's recipe
(feature-window.cc, mel-computations.cc, feature-fbank.cc), with `--snip-edges=true --dither=0`:
windows of 25 ms every 10 ms wholly inside the signal; mean removed; pre-emphasis 0.97, the first sample with
itself; Hann window to the power 0.85 ("povey"); power spectrum of the next power of two, without its last bin;
triangles, linear in mel(f) = 1127 ln(1 + f/700), between `low` and `high`; natural logarithm, floored at float32's epsilon.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_FRAMES_PER_SECOND = 100
_WINDOW_SECONDS = 0.025
_PREEMPHASIS = 0.97
_POVEY_POWER = 0.85
_FLOOR = np.float32(np.finfo(np.float32).eps)
_BLOCK_FRAMES = 4096
"""Frames computed at once: bounds the memory for long recordings, 15 MB a block at 8 kHz."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Filterbank:
    """`sample_rate`, `low` and `high` in Hz; `low` and `high` are the outer feet of the first and last triangle."""

    sample_rate: int = 8000
    bins: int = 40
    low: float = 60.0
    high: float = 3800.0

    @property
    def hop(self) -> int:
        """Samples from one frame to the next."""
        return self.sample_rate // _FRAMES_PER_SECOND

    @property
    def window(self) -> int:
        """Samples a frame looks at."""
        return round(self.sample_rate * _WINDOW_SECONDS)

    @property
    def fft(self) -> int:
        return 1 << (self.window - 1).bit_length()

    def conf(self) -> str:
        """The text of `conf/fbank.conf`. Kaldi's default dither would make results unrepeatable."""
        return (
            f"--sample-frequency={self.sample_rate}\n--num-mel-bins={self.bins}\n--low-freq={self.low:g}\n"
            f"--high-freq={self.high:g}\n--use-energy=false\n--dither=0\n"
        )


TELEPHONE = Filterbank()
WIDE = Filterbank(sample_rate=16000, high=7600.0)


def frames(samples: int, bank: Filterbank = TELEPHONE) -> int:
    """How many frames come from so many samples."""
    return max(0, 1 + (samples - bank.window) // bank.hop)


def centres(count: int, bank: Filterbank = TELEPHONE) -> NDArray[np.float64]:
    """The middle of each frame, in samples from the start."""
    return np.arange(count, dtype=np.float64) * bank.hop + bank.window / 2


def fbank(samples: NDArray[np.int16] | Floats, bank: Filterbank = TELEPHONE) -> Floats:
    """`samples` in the range of 16-bit integers, mono, at the bank's rate. Gives [frames, bins]."""
    signal = np.ascontiguousarray(samples, np.float32)
    count = frames(len(signal), bank)
    if count == 0:
        return np.zeros((0, bank.bins), np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(signal, bank.window)[:: bank.hop]
    triangles, shape = _triangles(bank).T, _povey(bank.window)
    out = np.empty((count, bank.bins), np.float32)
    for start in range(0, count, _BLOCK_FRAMES):
        block = windows[start : start + _BLOCK_FRAMES].copy()
        block -= block.mean(axis=1, keepdims=True)
        before = np.concatenate((block[:, :1], block[:, :-1]), axis=1)
        block -= np.float32(_PREEMPHASIS) * before
        spectrum = np.fft.rfft(block * shape, bank.fft)[:, : bank.fft // 2]
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
        out[start : start + _BLOCK_FRAMES] = np.log(np.maximum(power @ triangles, _FLOOR))
    return out


def _povey(length: int) -> Floats:
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / (length - 1))
    return (hann**_POVEY_POWER).astype(np.float32)


def _mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1127.0 * np.log1p(hertz / 700.0)


def _triangles(bank: Filterbank) -> Floats:
    """[bins, fft/2]: the weight of each bin of the power spectrum in each band."""
    low, high = _mel(np.array([bank.low, bank.high]))
    step = (high - low) / (bank.bins + 1)
    mel = _mel(np.arange(bank.fft // 2) * bank.sample_rate / bank.fft)
    left = low + step * np.arange(bank.bins)[:, None]
    rising, falling = (mel - left) / step, (left + 2 * step - mel) / step
    weights: Floats = np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)
    return weights
