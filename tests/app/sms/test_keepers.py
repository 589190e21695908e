"""A keeper's day by text: to the scene, not today, what is new; and what she is told."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.desk.dispatch import dispatch_ticket
from models.lifecycle import Status
from models.message import Message
from models.staff import Staff
from models.ticket import Ticket, TicketEvent
from tests.support.handed import hand_to
from tests.support.office import NUMBERS, Office
from tests.support.texting import Phone


def send(office: Office, phone: str, body: str) -> str:
    return Phone(office, phone).text(body)


def ticket_of(office: Office, number: int) -> Ticket:
    with office.db.transaction(read_only=True) as session:
        return office.ticket(session, number)


def actions(office: Office, number: int) -> list[str]:
    with office.db.transaction(read_only=True) as session:
        id_ = office.ticket(session, number).id
        events = session.scalars(
            select(TicketEvent).where(TicketEvent.ticket_id == id_).order_by(TicketEvent.id)
        )
        return [event.action for event in events]


def test_arriving_is_noted_and_changes_nothing_else(office: Office) -> None:
    number = hand_to(office)
    assert "到场记下了" in send(office, NUMBERS.zhao, f"到{number}")
    assert actions(office, number)[-1] == "arrive"
    assert ticket_of(office, number).status is Status.DISPATCHED


def test_more_time_puts_it_on_hold_and_the_resident_is_told(office: Office) -> None:
    number = hand_to(office)
    reply = send(office, NUMBERS.zhao, f"延{number}等配件3天")
    ticket = ticket_of(office, number)
    assert ticket.status is Status.ON_HOLD and ticket.hold_until is not None
    held_until = office.runtime.desk.calendar.local_date(ticket.hold_until)
    today = office.runtime.desk.calendar.local_date(office.moment)
    assert held_until - today == timedelta(days=3)
    assert f"{held_until.month}月{held_until.day}日" in reply
    assert "等配件" in office.texts_to(NUMBERS.wang)[-1]
    send(office, NUMBERS.zhao, f"延 {number} 等配件 5天")  # again, while it waits
    longer = ticket_of(office, number).hold_until
    assert longer is not None and longer > ticket.hold_until


def test_past_the_hard_limit_the_dispatcher_is_asked_instead(office: Office) -> None:
    number = hand_to(office)
    reply = send(office, NUMBERS.zhao, f"延 {number} 等配件 一个月")
    assert "已请调度员定" in reply
    assert ticket_of(office, number).status is Status.DISPATCHED
    assert actions(office, number)[-1] == "ask_extension"
    assert "想延到" in office.texts_to(NUMBERS.sun)[-1]


@pytest.mark.parametrize("text", ["延{n}", "延{n} 等配件", "延{n} 3天"])
def test_an_extension_without_reason_or_days_is_asked_for(office: Office, text: str) -> None:
    number = hand_to(office)
    assert "原因和要几天" in send(office, NUMBERS.zhao, text.format(n=number))
    assert ticket_of(office, number).status is Status.DISPATCHED


@pytest.mark.parametrize("text", ["延{n} 等配件 2月30号", "延{n} 等配件 11月20号", "延{n} 等配件 0天"])
def test_a_day_that_is_none_or_past_is_refused_kindly(office: Office, text: str) -> None:
    number = hand_to(office)
    assert "日期" in send(office, NUMBERS.zhao, text.format(n=number))
    assert ticket_of(office, number).status is Status.DISPATCHED


def test_a_waiting_matter_can_be_finished(office: Office) -> None:
    number = hand_to(office)
    send(office, NUMBERS.zhao, f"延 {number} 等配件 3天")
    assert "已办结" in send(office, NUMBERS.zhao, f"办结 {number} 换了灯泡")
    assert ticket_of(office, number).status is Status.RESOLVED


def test_a_field_report_makes_the_sender_its_first_responder_and_is_dispatched(office: Office) -> None:
    reply = send(office, NUMBERS.zhao, "报 阳光花园5栋路灯不亮")
    with office.db.transaction() as session:
        ticket = session.scalars(select(Ticket)).one()
        zhao = session.scalars(select(Staff).where(Staff.login == "zhao")).one()
        qian = session.scalars(select(Staff).where(Staff.login == "qian")).one()
        assert (ticket.channel, ticket.first_responder_id, ticket.reporter_id) == ("sms", zhao.id, None)
        dispatch_ticket(session, office.runtime.desk, ticket.id, now=office.moment)
        assert ticket.assignee_id == qian.id  # her building, not the sender's
        assert str(ticket.number) in reply


def test_a_matter_written_without_the_word_is_no_less_a_report(office: Office) -> None:
    assert "已记下" in send(office, NUMBERS.zhao, "3栋2单元路灯不亮了")
    assert "119" in send(office, NUMBERS.zhao, "3栋着火了")
    with office.db.transaction(read_only=True) as session:
        lamp, fire = session.scalars(select(Ticket).order_by(Ticket.id)).all()
        assert (lamp.category, fire.danger) == ("repairs", "119")


def test_danger_beside_a_command_is_heard(office: Office) -> None:
    number = hand_to(office)
    assert "119" in send(office, NUMBERS.zhao, f"到{number}，楼道着火了")


def test_danger_that_is_over_is_no_danger(office: Office) -> None:
    number = hand_to(office)
    assert "已办结" in send(office, NUMBERS.zhao, f"办结{number} 煤气漏气已处理")


def test_wishes_cannot_be_claimed_yet_and_staff_hear_of_it_once(office: Office) -> None:
    for _ in range(2):
        assert "还不能发短信认领" in send(office, NUMBERS.zhao, "领 12")
    (told,) = office.texts_to(NUMBERS.sun)
    assert "微心愿12" in told


def test_the_list_tells_all_of_one_matter_on_request(office: Office) -> None:
    first, second = hand_to(office), hand_to(office, "2栋垃圾没人收")
    listed = send(office, NUMBERS.zhao, "单")
    assert str(first) in listed and str(second) in listed
    assert f"回复“接{second}”" in send(office, NUMBERS.zhao, f"单{second}")
    assert "没有派给您" in send(office, NUMBERS.qian, f"单{second}")


def test_received_accepts_nothing_and_says_how(office: Office) -> None:
    number = hand_to(office)
    assert f"接{number}" in send(office, NUMBERS.zhao, "收到")
    assert ticket_of(office, number).status is Status.DISPATCHED
    send(office, NUMBERS.zhao, f"接{number}")
    assert "辛苦了" in send(office, NUMBERS.zhao, "收到")


def test_duty_texts_cannot_be_unsubscribed(office: Office) -> None:
    assert "不能退订" in send(office, NUMBERS.zhao, "退订")


def test_what_comes_in_and_goes_out_is_counted_in_segments(office: Office) -> None:
    hand_to(office)
    send(office, NUMBERS.zhao, "单")
    with office.db.transaction(read_only=True) as session:
        rows = session.scalars(select(Message)).all()
        assert {row.direction for row in rows} == {"inbound", "outbound"}
        assert all(row.segments == 1 for row in rows)
