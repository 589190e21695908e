"""Texts from keepers and residents, on real databases, through the real web door."""

import re
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from flask import Flask
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from app.desk.dispatch import dispatch_ticket
from app.desk.tickets import transition
from app.hygiene import utf16_units
from app.queue import JobName
from app.sms.routes import make_sms
from models.lifecycle import Action, Status
from models.message import Message
from models.receipt import InboundReceipt
from models.resident import Resident, ResidentPhone
from models.ticket import Ticket, TicketEvent
from tests.support.office import NUMBERS, TOKEN, Office

HOTLINE = "+864001234567"
SIGN = "【家常热线】"
Send = Callable[..., str | None]


def door(office: Office) -> Flask:
    app = Flask("test")
    app.register_blueprint(make_sms(office.runtime))
    return app


def post(
    office: Office,
    path: str,
    form: dict[str, str],
    signature: str | None = None,
    app: Flask | None = None,
) -> tuple[int, str]:
    app = app or door(office)
    url = office.runtime.settings.public_url + path
    signed = RequestValidator(TOKEN).compute_signature(url, form)
    answer = app.test_client().post(
        path, data=form, headers={"X-Twilio-Signature": signed if signature is None else signature}
    )
    return answer.status_code, answer.get_data(as_text=True)


def text_form(phone: str, body: str, sid: str | None = None, **more: str) -> dict[str, str]:
    return {
        "MessageSid": sid or f"SM{uuid4().hex}",
        "From": phone,
        "To": HOTLINE,
        "Body": body,
        "NumMedia": "0",
        **more,
    }


def reply_in(twiml: str) -> str | None:
    root = ElementTree.fromstring(twiml)
    assert root.tag == "Response"
    message = root.find("Message")
    return None if message is None else message.text


@pytest.fixture
def send(office: Office) -> Send:
    def send(phone: str, body: str, **more: str) -> str | None:
        status, answer = post(office, "/sms/incoming", text_form(phone, body, **more))
        assert status == 200, answer
        reply = reply_in(answer)
        assert reply is None or reply.startswith(SIGN)
        return reply

    return send


def tickets(office: Office) -> list[Ticket]:
    with office.db.transaction(read_only=True) as session:
        return list(session.scalars(select(Ticket).order_by(Ticket.number)))


def count(office: Office, model: type) -> int:
    with office.db.transaction(read_only=True) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def dispatched(office: Office, send: Send, text: str = "3栋2单元路灯不亮了") -> int:
    """A ticket of the resident 王, given to the keeper 赵 by a dispatcher; its number."""
    send(NUMBERS.wang, text)
    with office.db.transaction() as session:
        ticket = session.scalars(select(Ticket).order_by(Ticket.number.desc())).first()
        assert ticket is not None
        dispatch_to(office, session, ticket, "zhao")
        return ticket.number


def dispatch_to(office: Office, session, ticket: Ticket, login: str) -> None:  # type: ignore[no-untyped-def]
    from app.desk.tickets import actor_of
    from models.staff import Staff

    sun = session.scalars(select(Staff).where(Staff.login == "sun")).one()
    keeper = session.scalars(select(Staff).where(Staff.login == login)).one()
    transition(
        session,
        office.runtime.desk,
        ticket,
        Action.DISPATCH,
        actor_of(session, sun),
        now=office.moment,
        reason="测试",
        assignee_id=keeper.id,
    )


def status_of(office: Office, number: int) -> Status:
    with office.db.transaction(read_only=True) as session:
        return office.ticket(session, number).status


def test_a_residents_text_becomes_a_ticket_with_number_category_and_date(office: Office, send: Send) -> None:
    reply = send(NUMBERS.wang, "3栋2单元路灯不亮了")
    assert reply is not None
    (ticket,) = tickets(office)
    assert (ticket.channel, ticket.category, ticket.building) == ("sms", "repairs", "3")
    assert str(ticket.number) in reply
    assert "基础设施维修" in reply
    assert f"{ticket.promised_on.month}月{ticket.promised_on.day}日" in reply
    assert utf16_units(reply) <= 70
    assert (JobName.DISPATCH, ticket.id) in office.hands.pushed


