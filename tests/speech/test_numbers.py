import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.numbers import spoken_digits, spoken_number, to_arabic


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("三", "3"),
        ("十", "10"),
        ("十五", "15"),
        ("二十", "20"),
        ("一百零五", "105"),
        ("一百一", "110"),
        ("五百零一", "501"),
        ("五零一", "501"),
        ("一千零二十四", "1024"),
        ("一千二", "1200"),
        ("一千零一十", "1010"),
        ("一万二", "12000"),
        ("一万零一十", "10010"),
        ("幺零二四", "1024"),
        ("零零七", "007"),
        ("两百", "200"),
        ("1024", "1024"),
    ],
)
def test_spoken_numbers_become_digits(said: str, number: str) -> None:
    assert to_arabic(said) == number


@pytest.mark.parametrize("said", ["", "百", "千", "三十百", "二三十", "好", "十十", "一" * 41, "三千零24"])
def test_what_is_no_number_is_none(said: str) -> None:
    assert to_arabic(said) is None


@given(st.integers(0, 9999))
def test_spoken_number_reads_back(value: int) -> None:
    assert to_arabic(spoken_number(value)) == str(value)


@given(st.from_regex(r"[0-9]{1,11}", fullmatch=True))
def test_spoken_digits_read_back(digits: str) -> None:
    assert to_arabic(spoken_digits(digits)) == digits


@given(st.text(max_size=50))
def test_no_text_makes_it_crash(text: str) -> None:
    result = to_arabic(text)
    assert result is None or result.isdigit()


def test_one_is_yao_when_digits_are_spelled() -> None:
    assert spoken_digits("1024") == "幺零二四"
