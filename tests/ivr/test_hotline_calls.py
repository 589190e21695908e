"""Calls to the hotline through the real door and a real database: every row of "what happens on a call"."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from app.community import NUMBERS
from app.queue import JobName
from models.base import Base
from models.call import Call
from models.callback import Callback, CallbackKind
from models.lifecycle import Status
from models.message import Message
from models.receipt import InboundReceipt
from models.recording import Recording
from models.ticket import Ticket
from speech.numbers import spoken_digits
from tests.support.line import Line
from tests.support.office import Office

Ring = Callable[..., Line]
STRANGER = NUMBERS.stranger
TWICE = pytest.mark.parametrize("times", [1, 2], ids=["once", "every webhook twice"])


def tickets(office: Office) -> list[Ticket]:
    with office.db.transaction(read_only=True) as session:
        return list(session.scalars(select(Ticket).order_by(Ticket.id)))


def return_calls(office: Office) -> list[Callback]:
    with office.db.transaction(read_only=True) as session:
        query = select(Callback).where(Callback.kind == CallbackKind.RETURN_CALL)
        return list(session.scalars(query))


def count(office: Office, model: type[Base]) -> int:
    with office.db.transaction(read_only=True) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def recordings_of(office: Office, ticket: Ticket) -> int:
    with office.db.transaction(read_only=True) as session:
        query = select(func.count()).select_from(Recording).where(Recording.ticket_id == ticket.id)
        return session.scalar(query) or 0


def call_row(office: Office, line: Line) -> Call:
    with office.db.transaction(read_only=True) as session:
        return session.scalars(select(Call).where(Call.carrier_sid == line.sid)).one()


def number_told(line: Line, ticket: Ticket) -> int:
    return line.said.count(spoken_digits(str(ticket.number)))


@TWICE
def test_confirmed_words_become_a_ticket_whose_number_is_spoken_twice(
    office: Office, ring: Ring, times: int
) -> None:
    line = ring(times=times).says("三栋二单元路灯不亮了")
    assert "三栋二单元路灯不亮，是吗？" in line.said
    line.says("对")
    line.over()
    (ticket,) = tickets(office)
    assert (ticket.status, ticket.category, ticket.building, ticket.unit_no) == (
        Status.NEW,
        "repairs",
        "3",
        "2",
    )
    assert number_told(line, ticket) == 2 and "幺零零幺" in line.said
    assert line.has("Hangup") and "再见" in line.heard[-1]
    assert recordings_of(office, ticket) == 2
    assert return_calls(office) == []
    assert call_row(office, line).settled_at is not None
    assert (JobName.DISPATCH, ticket.id) in office.hands.pushed


@TWICE
def test_a_no_gives_one_more_try_and_then_a_person_listens(office: Office, ring: Ring, times: int) -> None:
    line = ring(times=times).says("三栋二单元路灯不亮了").says("不对").says("四栋下水道堵了")
    assert "四栋下水道堵了，是吗？" in line.said
    line.says("不是")
    line.over()
    (ticket,) = tickets(office)
    assert ticket.status is Status.NEEDS_LISTENING
    assert "给您回电话" in line.said and number_told(line, ticket) == 2
    assert len(return_calls(office)) == 1


def test_a_category_that_is_not_certain_is_read_back_and_can_be_denied(
    office: Office, ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.hearing._CERTAIN", 1.01)
    line = ring().says("四栋下水道堵了")
    assert "四栋下水道堵了，算维修的事，是吗？" in line.said
    monkeypatch.undo()
    line.says("不是").says("三栋二单元路灯不亮了")
    assert "三栋二单元路灯不亮，是吗？" in line.said
    line.says("对")
    line.over()
    assert [ticket.category for ticket in tickets(office)] == ["repairs"]


def test_where_is_asked_once_when_nobody_knows(office: Office, ring: Ring) -> None:
    line = ring().says("路灯不亮了")
    assert "请问在哪栋楼" in line.said
    line.says("三栋二单元")
    assert line.said.endswith("三栋二单元路灯不亮，是吗？对按1，不对按2，人工按0。")
    line.presses("1")
    assert tickets(office)[0].building == "3"


def test_a_known_address_is_never_read_out(office: Office, ring: Ring) -> None:
    line = ring(NUMBERS.wang).says("路灯不亮了")
    assert "路灯不亮，是您家附近吗？" in line.said and "三栋" not in line.said and "3栋" not in line.said
    line.says("是的")
    (ticket,) = tickets(office)
    assert ticket.status is Status.NEW and ticket.unit_id is not None


@TWICE
def test_not_understood_twice_is_for_a_person_to_hear(office: Office, ring: Ring, times: int) -> None:
    line = ring(times=times).mumbles()
    assert "维修按1" in line.said and "人工按0" in line.said
    line.mumbles()
    line.over()
    (ticket,) = tickets(office)
    assert ticket.status is Status.NEEDS_LISTENING and ticket.text == ""
    assert recordings_of(office, ticket) == 2
    assert len(return_calls(office)) == 1 and "给您回电话" in line.said
    assert number_told(line, ticket) == 2


@TWICE
def test_low_confidence_counts_as_not_understood(office: Office, ring: Ring, times: int) -> None:
    line = ring(times=times).says("三栋二单元路灯不亮了", 0.3).says("三栋路灯", 0.2)
    line.over()
    (ticket,) = tickets(office)
    assert ticket.status is Status.NEEDS_LISTENING and recordings_of(office, ticket) == 2


@TWICE
def test_hang_up_in_the_middle_of_a_sentence_keeps_what_was_said(
    office: Office, ring: Ring, times: int
) -> None:
    line = ring(times=times).hangs_up(text="三栋二单", confidence=0.8, speech_seconds=1.0)
    (ticket,) = tickets(office)
    assert ticket.status is Status.NEEDS_LISTENING
    assert recordings_of(office, ticket) == 1
    assert len(return_calls(office)) == 1
    assert call_row(office, line).settled_at is not None


def test_hang_up_before_the_question_is_confirmed_keeps_what_was_said(office: Office, ring: Ring) -> None:
    ring().says("三栋二单元路灯不亮了").hangs_up()
    (ticket,) = tickets(office)
    assert ticket.status is Status.NEEDS_LISTENING and ticket.category == "repairs"
    assert len(return_calls(office)) == 1


def test_the_end_of_a_call_may_overtake_the_gateway(office: Office, ring: Ring) -> None:
    line = ring()
    with office.db.transaction() as session:
        line.turn_row(session).token_used_at = office.moment
    line.over()
    assert tickets(office) == [] and call_row(office, line).settled_at is None
    line.gateway("hangup", text="三栋二单元路灯不亮", confidence=0.9, speech_seconds=2.0)
    assert len(tickets(office)) == 1 and len(return_calls(office)) == 1


@TWICE
def test_silence_twice_makes_no_ticket_and_one_return_call_an_hour(
    office: Office, ring: Ring, times: int
) -> None:
    for _ in range(2):
        line = ring(times=times).is_silent().is_silent()
        line.over()
        assert "给您回电话" in line.said and line.has("Hangup")
    assert tickets(office) == [] and len(return_calls(office)) == 1


@TWICE
def test_hang_up_before_a_sound_makes_no_ticket_and_one_return_call(
    office: Office, ring: Ring, times: int
) -> None:
    for _ in range(2):
        ring(times=times).hangs_up()
    assert tickets(office) == [] and len(return_calls(office)) == 1


@TWICE
def test_zero_rings_a_person_who_presses_1(office: Office, ring: Ring, times: int) -> None:
    line = ring(times=times).presses("0")
    number = line.find("Number")
    assert number.text == NUMBERS.desk and line.find("Dial").get("timeout") == "25"
    whisper = line.deliver(path_of(number.get("url")), CallSid="CAchild")
    assert "按1接听" in whisper
    base = path_of(number.get("url"))
    line.deliver(f"{base}/accept", CallSid="CAchild", Digits="1")
    line.say_is(line.deliver(path_of(line.find("Dial").get("action")), DialCallStatus="completed"))
    line.over()
    assert tickets(office) == [] and return_calls(office) == []


@TWICE
def test_zero_without_a_person_is_a_return_call_with_its_time(office: Office, ring: Ring, times: int) -> None:
    line = ring(times=times).presses("0")
    refused = line.deliver(path_of(line.find("Number").get("url")) + "/accept", Digits="9")
    assert "Hangup" in refused
    line.say_is(line.deliver(path_of(line.find("Dial").get("action")), DialCallStatus="no-answer"))
    line.over()
    assert "点前给您回电话" in line.said
    assert len(return_calls(office)) == 1 and tickets(office) == []


def test_zero_after_something_was_said_makes_a_ticket_too(office: Office, ring: Ring) -> None:
    line = ring().says("三栋二单元路灯不亮了").presses("0")
    line.say_is(line.deliver(path_of(line.find("Dial").get("action")), DialCallStatus="busy"))
    (ticket,) = tickets(office)
    assert ticket.status is Status.NEEDS_LISTENING and number_told(line, ticket) == 2
    assert len(return_calls(office)) == 1


def test_hang_up_while_a_person_is_rung_keeps_the_promise(office: Office, ring: Ring) -> None:
    line = ring().presses("0")
    line.deliver(path_of(line.find("Dial").get("action")), DialCallStatus="canceled", CallStatus="completed")
    assert len(return_calls(office)) == 1 and tickets(office) == []
    assert call_row(office, line).settled_at is not None


def test_staff_numbers_are_not_stored_in_the_clear(office: Office, ring: Ring) -> None:
    line = ring().presses("0")
    with office.db.transaction(read_only=True) as session:
        turn = line.turn_row(session)
    assert NUMBERS.desk not in turn.twiml and NUMBERS.desk in line.xml


@TWICE
def test_danger_is_told_first_and_the_duty_phone_is_texted(office: Office, ring: Ring, times: int) -> None:
    line = ring(NUMBERS.wang, times=times).says("三栋二单元着火了")
    assert line.heard[1] == "有危险请马上打幺幺九！"
    line.over()
    (ticket,) = tickets(office)
    assert (ticket.status, ticket.danger, ticket.urgent) == (Status.NEW, "119", True)
    assert number_told(line, ticket) == 2
    with office.db.transaction(read_only=True) as session:
        (alert,) = session.scalars(select(Message).where(Message.purpose == "alert"))
        assert alert.until_delivered and str(ticket.number) in alert.body


def test_danger_without_a_place_is_alerted_before_the_place_is_asked(office: Office, ring: Ring) -> None:
    line = ring().says("着火了快来人")
    assert len(tickets(office)) == 1 and "请问在哪栋楼" in line.said
    line.says("三栋")
    (ticket,) = tickets(office)
    assert ticket.building == "3" and "值班人员马上处理" in line.said
    with office.db.transaction(read_only=True) as session:
        bodies = [m.body for m in session.scalars(select(Message).where(Message.purpose == "alert"))]
    assert any("3栋" in body for body in bodies)


def test_danger_told_while_hanging_up_is_alerted_all_the_same(office: Office, ring: Ring) -> None:
    ring(NUMBERS.wang).hangs_up(text="三栋着火了", confidence=0.9, speech_seconds=1.0)
    (ticket,) = tickets(office)
    assert ticket.danger == "119" and count(office, Message) == 1


def test_progress_is_told_to_the_number_that_reported(office: Office, ring: Ring) -> None:
    ring(NUMBERS.wang).says("三栋二单元路灯不亮了").says("对").over()
    line = ring(NUMBERS.wang).says("我的事办得怎么样了")
    told = line.said.split("找人工按0。")[-1]
    assert "维修的事" in told and "前答复您" in told
    assert all(secret not in told for secret in ("王", "路灯", "三栋", "3栋"))
    line.over()
    assert len(tickets(office)) == 1 and return_calls(office) == []


def test_progress_from_elsewhere_needs_number_and_last_four_digits(office: Office, ring: Ring) -> None:
    ring(NUMBERS.wang).says("三栋二单元路灯不亮了").says("对").over()
    line = ring(STRANGER).says("查询进度").presses("1001").presses("9999")
    assert "没有对上" in line.said
    line.says("一零零一").presses("1111")
    assert "维修的事" in line.said and "路灯" not in line.said


def test_five_wrong_proofs_lock_a_ticket_for_an_hour(office: Office, ring: Ring) -> None:
    ring(NUMBERS.wang).says("三栋二单元路灯不亮了").says("对").over()
    for caller in ("+8613900000001", "+8613900000002", "+8613900000003"):
        ring(caller).says("查询进度").presses("1001").presses("9999").presses("1001").presses("9998")
    line = ring(STRANGER).says("查询进度").presses("1001").presses("1111")
    assert "维修的事" not in line.said and "暂时没有查到" in line.said
    office.pass_time(minutes=61)
    assert "维修的事" in ring(STRANGER).says("查询进度").presses("1001").presses("1111").said


def test_the_keypad_alone_is_enough(office: Office, ring: Ring) -> None:
    line = ring().is_silent().presses("1")
    assert "是什么事，在哪里" in line.said
    line.says("三栋二单元漏水").over()
    (ticket,) = tickets(office)
    assert ticket.category == "repairs" and ticket.status is Status.NEW


def test_a_chosen_category_with_words_nobody_understands_is_listened_to(office: Office, ring: Ring) -> None:
    line = ring().presses("4").mumbles()
    (ticket,) = tickets(office)
    assert ticket.category == "mediation" and ticket.status is Status.NEEDS_LISTENING
    assert number_told(line, ticket) == 2


def test_a_lost_stream_asks_for_keys_and_counts_as_no_failed_try(office: Office, ring: Ring) -> None:
    line = ring().go_on()  # the redirect comes, and nothing was saved
    assert not line.has("Stream") and line.has("Gather") and "维修按1" in line.said
    line.is_silent()
    assert line.has("Gather"), "the first failed try asks again"


def test_withheld_and_senseless_numbers_are_served_too(office: Office, ring: Ring) -> None:
    for caller in ("anonymous", "+266696687", "", "sip:alice@example.com", "1" * 60):
        line = ring(caller).is_silent().is_silent()
        assert "看不到您的号码" in line.said, caller
        ring(caller).says("三栋二单元路灯不亮了").says("对").over()
    assert len(tickets(office)) == 5 and return_calls(office) == []
    assert all(ticket.reporter_id is None for ticket in tickets(office))


def test_numbers_that_we_do_not_ring_get_no_promise(office: Office, ring: Ring) -> None:
    line = ring("+12125550123").is_silent().is_silent()
    assert "给您回电话" not in line.said.replace("不能给您回电话", "") and return_calls(office) == []


def test_full_gateway_means_keys_from_the_start(office: Office, ring: Ring) -> None:
    limit = office.runtime.settings.gateway_max_calls
    for _ in range(limit):
        assert ring().has("Stream")
    line = ring()
    assert line.has("Gather") and not line.has("Stream") and "维修按1" in line.said


def test_one_call_one_receipt(office: Office, ring: Ring) -> None:
    ring(times=3)
    assert count(office, Call) == 1 and count(office, InboundReceipt) == 1


def path_of(url: str | None) -> str:
    prefix = "https://hotline.example"
    assert url is not None and url.startswith(prefix)
    return url.removeprefix(prefix)
