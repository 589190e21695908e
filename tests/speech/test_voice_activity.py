"""What the net of voice activity is given, and that it tells a voice from noise."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

from speech import audio
from speech.voice_activity import DELAY, INPUTS, WEIGHTS, Features, Floats, Net, net

Samples = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Frame:
    level: float
    pitch: float
    inputs: Floats


def frames_of(samples: Samples, at_once: int = 1) -> list[Frame]:
    features, found = Features(), []
    whole = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    for at in range(0, len(whole), at_once):
        part = features.feed(whole[at : at + at_once])
        found += [Frame(*one) for one in zip(part.levels, part.pitches, part.inputs, strict=True)]
    return found


@pytest.fixture
def words(say: Callable[..., bytes]) -> Samples:
    return audio.to_samples(say("三栋二单元路灯不亮了")).astype(np.float64) / 32768


def test_how_loud_somebody_speaks_makes_no_difference(words: Samples) -> None:
    line = np.random.default_rng(1).normal(size=len(words)) * 1e-2
    loud, quiet = frames_of(words + line), frames_of((words + line) / 10**0.5)
    for one, other in zip(loud, quiet, strict=True):
        assert other.level == pytest.approx(one.level - 10, abs=0.1)
        assert np.allclose(other.inputs, one.inputs, atol=0.05)


@pytest.mark.parametrize("at_once", [3, 50, 1000])
def test_frames_may_come_one_by_one_or_together(words: Samples, at_once: int) -> None:
    sound = np.concatenate((np.zeros(480), words, np.zeros(9600)))
    for one, other in zip(frames_of(sound), frames_of(sound, at_once), strict=True):
        assert (one.level, one.pitch) == pytest.approx((other.level, other.pitch))
        assert np.allclose(one.inputs, other.inputs, atol=1e-5)


def test_a_tone_has_a_pitch_and_noise_has_none() -> None:
    tone = np.sin(2 * np.pi * 200 * np.arange(8000) / 8000) + np.sin(2 * np.pi * 400 * np.arange(8000) / 8000)
    noise = np.random.default_rng(2).normal(size=8000)
    assert min(frame.pitch for frame in frames_of(0.1 * tone)[2:]) > 0.9
    assert np.mean([frame.pitch for frame in frames_of(0.1 * noise)]) < 0.45


def test_a_steady_sound_from_the_beginning_is_no_onset() -> None:
    noise = 0.1 * np.random.default_rng(3).normal(size=16000)
    inputs = np.array([frame.inputs for frame in frames_of(noise)])
    assert np.abs(inputs[1:40].mean(axis=0) - inputs[60:].mean(axis=0)).max() < 0.5


def test_digital_silence_is_level_and_finite() -> None:
    last = frames_of(np.zeros(1600))[-1]
    assert (last.level, last.pitch) == (-110.0, 0.0)
    assert np.isfinite(last.inputs).all()


def test_the_answer_is_for_the_frame_some_frames_back(words: Samples) -> None:
    silence = np.zeros(8000)
    odds = net().log_odds(np.array([f.inputs for f in frames_of(np.concatenate((silence, words, silence)))]))
    judged = odds[DELAY:]
    speech = slice(52, 48 + len(words) // 160)
    assert (judged[speech] > 0).mean() > 0.8
    assert (judged[:48] > 0).mean() < 0.05
    assert (judged[speech.stop + 6 :] > 0).mean() < 0.05


def test_one_frame_and_many_get_the_same_answer() -> None:
    inputs = np.random.default_rng(4).normal(size=(5, INPUTS)).astype(np.float32)
    assert np.allclose(net().log_odds(inputs), [net().log_odds(row) for row in inputs], atol=1e-4)


def test_the_built_in_weights_fit_and_are_small() -> None:
    assert WEIGHTS.stat().st_size < 25_000
    assert Net.load().layers[0][0].shape[0] == INPUTS
