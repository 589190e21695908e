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
