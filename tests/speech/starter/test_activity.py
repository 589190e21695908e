"""The training of the voice-activity net: labels stand where the syllables are, and it learns."""

from pathlib import Path

import numpy as np
import pytest

from speech.starter import activity, units
from speech.voice_activity import DELAY, INPUTS, Net


@pytest.fixture
def shard(tmp_path: Path) -> Path:
    """Two utterances of a second: noise between 0.3 and 0.7 s, labelled as a final; and one of nothing."""
    rng = np.random.default_rng(1)
    audio = np.zeros(16000)
    audio[2400:5600] = rng.normal(size=3200) * 3000
    labels = np.zeros(196, np.int16)
    labels[29:69] = units.unit_pdfs("a1")[0]
    path = tmp_path / "shard.npz"
    np.savez(
        path,
        audio=audio.astype(np.int16),
        offsets=np.array([0, 8000, 16000]),
        labels=labels,
        label_offsets=np.array([0, 98, 196]),
    )
    return path


def test_a_sample_is_speech_where_its_syllable_is(shard: Path) -> None:
    pieces = list(activity.utterances([shard], np.random.default_rng(0)))
    wave, speech = max(pieces, key=lambda piece: piece[1].sum())
    assert [len(piece[0]) for piece in pieces] == [8000, 8000]
    assert min(int(piece[1].sum()) for piece in pieces) == 0
    assert speech.size == wave.size
    sounding = np.flatnonzero(np.abs(wave) > 0.02)
    spoken = np.flatnonzero(speech)
    assert abs(spoken[0] - sounding[0]) <= 80
    assert abs(spoken[-1] - sounding[-1]) <= 80


def test_the_wanted_answer_comes_as_late_as_the_net_gives_it() -> None:
    speech = np.zeros(16000, bool)
    speech[4800:8000] = True
    inputs, wanted = activity.inputs_of(np.zeros(16000, np.float32), speech)
    assert inputs.shape == (100, INPUTS)
    assert np.flatnonzero(wanted).tolist() == list(range(30 + DELAY, 50 + DELAY))


def test_streams_use_every_utterance_once(shard: Path) -> None:
    spoken = activity.utterances([shard, shard, shard], np.random.default_rng(0))
    streams = list(activity.streams(spoken, np.random.default_rng(2)))
    assert all(wave.size == speech.size for wave, speech in streams)
    assert sum(int(speech.sum()) for _, speech in streams) <= 3 * 3200


def test_training_learns_and_the_weights_survive_the_file(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    inputs = rng.normal(size=(1500, INPUTS)).astype(np.float32)
    wanted = (inputs[:, 40] + inputs[:, 90] > 0).astype(np.float32)
    net = activity.train(inputs, wanted, rng, steps=120)
    assert ((net.log_odds(inputs) > 0) == (wanted > 0)).mean() > 0.9
    path = tmp_path / "net.npz"
    activity.write(net, path)
    assert np.allclose(Net.load(path).log_odds(inputs), net.log_odds(inputs), atol=0.1)
