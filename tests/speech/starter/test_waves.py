"""Signal tools: exact levels, colours of noise, filters, fades."""

import numpy as np
import pytest

from speech.starter import waves
from speech.starter.waves import Wave


def tone(hertz: float, seconds: float = 1.0) -> Wave:
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * 8000)) / 8000).astype(np.float32)


def test_levels_are_those_of_full_scale() -> None:
    assert waves.dbfs(np.ones(100, np.float32)) == 0
    assert waves.dbfs(tone(1000)) == pytest.approx(-3.01, abs=0.01)
    assert waves.dbfs(np.zeros(10, np.float32)) == waves.dbfs(np.zeros(0, np.float32)) == -120
    assert waves.dbfs(waves.at_level(tone(300), -27)) == pytest.approx(-27, abs=0.01)


@pytest.mark.parametrize("slope", [0.0, 1.0, 2.0])
def test_noise_falls_with_frequency_as_asked(slope: float) -> None:
    noise = waves.coloured(160_000, slope, np.random.default_rng(1))
    power = np.square(np.abs(np.fft.rfft(noise)))
    hertz = np.fft.rfftfreq(noise.size, 1 / 8000)
    low, high = power[(hertz > 200) & (hertz < 400)].mean(), power[(hertz > 1600) & (hertz < 3200)].mean()
    assert 10 * np.log10(low / high) == pytest.approx(10 * slope * np.log10(8), abs=1.0)
    assert waves.rms(noise) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_noise_of_next_to_no_length(count: int) -> None:
    assert waves.coloured(count, 1, np.random.default_rng(1)).size == count


@pytest.mark.parametrize(("hertz", "passes"), [(60, False), (1000, True), (3900, False)])
def test_a_band_lets_its_middle_through(hertz: float, passes: bool) -> None:
    left = waves.rms(waves.band_pass(tone(hertz), 300, 3000, 4)) / waves.rms(tone(hertz))
    assert left > 0.95 if passes else left < 0.4


def test_an_open_side_is_not_filtered() -> None:
    np.testing.assert_allclose(waves.band_pass(tone(50), 0, 4000), tone(50), atol=1e-5)


def test_convolution_is_numpys() -> None:
    generator = np.random.default_rng(2)
    one, other = (generator.standard_normal(count).astype(np.float32) for count in (500, 60))
    np.testing.assert_allclose(waves.convolve(one, other), np.convolve(one, other)[:500], atol=1e-4)


def test_a_room_answers_with_the_sound_itself_first() -> None:
    answer = waves.room(0.2, 0.5, np.random.default_rng(3))
    assert answer[0] == 1
    assert np.square(answer[1:]).sum() == pytest.approx(0.5, abs=0.05)
    assert np.abs(answer[-100:]).max() < 0.01


def test_fades_end_in_silence_and_leave_the_middle() -> None:
    faded = waves.fade(np.ones(100, np.float32), 10)
    assert faded[0] == faded[-1] == 0
    assert (faded[10:90] == 1).all()
    assert waves.fade(np.ones(1, np.float32), 10).tolist() == [1]


def test_a_glide_goes_straight_from_point_to_point() -> None:
    np.testing.assert_allclose(waves.glide([0, 1, 0], 5), [0, 0.5, 1, 0.5, 0])
