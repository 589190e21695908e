"""The control run: without a speech model nothing is recognised, and nothing is lost."""

from collections.abc import Iterator

import pytest

from app.demo import speak
from app.stage import Stage
from models.callback import CallbackKind
from models.lifecycle import Status
from speech.audio import read_wav, rms_dbfs
from tests.support.town import Town, free_ports, said

pytestmark = pytest.mark.scenario


@pytest.fixture(scope="module")
def deaf_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    home = tmp_path_factory.mktemp("deaf")
    with Stage(home, free_ports(), environment={"JIACHANG_SPEECH_MODEL": str(home / "no-model")}) as stage:
        yield Town(stage)


def test_what_was_said_is_not_recognised_and_reaches_a_person(deaf_town: Town) -> None:
    caller = deaf_town.resident()
    call = deaf_town.ring(caller, [speak("三栋二单元路灯不亮了"), speak("三栋二单元路灯不亮了")])
    assert "路灯" not in said(call) and "是吗" not in said(call)
    (ticket,) = deaf_town.tickets(caller)
    assert (ticket.status, ticket.category, ticket.building) == (Status.NEEDS_LISTENING, None, None)
    files = deaf_town.recordings(ticket)
    assert files and all(rms_dbfs(read_wav(path)) > -60 for path in files)
    assert len(deaf_town.callbacks(caller, CallbackKind.RETURN_CALL)) == 1


def test_the_keypad_still_works(deaf_town: Town) -> None:
    caller = deaf_town.resident()
    deaf_town.ring(caller, [{"press": "1"}, speak("三栋二单元漏水")])
    (ticket,) = deaf_town.tickets(caller)
    assert ticket.category == "repairs" and deaf_town.recordings(ticket)
