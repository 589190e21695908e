from collections.abc import Mapping, Sequence

import pytest

from speech.engine import Recognition, Word
from speech.starter.scoring import DIGITS, NO_SPEECH, SENTENCES, Sample, Score, errors, score


class Parrot:
    """Hears in a recording what it was told to."""

    name = "parrot"

    def __init__(self, words: Mapping[bytes, Sequence[str]]) -> None:
        self._words = words

    def recogniser(self, phrases: Sequence[str] | None = None) -> "Ear":
        return Ear(self._words)

    def unsayable(self, phrases: Sequence[str]) -> tuple[str, ...]:
        return ()


class Ear:
    def __init__(self, words: Mapping[bytes, Sequence[str]]) -> None:
        self._words, self._pcm = words, b""

    def accept(self, pcm: bytes) -> None:
        self._pcm += pcm

    def partial(self) -> str:
        return ""

    def finish(self) -> Recognition:
        return Recognition(tuple(Word(word, 1.0, 0.0, 1.0) for word in self._words[self._pcm]))


def scored(kind: str, *pairs: tuple[str, Sequence[str]]) -> Score:
    """Pairs of what was said and the words heard."""
    heard = {bytes([number, 0]) * 800: words for number, (_, words) in enumerate(pairs)}
    samples = [Sample(kind, said, None, pcm) for (said, _), pcm in zip(pairs, heard, strict=True)]
    (result,), _ = score(Parrot(heard), samples, list)
    return result


def test_a_choice_is_right_by_its_value_and_a_rejection_is_wrong() -> None:
    result = scored(
        "yes_no",
        ("对的", ["对的"]),
        ("对的", ["是的"]),
        ("对的", ["不是"]),
        ("对的", ["[unk]"]),
        ("对的", ["对的", "[unk]"]),
        ("对的", []),
    )
    assert (result.right, result.total) == (2, 6)


def test_digits_count_one_by_one_and_yao_is_one() -> None:
    result = scored(
        DIGITS, ("一二三四", ["幺", "二", "三", "四"]), ("一二三四", ["一", "二", "四"]), ("五六七八", [])
    )
    assert (result.right, result.total) == (4 + 3 + 0, 12)


def test_inserted_digits_are_errors_but_never_less_than_none_right() -> None:
    assert scored(DIGITS, ("一二", ["一", "二", "三", "四", "五", "六"])).right == 0


def test_any_word_in_a_recording_without_speech_is_wrong() -> None:
    result = scored(NO_SPEECH, ("", []), ("", ["啊"]))
    assert (result.right, result.total) == (1, 2)


def test_sentences_count_by_sound() -> None:
    result = scored(SENTENCES, ("路灯坏了", ["路灯", "坏"]))
    assert (result.right, result.total) == (3, 4)
    assert result.line().split()[:2] == ["sentences", "clean"]
    assert "75.0%" in result.line()


@pytest.mark.parametrize(
    ("heard", "said", "wrong"),
    [
        ("", "", 0),
        ("ab", "ab", 0),
        ("", "abc", 3),
        ("abc", "", 3),
        ("axc", "abc", 1),
        ("bc", "abc", 1),
        ("ba", "ab", 2),
    ],
)
def test_errors_are_the_fewest_edits(heard: str, said: str, wrong: int) -> None:
    assert errors(heard, said) == wrong
