"""The whole lexicon with a net of chance: what `jiachang model build` writes before anything was learnt."""

from pathlib import Path

import numpy as np
import pytest

from speech.phrasebook import KINDS, phrasebook, phrases
from speech.starter import corpus, netfile
from speech.starter.acoustic import Layer
from speech.starter.card import Facts, card
from speech.starter.dictionary import dictionary
from speech.starter.export import Tuning, acoustic_model, export
from speech.starter.lexicon import lexicon
from speech.starter.model_dir import Decoding
from speech.starter.scoring import KINDS as SCORED
from speech.starter.scoring import Score
from speech.starter.units import PDFS, SIL, pdf_of
from speech.vosk_engine import VoskEngine
from tests.support.made_model import random_net


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("net") / "net.npz"
    counts = np.arange(PDFS, dtype=np.float64)
    netfile.save(path, random_net().layers, counts)
    return path


@pytest.fixture(scope="module")
def engine(net: Path, tmp_path_factory: pytest.TempPathFactory) -> VoskEngine:
    directory = tmp_path_factory.mktemp("export")
    said = corpus.said(dictionary(), lexicon(), seed=1, lines=200)
    export(directory, net, dictionary(), said, corpus.character_weights(lexicon()))
    return VoskEngine.load(directory)


def test_a_net_survives_its_file(net: Path) -> None:
    layers, counts = netfile.load(net)
    for mine, theirs in zip(random_net().layers, layers, strict=True):
        assert isinstance(theirs, Layer)
        assert (mine.offsets, mine.rectified) == (theirs.offsets, theirs.rectified)
        assert np.array_equal(mine.weights, theirs.weights)
        assert np.array_equal(mine.bias, theirs.bias)
    assert counts[3] == 3


def test_priors_sum_to_one_and_silence_can_be_made_likelier(net: Path) -> None:
    silence = pdf_of(SIL, 0)
    plain, patient = acoustic_model(net), acoustic_model(net, silence_prior=0.5)
    assert plain.priors.sum() == pytest.approx(1.0, abs=0.01)
    assert plain.priors.min() > 0
    assert patient.priors[silence] == pytest.approx(plain.priors[silence] / 2)


def test_the_engine_knows_every_word_of_the_dictionary(engine: VoskEngine) -> None:
    assert len(dictionary().sounds) > 10_000
    assert not [word for word in dictionary().sounds if not engine._find(word)]


def test_whatever_may_be_answered_can_be_listened_for(engine: VoskEngine) -> None:
    for kind in (*KINDS, "digits", "place"):
        assert engine.unsayable(phrasebook().phrases(kind) or ()) == (), kind


def test_every_open_syllable_has_a_weight() -> None:
    weights = corpus.character_weights(lexicon())
    assert set(weights) == set(lexicon().characters.values())
    assert sum(weights.values()) > 10_000


def test_the_card_tells_scores_and_limits(net: Path) -> None:
    facts = Facts(12.5, 15000, 5000, 2000, 3900, 1200, 3.21, 0.02)
    scores = [Score(kind, noise, 90, 120) for kind in SCORED for noise in (None, 10.0)]
    text = card(facts, acoustic_model(net), Decoding(), scores)
    assert text.count("75.0 % of 120") == 2 * len(SCORED)
    for fact in (
        "Scores: synthetic voices only",
        "12.5 hours",
        "3.2 MB",
        "2,700 words",
        "isn't meant for real callers",
    ):
        assert fact in text


def test_tuning_reaches_the_files(net: Path, tmp_path: Path) -> None:
    decoding = Decoding(acoustic_scale=0.55, beam=9.0)
    export(tmp_path, net, dictionary(), [], corpus.character_weights(lexicon()), Tuning(decoding=decoding))
    conf = (tmp_path / "conf" / "model.conf").read_text().splitlines()
    assert {"--acoustic-scale=0.55", "--beam=9.0", "--endpoint.silence-phones=1"} <= set(conf)


def test_digits_are_rewarded_but_for_one_that_begins_answers() -> None:
    rewards = Tuning().rewards
    assert set(rewards) == set(phrases("digits") or ()) & {*"零幺二两三四五六七八九"}
    assert min(rewards.values()) > 0
