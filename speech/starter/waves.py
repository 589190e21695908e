"""Small signal tools on float32 samples from −1 to 1 at 8 kHz; numpy only.

Filters work on the whole recording by FFT, without delay.
"""

import math

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 8000
Wave = npt.NDArray[np.float32]
_SILENCE_DBFS = -120.0
_FLAT_BELOW = 50.0


def seconds_to_samples(seconds: float) -> int:
    return max(1, round(seconds * SAMPLE_RATE))


def rms(wave: Wave) -> float:
    return math.sqrt(float(np.mean(np.square(wave, dtype=np.float64)))) if wave.size else 0.0


def dbfs(wave: Wave) -> float:
    """RMS level against full scale; −120 for silence."""
    level = rms(wave)
    return max(_SILENCE_DBFS, 20 * math.log10(level)) if level > 0 else _SILENCE_DBFS


def at_level(wave: Wave, level: float) -> Wave:
    """Scaled to the RMS `level` in dBFS, whatever that clips later; silence stays silence."""
    now = rms(wave)
    return wave if now == 0 else (wave * np.float32(10 ** (level / 20) / now)).astype(np.float32)


def coloured(count: int, slope: float, generator: np.random.Generator) -> Wave:
    """Noise whose power falls with frequency as f^−slope (0 white, 1 pink, 2 brown) from 50 Hz on, RMS 1.

    Flat below: otherwise most of a brown noise would lie where no telephone carries it, and it would be none.
    """
    if count < 2:
        return np.zeros(count, np.float32)
    spectrum = np.fft.rfft(generator.standard_normal(count))
    spectrum[0] = 0
    hertz = np.maximum(np.fft.rfftfreq(count, 1 / SAMPLE_RATE), _FLAT_BELOW)
    noise = np.fft.irfft(spectrum * hertz ** (-slope / 2), count)
    return np.asarray(noise / (noise.std() + 1e-12), np.float32)


def band_pass(wave: Wave, low: float, high: float, order: int = 2) -> Wave:
    """Butterworth magnitudes from `low` to `high` Hz; 0 and 4000 leave that side open."""
    if wave.size < 2:
        return wave
    hertz = np.fft.rfftfreq(wave.size, 1 / SAMPLE_RATE)
    gain = np.ones(hertz.size)
    if low > 0:
        gain /= np.sqrt(1 + (low / np.maximum(hertz, 1e-3)) ** (2 * order))
    if high < SAMPLE_RATE / 2:
        gain /= np.sqrt(1 + (hertz / high) ** (2 * order))
    return np.fft.irfft(np.fft.rfft(wave) * gain, wave.size).astype(np.float32)


def convolve(wave: Wave, response: Wave) -> Wave:
    """The first `wave.size` samples of the convolution."""
    size = 1 << (wave.size + response.size - 1).bit_length()
    product = np.fft.rfft(wave, size) * np.fft.rfft(response, size)
    return np.fft.irfft(product, size)[: wave.size].astype(np.float32)


def room(seconds: float, share: float, generator: np.random.Generator) -> Wave:
    """A room's answer to a click: the click itself, then noise dying away by 60 dB in `seconds`.

    `share` is the power of the echo against the direct sound.
    """
    count = seconds_to_samples(seconds)
    echo = generator.standard_normal(count) * np.exp(-6.9 * np.arange(count) / count)
    echo *= math.sqrt(share / (float(np.square(echo).sum()) + 1e-12))
    echo[0] = 1.0
    return echo.astype(np.float32)


def glide(points: npt.ArrayLike, count: int) -> npt.NDArray[np.float64]:
    """`count` values along straight lines through evenly spaced points."""
    values = np.asarray(points, np.float64)
    return np.interp(np.linspace(0, values.size - 1, count), np.arange(values.size), values)


def fade(wave: Wave, samples: int) -> Wave:
    """Softened at both ends, so that a sound laid into another doesn't click."""
    samples = min(samples, wave.size // 2)
    if samples == 0:
        return wave
    ramp = np.linspace(0, 1, samples, dtype=np.float32)
    out = wave.copy()
    out[:samples] *= ramp
    out[-samples:] *= ramp[::-1]
    return out
