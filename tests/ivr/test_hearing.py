"""What words mean at each question."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desk.understanding import understand
from ivr import hearing
from ivr.flow import Digits, Heard, Lost, NotUnderstood, Silence
from ivr.hearing import interpret, meaning

OPEN_QUESTIONS = ("open", "category", "details", "place", "remark")
CLOSED_QUESTIONS = ("yes_no", "identity", "fact", "rating", "number")

MEANINGS: list[tuple[str, str, str]] = [
    ("open", "三栋二单元路灯不亮了", "matter"),
    ("number", "幺二零四", "number"),
    ("open", "路灯又坏了", "matter"),
    ("open", "我上次报的路灯怎么样了", "progress"),
    ("open", "查询进度", "progress"),
    ("open", "三栋电梯坏了什么时候能修", "matter"),
    ("open", "催一下垃圾没人收", "matter"),
    ("open", "我的事办得怎么样了另外楼道灯坏了", "matter"),
    ("open", "上次报的电梯坏了修好了没有", "progress"),
    ("open", "转人工", "person"),
    ("open", "人工湖边上的路灯不亮", "matter"),
    ("open", "着火了", "danger"),
    ("open", "维修", "1"),
    ("category", "三栋漏水", "matter"),
    ("category", "环境卫生", "3"),
    ("details", "三栋二单元", "place"),
    ("details", "路灯不亮", "matter"),
    ("details", "家里煤气漏了", "danger"),
    ("place", "三栋二单元", "place"),
    ("place", "三栋着火了", "danger"),
    ("place", "找人工", "person"),
    ("remark", "师傅很好", "remark"),
    ("remark", "没有人来过我们这里看过", "remark"),
    ("remark", "楼上着火了", "danger"),
    ("yes_no", "对", "yes"),
    ("yes_no", "不是", "no"),
    ("yes_no", "转人工", "person"),
    ("identity", "我是", "yes"),
    ("identity", "打错了", "no"),
    ("fact", "好了", "1"),
    ("fact", "好了一部分", "2"),
    ("fact", "没好", "3"),
    ("rating", "不满意", "3"),
    ("rating", "一般", "2"),
    ("number", "一零二四", "number"),
    ("number", "人工", "person"),
]


@pytest.mark.parametrize(("expect", "text", "means"), MEANINGS)
def test_meaning(expect: str, text: str, means: str) -> None:
    found = meaning(expect, text, 0.98)
    assert isinstance(found, Heard) and found.means == means


@pytest.mark.parametrize("expect", [*OPEN_QUESTIONS, *CLOSED_QUESTIONS])
def test_low_confidence_means_nothing(expect: str) -> None:
    for text in ("三栋二单元路灯不亮了", "着火了", "对", "好了", "满意", "一零二四", "人工"):
        assert meaning(expect, text, 0.2) == NotUnderstood()


@pytest.mark.parametrize(
    ("expect", "text"), [("yes_no", "三栋"), ("fact", "嗯嗯嗯啊"), ("place", "我不知道呀")]
)
def test_words_that_answer_something_else_are_not_understood(expect: str, text: str) -> None:
    assert meaning(expect, text, 0.98) == NotUnderstood()


HEARD: list[tuple[dict[str, Any], Any]] = [
    ({"kind": "keys", "keys": "1"}, Digits("1")),
    ({"kind": "silence"}, Silence()),
    ({"kind": "lost"}, Lost()),
    ({"kind": "lost", "text": "三栋"}, Lost(said=True)),
    ({"kind": "lost", "recording_id": 4}, Lost(said=True)),
    ({"kind": "speech", "text": "", "speech_seconds": 1.2}, NotUnderstood()),
    ({"kind": "speech", "text": "", "speech_seconds": 0.0}, Silence()),
    ({"kind": "speech", "text": "对", "confidence": 0.99, "rejected": True}, NotUnderstood()),
    ({"kind": "speech", "text": "对", "confidence": 0.99}, Heard("yes", {"raw": "对"})),
    ({"kind": "hangup", "text": "对", "confidence": 0.99}, Heard("yes", {"raw": "对"})),
    ({"kind": "hangup", "text": ""}, Silence()),
]


@pytest.mark.parametrize(("heard", "given_"), HEARD)
def test_what_was_saved_becomes_an_input(heard: dict[str, Any], given_: Any) -> None:
    assert interpret("yes_no", heard) == given_


OPENLY: list[tuple[str, str, str | None]] = [
    ("yes_no", "可不就是嘛", "yes"),
    ("rating", "凑凑合合吧", "2"),
    ("fact", "没修好又漏煤气了", "danger"),
    ("yes_no", "着火了快来人", "danger"),
    ("rating", "给我接个人", "person"),
    ("number", "我的编号是一零二四", "number"),
    ("number", "垃圾三天没收了", None),
    ("number", "喂你听我说我这个编号好像是四号楼那边那个一零二四", None),
    ("fact", "隔壁吹唢呐一大早天天吹讲不通", None),
    ("fact", "三栋没修好", None),
]


@pytest.mark.parametrize(("expect", "text", "means"), OPENLY)
def test_an_answer_heard_openly_is_short_and_about_nothing_else(
    expect: str, text: str, means: str | None
) -> None:
    saved = {"kind": "speech", "text": text, "confidence": 0.9, "rejected": False, "open": True}
    saved["listed"] = {"text": "是", "confidence": 0.8, "rejected": True, "words": [["[unk]", 0.8]]}
    found = interpret(expect, saved)
    assert (found.means if isinstance(found, Heard) else None) == means


@pytest.mark.parametrize(
    ("expect", "text", "listed", "rejected", "means"),
    [
        ("yes_no", "是的呢", "是的嘛", False, "yes"),
        ("yes_no", "是的呢", "不是", False, None),
        ("yes_no", "是的呢", "是的", True, None),
        ("number", "一零二四", "一零二四", False, "number"),
        ("number", "一零二四", "七零二四", False, None),
    ],
)
def test_two_hearings_that_mean_the_same_need_not_be_as_sure_as_one(
    expect: str, text: str, listed: str, rejected: bool, means: str | None
) -> None:
    saved = {"kind": "speech", "text": text, "confidence": 0.5, "rejected": False, "open": True}
    saved["listed"] = {"text": listed, "confidence": 0.6, "rejected": rejected, "words": []}
    found = interpret(expect, saved)
    assert (found.means if isinstance(found, Heard) else None) == means


def test_fewer_than_three_digits_are_no_number_that_anybody_has() -> None:
    saved = {"kind": "speech", "confidence": 1.0, "rejected": False}
    assert interpret("number", saved | {"text": "一零"}) == NotUnderstood()
    assert interpret("number", saved | {"text": "零一七"}) == Heard("number", {"number": "017"})


def test_turns_saved_before_answers_were_heard_again_mean_what_they_meant() -> None:
    saved = {"kind": "speech", "text": "三栋没修好", "confidence": 0.9, "rejected": False}
    assert interpret("fact", saved) == Heard("3", {"raw": "三栋没修好"})


def test_a_kind_that_nobody_saves_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        interpret("open", {"kind": "telepathy"})


def test_facts_of_a_matter() -> None:
    found = meaning("open", "三栋二单元路灯不亮了", 0.98)
    assert isinstance(found, Heard)
    assert found.facts["place"] == {"building": "3", "unit": "2"}
    assert (found.facts["place_spoken"], found.facts["what"]) == ("三栋二单元", "路灯不亮")
    assert found.facts["category"] == "repairs" and found.facts["words"] == ["三栋二单元路灯不亮了"]


@pytest.mark.parametrize(
    ("confidence", "read_back"),
    [(0.5, ("culture", None)), (0.9, ("路灯不亮", "culture")), (0.97, ("路灯不亮", None))],
)
def test_the_less_certain_of_the_category_the_more_of_it_is_read_back(
    monkeypatch: pytest.MonkeyPatch, confidence: float, read_back: tuple[str, str | None]
) -> None:
    understood = replace(understand("路灯不亮"), category="culture", confidence=confidence)
    monkeypatch.setattr(hearing, "understand", lambda text, *, heard: understood)
    found = meaning("open", "路灯不亮", 0.98)
    assert isinstance(found, Heard)
    assert (found.facts["what"], found.facts["kind"]) == read_back


@given(st.sampled_from([*OPEN_QUESTIONS, *CLOSED_QUESTIONS]), st.text(max_size=60))
def test_any_text_means_something_or_nothing(expect: str, text: str) -> None:
    heard = {"kind": "speech", "text": text, "confidence": 1.0, "speech_seconds": 1.0}
    assert isinstance(interpret(expect, heard), Heard | NotUnderstood | Silence)


@pytest.mark.parametrize("words", ["没有了", "没有了谢谢", "不用了"])
def test_nothing_more_to_say_is_no_remark(words: str) -> None:
    assert interpret("remark", {"kind": "speech", "text": words, "confidence": 0.9}) == Silence()


@pytest.mark.parametrize("expect", ["open", "details", "yes_no", "identity", "fact", "rating", "remark"])
@pytest.mark.parametrize(
    "text",
    [
        "接人工",
        "叫个人来",
        "我要找人说话",
        "找你们负责人",
        "别让机器跟我说",
        "接线员",
        "我要找人",
        "给我接个人",
        "不是，找人工",
        "对，转人工",
        "有人吗",
        "不跟你讲了",
    ],
)
def test_who_wants_a_person_gets_one_at_any_question(expect: str, text: str) -> None:
    assert meaning(expect, text, 0.95) == Heard("person")


@pytest.mark.parametrize(
    ("expect", "text", "means"),
    [
        ("yes_no", "对，领导", "yes"),
        ("rating", "负责的", "1"),
        ("remark", "工作人员态度好", "remark"),
        ("open", "路灯坏了，叫个人来", "matter"),
        ("open", "叫人来收垃圾", "matter"),
    ],
)
def test_people_are_named_without_being_asked_for(expect: str, text: str, means: str) -> None:
    given_ = meaning(expect, text, 0.95)
    assert isinstance(given_, Heard)
    assert given_.means == means


@pytest.mark.parametrize("expect", ["identity", "fact", "rating"])
@pytest.mark.parametrize("text", ["着火了", "没好，又漏煤气了", "老公打我"])
def test_danger_comes_before_any_mark(expect: str, text: str) -> None:
    given_ = meaning(expect, text, 0.95)
    assert isinstance(given_, Heard)
    assert given_.means == "danger"
    assert given_.facts["danger"] in ("119", "110")
