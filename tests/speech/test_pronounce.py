import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.pinyin import homophones, readings, sounds
from speech.pronounce import clauses, espeak_text


@pytest.mark.parametrize(
    ("text", "pinyin"),
    [
        ("不是", "bu2 shi4"),
        ("不满意", "bu4 man3 yi4"),
        ("一般", "yi4 ban1"),
        ("一下", "yi2 xia4"),
        ("一单元", "yi1 dan1 yuan2"),
        ("路灯不亮了", "lu4 deng1 bu2 liang4 le5"),
        ("着火了", "zhao2 huo3 le5"),
        ("还有", "hai2 you3"),
        ("3栋", "san1 dong4"),
        ("1024", "yao1 ling2 er4 si4"),
        ("15分钟", "shi2 wu3 fen1 zhong1"),
        ("女士", "nv3 shi4"),
    ],
)
def test_words_are_said_with_their_surface_tones(text: str, pinyin: str) -> None:
    assert [" ".join(clause) for clause in clauses(text)] == [pinyin]


@pytest.mark.parametrize(
    ("text", "pinyin"),
    [("办得怎么样", "ban4 de5 zen3 me5 yang4"), ("觉得", "jue2 de5"), ("得到了", "de2 dao4 le5")],
)
def test_de_after_a_verb_has_no_tone(text: str, pinyin: str) -> None:
    assert " ".join(clauses(text)[0]) == pinyin


def test_espeak_is_told_the_sounds_of_what_it_would_read_as_english() -> None:
    assert espeak_text([["ni3", "hao3"], ["xiong1", "kou3"]]) == "ni3 hao3, [[S;j'ong55]] kou3"
    assert espeak_text([["qiong2"], ["jiong3"]]) == "[[tS;hj'ong35]], [[tS;j'ong214]]"


def test_punctuation_parts_clauses_and_other_marks_are_left_out() -> None:
    assert clauses("您好，请说 ABC！😀") == [["nin2", "hao3"], ["qing3", "shuo1"]]
    assert clauses("abc 😀 \x00") == []


@given(st.text(alphabet=st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF), max_size=20))
def test_every_character_gets_exactly_one_syllable(han: str) -> None:
    assert sum(map(len, clauses(han))) == len(han)


def test_characters_know_their_usual_readings() -> None:
    assert readings("爪") == {"zhao", "zhua"}
    assert "fu" not in readings("不")
    assert readings("a") == readings("。") == frozenset()
    assert sounds("还没好") == (("hai", "2"), ("mei", "2"), ("hao", "3"))
    assert sounds("不a") == (("bu", ""), ("a", ""))


def test_homophones_begin_with_the_likeliest() -> None:
    assert "不" in homophones("bu4")
    assert homophones("quan2").index("权") < homophones("quan2").index("卷")
    assert homophones("xyz9") == ""