def test_the_rules_find_the_keeper_of_a_text(office: Office, send: Send) -> None:
    send(NUMBERS.wang, "3栋2单元路灯不亮了")
    (ticket,) = tickets(office)
    with office.db.transaction() as session:
        dispatch_ticket(session, office.runtime.desk, ticket.id, now=office.moment)
    assert status_of(office, ticket.number) is Status.DISPATCHED


def test_a_stranger_is_answered_as_well_and_becomes_known(office: Office, send: Send) -> None:
    assert send(NUMBERS.stranger, "阳光花园5栋垃圾没人收") is not None
    (ticket,) = tickets(office)
    with office.db.transaction(read_only=True) as session:
        phone = session.scalars(
            select(ResidentPhone).where(ResidentPhone.phone_index == NUMBERS.stranger)
        ).one()
    assert ticket.reporter_id == phone.resident_id


def test_danger_names_the_emergency_number_and_alerts_the_duty(office: Office, send: Send) -> None:
    reply = send(NUMBERS.wang, "三栋着火了快来人")
    assert reply is not None
    assert "119" in reply
    (ticket,) = tickets(office)
    assert ticket.urgent
    assert any("119" in text for text in office.texts_to(NUMBERS.duty))


def test_a_keeper_accepts_and_resolves_by_text(office: Office, send: Send) -> None:
    number = dispatched(office, send)
    accepted = send(NUMBERS.zhao, f"接{number}")
    assert accepted is not None
    assert "已接单" in accepted
    assert status_of(office, number) is Status.IN_PROGRESS
    office.hands.pushed.clear()
    done = send(NUMBERS.zhao, f"办结 {number} 换了灯泡")
    assert done is not None
    assert "已办结" in done
    with office.db.transaction(read_only=True) as session:
        ticket = office.ticket(session, number)
    assert (ticket.status, ticket.resolution) == (Status.RESOLVED, "换了灯泡")
    assert (JobName.PLAN_CALLBACKS, ticket.id) in office.hands.pushed


def test_resolving_without_accepting_first_is_fine(office: Office, send: Send) -> None:
    number = dispatched(office, send)
    send(NUMBERS.zhao, f"辦結 {number} 換了燈泡")
    assert status_of(office, number) is Status.RESOLVED


def test_a_returned_ticket_goes_back_with_its_reason(office: Office, send: Send) -> None:
    number = dispatched(office, send)
    send(NUMBERS.zhao, f"退 {number} 不归我管")
    with office.db.transaction(read_only=True) as session:
        ticket = office.ticket(session, number)
        event = session.scalars(
            select(TicketEvent).where(TicketEvent.ticket_id == ticket.id, TicketEvent.action == "return")
        ).one()
    assert ticket.status is Status.RETURNED
    assert event.reason == "不归我管"


@pytest.mark.parametrize(("text", "says"), [("办结 {n}", "请写上怎么办好的"), ("退 {n}", "请写上退单的原因")])
def test_a_missing_word_is_asked_for_and_nothing_changes(
    office: Office, send: Send, text: str, says: str
) -> None:
    number = dispatched(office, send)
    reply = send(NUMBERS.zhao, text.format(n=number))
    assert reply is not None
    assert says in reply
    assert status_of(office, number) is Status.DISPATCHED


@pytest.mark.parametrize("word", ["接 {n}", "办结 {n} 换了灯泡", "退 {n} 不归我管"])
def test_another_keepers_ticket_cannot_be_touched_nor_learned_of(
    office: Office, send: Send, word: str
) -> None:
    number = dispatched(office, send)
    mine = send(NUMBERS.qian, word.format(n=number))
    missing = send(NUMBERS.qian, word.format(n=9999))
    assert status_of(office, number) is Status.DISPATCHED
    assert mine is not None
    assert missing is not None
    assert mine.replace(str(number), "N") == missing.replace("9999", "N")


