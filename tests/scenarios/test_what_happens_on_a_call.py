"""Every row of the table "what happens on a call", plain, and with each webhook doubled and shuffled.

Nothing is mocked: real processes, real audio in real time (faster), real recognition. Assertions read the database,
the dialogue and the audio.
"""

from pathlib import Path
from typing import Any

import pytest

from app.community import NUMBERS
from app.demo import speak, spoken_number
from models.callback import CallbackKind
from models.lifecycle import Status
from speech.audio import read_wav, rms_dbfs
from tests.support.town import DOUBLED, Town, said

pytestmark = pytest.mark.scenario
PASSES = pytest.mark.parametrize("faults", [{}, DOUBLED], ids=["plain", "doubled"])
GIBBERISH = "哔哩吧啦哔哩吧啦"


def assert_kept_for_a_person(town: Town, caller: str) -> None:
    """needs_listening with audio that can be heard, and one return call."""
    tickets = town.tickets(caller)
    assert [t.status for t in tickets] == [Status.NEEDS_LISTENING]
    files = town.recordings(tickets[0])
    assert files and all(is_audible(path) for path in files)
    assert len(town.callbacks(caller, CallbackKind.RETURN_CALL)) == 1


def is_audible(path: Path) -> bool:
    return rms_dbfs(read_wav(path)) > -60


@PASSES
def test_a_sentence_confirmed_makes_one_ticket_with_the_number_spoken(
    town: Town, faults: dict[str, Any]
) -> None:
    caller = town.resident()
    call = town.ring(caller, [speak("三栋二单元路灯不亮了"), speak("对")], **faults)
    (ticket,) = town.tickets(caller)
    assert (ticket.category, ticket.building, ticket.unit_no) == ("repairs", "3", "2")
    assert said(call).count(spoken_number(ticket.number)) == 2
    assert town.actions(ticket)[0] == "open"
    town.wait("dispatch", town.status_is(ticket.number, "dispatched"))
    assert [m["body"] for m in town.exchange.messages(NUMBERS.zhao) if str(ticket.number) in m["body"]]
    assert town.callbacks(caller, CallbackKind.RETURN_CALL) == []


@PASSES
def test_hang_up_in_the_middle_of_a_sentence_keeps_what_was_said(town: Town, faults: dict[str, Any]) -> None:
    caller = town.stranger()
    broken_off = speak("三栋二单元路灯不亮了") | {"seconds": 1.5}
    town.ring(caller, [broken_off, {"hangup": True}], **faults)
    assert_kept_for_a_person(town, caller)


@PASSES
def test_not_understood_twice_is_for_a_person_to_hear(town: Town, faults: dict[str, Any]) -> None:
    caller = town.stranger()
    call = town.ring(caller, [speak(GIBBERISH), speak(GIBBERISH)], **faults)
    assert_kept_for_a_person(town, caller)
    assert "给您回电话" in said(call) and "维修按1" in said(call)


@PASSES
def test_noise_twice_is_for_a_person_to_hear(town: Town, faults: dict[str, Any]) -> None:
    caller = town.stranger()
    loud = {"noise": 12.0, "level": -25.0, "wait_prompt": True}
    town.ring(caller, [loud, loud], **faults)
    assert_kept_for_a_person(town, caller)


@PASSES
def test_silence_twice_makes_no_ticket_and_one_return_call_an_hour(
    town: Town, faults: dict[str, Any]
) -> None:
    caller = town.stranger()
    for _ in range(2):
        call = town.ring(caller, [], **faults)
        assert call["ended_by"] == "hotline" and "再见" in said(call)
    assert town.tickets(caller) == []
    assert len(town.callbacks(caller, CallbackKind.RETURN_CALL)) == 1


