import pytest

from speech.dialect import plain
from speech.normal import normalise


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("冇水", "没水"),
        ("樓梯燈壞咗", "楼梯灯坏了"),
        ("阿拉屋里厢", "我们家里"),
        ("咋个办", "怎么办"),
        ("楼上贼吵", "楼上很吵"),
        ("关系", "关系"),
        ("家里进贼了", "家里进贼了"),
        ("困难补助", "困难补助"),
    ],
)
def test_dialect_becomes_plain_and_plain_stays(said: str, meant: str) -> None:
    assert plain(normalise(said))[0] == meant


def test_what_was_replaced_is_told_once() -> None:
    assert plain("冇水冇电")[1] == (("冇", "没"),)
