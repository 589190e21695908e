from pathlib import Path

import pytest

from app.errors import SettingsError
from speech.starter.dictionary import Dictionary, dictionary, frequent_words, widened
from speech.starter.lexicon import Lexicon, lexicon

NARROW = Lexicon(
    {"坏了": ("huai4", "le5"), "灯": ("deng1",), "蹬": ("deng1",), "一": ("yi1",), "二": ("er4",)},
    {"deng1": "灯"},
)


@pytest.fixture(scope="module")
def small() -> Dictionary:
    return widened(
        NARROW, {"路灯": 6.0, "路": 7.0, "灯坏": 1.0, "坏": 7.0, "了": 9.0, "灯": 5.0, "坏了": 8.0}
    )


def test_frequent_words_join_those_of_the_lexicon(small: Dictionary) -> None:
    assert small.sounds["路灯"] == ("lu4", "deng1")
    assert small.sounds["坏了"] == NARROW.words["坏了"]
    assert set(NARROW.words) < set(small.sounds) == set(small.weights)
    assert sum(small.frequencies().values()) == pytest.approx(1.0)


def test_the_likeliest_cut_wins_not_the_longest_word(small: Dictionary) -> None:
    assert small.cut("路灯坏了，坏") == ("路灯", "坏了", "坏")


def test_digits_and_unknown_characters_are_cut_by_their_sound(small: Dictionary) -> None:
    assert small.cut("2路灯") == ("二", "路灯")
    assert small.cut("登坏了") == ("灯", "坏了")
    assert small.cut("?!") == ()


def test_third_tones_change_within_a_word() -> None:
    assert widened(NARROW, {"水桶": 4.0}).sounds["水桶"] == ("shui2", "tong3")


def test_a_syllable_that_our_units_cannot_spell_is_no_word() -> None:
    assert "呣" not in widened(NARROW, {"呣": 4.0}).sounds


def test_the_dictionary_of_the_checkout_covers_daily_speech() -> None:
    words = dictionary()
    assert set(lexicon().words) <= set(words.sounds)
    assert words.cut("外墙往里渗水，被子都潮了") == ("外墙", "往", "里", "渗水", "被子", "都", "潮", "了")
    assert words.weights["我们"] > words.weights["知道"] > words.weights["拐杖"]


@pytest.mark.parametrize("line", ["灯", "灯,x", "abc,1.0", "灯1,2.0", ",1.0"])
def test_a_damaged_list_names_its_line(line: str, tmp_path: Path) -> None:
    path = tmp_path / "frequent_words.csv"
    path.write_text(f"# comment\n我,9.0\n{line}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"frequent_words\.csv:3"):
        frequent_words(path)
