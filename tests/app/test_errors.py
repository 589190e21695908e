"""One sentence, said in any language: gaps, lists of names, and braces that are none."""

from datetime import UTC, datetime

import pytest

from app.errors import BadInput, JiachangError, Names, NotFound, TooManyTries, TransitionError
from app.texts.catalogue import SOURCE, translator


@pytest.mark.parametrize(
    ("locale", "says"),
    [(SOURCE, "没有 1024 号"), ("zh_Hant", "沒有 1024 號"), ("en", "There is no ticket 1024")],
)
def test_gaps_are_filled_in_every_language(locale: str, says: str) -> None:
    error = NotFound("没有 {n} 号", n=1024)
    assert str(error) == "没有 1024 号"
    assert error.said(translator(locale)) == says


def test_names_are_translated_one_by_one_and_listed_as_the_language_does() -> None:
    error = BadInput("原因只能是：{reasons}", reasons=Names(["电话", "短信"]))
    assert str(error) == "原因只能是：电话、短信"
    assert error.said(translator("en")) == "The reason is one of: Phone, Text message"


def test_what_somebody_typed_is_not_translated() -> None:
    error = BadInput("已经有一个叫“{name}”的，请换个名字", name="电话")
    assert "“电话”" in error.said(translator("en"))


@pytest.mark.parametrize("sentence", ["{", "TOML: {} expected", "没有翻译的 {n}"])
def test_a_sentence_without_gaps_stands_as_it_is(sentence: str) -> None:
    error = JiachangError(sentence)
    assert str(error) == error.said(translator("en")) == sentence


def test_errors_with_a_sentence_of_their_own_say_it_in_every_language() -> None:
    step = TransitionError("accept", "closed", ("reopen",))
    assert str(step) == "状态为 closed 时不能执行 accept；现在可以：reopen"
    assert step.said(translator("en")) == "Not possible while closed: accept. Possible now: reopen"
    wait = TooManyTries(datetime(2026, 11, 23, tzinfo=UTC))
    assert wait.said(translator("en")) == "Too many failed sign-ins, please try again in a while."
