import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desk.understanding import choose


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        *(("yes_no", text, "yes") for text in ["对", "对的", "是", "是的", "嗯", "好", "好的", "行", "可以", "没错", "没问题", "没有问题", "对，就是三栋", "嗯，对", "1", "一", "按1", "我是", "都对"]),
        *(("yes_no", text, "no") for text in ["不是", "不对", "没有", "没有了", "没有别的了", "不用了", "不要", "不行", "不可以", "不太对", "好像不是", "不是，是三栋", "部是", "不是我", "2", "错了"]),
        *(("fact", text, "1") for text in ["好了", "修好了", "都好了", "灯亮了", "解决了", "好了谢谢", "1", "一", "号了", "没问题了"]),
        *(("fact", text, "2") for text in ["好了一部分", "好了一点", "一部分", "没有全好", "好了一不分", "二", "还没有完全好"]),
        *(("fact", text, "3") for text in ["没好", "没有好", "还没好", "没修好", "没有修好", "还是坏的", "还是不亮", "没人来", "美号", "3", "三", "不好", "没有", "好像没好"]),
        *(("rating", text, "1") for text in ["满意", "很满意", "非常满意", "挺满意", "全部满意", "没有不满意", "很好", "一", "慢一"]),
        *(("rating", text, "2") for text in ["一般", "还行", "二", "凑合", "一般般"]),
        *(("rating", text, "3") for text in ["不满意", "很不满意", "不太满意", "我不是很满意", "部满意", "谈不上满意", "不好", "三", "没有满意"]),
        *(("category", text, value) for text, value in [("维修", "1"), ("报修", "1"), ("民生", "2"), ("环境", "3"), ("调解", "4"), ("关怀", "5"), ("文化活动", "6"), ("四", "4"), ("第三个", "3")]),
        *(("person", text, "person") for text in ["转人工", "找人工", "人工", "我要找人工", "请给我转人工", "找个人"]),
        *(("number", text, value) for text, value in [("一千零二十四", "1024"), ("幺零二四", "1024"), ("编号是1024", "1024"), ("一零，嗯，二四", "1024"), ("１０２４", "1024")]),
    ],
)  # fmt: skip
def test_choices_are_understood(kind: str, text: str, value: str) -> None:
    choice = choose(text, kind)
    assert choice is not None
    assert choice.value == value
    assert 0.0 < choice.confidence <= 1.0


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("yes_no", "对面楼的路灯坏了"),
        ("yes_no", "是不是"),
        ("yes_no", "三栋"),
        ("yes_no", ""),
        ("yes_no", "3"),
        ("fact", "你是谁"),
        ("rating", "速度满意，态度不满意"),
        ("rating", "四"),
        ("category", "七"),
        ("number", "没有"),
        ("person", "你是机器吗"),
        ("yes_no", "是" * 500),
    ],
)
def test_what_is_none_of_the_choices_is_none(kind: str, text: str) -> None:
    assert choose(text, kind) is None