def test_a_resident_cannot_accept_a_ticket(office: Office, send: Send) -> None:
    number = dispatched(office, send)
    send(NUMBERS.wang, f"接{number}")
    assert status_of(office, number) is Status.DISPATCHED


def test_without_a_number_only_what_cannot_be_mistaken_is_done(office: Office, send: Send) -> None:
    first = dispatched(office, send)
    send(NUMBERS.zhao, "接")
    assert status_of(office, first) is Status.IN_PROGRESS
    second, third = dispatched(office, send, "3栋电梯坏了"), dispatched(office, send, "2栋垃圾没人收")
    reply = send(NUMBERS.zhao, "接单")
    assert reply is not None
    assert str(second) in reply
    assert str(third) in reply
    assert {status_of(office, second), status_of(office, third)} == {Status.DISPATCHED}
    assert "没有可以" in (send(NUMBERS.qian, "接") or "")


def test_accepting_twice_says_so_kindly(office: Office, send: Send) -> None:
    number = dispatched(office, send)
    send(NUMBERS.zhao, f"接{number}")
    assert "已经接了" in (send(NUMBERS.zhao, f"接{number}") or "")
    send(NUMBERS.zhao, f"办结{number} 换了灯泡")
    assert "已经办结" in (send(NUMBERS.zhao, f"办结{number} 换了灯泡") or "")


def test_the_list_and_the_help_name_open_tickets(office: Office, send: Send) -> None:
    assert "没有派给您的事" in (send(NUMBERS.zhao, "列表") or "")
    number = dispatched(office, send)
    assert str(number) in (send(NUMBERS.zhao, "列表") or "")
    assert f"接{number}" in (send(NUMBERS.zhao, "今天下雨") or "")


def test_a_keeper_who_reports_danger_is_not_asked_for_a_command(office: Office, send: Send) -> None:
    assert "119" in (send(NUMBERS.zhao, "3栋着火了") or "")
    (ticket,) = tickets(office)
    assert ticket.urgent


@pytest.mark.parametrize(("text", "opted_out"), [("退订", True), ("TD", True)])
def test_opting_out_is_remembered_and_makes_no_ticket(
    office: Office, send: Send, text: str, opted_out: bool
) -> None:
    send(NUMBERS.wang, text)
    with office.db.transaction(read_only=True) as session:
        resident = session.scalars(
            select(Resident).join(ResidentPhone).where(ResidentPhone.phone_index == NUMBERS.wang)
        ).one()
    assert resident.opted_out is opted_out
    assert tickets(office) == []


@pytest.mark.parametrize(
    "body",
    [
        "3栋路灯不亮\x00了",
        "路灯" * 5000,
        "灯💡不亮" + "💡" * 400,
        "灯不亮\u202e\u200b",
        "<Response/>&amp;'\"--;",
    ],
)
def test_hostile_text_is_cleaned_stored_and_answered(office: Office, send: Send, body: str) -> None:
    assert send(NUMBERS.wang, body) is not None
    (ticket,) = tickets(office)
    assert 0 < len(ticket.text) <= 2000
    assert not re.search("[\x00\u202e\u200b\ud800-\udfff]", ticket.text)
    assert count(office, Message) == 1 + len(office.texts_to(NUMBERS.duty))


def test_an_empty_text_is_asked_for_words_and_kept(office: Office, send: Send) -> None:
    assert "没有字" in (send(NUMBERS.wang, " \u200b\n") or "")
    assert tickets(office) == []
    assert count(office, Message) == 1


def test_a_picture_without_words_waits_for_a_person(office: Office, send: Send) -> None:
    assert send(NUMBERS.wang, "", NumMedia="2") is not None
    (ticket,) = tickets(office)
    assert ticket.status is Status.NEEDS_LISTENING
    assert "2" in ticket.text