@PASSES
def test_hang_up_before_a_sound_makes_no_ticket_and_one_return_call(
    town: Town, faults: dict[str, Any]
) -> None:
    caller = town.stranger()
    for _ in range(2):
        town.ring(caller, [{"silence": 1.0}, {"hangup": True}], **faults)
    assert town.tickets(caller) == []
    assert len(town.callbacks(caller, CallbackKind.RETURN_CALL)) == 1


@PASSES
def test_zero_rings_a_person_who_presses_1(town: Town, faults: dict[str, Any]) -> None:
    caller = town.stranger()
    town.answers(NUMBERS.desk, {"press": "1"}, {"silence": 3.0}, {"hangup": True})
    call = town.ring(caller, [{"press": "0"}], **faults)
    row = town.call_row(call["sid"])
    assert row is not None and row.person_accepted_at is not None
    assert town.tickets(caller) == [] and town.callbacks(caller, CallbackKind.RETURN_CALL) == []


@PASSES
@pytest.mark.parametrize("phone", ["no_answer", "machine"])
def test_zero_without_a_person_is_a_return_call_with_its_time(
    town: Town, faults: dict[str, Any], phone: str
) -> None:
    caller = town.stranger()
    town.exchange.handset(NUMBERS.desk, calls=[{"outcome": phone, "delay": 1.0, "pace": 6.0}])
    call = town.ring(caller, [{"press": "0"}], **faults)
    assert len(town.callbacks(caller, CallbackKind.RETURN_CALL)) == 1
    assert "给您回电话" in said(call)
    assert town.tickets(caller) == []


@PASSES
def test_zero_after_something_was_said_keeps_it(town: Town, faults: dict[str, Any]) -> None:
    caller = town.stranger()
    town.exchange.handset(NUMBERS.desk, calls=[{"outcome": "busy"}])
    call = town.ring(caller, [speak("三栋二单元路灯不亮了"), {"press": "0"}], **faults)
    (ticket,) = town.tickets(caller)
    assert said(call).count(spoken_number(ticket.number)) == 2
    assert town.recordings(ticket)
    assert len(town.callbacks(caller, CallbackKind.RETURN_CALL)) == 1


@PASSES
def test_danger_is_told_at_once_and_the_duty_phone_is_texted_until_delivered(
    town: Town, faults: dict[str, Any]
) -> None:
    caller = town.resident()
    town.exchange.handset(
        NUMBERS.duty, texts=[{"outcome": "undelivered", "code": 30003}, {"outcome": "deliver"}]
    )
    call = town.ring(caller, [speak("三栋二单元着火了")], **faults)
    (ticket,) = town.tickets(caller)
    answer = next(line["text"] for line in call["dialogue"][2:] if line["who"] == "hotline")
    assert "119" in answer or "幺幺九" in answer
    assert ticket.urgent and ticket.danger == "119"

    def delivered() -> bool | None:
        alerts = [m for m in town.exchange.messages(NUMBERS.duty) if str(ticket.number) in m["body"]]
        return True if any(m["status"] == "delivered" for m in alerts) else None

    town.wait("the alert is delivered", delivered)
    assert len([m for m in town.exchange.messages(NUMBERS.duty) if str(ticket.number) in m["body"]]) == 2


@PASSES
def test_progress_of_my_matter_is_told_without_text_or_name(town: Town, faults: dict[str, Any]) -> None:
    caller = town.resident(name="王阿姨")
    town.ring(caller, [speak("三栋二单元路灯不亮了"), {"press": "1"}])
    call = town.ring(caller, [speak("查询进度")], **faults)
    assert len(town.tickets(caller)) == 1
    told = said(call)
    assert "前答复您" in told
    assert "王" not in told and "路灯" not in told and "三栋" not in told


@PASSES
def test_the_keypad_alone_is_enough(town: Town, faults: dict[str, Any]) -> None:
    caller = town.resident()
    town.ring(caller, [{"silence": 12.0}, {"press": "1"}, speak("三栋二单元漏水")], **faults)
    (ticket,) = town.tickets(caller)
    assert ticket.category == "repairs"
    assert town.recordings(ticket)
