"""A kiosk's slip number in a text counts wherever a number does, and no other text changes its meaning."""

import csv
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.sms.keywords import read_staff
from app.sms.meant import Asked, Reading
from app.sms.reading import read_resident
from app.sms.slips import read_resident_text, read_staff_text
from models.lifecycle import Status
from models.rating import Rating
from tests.support.office import NUMBERS, Office
from tests.support.texting import Phone, resolve

DEV = Path(__file__).parents[3] / "bench" / "data" / "texts_dev.tsv"
KNOWN = {"A017": 1024, "A1017": 1025, "B301": 1033, "B3101": 1034, "CX1024": 1035, "JD1024": 1036}


@pytest.mark.parametrize(
    ("text", "like"),
    [
        ("查A017", "查1024"), ("a017", "1024"), ("Ａ０１７", "1024"), ("A 017 修好了没有", "1024修好了没有"),
        ("A-017有人管吗", "1024有人管吗"), ("查A1017", "查1025"), ("cx A017", "cx 1024"),
        ("评A017 满意", "评1024 满意"), ("评 a017 1 2 1", "评 1024 1 2 1"), ("A017满意", "1024满意"),
        ("没修好 A017", "没修好 1024"), ("A017没修好", "1024没修好"), ("重办A017", "重办1024"),
    ],
)  # fmt: skip
def test_a_slip_is_read_as_the_number_of_its_ticket(text: str, like: str) -> None:
    found, wanted = read_resident_text(text, None, KNOWN.get), read_resident(like)
    assert (found.intent, found.number, found.argument) == (wanted.intent, wanted.number, wanted.argument)
    assert found.number is not None and found.slip in KNOWN
    assert found.heard is not None and found.heard.text == text


@pytest.mark.parametrize(
    "text",
    [
        "B3101室漏水", "B301门口的灯不亮", "报修 B301 水管爆了", "我住B3101，厕所堵了", "B301着火了", "WIFI301连不上",
        "3栋B301电梯坏了", "查1024", "评1024满意 B301", "cx1024",
    ],
)  # fmt: skip
def test_a_room_that_looks_like_a_slip_stays_one(text: str) -> None:
    assert read_resident_text(text, None, KNOWN.get) == read_resident(text)


@pytest.mark.parametrize(
    ("text", "like"),
    [
        ("接 A017", "接 1024"),
        ("办结 A1017 换了灯泡", "办结 1025 换了灯泡"),
        ("办结A017 换了灯泡", "办结1024 换了灯泡"),
        ("延 a017 等配件 3天", "延 1024 等配件 3天"),
    ],
)
def test_keepers_may_write_the_slip_that_a_resident_shows_them(text: str, like: str) -> None:
    assert read_staff_text(text, KNOWN.get) == read_staff(like)


def test_a_keeper_who_reports_from_room_b301_reports() -> None:
    for text in ("报 B301水管漏水", "B301着火了", "接 B999", "jd1024"):
        assert read_staff_text(text, KNOWN.get) == read_staff(text)


def dev_texts() -> list[tuple[str, str, str]]:
    """(sender, asked, text) of the dev split."""
    with DEV.open(encoding="utf-8") as file:
        return [(r["sender"], r["asked"], r["text"]) for r in csv.DictReader(file, delimiter="\t")]


def test_no_text_of_the_dev_split_changes_its_meaning_even_if_every_slip_existed() -> None:
    rows, changed = dev_texts(), []
    assert len(rows) > 200
    for sender, asked, text in rows:
        if sender == "resident":
            kind = asked or None
            same = read_resident_text(text, kind, lambda _: 1024) == read_resident(text, kind)  # type: ignore[arg-type]
        else:
            same = read_staff_text(text, lambda _: 1024) == read_staff(text)
        if not same:
            changed.append(text)
    assert changed == []


@given(st.text(max_size=40), st.sampled_from((None, *get_args(Asked))))
def test_without_such_a_ticket_a_text_means_what_it_meant(text: str, asked: Asked | None) -> None:
    assert read_resident_text(text, asked, lambda _: None) == read_resident(text, asked)
    expected: Reading = read_staff(text)
    assert read_staff_text(text, lambda _: None) == expected


# ---- with a database ----------------------------------------------------------------------------------------


@pytest.fixture
def wang(office: Office) -> Phone:
    return Phone(office, NUMBERS.wang)


def at_a_kiosk(office: Office, phone: Phone, slip: str, text: str = "3栋路灯不亮") -> int:
    """A matter of hers that has a slip as well."""
    number = phone.reply(text).number
    assert number is not None
    with office.db.transaction() as session:
        office.ticket(session, number).slip = slip
    return number


def test_from_her_own_phone_a_slip_tells_without_proof(office: Office, wang: Phone) -> None:
    number = at_a_kiosk(office, wang, "A017")
    assert f"{number}号基础设施维修" in (wang.reply("查A017").text or "")
    assert "A018" not in (wang.reply("查A018").text or "")


def test_from_another_phone_a_slip_needs_the_last_four_digits(office: Office, wang: Phone) -> None:
    number = at_a_kiosk(office, wang, "A017")
    li = Phone(office, NUMBERS.li)
    asked = li.reply("查A017").text or ""
    assert "A017号不是这个手机报的" in asked and str(number) not in asked
    assert "对不上" in (li.reply("9999").text or "")
    assert f"{number}号" in (li.reply(NUMBERS.wang[-4:]).text or "")


def test_marks_by_slip_are_hers_only(office: Office, wang: Phone) -> None:
    number = at_a_kiosk(office, wang, "A017")
    resolve(office, number)
    stranger = Phone(office, NUMBERS.li)
    assert "没有报过A017号" in (stranger.reply("评A017 满意").text or "")
    assert f"{number}号" in (wang.reply("评A017 满意").text or "")
    with office.db.transaction(read_only=True) as session:
        assert session.scalars(select(Rating.effect)).all() == [1]
    assert "马上重新去办" in (wang.reply("没修好 A017").text or "")
    with office.db.transaction(read_only=True) as session:
        assert office.ticket(session, number).status is Status.REOPENED


def test_of_two_tickets_with_one_slip_the_newer_is_meant(office: Office, wang: Phone) -> None:
    at_a_kiosk(office, wang, "A017")
    newer = at_a_kiosk(office, wang, "A017", "5栋楼道有人堆杂物")
    assert f"{newer}号环境整治" in (wang.reply("查A017").text or "")
