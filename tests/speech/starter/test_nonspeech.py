"""Sounds without words: repeatable, of the length and level asked for, apart for training and testing."""

import numpy as np
import pytest

from speech.starter import nonspeech, waves
from speech.starter.nonspeech import KINDS, Draw
from speech.starter.voices import Split


def strongest(wave: waves.Wave) -> float:
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(wave.size)))
    return float(np.argmax(spectrum)) * 8000 / wave.size


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_repeatable_and_within_range(kind: str) -> None:
    wave = nonspeech.make(kind, 7, "train", 1.5)
    assert wave.dtype == np.float32
    assert wave.size == 12000
    assert np.abs(wave).max() <= 1
    np.testing.assert_array_equal(wave, nonspeech.make(kind, 7, "train", 1.5))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "silence"])
def test_seeds_and_splits_give_different_sounds_that_can_be_heard(kind: str) -> None:
    made = [
        nonspeech.make(kind, *which, 1.5) for which in ((7, "train"), (8, "train"), (7, "test"), (7, "dev"))
    ]
    assert len({wave.tobytes() for wave in made}) == 4
    assert all(-75 < waves.dbfs(wave) < -5 for wave in made)


def test_silence_is_below_a_codecs_smallest_steps() -> None:
    assert all(waves.dbfs(nonspeech.make("silence", seed, "test")) < -70 for seed in range(10))


@pytest.mark.parametrize("seconds", [0.001, 0.02, 0.3, 6.0])
@pytest.mark.parametrize("kind", KINDS)
def test_any_length_is_possible(kind: str, seconds: float) -> None:
    assert nonspeech.make(kind, 1, "test", seconds).size == round(seconds * 8000)


def test_parameters_of_training_and_testing_never_meet() -> None:
    drawn: dict[Split, list[float]] = {"train": [], "test": []}
    for split, values in drawn.items():
        for seed in range(400):
            values.append(Draw("x", seed, split).within(0, 100))
    train, test = np.array(drawn["train"]), np.array(drawn["test"])
    assert ((train <= 35) | ((train >= 55) & (train <= 85))).all()
    assert (((test >= 35) & (test <= 55)) | (test >= 85)).all()
    assert (train > 60).any()
    assert (train < 30).any()
    assert (test > 90).any()
    assert (test < 50).any()


def test_ringback_is_the_chinese_tone_with_pauses() -> None:
    loud = [nonspeech.make("ringback", seed, "test", 6.0) for seed in range(5)]
    for wave in loud:
        assert 420 < strongest(wave) < 480
        frames = np.abs(wave).reshape(-1, 400).max(axis=1)
        assert (frames > 0.3 * frames.max()).mean() < 0.65
        assert (frames > 0.3 * frames.max()).any()


def test_hum_is_mains() -> None:
    for seed in range(5):
        hertz = strongest(nonspeech.make("hum", seed, "test", 3.0))
        assert abs(hertz / 50 - round(hertz / 50)) < 0.1


def test_dtmf_holds_a_row_and_a_column() -> None:
    wave = nonspeech.make("dtmf", 3, "test", 2.0)
    spectrum = np.abs(np.fft.rfft(wave))
    hertz = np.fft.rfftfreq(wave.size, 1 / 8000)
    keys = spectrum[((hertz > 650) & (hertz < 1000)) | ((hertz > 1150) & (hertz < 1550))]
    assert np.square(keys).sum() > 0.8 * np.square(spectrum).sum()


def test_television_is_far_away() -> None:
    for seed in range(6):
        wave = nonspeech.make("television", seed, "test", 2.0)
        assert waves.dbfs(wave) < -31
        spectrum = np.square(np.abs(np.fft.rfft(wave)))
        assert spectrum[spectrum.size * 3 // 4 :].sum() < 0.02 * spectrum.sum()


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        nonspeech.make("elephant", 1, "test")
