"""In which language somebody writes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desk.language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("3栋路灯不亮", "zh_Hans"),
        ("3棟路燈不亮", "zh_Hant"),
        ("查詢", "zh_Hant"),
        ("滿意", "zh_Hant"),
        ("满意", "zh_Hans"),
        ("The light in building 3 is broken", "en"),
        ("no water", "en"),
        ("help me please", "en"),
        ("查1024", None),
        ("后面里面只是", None),  # written so in both
        ("bx 3dong", None),
        ("lu deng bu liang", None),
        ("ludeng buliang le", None),
        ("TD", None),
        ("http://example.com/look/at/this", None),
        ("1", None),
        ("", None),
    ],
)
def test_a_few_characters_tell(text: str, language: str | None) -> None:
    assert language_of(text) == language


@given(st.text(max_size=400))
def test_any_text_has_a_language_or_none(text: str) -> None:
    assert language_of(text) in ("zh_Hans", "zh_Hant", "en", None)
