"""Machines, floods, repetitions and links: nothing is lost, and nobody is answered for ever."""

import dataclasses

import pytest
from sqlalchemy import func, select

from app.sms.guard import is_machine
from models.message import Message
from models.resident import Resident, ResidentPhone
from tests.support.office import NUMBERS, Office
from tests.support.texting import Phone, asked, tickets


@pytest.mark.parametrize(
    "text",
    [
        "您好，我现在有事不在，一会再和您联系",
        "我正在开车，稍后回复您",
        "【自动回复】您好，我现在不方便接听电话，请稍后再拨",
        "正在开会，晚点联系",
        "[自动回复]我在忙，等会儿给您回电话",
        "I'm driving. I'll call you later.",
        "Out of office until Monday",
        "【某某银行】您的验证码是483920，请勿泄露",
    ],
)
def test_an_automatic_text_is_known(text: str) -> None:
    assert is_machine(text)


@pytest.mark.parametrize(
    "text",
    [
        "3栋路灯不亮",
        "我现在有事不在家，家里水管爆了，稍后再跟你们联系",
        "稍后再联系，先说一下3栋着火了",
        "你们说晚点给我回电话，到现在没人理",
        "查1024",
        "谢谢",
        "【家常热线】接1024",
        "收到一个短信【中国移动】说我欠费，是不是骗子",
        "家里没水了，自动回复就不用发了，快来人",
        "",
    ],
)
def test_a_person_is_not_taken_for_one(text: str) -> None:
    assert not is_machine(text)


def test_an_automatic_reply_is_kept_and_neither_answered_nor_made_a_matter(office: Office) -> None:
    for sender in (NUMBERS.wang, NUMBERS.zhao):
        assert Phone(office, sender).reply("您好，我现在有事不在，一会再和您联系").text is None
    assert tickets(office) == []
    assert stored(office) == 2


@pytest.mark.parametrize("sender", ["10086", "+8610086", "1069012345678", "+86106901234567", "95533"])
def test_service_numbers_are_kept_and_not_answered(office: Office, sender: str) -> None:
    assert Phone(office, sender).reply("3栋路灯不亮").text is None
    assert tickets(office) == []
    assert stored(office) == 1


@pytest.mark.parametrize("sender", ["+14155550100", "+8616896123", "+864008123123"])
def test_foreign_and_premium_senders_get_a_ticket_and_no_answer(office: Office, sender: str) -> None:
    assert Phone(office, sender).reply("阳光花园5栋路灯不亮了").text is None
    assert len(tickets(office)) == 1
    assert sent_to(office, sender) == 0


def test_a_flood_is_kept_and_answered_with_one_polite_notice(office: Office) -> None:
    with_limit(office, texts_an_hour=5)
    phone = Phone(office, NUMBERS.stranger)
    said = [phone.text(f"{n}栋路灯不亮了") for n in range(1, 10)]
    assert all("编号" in text for text in said[:5])
    assert "先不一一回复" in said[5]
    assert said[6:] == ["", "", ""]
    assert len(tickets(office)) == stored(office) == 9
    (alert,) = [text for text in office.texts_to(NUMBERS.sun) if "条短信" in text]
    assert "138****1999" in alert
    assert "编号" in Phone(office, NUMBERS.wang).text("3栋路灯不亮了")  # others are not affected
    office.pass_time(hours=2)
    assert "编号" in phone.text("10栋路灯不亮了")


def test_whoever_is_in_danger_is_answered_in_a_flood_too(office: Office) -> None:
    with_limit(office, texts_an_hour=2)
    phone = Phone(office, NUMBERS.stranger)
    for n in range(1, 5):
        phone.text(f"{n}栋路灯不亮了")
    assert "119" in phone.text("3栋着火了")


def test_staff_may_write_more_but_not_without_end(office: Office) -> None:
    with_limit(office, texts_an_hour=2)
    phone = Phone(office, NUMBERS.zhao)
    answered = [bool(phone.text("单")) for _ in range(8)]
    assert answered == [True] * 7 + [False]  # six, and the notice


def test_a_flood_from_everywhere_stops_answers_and_alerts_staff_at_once(office: Office) -> None:
    with_limit(office, texts_a_minute=4)
    said = [Phone(office, f"+86138000055{n:02d}").text(f"{n}栋路灯不亮了") for n in range(10, 18)]
    assert [bool(text) for text in said] == [True] * 4 + [False] * 4
    assert len(tickets(office)) == 8
    assert len([text for text in office.texts_to(NUMBERS.sun) if "一分钟" in text]) == 1
    office.pass_time(minutes=2)
    assert "编号" in Phone(office, NUMBERS.wang).text("3栋路灯不亮了")


def test_the_same_words_again_within_minutes_are_one_matter(office: Office) -> None:
    phone = Phone(office, NUMBERS.wang)
    first, again = phone.reply("3栋2单元路灯不亮了"), phone.reply("3栋2单元路灯不亮了")
    assert first.number == again.number and str(first.number) in (again.text or "")
    assert len(tickets(office)) == 1
    assert Phone(office, NUMBERS.li).reply("3栋2单元路灯不亮了").number != first.number
    office.pass_time(minutes=11)
    assert phone.reply("3栋2单元路灯不亮了").number != first.number


@pytest.mark.parametrize(
    "text", ["http://t.cn/AbCdEf", "看看这个 https://example.com/a?b=1", "www.example.com"]
)
def test_a_link_alone_is_asked_about_in_words_and_not_repeated(office: Office, text: str) -> None:
    said = Phone(office, NUMBERS.wang).text(text)
    assert "网址我们不打开" in said
    assert "example" not in said and "t.cn" not in said
    assert asked(office) == ["matter"]
    assert stored(office) == 1


def test_the_language_that_she_writes_is_remembered(office: Office) -> None:
    phone = Phone(office, NUMBERS.stranger)
    assert "編號" in phone.text("陽光花園5棟路燈不亮了")
    assert "編號" in phone.text("查") or "號" in phone.said[-1]
    with office.db.transaction(read_only=True) as session:
        query = select(Resident.language).join(ResidentPhone)
        assert session.scalars(query.where(ResidentPhone.phone_index == NUMBERS.stranger)).one() == "zh_Hant"
    assert all("號" not in text for text in office.texts_to(NUMBERS.duty))


def test_staff_are_alerted_in_their_own_language(office: Office) -> None:
    Phone(office, NUMBERS.wang).text("三棟著火了，快來人")
    (alert,) = office.texts_to(NUMBERS.duty)
    assert "紧急" in alert


def with_limit(office: Office, **limits: int) -> None:
    desk = dataclasses.replace(office.runtime.desk, **limits)
    office.runtime = dataclasses.replace(office.runtime, desk=desk)


def stored(office: Office) -> int:
    with office.db.transaction(read_only=True) as session:
        query = select(func.count()).select_from(Message).where(Message.direction == "inbound")
        return session.scalars(query).one()


def sent_to(office: Office, phone: str) -> int:
    with office.db.transaction(read_only=True) as session:
        query = select(func.count()).select_from(Message)
        return session.scalars(
            query.where(
                Message.direction == "outbound", Message.phone_index == phone, Message.state != "failed"
            )
        ).one()
