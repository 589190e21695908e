"""What keepers write, and what it means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sms.keywords import Command, parse, parse_resident


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("接 1024", Command("accept", 1024)),
        ("接1024", Command("accept", 1024)),
        ("接１０２４", Command("accept", 1024)),
        ("接　１０２４号", Command("accept", 1024)),
        ("“接1024”", Command("accept", 1024)),
        ("接单 1024。", Command("accept", 1024)),
        ("接單：1024", Command("accept", 1024)),
        ("1024接", Command("accept", 1024)),
        ("1024号 接单", Command("accept", 1024)),
        ("接#1024", Command("accept", 1024)),
        ("接", Command("accept")),
        ("接单", Command("accept")),
        ("接了", Command("accept")),
        ("办结 1024 换了灯泡", Command("resolve", 1024, "换了灯泡")),
        ("办结1024换了灯泡", Command("resolve", 1024, "换了灯泡")),
        ("辦結 1024 換了燈泡", Command("resolve", 1024, "換了燈泡")),
        ("办结 1024：换了灯泡，试过了。", Command("resolve", 1024, "换了灯泡，试过了")),
        ("１０２４ 办结 换了２个灯泡", Command("resolve", 1024, "换了２个灯泡")),
        ("办结 1024", Command("resolve", 1024)),
        ("办结 换了3个灯泡", Command("resolve", None, "换了3个灯泡")),
        ("办好了1024 已换", Command("resolve", 1024, "已换")),
        ("办结\n1024\n换了灯泡", Command("resolve", 1024, "换了灯泡")),
        ("退 1024 不归我管", Command("return", 1024, "不归我管")),
        ("退1024", Command("return", 1024)),
        ("退單 1024 是物業的", Command("return", 1024, "是物業的")),
        ("退 不归我管", Command("return", None, "不归我管")),
        ("退 24 不归我管", Command("return", 24, "不归我管")),
        ("办结12345678901", Command("resolve", 10**9)),
        ("列表", Command("list")),
        ("待办", Command("list")),
        ("？", Command("help")),
        ("幫助", Command("help")),
    ],
)
def test_a_command_is_understood(text: str, command: Command) -> None:
    assert parse(text) == command


@pytest.mark.parametrize(
    "text",
    [
        "",
        "退休金怎么领",
        "接水管漏水了",
        "接孩子去了，下午再去看",
        "3栋路灯不亮",
        "我明天去办",
        "帮助老人搬东西",
        "单子太多了",
        "1024",
        "😀",
        "'; DROP TABLE tickets; --",
    ],
)
def test_ordinary_words_are_no_command(text: str) -> None:
    assert parse(text).intent == "other"


def test_several_numbers_in_one_text_are_noticed() -> None:
    assert parse("接1024、1025").more_numbers
    assert not parse("接1024").more_numbers
    assert not parse("办结1024 1025号楼道灯也换了").more_numbers


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("退订", "optout"),
        ("TD", "optout"),
        ("td。", "optout"),
        ("退訂", "optout"),
        ("谢谢！", "thanks"),
        ("謝謝", "thanks"),
        ("帮助", "help"),
        ("3栋路灯不亮", "other"),
        ("退订不了宽带", "other"),
        ("谢谢，可是灯还没好", "other"),
    ],
)
def test_few_words_of_residents_are_no_matter(text: str, intent: str) -> None:
    assert parse_resident(text).intent == intent


@given(st.text(max_size=300))
def test_any_text_at_all_has_a_meaning(text: str) -> None:
    command = parse(text)
    assert command.number is None or 0 <= command.number <= 10**9
    parse_resident(text)


@given(st.integers(100, 999_999_999), st.sampled_from(["接", "办结", "退", "接单", "退单"]))
def test_every_number_is_read_back_as_written(number: int, word: str) -> None:
    assert parse(f"{word} {number} 原因").number == number
    assert parse(f"{number}{word}").number == number
