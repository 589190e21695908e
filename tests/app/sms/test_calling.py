"""Asking to be rung, in the words of many places."""

import pytest

from app.sms.calling import asks_for_call, refuses_calls
from app.sms.meant import Asked
from app.sms.reading import read_resident

ASKED = """
给俺打个电话中不中
俺不识几个字，给俺回个电话
给俺摇个话
恁给咱打个电话吧，俺说不清
给我挂个电话得行不
喊个人给我打个电话嘛
妹儿，喊个人给我回个电话得行不
你们给我打个电话撒
拨阿拉打只电话好伐
侬打只电话拨阿拉
侬摇只电话来，阿拉讲拨侬听
打只电话过来好伐
偶不会发，打偶电话
畀个电话我
同我打个电话得唔得
給俺打個電話中不中
打個電話俾我啦
给额打个电话
给咱家里挂个电话
打俺手机
电话给俺回一个
有空给俺们来个电话
派个人回个话
唔识打字
字打勿来
揾个人同我讲
打座机，看不清手机
请致电
"""
REPORTED = """
给俺家修修水管中不中
给你们打电话打不通
我给物业打电话他不管
楼上打电话吵得我睡不着
电梯里电话坏了打不通
家里电话打不出去
公用电话坏了
没人给我打电话
有人给我打电话骗钱
骗子打电话来要钱
老虫多得吓人，侬发点老鼠药拨阿拉
有人打我
想找人聊聊天
"""


@pytest.mark.parametrize("text", ASKED.split())
def test_she_wants_to_be_rung(text: str) -> None:
    reading = read_resident(text)
    assert reading.intent == "human" or (reading.intent == "report" and reading.call)


@pytest.mark.parametrize(
    "text", ["拨阿拉打只电话好伐", "你们打个电话来行不行", "字打勿来", "侬好，帮阿拉回只电话好伐"]
)
@pytest.mark.parametrize("asked", ["place", "matter", "rate", "which", "proof"])
def test_whatever_was_asked_she_wants_to_be_rung(text: str, asked: Asked) -> None:
    assert read_resident(text, asked).intent == "human"


def test_a_mark_beside_the_wish_to_be_rung_is_a_mark() -> None:
    reading = read_resident("不满意，给俺打个电话好伐", "rate")
    assert (reading.intent, reading.argument) == ("rate", "-/-/3/-")


@pytest.mark.parametrize("text", REPORTED.split())
def test_a_telephone_is_spoken_of_and_nobody_is_to_ring(text: str) -> None:
    assert not asks_for_call(text)
    assert read_resident(text).intent in ("report", "other")


@pytest.mark.parametrize("text", ["别给我打电话", "莫再给俺打电话", "唔好打电话畀我", "甭给咱打电话了"])
def test_who_wants_no_calls_is_left_in_peace(text: str) -> None:
    assert refuses_calls(text)
    assert read_resident(text).intent == "optout"


def test_with_a_matter_it_is_a_report_and_a_call() -> None:
    reading = read_resident("俺家水管漏了，给俺打个电话中不中")
    assert (reading.intent, reading.call) == ("report", True)


def test_a_long_request_is_not_lost_behind_the_wish_to_be_rung() -> None:
    text = "我在联欢会得了个奖状，上头我名字写错了，能不能帮我重新写一张，打我座机"
    reading = read_resident(text)
    assert (reading.intent, reading.call) == ("report", True)


@pytest.mark.parametrize("text", ["水管子好了", "暖气片子好了，谢谢"])
def test_what_is_repaired_is_not_reopened_by_a_likeness_of_sound(text: str) -> None:
    assert read_resident(text).intent == "rate"
