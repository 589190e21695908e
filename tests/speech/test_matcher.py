from speech.matcher import Matcher


def test_homophones_match_and_are_marked_as_such() -> None:
    (hit,) = Matcher([("着火", 119)]).find("厨房爪活了")
    assert (hit.start, hit.end, hit.words, hit.exact, hit.value) == (2, 4, "爪活", False, 119)


def test_exact_words_are_marked_exact() -> None:
    (hit,) = Matcher([("着火", 119)]).find("着火了")
    assert hit.exact


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


def test_five_thousand_repetitions_are_covered_without_overlap() -> None:
    cover = Matcher([("漏水", 1), ("水漏", 2)]).cover("漏水" * 5000)
    assert len(cover) == 5000
