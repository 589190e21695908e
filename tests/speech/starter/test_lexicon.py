"""The lexicon: hotline words with surface tones, every syllable writable, phrases all sayable."""

from pathlib import Path

import pytest

from app.errors import SettingsError
from speech.starter import lexicon as lexicon_module
from speech.starter.lexicon import is_syllable, lexicon, phrases, third_tones, unknown_parts


def test_every_syllable_of_every_word_can_be_spelled() -> None:
    assert [s for sound in lexicon().words.values() for s in sound if not is_syllable(s)] == []


def test_words_have_a_syllable_for_each_character() -> None:
    assert [word for word, sound in lexicon().words.items() if len(word) != len(sound)] == []


def test_there_are_several_hundred_hotline_words_and_all_common_syllables() -> None:
    found = lexicon()
    assert len([word for word in found.words if len(word) > 1]) > 1000
    assert len(found.characters) > 1100
    for syllable in ("shi4", "shi2", "si4", "bu4", "mei2", "xiong1", "qiong2", "lv4", "er4", "de5", "yao1"):
        assert found.words[found.characters[syllable]] == (syllable,)


@pytest.mark.parametrize(
    ("word", "sound"),
    [
        ("不是", "bu2 shi4"),
        ("不用", "bu2 yong4"),
        ("不行", "bu4 xing2"),
        ("一般", "yi4 ban1"),
        ("一下", "yi2 xia4"),
        ("可以", "ke2 yi3"),
        ("你好", "ni2 hao3"),
        ("着火", "zhao2 huo3"),
        ("幺", "yao1"),
        ("零", "ling2"),
        ("银行", "yin2 hang2"),
    ],
)
def test_words_sound_as_they_are_said(word: str, sound: str) -> None:
    assert " ".join(lexicon().words[word]) == sound


def test_before_a_third_tone_a_third_tone_sounds_like_the_second() -> None:
    assert third_tones(["ma3", "ma3", "ma3"]) == ("ma2", "ma2", "ma3")
    assert third_tones(["ma3", "ma1", "ma3"]) == ("ma3", "ma1", "ma3")


def test_every_phrase_of_the_phrase_files_can_be_said_as_it_is_written() -> None:
    found = lexicon()
    lost = [p for p in phrases() if len(p) <= 6 and "".join(found.cut(p) or ()) != p]
    assert lost == []


def test_danger_words_are_words() -> None:
    words = lexicon().words
    for word in ("着火", "冒烟", "煤气泄漏", "晕倒", "救命", "胸口疼", "喘不上气", "自杀", "小偷", "报警"):
        assert word in words


def test_a_text_is_cut_into_clauses_with_its_digits_spoken() -> None:
    assert lexicon().clauses("我家在3栋501，灯坏了！") == [
        ("我家", "在", "三", "栋", "五", "零", "幺"),
        ("灯", "坏了"),
    ]


def test_foreign_characters_are_written_by_their_sound() -> None:
    found = lexicon()
    cut = found.cut("饕餮")
    assert cut is not None
    assert "".join(cut) != "饕餮"
    assert [found.words[word] for word in cut] == [("tao1",), ("tie4",)]


@pytest.mark.parametrize("text", ["", "hello", "😀", "\x00"])
def test_what_holds_nothing_chinese_gives_no_clauses(text: str) -> None:
    assert lexicon().clauses(text) == []


def test_names_outside_lists_are_no_phrases(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        'name = "名字"\nsaid = ["灯坏了", "灯", "a灯"]\n[t]\nx = ["灯"]\n', "utf-8"
    )
    assert phrases(tmp_path) == ["灯", "灯坏了"]


@pytest.mark.parametrize(
    ("phrase", "words", "parts"),
    [
        ("路灯坏了", {"路灯", "坏了"}, []),
        ("充电桩冒烟", {"冒烟", "充电"}, ["桩"]),
        ("掉进河里了", {"河里", "了"}, ["掉进"]),
        ("火苗", {"火"}, ["火苗"]),
        ("化粪池溢出来", {"化"}, ["粪池溢出来"]),
    ],
)
def test_what_no_word_covers_becomes_a_word(phrase: str, words: set[str], parts: list[str]) -> None:
    assert unknown_parts(phrase, words) == parts


def test_a_reading_of_the_wrong_length_is_answered_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "words.toml"
    path.write_text('[words]\na = "着火"\n[readings]\n"着火" = "zhao2"\n', "utf-8")
    with pytest.raises(SettingsError, match=r"words\.toml, line \d.*着火"):
        lexicon_module.everyday(path)
