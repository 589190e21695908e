import pytest

from app.desk.understanding import understand


@pytest.mark.parametrize(
    ("text", "words", "days"),
    [
        ("昨天晚上灯坏了", "昨天晚上", 1),
        ("坏了三天了", "三天", 3),
        ("上个礼拜就报了", "上个礼拜", 7),
        ("停了一个多星期了", "一个多星期", 7),
        ("两个月没人来扫", "两个月", 60),
        ("明天能来修吗", "明天", -1),
        ("尋日開始冇水", "昨天", 1),
        ("最近老停水", "最近", None),
        ("上周三下午三点报的", "上周三下午三点", None),
    ],
)
def test_words_of_time_are_kept_as_said_with_days_ago(text: str, words: str, days: int | None) -> None:
    time = understand(text).time
    assert time is not None
    assert (time.words, time.days_ago) == (words, days)


@pytest.mark.parametrize("text", ["三栋二单元路灯不亮", "找三个人", "一点都不热"])
def test_numbers_that_are_no_time_are_none(text: str) -> None:
    assert understand(text).time is None


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("我电话是幺三八，嗯，零零零零，一一一一", "13800001111"),
        ("打我手机138-0000-1111", "13800001111"),
        ("幺三九零零三个八一二三四", "13900888123"),
        ("座机六五五五零幺零幺", "65550101"),
        ("零二三六五五五零幺零幺", "02365550101"),
        ("腰三八洞洞洞洞幺幺幺幺", "13800001111"),
    ],
)
def test_phone_numbers_are_heard_through_pauses_and_fillers(text: str, digits: str) -> None:
    assert understand(text).phone == digits


@pytest.mark.parametrize(
    "text", ["三栋二单元五零一", "编号一零二四", "六五五五零幺零幺", "12345678901234567890"]
)
def test_other_numbers_are_no_phone(text: str) -> None:
    assert understand(text).phone is None


def test_digits_of_a_phone_are_no_address() -> None:
    found = understand("电话幺三八零零零零一一一一，三栋漏水")
    assert (found.place.building, found.place.room) == ("3", None)
