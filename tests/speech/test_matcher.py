from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.matcher import Matcher


def test_homophones_match_and_are_marked_as_such() -> None:
    (hit,) = Matcher([("着火", 119)]).find("厨房爪活了")
    assert (hit.start, hit.end, hit.words, hit.exact, hit.value) == (2, 4, "爪活", False, 119)


def test_exact_words_are_marked_exact() -> None:
    (hit,) = Matcher([("着火", 119)]).find("着火了")
    assert hit.exact
    assert hit.score == 1.0


def test_single_characters_match_only_themselves() -> None:
    matcher = Matcher([("是", "yes")])
    assert matcher.find("事") == []
    assert matcher.find("是")[0].exact


def test_sounds_can_be_switched_off() -> None:
    assert Matcher([("打人", 110)], by_sound=False).find("大人") == []


def test_cover_prefers_longer_phrases() -> None:
    cover = Matcher([("满意", 1), ("不满意", 3), ("不太满意", 3)]).cover("不太满意不满意满意")
    assert [hit.phrase for hit in cover] == ["不太满意", "不满意", "满意"]


def test_cover_prefers_the_written_word_to_the_similar_one() -> None:
    assert [hit.phrase for hit in Matcher([("消防", 1), ("小房", 2)]).cover("小房")] == ["小房"]


def test_cover_prefers_a_short_written_phrase_to_a_long_one_that_hardly_sounds_so() -> None:
    matcher = Matcher([("下水道", 1), ("瞎睡捣动", 2)])
    assert {hit.phrase for hit in matcher.find("下水道通")} == {"下水道", "瞎睡捣动"}
    assert [hit.phrase for hit in matcher.cover("下水道通")] == ["下水道"]


def test_five_thousand_repetitions_are_covered_without_overlap() -> None:
    cover = Matcher([("漏水", 1), ("水漏", 2)]).cover("漏水" * 5000)
    assert len(cover) == 5000


def score(phrase: str, text: str) -> float:
    return max((hit.score for hit in Matcher([(phrase, 1)]).find(text)), default=0.0)


def test_score_falls_from_characters_to_sound_to_another_tone_to_another_syllable() -> None:
    written, same, other_tone, near = (
        score("路灯坏了", t) for t in ("路灯坏了", "路登坏了", "路等坏了", "路灯发了")
    )
    assert 1.0 == written > same > other_tone > near > 0.7


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        ("路灯不亮", "怒灯不酿"),  # n/l
        ("冒黑烟", "冒飞烟"),  # h/f
        ("消防通道", "消黄通道"),
        ("暖气不热", "暖气不乐"),  # r/l
        ("找人工", "早人工"),  # zh/z
        ("水管爆裂", "髓管爆裂"),
        ("垃圾桶", "垃圾捅"),
        ("停水", "庭水"),
        ("楼道", "楼到"),
        ("电梯坏了", "天梯坏了"),
        ("物业费", "互业费"),  # 粤 w/h
        ("救命啊", "旧民啊"),  # in/ing
        ("生活困难", "深活困男"),
        ("养老认证", "养老英证"),  # 东北 r/y
        ("矛盾调解", "矛盾调姐"),
    ],
)  # fmt: skip
def test_accents_are_heard_through(phrase: str, said: str) -> None:
    hit = next(hit for hit in Matcher([(phrase, 1)]).find(said) if hit.phrase == phrase)
    assert not hit.exact
    assert hit.words == said


@pytest.mark.parametrize(
    ("phrase", "said"),
    [("路灯", "垃圾"), ("停水", "停电"), ("电梯", "店铺"), ("漏水", "喝水"), ("津贴", "今天")],
)
def test_what_sounds_different_is_not_found(phrase: str, said: str) -> None:
    assert Matcher([(phrase, 1)]).find(said) == []


def test_one_syllable_of_a_long_phrase_may_be_misheard_altogether() -> None:
    assert score("楼道里没有灯", "楼道里没有瓜") > 0.7
    assert score("漏水", "漏瓜") == 0.0
    assert score("声控灯", "声瓜灯") == 0.0


def test_a_negation_is_never_misheard_into_a_phrase() -> None:
    assert score("没有不满意", "没有很满意") == 0.0
    assert score("没有很满意", "没有不满意") == 0.0


@given(st.lists(st.text(alphabet="路灯亮不漏水停电梯坏了a1，", min_size=1, max_size=6), min_size=1, max_size=8), st.text(alphabet="路灯亮不漏水停电梯坏了露登等顶a1，", max_size=20))  # fmt: skip
def test_hits_are_where_they_say_and_score_what_they_may(phrases: list[str], text: str) -> None:
    matcher = Matcher((phrase, phrase) for phrase in phrases)
    for hit in matcher.find(text):
        assert text[hit.start : hit.end] == hit.words
        assert hit.exact == (hit.words == hit.phrase)
        assert (hit.score == 1.0) if hit.exact else (0.7 < hit.score <= 0.95)
    for phrase in phrases:
        assert sum(hit.exact and hit.phrase == phrase for hit in matcher.find(text)) == sum(
            text.startswith(phrase, start) for start in range(len(text))
        )
    cover = matcher.cover(text)
    assert all(one.end <= other.start for one, other in pairwise(cover))
