"""An answer in words that are not on the list is heard again without it."""

import pytest

from speech.engine import UNKNOWN, Recognition, Word
from speech.fake_engine import FakeEngine
from speech.turn_hearing import LIST_CONFIDENCE, Hearings, PhraseList, TurnRecogniser, hear_openly
from speech.voice import synthesise

YES_NO = PhraseList(("对", "不是", "没有问题"))
LISTED, OTHER = synthesise("对"), synthesise("可不就是嘛，你说得一点都没错")


@pytest.fixture
def engine() -> FakeEngine:
    engine = FakeEngine()
    engine.teach(LISTED, ("对",))
    engine.teach(OTHER, ("可不就是嘛",))
    return engine


def heard(engine: FakeEngine, admitted: PhraseList, pcm: bytes, *, again: bool = True) -> Hearings:
    recogniser = TurnRecogniser(engine, admitted)
    for at in range(0, len(pcm), 3200):
        recogniser.accept(pcm[at : at + 3200])
    return recogniser.finish(again=again)


def said(*words: tuple[str, float]) -> Recognition:
    return Recognition(tuple(Word(text, confidence, 0.0, 0.1) for text, confidence in words))


def test_an_answer_on_the_list_is_heard_once(engine: FakeEngine) -> None:
    found = heard(engine, YES_NO, LISTED)
    assert (found.found.text, found.openly, found.listed) == ("对", False, None)


def test_other_words_are_heard_again_openly_and_both_hearings_are_kept(engine: FakeEngine) -> None:
    found = heard(engine, YES_NO, OTHER)
    assert (found.found.text, found.openly) == ("可不就是嘛", True)
    saved = found.to_json()
    assert (saved["text"], saved["open"], saved["rejected"]) == ("可不就是嘛", True, False)
    assert saved["listed"] == {"text": "", "confidence": 1.0, "rejected": True, "words": [[UNKNOWN, 1.0]]}


def test_once_is_enough_where_there_was_doubt_that_anybody_spoke(engine: FakeEngine) -> None:
    found = heard(engine, YES_NO, OTHER, again=False)
    assert found.found.rejected and not found.openly


def test_where_anything_may_be_said_nothing_is_heard_twice(engine: FakeEngine) -> None:
    found = heard(engine, PhraseList(), OTHER)
    assert (found.found.text, found.openly, found.listed) == ("可不就是嘛", True, None)
    assert "listed" not in found.to_json()
    assert hear_openly(engine, OTHER) == found.found


def test_whoever_goes_on_after_all_is_heard_from_the_beginning(engine: FakeEngine) -> None:
    engine.teach(OTHER + LISTED, ("可不就是嘛", "对"))
    recogniser = TurnRecogniser(engine, PhraseList())
    recogniser.accept(OTHER)
    assert recogniser.finish().found.text == "可不就是嘛"
    recogniser.accept(LISTED)
    assert recogniser.finish().found.text == "可不就是嘛对"
    assert recogniser.finish().found.text == "可不就是嘛对", "asked again, it gives the same"


def test_no_audio_is_nothing(engine: FakeEngine) -> None:
    assert TurnRecogniser(engine, YES_NO).finish() == Hearings()
    assert Hearings().nothing and not Hearings().openly


@pytest.mark.parametrize(
    ("found", "fits"),
    [
        (said(("对", 0.9)), True),
        (said(("没有问题", 0.9)), True),
        (said(), False),
        (said((UNKNOWN, 1.0)), False),
        (said(("对", 1.0), (UNKNOWN, 1.0)), False),
        (said(("对", LIST_CONFIDENCE - 0.01)), False),
        (said(("不是", 0.9), ("没有问题", 0.9)), False),
        (said(("不是", 0.9), ("对", 0.9)), True),
        (said(("不是", 1.0), ("对", 0.5)), False),
        (said(("没有", 1.0), ("问题", 0.5)), True),
    ],
)
def test_listed_is_a_phrase_or_what_is_no_longer_and_sure_in_each_word(
    found: Recognition, fits: bool
) -> None:
    assert YES_NO.fits(found) is fits


def test_digits_may_be_strung_together() -> None:
    digits = PhraseList.of("number", "digits")
    assert digits.fits(said(*((digit, 0.9) for digit in "一零二四")))
    assert not digits.fits(said(("九", 0.5), *((digit, 1.0) for digit in "零二四")))
    assert digits.fits(said(*((word, 0.9) for word in "一千零二十四")))
    assert not digits.fits(said(*((word, 1.0) for word in "千幺零二四")))  # 编号一零二四
    assert PhraseList.of("rating", "rating").phrases and not PhraseList.of("rating", "rating").strung
    assert PhraseList.of("open", None) == PhraseList()


def test_a_cough_that_sounds_a_little_like_a_word_is_nothing() -> None:
    unsure, sure = said(("好", 0.4)), said(("得", 0.9))
    assert Hearings(unsure, openly=True, listed=said()).nothing
    assert not Hearings(sure, openly=True, listed=said()).nothing
    assert not Hearings(unsure, openly=True, listed=said((UNKNOWN, 1.0))).nothing
    assert not Hearings(unsure, openly=True).nothing