FAMILIES = [
    *(("yes_no", text, "yes") for text in ["对头嘛", "要得要得", "冇错啦", "系呀", "是额", "可不咋的", "一点没错", "错不了", "没弄错", "好，就这样", "就是楼下那个灯", "应该是吧", "对，是我"]),
    *(("yes_no", text, "no") for text in ["唔系呀", "勿对额", "不得行", "莫得了", "好的，不用了", "不是我们家，是楼下", "那盏灯不是", "什么呀，不是", "听岔了", "不对不对", "没什么别的", "不不对"]),
    *(("fact", text, "1") for text in ["一滴都不漏了", "垃圾没了", "整归一咯", "水有了", "师傅来过，弄好了", "搞掂咗"]),
    *(("fact", text, "2") for text in ["没都修好", "不怎么漏了", "只亮了一盏", "没弄彻底", "有的亮有的不亮", "修好了几个"]),
    *(("fact", text, "3") for text in ["修好了又坏了", "来了也没修", "一点动静没有", "一个人都没来", "哪里修好了", "还冇人来", "未修好"]),
    *(("rating", text, "1") for text in ["没什么不满意的", "挑不出毛病", "好得不得了", "不慢", "老灵额", "师傅很热心"]),
    *(("rating", text, "2") for text in ["不怎么好也不怎么坏", "还算过得去", "中不溜"]),
    *(("rating", text, "3") for text in ["好慢", "慢得不行", "没一样好", "谈不上满意", "一点也不热情", "怎么可能满意", "爱理不理"]),
    *(("category", text, value) for text, value in [("选维修那一项", "1"), ("邻居吵架要调解", "4"), ("垃圾的事", "3")]),
    *(("person", text, "person") for text in ["让你们领导来", "听不懂，找人工", "我要跟活人说"]),
    *(("number", text, "1024") for text in ["一千零二十四，一零二四", "不是一零二五，是一零二四", "幺洞二四"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "value"), FAMILIES)
def test_an_answer_is_understood_from_its_parts(kind: str, text: str, value: str) -> None:
    choice = choose(text, kind)
    assert choice is not None and choice.value == value


@pytest.mark.parametrize("kind", ["yes_no", "fact", "rating"])
@pytest.mark.parametrize("text", ["等一下", "你说什么呀", "不知道", "我想想", "听不清", "再说一遍", "喂，你好", "是不是", "好了没有", "满不满意", "问我儿子"])  # fmt: skip
def test_who_asks_back_or_must_think_has_chosen_nothing(kind: str, text: str) -> None:
    assert choose(text, kind) is None


@pytest.mark.parametrize("text", ["找人换灯泡", "不要人工", "人工湖边上", "没有人修", "一个人住"])
def test_a_person_is_not_asked_for_by_naming_people(text: str) -> None:
    assert choose(text, "person") is None


POSITIVE = {"yes_no": ("yes", ["对", "是", "好", "行", "可以", "需要"]), "fact": ("1", ["好了", "修好了", "解决了"]), "rating": ("1", ["满意", "很满意", "非常满意"])}  # fmt: skip


@given(
    st.sampled_from(sorted(POSITIVE)).flatmap(
        lambda kind: st.tuples(st.just(kind), st.sampled_from(POSITIVE[kind][1]))
    ),
    st.sampled_from(["不", "没", "没有", "并不", "不是", "不太", "不是很", "没有很", "不怎么", "部", "美"]),
    st.sampled_from(["", "嗯", "我觉得", "还是", "都", "那个"]),
    st.sampled_from(["", "啊", "吧", "的", "，谢谢"]),
)
def test_a_negation_is_never_read_as_positive(
    said: tuple[str, str], negation: str, before: str, after: str
) -> None:
    kind, phrase = said
    choice = choose(before + negation + phrase + after, kind)
    assert choice is None or choice.value != POSITIVE[kind][0]


def test_unknown_kind_is_an_error() -> None:
    with pytest.raises(KeyError, match="colour"):
        choose("红", "colour")


@pytest.mark.parametrize("text", ["五满意", "屋满意", "毋满意", "五满", "没什么好说的", "没啥可说的", "不是不满意", "不能说不满意"])  # fmt: skip
def test_what_may_be_a_negation_is_no_mark(text: str) -> None:
    assert choose(text, "rating") is None


@pytest.mark.parametrize("text", ["满意个鬼", "满意才怪", "好个屁"])
def test_mockery_is_no_praise(text: str) -> None:
    found = choose(text, "rating")
    assert found is not None
    assert found.value == "3"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("灯修了，锁没修", "2"),
        ("门修好了，灯还不亮", "2"),
        ("师傅修了，灯没亮", "3"),
        ("昨天修了，今天又坏了", "3"),
        ("灯修好了，灯又坏了", "3"),
    ],
)
def test_one_thing_of_two_is_a_part(text: str, value: str) -> None:
    found = choose(text, "fact")
    assert found is not None
    assert found.value == value


@pytest.mark.parametrize("text", ["我不会", "我真的不会啊", "俺不会"])
def test_who_does_not_know_how_has_not_said_no(text: str) -> None:
    assert choose(text, "yes_no") is None
