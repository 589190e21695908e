"""What the writers write, loaded and run by the real engine; the net's weights are chance."""

import numpy as np
import pytest

from speech.audio import to_pcm
from speech.engine import UNKNOWN
from speech.model_files import inspect
from speech.starter.features import TELEPHONE, WIDE, Filterbank
from speech.starter.model_dir import SUBSAMPLING
from speech.vosk_engine import VoskEngine
from tests.support.made_model import SAID, make_model

NOISE = to_pcm(np.random.default_rng(4).normal(size=24000) * 800)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> VoskEngine:
    return VoskEngine.load(make_model(tmp_path_factory.mktemp("made") / "telephone"))


def listen(engine: VoskEngine, phrases: list[str] | None = None) -> list[str]:
    recogniser = engine.recogniser(phrases)
    recogniser.accept(NOISE)
    return [word.text for word in recogniser.finish().words]


def test_every_word_is_known_to_the_engine_and_others_are_not(engine: VoskEngine) -> None:
    assert not [word for word in SAID if not engine._find(word)]
    assert not engine._find("电梯")
    assert engine._find(UNKNOWN)


def test_open_recognition_gives_words_of_the_vocabulary(engine: VoskEngine) -> None:
    heard = listen(engine)
    assert heard
    assert set(heard) <= set(SAID)


@pytest.mark.parametrize("phrases", [["好"], ["路灯"], ["一", "二", "三"]])
def test_a_phrase_list_is_obeyed(engine: VoskEngine, phrases: list[str]) -> None:
    heard = listen(engine, phrases)
    assert heard
    assert set(heard) <= {word for phrase in phrases for word in phrase.split()} | {UNKNOWN}


def test_decoding_and_writing_repeat_exactly(
    engine: VoskEngine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    first, second = (make_model(tmp_path_factory.mktemp("again") / name) for name in ("a", "b"))
    for path in sorted(p for p in first.rglob("*") if p.is_file()):
        assert path.read_bytes() == (second / path.relative_to(first)).read_bytes(), path.name
    assert listen(engine) == listen(VoskEngine.load(second))


@pytest.mark.parametrize("bank", [TELEPHONE, WIDE])
@pytest.mark.parametrize("static", [False, True])
def test_both_rates_and_both_kinds_of_graph_load(
    tmp_path_factory: pytest.TempPathFactory, bank: Filterbank, static: bool
) -> None:
    made = make_model(tmp_path_factory.mktemp("kind") / "m", bank=bank, static=static)
    files = inspect(made)
    assert (files.sample_rate, files.phrase_lists) == (bank.sample_rate, not static)
    assert files.score_seconds == pytest.approx(SUBSAMPLING / 100)
    assert set(listen(VoskEngine.load(made))) <= set(SAID)
