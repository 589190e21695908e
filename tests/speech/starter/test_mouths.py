"""The crude throat: harmonics of its pitch, stronger near its resonances."""

import numpy as np
import pytest

from speech.starter import mouths


def test_a_voice_has_harmonics_of_its_pitch_only() -> None:
    spectrum = np.abs(np.fft.rfft(mouths.voiced(np.full(8000, 200.0), [(700, 200), (1500, 300)])))
    harmonics = np.arange(200, 3801, 200)
    assert np.square(spectrum[harmonics]).sum() > 0.98 * np.square(spectrum).sum()
    assert spectrum[600:801:200].max() > 3 * spectrum[3000:3801:200].max()


@pytest.mark.parametrize("count", [2, 79, 800, 24000])
def test_mumbling_has_the_length_asked_for_and_is_repeatable(count: int) -> None:
    first, again = (mouths.mumble(count, 120, 4, np.random.default_rng(4)) for _ in range(2))
    assert first.size == count
    assert np.isfinite(first).all()
    np.testing.assert_array_equal(first, again)
