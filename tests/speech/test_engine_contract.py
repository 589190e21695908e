"""What every engine keeps to, the real one and the one that tests and keyboards use."""

from collections.abc import Callable

import pytest

from app.errors import AudioError
from speech import audio
from speech.engine import Engine, Recognition, Word
from speech.fake_engine import FakeEngine
from speech.vosk_engine import VoskEngine
from tests.speech.conftest import hear, over_the_line

SENTENCE = "三栋二单元路灯不亮了"


@pytest.fixture(params=["vosk", "fake"])
def engine(request: pytest.FixtureRequest, vosk_engine: VoskEngine, say: Callable[..., bytes]) -> Engine:
    if request.param == "vosk":
        return vosk_engine
    fake = FakeEngine(vocabulary=frozenset("三栋二单元路灯不亮了是的没有满意一般转人工对好"))
    fake.teach(say(SENTENCE), ["三", "栋", "二", "单元", "路灯", "不亮了"])
    fake.teach(say("是的"), ["是的"])
    fake.teach(say("不满意"), ["不满意"])
    return fake


def test_sentence_is_heard_with_times_and_confidences(engine: Engine, say: Callable[..., bytes]) -> None:
    pcm = over_the_line(say(SENTENCE))
    heard = hear(engine, pcm)
    assert heard.text == SENTENCE
    assert 0.5 < heard.confidence <= 1.0
    assert not heard.rejected
    assert all(0.0 <= word.confidence <= 1.0 for word in heard.words)
    times = [time for word in heard.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert 0.0 < times[0] < times[-1] <= audio.seconds_of(pcm)


def test_phrase_of_the_list_is_accepted(engine: Engine, say: Callable[..., bytes]) -> None:
    heard = hear(engine, over_the_line(say("不满意")), ["满意", "一般", "不满意"])
    assert (heard.text, heard.rejected) == ("不满意", False)


def test_speech_outside_the_list_is_rejected(engine: Engine, say: Callable[..., bytes]) -> None:
    assert hear(engine, over_the_line(say(SENTENCE)), ["满意", "一般", "不满意"]).rejected


def test_silence_and_no_audio_are_nothing_heard(engine: Engine) -> None:
    for pcm in (b"", audio.silence(2.0)):
        heard = hear(engine, pcm)
        assert (heard.text, heard.confidence, heard.rejected) == ("", 0.0, False)


def test_empty_and_unsayable_lists_leave_recognition_open(engine: Engine, say: Callable[..., bytes]) -> None:
    for phrases in ([], ["★"], ["", " "]):
        assert hear(engine, over_the_line(say("是的")), phrases).text == "是的"


def test_what_cannot_be_said_is_named(engine: Engine) -> None:
    assert engine.unsayable(["是的", "hello", "hello"]) == ("hello",)


def test_finishing_twice_gives_the_same_and_audio_afterwards_is_an_error(
    engine: Engine, say: Callable[..., bytes]
) -> None:
    recogniser = engine.recogniser()
    recogniser.accept(over_the_line(say("是的")))
    first = recogniser.finish()
    assert recogniser.finish() == first
    assert recogniser.partial().text == first.text == "是的"
    with pytest.raises(RuntimeError):
        recogniser.accept(b"\0\0")


def test_audio_in_any_portions_gives_the_same_words(engine: Engine, say: Callable[..., bytes]) -> None:
    pcm = over_the_line(say(SENTENCE))
    whole, portions = engine.recogniser(), engine.recogniser()
    whole.accept(pcm)
    position = 0
    for size in [2, 0, 318, 4000, 1600] * 100:
        portions.accept(pcm[position : position + size])
        position += size
    assert portions.finish().text == whole.finish().text == SENTENCE


def test_half_a_sample_is_an_audio_error(engine: Engine) -> None:
    with pytest.raises(AudioError):
        engine.recogniser().accept(b"\0\0\0")


def test_recognition_leaves_unknown_sounds_out_of_its_text() -> None:
    heard = Recognition((Word("好", 0.9, 0, 1), Word("[unk]", 0.5, 1, 2), Word("了", 0.7, 2, 3)))
    assert (heard.text, heard.rejected, heard.confidence) == ("好了", True, pytest.approx(0.7))
