"""The engine with a model of the other kind: 16 kHz features and one static graph, as the large full models have."""

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import vosk

from app.errors import SpeechModelError
from app.settings import load_settings
from speech import audio
from speech.model_check import check
from speech.starter.features import WIDE, Filterbank
from speech.vosk_engine import VoskEngine
from tests.speech.conftest import hear, over_the_line
from tests.support.made_model import make_model


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> VoskEngine:
    return VoskEngine.load(make_model(tmp_path_factory.mktemp("wide"), bank=WIDE, static=True))


def test_it_is_reported_as_what_it_is(wide: VoskEngine) -> None:
    assert check(wide.files.path).summary().endswith("16000 Hz, no phrase lists")
    assert wide.sample_rate == 16000


def test_audio_of_the_line_is_resampled_to_the_rate_of_the_model(
    wide: VoskEngine, say: Callable[..., bytes]
) -> None:
    """The same as if somebody had recorded at 16 kHz: same words, same times."""
    pcm = over_the_line(say("三栋二单元路灯不亮了"))
    heard = hear(wide, pcm)
    direct = vosk.KaldiRecognizer(wide._model, 16000.0)
    direct.SetWords(True)
    sound = audio.StreamResampler(8000, 16000).feed(pcm, last=True)
    results = []
    for start in range(0, len(sound), 3200):
        if direct.AcceptWaveform(sound[start : start + 3200]):
            results.append(json.loads(direct.Result()))
    results.append(json.loads(direct.FinalResult()))
    words = [word for result in results for word in result.get("result", ())]
    assert heard.words and [word.text for word in heard.words] == [word["word"] for word in words]
    for ours, theirs in zip(heard.words, words, strict=True):
        assert ours.end == pytest.approx(theirs["end"], abs=0.05)
    assert heard.words[-1].end <= audio.seconds_of(pcm) + 0.03  # a frame of the net


def test_words_are_heard_through_a_static_graph_at_16_khz(tmp_path: Path, say: Callable[..., bytes]) -> None:
    """The starter's net, whose bands are the same at 16 kHz, in a graph of the other kind."""
    path = make_model(tmp_path, bank=Filterbank(sample_rate=16000), static=True)
    net = Path("am") / "final.mdl"
    shutil.copy(load_settings({}).speech_model / net, path / net)
    engine = VoskEngine.load(path)
    for text in ("三栋二单元路灯", "不是", "没有", "不满意"):
        assert hear(engine, over_the_line(say(text))).text == text


def test_phrase_lists_are_ignored_without_harm(wide: VoskEngine, say: Callable[..., bytes]) -> None:
    pcm = over_the_line(say("没有"))
    assert wide.sayable(["没有", "满意"]) == ()
    assert hear(wide, pcm, ["没有", "满意"]) == hear(wide, pcm)


def test_its_vocabulary_still_says_what_it_can_never_hear(wide: VoskEngine) -> None:
    assert wide.unsayable(["没有", "取消", "好了"]) == ("取消",)
    assert [phrase.words for phrase in wide.segmented(["是的"])[0]] == [("是", "的")]


def test_audio_at_a_rate_that_the_model_refuses_is_an_error_and_not_the_end(wide: VoskEngine) -> None:
    """A configuration read wrongly: the library throws, and the caller gets a sentence."""
    mistaken = VoskEngine(dataclasses.replace(wide.files, sample_rate=8000), wide._model)
    recogniser = mistaken.recogniser()
    with pytest.raises(SpeechModelError, match="sample rate"):
        recogniser.accept(audio.silence(1.0))
    assert hear(wide, audio.silence(0.5)).words is not None


def test_flat_layout_of_old_models_is_loaded(tmp_path: Path, wide: VoskEngine) -> None:
    source = wide.files.path
    for old, new in (
        ("am/final.mdl", "final.mdl"),
        ("conf/fbank.conf", "fbank.conf"),
        ("graph/HCLG.fst", "HCLG.fst"),
        ("graph/words.txt", "words.txt"),
        ("graph/phones/word_boundary.int", "word_boundary.int"),
    ):
        (tmp_path / new).write_bytes((source / old).read_bytes())
    (tmp_path / "ivector").mkdir()
    assert check(tmp_path, try_load=False).usable
