"""What the line does to a voice: levels and noises exact, codecs like codecs, all of it repeatable."""

from collections.abc import Callable

import numpy as np
import pytest

from speech.starter import augmentation, waves
from speech.starter.augmentation import Babble
from speech.starter.waves import Wave


def voice(seconds: float = 1.0) -> Wave:
    """A buzzing tone between two stretches of silence as long as itself."""
    count = round(seconds * 8000)
    buzz = 0.3 * np.sign(np.sin(2 * np.pi * 150 * np.arange(count) / 8000))
    return np.concatenate([np.zeros(count), buzz, np.zeros(count)]).astype(np.float32)


def generator(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_the_level_is_that_of_the_loud_parts() -> None:
    assert augmentation.active_rms(voice()) == pytest.approx(0.3, rel=0.01)
    loud = augmentation.at_active_level(voice(), -20)
    assert augmentation.active_rms(loud) == pytest.approx(0.1, rel=0.01)


def test_noise_comes_at_the_ratio_asked_for() -> None:
    noise = waves.coloured(5000, 1, generator())
    added = augmentation.add_noise(voice(), noise, 10) - voice()
    assert 20 * np.log10(0.3 / waves.rms(added)) == pytest.approx(10, abs=0.2)


def test_silence_stays_silence() -> None:
    nothing = np.zeros(4000, np.float32)
    assert not augmentation.at_active_level(nothing, -20).any()
    assert not augmentation.add_noise(nothing, voice(), 10).any()
    assert not augmentation.clip(nothing, 2).any()
    assert not augmentation.low_bitrate(nothing).any()


@pytest.mark.parametrize(
    ("codec", "least"), [(augmentation.mulaw, 30), (augmentation.alaw, 30), (augmentation.low_bitrate, 8)]
)
def test_a_codec_keeps_the_voice_and_adds_its_own_noise(codec: Callable[[Wave], Wave], least: float) -> None:
    through = codec(voice())
    assert through.shape == voice().shape
    error = waves.rms(through - voice()) / waves.rms(voice())
    assert 0 < error < 10 ** (-least / 20)


def test_alaw_is_finer_for_quiet_than_for_loud() -> None:
    loud = 0.3 * waves.coloured(8000, 0, generator()).clip(-3, 3)
    quiet = 0.01 * loud
    error = [waves.rms(augmentation.alaw(wave) - wave) for wave in (loud, quiet)]
    assert error[1] < error[0] / 15


def test_lost_packets_are_silent_or_repeated() -> None:
    steady = np.ones(80_000, np.float32)
    silent = augmentation.lose_packets(steady, 0.1, generator(), conceal=False)
    hidden = augmentation.lose_packets(steady, 0.1, generator(), conceal=True)
    assert (silent == 0).mean() == pytest.approx(0.1, abs=0.04)
    assert hidden[hidden != 1].max() <= 0.5
    assert (hidden == 1).mean() == pytest.approx(0.9, abs=0.04)


def test_overdriven_peaks_are_squashed() -> None:
    tone = np.sin(2 * np.pi * 300 * np.arange(4000) / 8000).astype(np.float32)
    squashed = augmentation.clip(tone, 0.5)
    crest = np.abs(squashed).max() / waves.rms(squashed)
    assert crest < 1.25 < 1.41


def test_the_band_of_a_line_loses_what_lies_outside() -> None:
    time = np.arange(8000) / 8000
    low, middle = np.sin(2 * np.pi * 50 * time), np.sin(2 * np.pi * 1000 * time)
    assert waves.rms(waves.band_pass(low.astype(np.float32), 300, 3400)) < 0.05
    assert waves.rms(waves.band_pass(middle.astype(np.float32), 300, 3400)) == pytest.approx(0.707, abs=0.02)


def test_a_room_goes_on_sounding() -> None:
    heard = augmentation.reverberate(voice(), 0.3, 0.5, generator())
    assert waves.rms(heard[16000:16800]) > 0.02
    assert waves.rms(heard[:8000]) < 1e-6


def test_a_trembling_voice_is_never_louder() -> None:
    steady = np.ones(8000, np.float32)
    shaken = augmentation.tremble(steady, 5, 0.5)
    assert shaken.max() <= 1
    assert shaken.min() == pytest.approx(0.5, abs=0.01)


def test_a_sound_is_laid_in_at_its_place_and_level() -> None:
    cough = waves.coloured(800, 0, generator())
    out = augmentation.lay_in(voice(), cough, 1000, -6)
    np.testing.assert_array_equal(out[8000:], voice()[8000:])
    assert augmentation.active_rms(out[1000:1800]) == pytest.approx(0.15, rel=0.05)
    assert augmentation.lay_in(voice(), cough, 10**6, 0) is not None
    assert augmentation.lay_in(voice(), cough, 23_900, 0).size == voice().size


def test_a_bad_line_is_repeatable_and_clipped() -> None:
    for seed in range(25):
        first = augmentation.bad_line(voice(0.5), generator(seed))
        assert first.dtype == np.float32
        assert first.shape == voice(0.5).shape
        assert np.abs(first).max() <= 1
        np.testing.assert_array_equal(first, augmentation.bad_line(voice(0.5), generator(seed)))


def test_levels_of_a_bad_line_spread_from_loud_to_very_quiet() -> None:
    levels = [
        augmentation.active_rms(augmentation.bad_line(voice(0.3), generator(seed))) for seed in range(80)
    ]
    decibels = 20 * np.log10(levels)
    assert decibels.min() < -34
    assert decibels.max() > -17


def test_babble_mixes_what_was_said_before_and_forgets_the_oldest() -> None:
    babble = Babble([], most=3)
    for _ in range(10):
        babble.add(voice(0.2), generator())
    assert len(babble.voices) == 3
    assert babble.mix(5000, generator()).size == 5000
    with pytest.raises(ValueError, match=r"high|low"):
        Babble([]).mix(100, generator())
