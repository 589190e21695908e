"""The call to whoever is on duty for a kiosk, as the carrier walks through it."""

from collections.abc import Callable

import pytest

from app.desk import kiosk_help
from app.jobs.kiosk_help import ring_help
from models.kiosk import Kiosk
from models.kiosk_help import HelpState
from tests.support.enrolled import enrolled_kiosk
from tests.support.line import Line, voice_app
from tests.support.office import Office

UUID = "3f0c7a52-9f0e-4c8e-8a43-0a4f3d1a9b11"


@pytest.fixture
def state(office: Office) -> Callable[[], HelpState]:
    """Somebody has asked, and the telephone rings."""
    kiosk_id, _ = enrolled_kiosk(office)
    with office.db.transaction() as session:
        kiosk = session.get_one(Kiosk, kiosk_id)
        kiosk_help.ask(session, office.runtime.desk, kiosk, UUID, now=office.moment)
    for _, id_ in office.hands.pushed:
        ring_help(office.runtime, id_)

    def look() -> HelpState:
        with office.db.transaction(read_only=True) as session:
            return kiosk_help.state_of(session, kiosk, UUID, now=office.moment)

    return look


@pytest.fixture
def line(office: Office, state: Callable[[], HelpState]) -> Line:
    """The carrier's webhooks, each delivered twice."""
    client = voice_app(office.runtime).test_client()
    return Line(office, client, times=2, sid=office.carrier.calls[0].sid)


def test_where_help_is_wanted_is_said_and_1_accepts(line: Line, state: Callable[[], HelpState]) -> None:
    line.say_is(line.deliver(f"/voice/help/{UUID}"))
    assert line.heard == ["驿站自助屏有居民需要帮忙，幸福里驿站，3栋楼下，菜市场对面。按 1 就去。"]
    gather = line.find("Gather")
    assert gather.get("action") == f"https://hotline.example/voice/help/{UUID}/key"
    line.say_is(line.deliver(f"/voice/help/{UUID}/key", Digits="1"))
    assert "已经告诉居民您马上到" in line.heard[-1] and line.has("Hangup")
    line.deliver(f"/voice/status?help={UUID}", CallStatus="completed")
    assert state() is HelpState.COMING


def test_any_other_key_and_the_resident_is_asked_for_her_number(
    line: Line, state: Callable[[], HelpState]
) -> None:
    line.deliver(f"/voice/help/{UUID}")
    line.say_is(line.deliver(f"/voice/help/{UUID}/key", Digits="2"))
    assert "留电话" in line.heard[-1] and state() is HelpState.NOBODY


def test_who_is_late_hears_that_nobody_waits_any_more(
    office: Office, line: Line, state: Callable[[], HelpState]
) -> None:
    line.deliver(f"/voice/help/{UUID}")
    office.pass_time(minutes=1)
    line.say_is(line.deliver(f"/voice/help/{UUID}/key", Digits="1"))
    assert "不用去了" in line.heard[-1] and state() is HelpState.NOBODY
    line.say_is(line.deliver(f"/voice/help/{UUID}"))
    assert "不用去了" in line.heard[-1] and line.has("Hangup")


def test_an_unknown_ring_is_answered_politely(line: Line) -> None:
    for path in ("/voice/help/nobody", "/voice/help/nobody/key"):
        assert "不用去了" in line.deliver(path, Digits="1")
    assert line.deliver("/voice/status?help=nobody", CallStatus="busy") == ""
