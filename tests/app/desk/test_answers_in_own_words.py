"""Answers that are on no list, one class of wording after the other."""

import pytest

from app.desk.understanding import choose

CLASSES = {
    "rhetorical questions": [
        ("yes_no", "咋不对呢，对着哩", "yes"),
        ("yes_no", "怎么不要呢，要", "yes"),
        ("yes_no", "不是这个还能是哪个", "yes"),
        ("yes_no", "这还能有假", "yes"),
        ("fact", "怎么没修，修好了", "1"),
        ("fact", "谁说没好，早好了", "1"),
        ("fact", "谁来过呀，没人", "3"),
        ("rating", "哪能不满意呢", "1"),
        ("rating", "有什么不好的", "1"),
        ("rating", "咋不满意呢，满意", "1"),
        ("rating", "什么态度嘛", "3"),
        ("rating", "好什么好", "3"),
    ],
    "questions": [
        ("yes_no", "收费不收费", None),
        ("yes_no", "能派个人来不", None),
        ("fact", "修好没修好", None),
        ("fact", "怎么还没好", None),
        ("fact", "不是修好了吗", None),
        ("rating", "哪里不满意", None),
        ("yes_no", "也许是也许不是", None),
    ],
    "said before, or saying nothing": [
        ("yes_no", "刚才不是讲过了吗，对", "yes"),
        ("yes_no", "跟你讲了好几遍了，对", "yes"),
        ("yes_no", "对对，不用问了", "yes"),
        ("yes_no", "行，赶紧派人来修", "yes"),
        ("yes_no", "别问了", None),
        ("fact", "好了，不用再来了", "1"),
        ("fact", "弄好了没收钱", "1"),
        ("fact", "不用来了", None),
        ("fact", "还是老问题", "3"),
        ("rating", "别提了，差劲", "3"),
        ("rating", "行了，挂了吧", None),
    ],
    "negations of the dialects": [
        ("yes_no", "伐是伐是", "no"),
        ("yes_no", "毋着", "no"),
        ("yes_no", "着哦着哦", "yes"),
        ("yes_no", "着，着火了", None),
        ("fact", "么修好", "3"),
        ("fact", "还冒来人", "3"),
        ("fact", "没得哪个来修", "3"),
        ("fact", "朆修好", "3"),
    ],
    "one good and one bad": [
        ("fact", "修是修了，可还滴两滴", "2"),
        ("fact", "好是好了，门还关不上", "2"),
        ("fact", "好是好了，又坏了", "3"),
        ("fact", "好是好了", None),
        ("fact", "左边亮了右边不亮", "2"),
        ("fact", "左边不亮右边也不亮", "3"),
        ("fact", "白天有水晚上没水", "2"),
        ("fact", "管子换了，瓷砖没贴", "2"),
        ("rating", "快是快没弄干净", "2"),
        ("rating", "人不错，就是活儿糙", "2"),
        ("rating", "手艺一般，态度好", "2"),
        ("rating", "还行，没有特别好", "2"),
        ("rating", "满意是满意，就是慢了", None),
        ("rating", "来得快，没修好", None),
    ],
    "how it was, or would be": [
        ("fact", "原来不亮，现在亮了", "1"),
        ("fact", "昨天还好好的", None),
        ("fact", "早就该修好了", None),
        ("rating", "早来就满意了", None),
        ("rating", "修好就行", None),
    ],
    "said and taken back": [
        ("rating", "满意？没有的事", None),
        ("fact", "好了？没好", None),
        ("fact", "不漏才怪", "3"),
        ("rating", "不是不满意", None),
    ],
    "how much of it": [
        ("fact", "三个坏的修了俩", "2"),
        ("fact", "三个坏的修了三个", None),
        ("fact", "坏的换了", "1"),
        ("fact", "还漏一点", "2"),
        ("fact", "修好了一个月了", "1"),
        ("fact", "没整巴适", "3"),
        ("fact", "三个没一个好的", "3"),
        ("rating", "差到冇得救", "3"),
        ("rating", "出差去了", None),
        ("yes_no", "就一个", None),
    ],
    "one of six by its place": [
        ("category", "头一个", "1"),
        ("category", "嗯…第三个吧", "3"),
        ("category", "三，就三", "3"),
        ("category", "倒数第二个", "5"),
        ("category", "末了一个", "6"),
        ("category", "一，二", None),
        ("rating", "末了那个", "3"),
    ],
}


@pytest.mark.parametrize(("kind", "text", "value"), [said for texts in CLASSES.values() for said in texts])
def test_each_class_of_wording_is_understood(kind: str, text: str, value: str | None) -> None:
    choice = choose(text, kind)
    assert (choice.value if choice else None) == value


NUMBERS = [
    ("一零九五，哦不，一零九六", "1096"),
    ("一零九五，不对，一零九六，又错了，一零九七", "1097"),
    ("是一零三零，不是一零二零", "1030"),
    ("不是一零二零是一零三零", "1030"),
    ("一零三零，不是一零二零", None),
    ("一三八一二三四五六七八，不对，五六七九", None),
    ("幺零，两个九", "1099"),
    ("一三八，五个零，幺二三", "13800000123"),
    ("八零幺四，四季的四", "8014"),
    ("幺零二，四季的四", "1024"),
    ("前面幺零后面七四", "1074"),
    ("后面是七四，前面是幺零", None),
    ("六幺三五零零七，后头还有个八", "61350078"),
    ("一零二四，还有一零二五", None),
    ("二零二四，二零二五", None),
    ("一零二四还是一零二五", None),
    ("八二零四，停一下，六六九七", "82046697"),
    ("等一下", None),
    ("一零拐四", "1074"),
]


@pytest.mark.parametrize(("text", "number"), NUMBERS)
def test_a_number_is_put_together_and_put_right(text: str, number: str | None) -> None:
    choice = choose(text, "number")
    assert (choice.value if choice else None) == number
