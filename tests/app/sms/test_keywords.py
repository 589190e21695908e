"""What keepers and volunteers write, and what it means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sms.keywords import read_staff
from app.sms.meant import Reading


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("接 1024", Reading("accept", 1024)),
        ("接1024", Reading("accept", 1024)),
        ("接１０２４", Reading("accept", 1024)),
        ("接　１０２４号", Reading("accept", 1024)),
        ("“接1024”", Reading("accept", 1024)),
        ("【家常热线】接1024", Reading("accept", 1024)),
        ("接單：1024", Reading("accept", 1024)),
        ("1024接", Reading("accept", 1024)),
        ("1024号 我接了", Reading("accept", 1024)),
        ("好的，接1024，下午去", Reading("accept", 1024)),
        ("收到1024", Reading("accept", 1024)),
        ("jd1024", Reading("accept", 1024)),
        ("节单1024", Reading("accept", 1024)),
        ("接幺零二四", Reading("accept", 1024)),
        ("接", Reading("accept")),
        ("接单了", Reading("accept")),
        ("接1024、1025", Reading("accept", 1024, more_numbers=True)),
        ("办结 1024 换了灯泡", Reading("resolve", 1024, "换了灯泡")),
        ("辦結1024換了燈泡", Reading("resolve", 1024, "換了燈泡")),
        ("办结 1024：换了灯泡，试过了。", Reading("resolve", 1024, "换了灯泡，试过了")),
        ("１０２４ 办结 换了２个灯泡", Reading("resolve", 1024, "换了２个灯泡")),
        ("办结 换了3个灯泡", Reading("resolve", None, "换了3个灯泡")),
        ("办结\n1024\n换了灯泡", Reading("resolve", 1024, "换了灯泡")),
        ("bj1024 换了灯泡", Reading("resolve", 1024, "换了灯泡")),
        ("半结 1024 换了灯泡", Reading("resolve", 1024, "换了灯泡")),
        ("换了灯泡，1024办结", Reading("resolve", 1024, "换了灯泡")),
        ("办结：换了灯泡 1024", Reading("resolve", 1024, "换了灯泡")),
        ("1024灯泡换好了", Reading("resolve", 1024, "灯泡换好了")),
        ("办结12345678901", Reading("resolve", 10**9)),
        ("退 1024 不归我管", Reading("return", 1024, "不归我管")),
        ("退單 1024 是物業的", Reading("return", 1024, "是物業的")),
        ("TD 1024 不归我管", Reading("return", 1024, "不归我管")),
        ("不归我管，退1024", Reading("return", 1024, "不归我管")),
        ("1024不归我管", Reading("return", 1024, "不归我管")),
        ("退 不归我管", Reading("return", None, "不归我管")),
        ("退 24 不归我管", Reading("return", 24, "不归我管")),
        ("到 1024", Reading("arrive", 1024)),
        ("我到1024了", Reading("arrive", 1024)),
        ("1024到现场了", Reading("arrive", 1024)),
        ("到了", Reading("arrive")),
        ("延 1024 等配件 3天", Reading("extend", 1024, "等配件|3")),
        ("延1024等配件三天", Reading("extend", 1024, "等配件|3")),
        ("延１０２７　等配件　６天", Reading("extend", 1027, "等配件|6")),
        ("延三天 1024 等配件", Reading("extend", 1024, "等配件|3")),
        ("延期1024 配件没到，大概一周", Reading("extend", 1024, "配件没到|7")),
        ("暂缓1024 等物业 半个月", Reading("extend", 1024, "等物业|15")),
        ("延1024 等配件，到12月3号", Reading("extend", 1024, "等配件|12-03")),
        ("延1024 等配件 十二月三号", Reading("extend", 1024, "等配件|12-03")),
        ("延1024 等配件 后天", Reading("extend", 1024, "等配件|2")),
        ("延1024 等配件", Reading("extend", 1024, "等配件|")),
        ("延1024 3天", Reading("extend", 1024, "|3")),
        ("单", Reading("list")),
        ("我还有几单", Reading("list")),
        ("單子有哪些？", Reading("list")),
        ("麻烦看看我今天还有哪些任务", Reading("list")),
        ("单 1024", Reading("list", 1024)),
        ("报 3栋路灯不亮", Reading("field_report", None, "3栋路灯不亮")),
        ("报修3栋2单元漏水", Reading("field_report", None, "3栋2单元漏水")),
        ("抱修3栋路灯不亮", Reading("field_report", None, "3栋路灯不亮")),
        ("报 1024号电表箱开着", Reading("field_report", None, "1024号电表箱开着")),
        ("领 12", Reading("claim", 12)),
        ("我要认领微心愿12", Reading("claim", 12)),
        ("領１２号", Reading("claim", 12)),
        ("把12号给我", Reading("claim", 12)),
        ("领十二", Reading("claim", 12)),
        ("？", Reading("help")),
        ("幫助", Reading("help")),
        ("退订", Reading("optout")),
        ("收到", Reading("thanks")),
    ],
)
def test_a_command_is_understood(text: str, reading: Reading) -> None:
    assert read_staff(text) == reading


@pytest.mark.parametrize(
    "text",
    [
        "",
        "退休金怎么领",
        "退水费",
        "接水管漏水了",
        "接孩子去了，下午再去看",
        "到3号楼了",
        "到处是垃圾",
        "延安路灯不亮",
        "3栋路灯不亮",
        "修好的灯又坏了",
        "1024还没修好",
        "1024解决不了",
        "我明天去办",
        "帮助老人搬东西",
        "单元门坏了",
        "报纸没人收",
        "报警器坏了",
        "领导来了",
        "结婚证怎么办",
        "1024",
        "😀",
        "'; DROP TABLE tickets; --",
    ],
)
def test_ordinary_words_are_no_command(text: str) -> None:
    assert read_staff(text).intent == "other"


def test_only_an_acceptance_of_several_numbers_is_noticed() -> None:
    assert read_staff("接1024和1025").more_numbers
    assert not read_staff("办结1024 1025号楼道灯也换了").more_numbers


@given(st.text(max_size=300))
def test_any_text_at_all_has_a_meaning(text: str) -> None:
    number = read_staff(text).number
    assert number is None or 0 <= number <= 10**9


@given(st.text(alphabet="接退到延单报领办结我的看了还有 ，1024，号天【】", max_size=1600))
def test_words_of_commands_in_any_order_have_a_meaning(text: str) -> None:
    assert read_staff(text).intent


@given(st.integers(1000, 999_999_999), st.sampled_from(["接", "办结", "退", "接单", "退单", "到", "延"]))
def test_every_number_is_read_back_as_written(number: int, word: str) -> None:
    assert read_staff(f"{word} {number} 原因").number == number
    assert read_staff(f"{number}{word}").number == number