@pytest.mark.parametrize("sender", ["10086", "JiaChang", "", "anonymous"])
def test_senders_that_are_no_telephone_are_kept_but_not_answered(
    office: Office, send: Send, sender: str
) -> None:
    assert send(sender, "您的话费余额不足") is None
    assert tickets(office) == []
    assert count(office, Message) == 1


def test_a_repeated_delivery_gets_the_first_answer_and_changes_nothing(office: Office) -> None:
    form = text_form(NUMBERS.wang, "3栋路灯不亮")
    first = post(office, "/sms/incoming", form)
    again = post(office, "/sms/incoming", form)
    other = post(office, "/sms/incoming", {**form, "Body": "别的事"})
    assert first == again == other
    assert len(tickets(office)) == 1
    assert count(office, Message) == 1


def test_six_hundred_copies_open_one_ticket(office: Office) -> None:
    form = text_form(NUMBERS.wang, "3栋路灯不亮")
    start, app = threading.Barrier(16), door(office)

    def deliver(n: int) -> tuple[int, str]:
        if n < 16:
            start.wait(timeout=30)
        return post(office, "/sms/incoming", form, app=app)

    with ThreadPoolExecutor(16) as pool:
        answers = Counter(pool.map(deliver, range(600)))
    ((status, answer),) = answers
    assert status == 200
    (ticket,) = tickets(office)
    assert str(ticket.number) in (reply_in(answer) or "")
    assert count(office, InboundReceipt) == 1


def test_one_keepers_two_texts_at_once_are_both_answered(office: Office, send: Send) -> None:
    number = dispatched(office, send)
    with ThreadPoolExecutor(2) as pool:
        replies = list(
            pool.map(lambda text: send(NUMBERS.zhao, text), [f"接{number}", f"办结{number} 换了灯泡"])
        )
    assert all(replies)
    assert status_of(office, number) in (Status.RESOLVED, Status.IN_PROGRESS)


@pytest.mark.parametrize("signature", ["", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="])
@pytest.mark.parametrize("path", ["/sms/incoming", "/sms/status?message=x"])
def test_a_forged_text_is_refused_and_not_stored(office: Office, signature: str, path: str) -> None:
    status, _ = post(office, path, text_form(NUMBERS.wang, "路灯不亮"), signature=signature)
    assert status == 403
    assert count(office, InboundReceipt) == count(office, Message) == 0


def test_a_text_without_an_identifier_is_refused(office: Office) -> None:
    form = text_form(NUMBERS.wang, "路灯不亮")
    del form["MessageSid"]
    assert post(office, "/sms/incoming", form)[0] == 400


def test_status_reports_reach_the_text_through_its_url(office: Office, send: Send) -> None:
    send(NUMBERS.wang, "三栋着火了")
    with office.db.transaction(read_only=True) as session:
        uid = session.scalars(select(Message.uid).where(Message.purpose == "alert")).one()
    form = {"MessageSid": "SM1", "MessageStatus": "delivered", "ErrorCode": "x" * 50}
    assert post(office, f"/sms/status?message={uid}&attempt=1", form)[0] == 204
    assert post(office, "/sms/status?message=nobody", form)[0] == 204
    with office.db.transaction(read_only=True) as session:
        assert session.scalars(select(Message.state).where(Message.uid == uid)).one() == "delivered"


def test_our_own_words_coming_back_start_no_loop(office: Office, send: Send) -> None:
    reply = send(NUMBERS.wang, "3栋路灯不亮")
    assert reply is not None
    assert send(NUMBERS.wang, reply) is None
    assert len(tickets(office)) == 1


def test_whoever_quotes_us_and_adds_something_is_heard_and_not_answered(office: Office, send: Send) -> None:
    reply = send(NUMBERS.wang, "3栋路灯不亮")
    assert send(NUMBERS.wang, f"{reply} 三栋水管也爆了") is None
    assert len(tickets(office)) == 2
