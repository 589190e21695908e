"""Council notes as people write them."""

from datetime import date

import pytest

from app.desk.council import read_notes

TODAY = date(2026, 11, 23)
STAFF = {"赵国强", "钱小梅"}


def read(text: str) -> list[tuple[str, str | None, date | None]]:
    return [(i.text, i.person, i.deadline) for i in read_notes(text, today=TODAY, names=STAFF).items]


def test_a_page_of_notes() -> None:
    notes = read_notes(
        "11月 小板凳议事会 问题清单\n时间：11月20日\n"
        "一、3栋门口路灯不亮（张三，6月前）\n"
        "二、5栋垃圾清运不及时，责任人：李四，时限：12月5日\n"
        "三、活动室晚上太吵，由赵国强负责，本月底前\n"
        "四、11月20日坏的水管还没修",
        today=TODAY,
        names=STAFF,
    )
    assert [(i.line, i.text, i.person, i.deadline) for i in notes.items] == [
        (3, "3栋门口路灯不亮", "张三", date(2027, 5, 31)),
        (4, "5栋垃圾清运不及时", "李四", date(2026, 12, 5)),
        (5, "活动室晚上太吵", "赵国强", date(2026, 11, 30)),
        (6, "11月20日坏的水管还没修", None, None),
    ]
    assert [line for line, _ in notes.left_out] == [1, 2]


def test_chapters_are_no_items_and_what_wraps_belongs_to_the_line_before() -> None:
    text = "一、基础设施\n1. 3栋路灯不亮，赵国强\n2、5栋门禁坏了\n晚上谁都能进\n二、环境整治\n①垃圾桶满了 ②楼道堆杂物（一周内）\n- 6号楼墙皮脱落"
    assert read(text) == [
        ("3栋路灯不亮", "赵国强", None),
        ("5栋门禁坏了，晚上谁都能进", None, None),
        ("垃圾桶满了", None, None),
        ("楼道堆杂物", None, date(2026, 11, 30)),
        ("6号楼墙皮脱落", None, None),
    ]


def test_lines_without_numbers_are_items_each() -> None:
    assert [text for text, *_ in read("路灯不亮\n\n下水道堵了\n")] == ["路灯不亮", "下水道堵了"]


@pytest.mark.parametrize(
    ("written", "deadline"),
    [
        ("12月底前", date(2026, 12, 31)),
        ("2027年3月15日前完成", date(2027, 3, 15)),
        ("年底前", date(2026, 12, 31)),
        ("三天内", date(2026, 11, 26)),
        ("两周内", date(2026, 12, 7)),
        ("十二月五日前", date(2026, 12, 5)),
        ("1月前", date(2026, 12, 31)),
        ("2月30日前", None),
        ("上月底坏的", None),
    ],
)
def test_deadlines(written: str, deadline: date | None) -> None:
    assert read(f"1. 修路灯，{written}")[0][2] == deadline


@pytest.mark.parametrize(
    "hostile", ["", "\n\n", "①", "1.", "（" * 500, "1. " + "，" * 2000, "一、" * 300, "9" * 5000]
)
def test_nothing_raises(hostile: str) -> None:
    read(hostile)
