"""What residents' texts mean, by a table; bench/data/texts_*.tsv has many more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sms.reading import read_resident
from speech.phrase_loading import INTENTS

ASKED = (None, "place", "matter", "rate", "which", "proof")
TABLE = """
报修3栋路灯不亮|report|repairs
維修 3棟路燈不亮|report|repairs
bx3栋路灯|report|repairs
抱休 3栋路灯|report|repairs
您好，麻烦报修，3栋路灯|report|repairs
1 楼道灯坏了|report|repairs
1楼道灯坏了|report|repairs
１|report|repairs
3、垃圾没人收|report|environment
环境 楼下垃圾成堆|report|environment
环境太差了，垃圾满地|report|
民生服务社保卡怎么办|report|livelihood
1单元门坏了|report|
3楼漏水|report|
2号楼没水|report|
5栋路灯又坏了|report|
我家水管漏了，给我回个电话|report|
活动室的灯坏了|report|
The lamp in building 3 is broken|report|
查1024|progress 1024|
茶1024|progress 1024|
1024查|progress 1024|
查12|progress 12|
cx 1024|progress 1024|
查寻|progress|
1024|progress 1024|
查一零二四|progress 1024|
1024修好了没有|progress 1024|
上次报的修得怎么样了|progress|
怎么还没来修|progress|
（查1024）|progress 1024|
我儿子让我发 查1024|progress 1024|
1024有人管吗|progress 1024|
大姐，上次说的下水道啥时候能给通|progress|
师傅几点到|progress|
奶奶和推车一块困在电梯里了，还能说话，不慌，师傅多久到|report|
评1024 满意|rate 1024|1/1/1/1
平加1024满益|rate 1024|1/1/1/1
凭1024 121|rate 1024|1/1/2/1
评1024 1 2 3|rate 1024|1/1/2/3
1024 满意|rate 1024|1/1/1/1
满意 一般 满意|rate|1/1/2/1
满意2一般|rate|1/1/2/2
一般|rate|1/2/2/2
不满意|rate|-/-/3/-
还行吧，就是来得慢|rate|1/3/2/-
不客气，也不快|rate|1/3/-/3
速度满意 效果一般 态度满意|rate|1/1/2/1
修好了|rate|1/-/-/-
可以了|rate|1/-/-/-
没修好|reopen|3
评1024没好|reopen 1024|3
又坏了|reopen|3
昨天修的灯又不亮了|reopen|3
还是漏|reopen|3
重办1024|reopen 1024|3
好了一部分|reopen|2
人工|human|
rg|human|
我不会发短信，打给我|human|
活动|activities|
最近有什么活动吗|activities|
管家|keeper|
3栋管家电话|keeper|3
楼长是谁|keeper|
帮助|help|
？|help|
怎么发短信|help|
退订|optout|
TD|optout|
不要再给我发短信了|optout|
恢复|optin|
【恢复】|optin|
回复TD|optout|
王奶奶 退订|optout|
恢复供水|report|
您好，活动，谢谢|activities|
谢谢|thanks|
好的，谢谢师傅|thanks|
3栋李阿姨谢谢社区关心|thanks|
多谢你们惦记|thanks|
谢谢社区，帮我换个灯泡|report|
谢谢送点米来|other|
过年好|other|
妈，我今天晚点回来|other|
妈，我胸口疼|report|
谢谢你们，我老伴晕了|report|
谢谢你们，我老伴不行了|report|
哈哈，电梯坏了|report|
快来人啊|report|
你好|greeting|
你好，我家停电了|report|
【某商城】满50减20，退订回T|other|
😂😂|other|
|other|
place:3栋2单元501|answer|3/2/501
place:3 2 501|answer|3/2/501
place:三栋|answer|3//
place:谢谢，是3冻2单圆501|answer|3/2/501
place:不是3栋是5栋|answer|5//
place:5栋，不是3栋|answer|5//
place:3—2—501|answer|3/2/501
place:5|answer|5//
place:小区后门|answer|小区后门
place:报修5栋电梯坏了|report|repairs
place:谢谢|thanks|
matter:路灯不亮|answer|路灯不亮
matter:水管又漏了|answer|水管又漏了
matter:人工|human|
rate:1|rate|1/-/-/-
rate:３|rate|3/-/-/-
rate:1好了|rate|1/-/-/-
rate:2好了一部分|reopen|2
rate:2 好了一部分|reopen|2
rate:3没好|reopen|3
rate:3 路灯还是不亮|reopen|3
rate:2 垃圾没人管|report|livelihood
rate:选一|rate|1/-/-/-
rate:好|rate|1/-/-/-
rate:还没有|reopen|3
rate:修好了又漏了|reopen|3
rate:3栋路灯不亮|report|
rate:我家又停水了，跟上次的不是一回事|report|
rate:查1024|progress 1024|
which:1024|answer 1024|1024
which:第二个|answer|2
which:1024 满意|rate 1024|1/1/1/1
proof:尾号1111|answer|1111
proof:报修的电话最后四位是九五二七|answer|9527
proof:13800001111|answer|1111
proof:查1025|progress 1025|
"""
ROWS = [line.split("|") for line in TABLE.strip("\n").splitlines()]


@pytest.mark.parametrize(("text", "meant", "argument"), ROWS, ids=[row[0] or "empty" for row in ROWS])
def test_what_it_means(text: str, meant: str, argument: str) -> None:
    asked, _, said = text.rpartition(":")
    found = read_resident(said, asked or None)  # type: ignore[arg-type]
    number = "" if found.number is None else f" {found.number}"
    assert (f"{found.intent}{number}", found.argument) == (meant, argument)


@given(st.text(max_size=60), st.sampled_from(ASKED))
def test_any_text_is_read_as_something(text: str, asked: str | None) -> None:
    found = read_resident(text, asked)  # type: ignore[arg-type]
    assert found.intent in (*INTENTS, "answer")
    assert found.intent != "answer" or (asked not in (None, "rate") and found.argument)


@pytest.mark.parametrize(
    ("text", "matter", "call"),
    [
        ("报修", False, False),
        ("报修9栋2单元", False, False),
        ("3栋2单元501", False, False),
        ("嗯嗯", False, False),
        ("报修灯不亮", True, False),
        ("水管漏了，打电话给我", True, True),
    ],
)
def test_what_is_missing(text: str, matter: bool, call: bool) -> None:
    found = read_resident(text)
    assert (found.matter, found.call) == (matter, call)


def test_a_mistyped_number_does_not_become_none() -> None:
    assert (read_resident("查" + "9" * 30).number or 0) >= 10**9


@pytest.mark.parametrize("text", ["3栋1024室水管漏", "我的电话13810241024，灯不亮", "欠费1024元怎么交"])
def test_rooms_telephones_and_money_are_no_tickets(text: str) -> None:
    assert read_resident(text).number is None
