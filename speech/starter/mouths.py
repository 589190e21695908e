"""A crude throat: harmonics of a pitch through resonances. For barks and crowds, not for words."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from speech.starter import waves
from speech.starter.waves import SAMPLE_RATE, Wave

_TOP = 3900.0
_STEP = 80
"""Samples between two values of a resonance's gain; in between it is interpolated."""

_MOST_HARMONICS = 40


def voiced(pitch: npt.NDArray[np.float64], formants: Sequence[tuple[float, float]]) -> Wave:
    """A pitch in Hz a sample through fixed resonances, each (centre, width) in Hz."""
    centres = np.array([[centre] for centre, _ in formants])
    widths = np.array([[width] for _, width in formants])
    return _sing(pitch, centres, widths)


def _sing(
    pitch: npt.NDArray[np.float64], centres: npt.NDArray[np.float64], widths: npt.NDArray[np.float64]
) -> Wave:
    """`centres` and `widths` are [formants, moments]; the moments spread evenly over the samples."""
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    moments = np.linspace(0, pitch.size - 1, max(2, pitch.size // _STEP)).astype(int)
    place = np.linspace(0, centres.shape[1] - 1, moments.size)
    known = np.arange(centres.shape[1])
    middle = np.stack([np.interp(place, known, row) for row in centres])
    width = np.stack([np.interp(place, known, np.broadcast_to(row, known.shape)) for row in widths])
    out = np.zeros(pitch.size)
    for harmonic in range(1, min(_MOST_HARMONICS, int(_TOP / max(float(pitch.min()), 20.0))) + 1):
        hertz = harmonic * pitch[moments]
        gain = (1 / (1 + ((hertz - middle) / width) ** 2)).sum(axis=0) / harmonic**0.5
        gain[hertz > _TOP] = 0
        out += np.interp(np.arange(pitch.size), moments, gain) * np.sin(harmonic * phase)
    return out.astype(np.float32)


def mumble(count: int, pitch: float, syllables: float, generator: np.random.Generator) -> Wave:
    """`count` samples of something like speech: vowels gliding into each other, hisses and pauses.

    `pitch` in Hz, `syllables` a second. The vowels and the order are random: no language, no words.
    """
    number = max(2, round(count / SAMPLE_RATE * syllables))
    melody = waves.glide(pitch * generator.uniform(0.8, 1.25, number + 1), count)
    centres = np.stack(
        [
            generator.uniform(250, 850, number * 2),
            generator.uniform(850, 2300, number * 2),
            generator.uniform(2300, 3300, number * 2),
        ]
    )
    vowels = _sing(melody, centres, np.array([[70.0], [100.0], [160.0]]))
    shape = generator.uniform(0, 1, number * 4)
    shape[generator.random(number * 4) < 0.2] = 0
    hisses = waves.band_pass(waves.coloured(count, 0, generator), 1500, 3800)
    hissing = np.maximum(0, generator.uniform(-1.5, 1, number * 4))
    voice = vowels / (waves.rms(vowels) + 1e-9) * waves.glide(shape, count)
    return (voice + 0.5 * hisses * waves.glide(hissing, count)).astype(np.float32)
