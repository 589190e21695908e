"""Carriers without streams, streams that break, and a gateway that dies in the middle of a sentence."""

import os
import signal
import time
from collections.abc import Iterator

import pytest

from app.demo import speak, spoken_number
from app.stage import Stage
from models.callback import CallbackKind
from models.lifecycle import Status
from speech.audio import read_wav, rms_dbfs
from tests.support.town import PACE, Town, free_ports, said

pytestmark = pytest.mark.scenario


@pytest.fixture(scope="module")
def plain_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Behind a Twilio-compatible carrier without media streams and with quirks of its own."""
    environment = {"JIACHANG_CARRIER": "compatible"}
    with Stage(tmp_path_factory.mktemp("plain"), free_ports(), environment=environment) as stage:
        stage.exchange.faults(profile="compatible", streams=False)
        yield Town(stage)


AFTER_THE_BEEP = {"after": 2.0}


def test_without_streams_a_recording_is_understood_by_the_worker(plain_town: Town) -> None:
    caller = plain_town.resident()
    call = plain_town.ring(
        caller, [speak("三栋二单元路灯不亮了") | AFTER_THE_BEEP, {"silence": 8.0}, {"press": "1"}]
    )
    (ticket,) = plain_town.tickets(caller)
    assert (ticket.category, ticket.building, ticket.unit_no) == ("repairs", "3", "2")
    assert said(call).count(spoken_number(ticket.number)) == 2
    plain_town.wait("the recording is fetched", lambda: plain_town.recordings(ticket) or None)


def test_without_streams_the_call_back_works_by_key(plain_town: Town) -> None:
    caller = plain_town.resident()
    keys = [{"press": key} for key in "11121"]
    plain_town.answers(caller, *keys, {"hangup": True, "wait_prompt": True})
    plain_town.ring(
        caller, [speak("三栋二单元路灯不亮了") | AFTER_THE_BEEP, {"silence": 8.0}, {"press": "1"}]
    )
    (ticket,) = plain_town.tickets(caller)
    plain_town.wait("dispatch", plain_town.status_is(ticket.number, "dispatched"))
    plain_town.keeper("+8613800002001", f"办结 {ticket.number} 换了灯泡")
    plain_town.wait("closed", plain_town.status_is(ticket.number, "closed"))


@pytest.mark.parametrize("how", ["drop", "malformed", "bad_base64"])
def test_a_stream_that_breaks_goes_on_by_keypad(town: Town, how: str) -> None:
    caller = town.resident()
    broken = {"how": how, "after": 12.0, "nth": 1}
    # Eight seconds of the call, 1.3 of ours: a busy gateway may take one to notice, and a key pressed before that is lost
    steps = [{"silence": 20.0}, {"press": "1"}, speak("三栋二单元漏水")]
    result = town.exchange.wait_call(
        town.exchange.call(caller, steps, pace=PACE, faults={"stream_break": broken})
    )
    assert "维修按1" in said(result)
    ticket = town.wait("a ticket", lambda: next(iter(town.tickets(caller)), None))
    assert ticket.category == "repairs"


def test_a_gateway_killed_in_the_middle_of_a_sentence_loses_no_word(town: Town) -> None:
    caller = town.resident()
    call_id = town.exchange.call(
        caller, [speak("三栋二单元路灯不亮了"), {"silence": 2.0}, {"hangup": True}], pace=1.0
    )

    def speaking() -> bool | None:
        lines = town.exchange.get_call(call_id)["dialogue"]
        return True if any(line["who"] == "caller" for line in lines) else None

    town.wait("she speaks", speaking)
    time.sleep(1.5)  # in the middle of her sentence
    pid = town.stage.supervisor.pid("gateway")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    town.exchange.wait_call(call_id)
    (ticket,) = town.wait("a ticket", lambda: town.tickets(caller) or None, patience=120)
    assert ticket.status is Status.NEEDS_LISTENING
    files = town.wait("its audio", lambda: town.recordings(ticket) or None)
    assert all(rms_dbfs(read_wav(path)) > -60 for path in files)
    assert len(town.callbacks(caller, CallbackKind.RETURN_CALL)) == 1
