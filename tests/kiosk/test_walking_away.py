"""She says it and goes: what the kiosk has heard reaches a person all the same, as after a hang-up on the telephone."""

from pathlib import Path

import pytest

from app.settings import load_settings
from models.lifecycle import Status
from speech.voice import synthesise
from speech.vosk_engine import VoskEngine
from tests.support.chromium import chromium, write_microphone
from tests.support.station import station

pytestmark = pytest.mark.timeout(120)
LEFT = 90_000 + 2000  # ms: she is asked whether she is there …
GONE = 30_000 + 2000  # … and is not


@pytest.mark.parametrize("agreed", [True, False])
def test_who_walks_away_after_speaking_has_a_ticket_with_her_voice(tmp_path: Path, agreed: bool) -> None:
    voice = write_microphone(tmp_path / "voice.wav", synthesise("三栋二单元路灯不亮了"), after=1.0)
    engine = VoskEngine.load(load_settings({}).speech_model)
    with station(tmp_path, engine) as here, chromium(voice) as browser, here.kiosk(browser) as screen:
        screen.press("speak")
        screen.at("hear")
        if agreed:
            screen.press("yes")
            screen.at("contact")
        screen.wait(LEFT)
        screen.wait(GONE)
        screen.at("home")
        [ticket] = here.wait_for(1, screen)
        # Only words to which she said 对 count; else somebody listens
        assert ticket.status is (Status.NEW if agreed else Status.NEEDS_LISTENING)
        assert (ticket.building, ticket.reporter_id) == ("3", None)
        assert here.recordings(ticket)
        assert screen.waiting == 0


def test_who_goes_back_to_the_beginning_by_herself_has_none(tmp_path: Path) -> None:
    voice = write_microphone(tmp_path / "voice.wav", synthesise("三栋二单元路灯不亮了"), after=1.0)
    with station(tmp_path) as here, chromium(voice) as browser, here.kiosk(browser) as screen:
        screen.press("speak")
        screen.at("hear")
        screen.press("home")
        screen.wait(LEFT)
        screen.wait(GONE)
        screen.at("home")
        assert here.tickets() == [] and screen.waiting == 0
