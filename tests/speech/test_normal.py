import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.normal import normalise


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("三 栋 二 单元", "三栋二单元"),
        ("３栋２单元５０１", "3栋2单元501"),
        ("三棟二單元路燈壞了", "三栋二单元路灯坏了"),
        ("你好，，路灯坏了！！", "你好，路灯坏了"),
        ("灯\x00坏\ud800了😀", "灯坏了"),
        ("BX 3栋", "bx3栋"),
        ("3-2-501", "3-2-501"),
        ("", ""),
        ("。。。", ""),
    ],
)
def test_what_matters_remains(text: str, clean: str) -> None:
    assert normalise(text) == clean


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
