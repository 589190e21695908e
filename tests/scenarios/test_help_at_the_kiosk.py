"""找真人帮忙 over the local exchange: the telephone on duty rings, and the page learns what came of it."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.desk import kiosk_help
from models.kiosk import Kiosk
from models.kiosk_help import HelpState, KioskHelp
from models.station import Station
from models.unit import Unit
from tests.support.town import DOUBLED, PACE, Town, said

pytestmark = pytest.mark.scenario
PRESS_1 = {"press": "1"}


class Corner:
    """A station with a kiosk and a telephone on duty, met by no other scenario."""

    def __init__(self, town: Town, letter: str) -> None:
        self.town, self.phone, self.uuid = town, town.stranger(), str(uuid4())
        runtime = town.stage.runtime
        with runtime.db.transaction() as session:
            top = session.scalars(select(Unit).where(Unit.kind == "community")).one()
            unit = Unit(
                parent_id=top.id, path="/", kind="grid", name=letter, label=letter, duty_phone=self.phone
            )
            session.add(unit)
            session.flush()
            unit.path = f"{top.path}{unit.id}/"
            station = Station(
                unit_id=unit.id, name="幸福里驿站", letter=letter, address="3栋楼下", hours="08:00-21:00",
                created_at=runtime.now(),
            )  # fmt: skip
            session.add(station)
            session.flush()
            self.kiosk = Kiosk(station_id=station.id, slip_prefix=letter, created_at=runtime.now())
            session.add(self.kiosk)

    def ask(self) -> HelpState:
        runtime = self.town.stage.runtime
        with runtime.db.transaction() as session:
            return kiosk_help.ask(session, runtime.desk, self.kiosk, self.uuid, now=runtime.now())

    def told(self, wanted: HelpState) -> None:
        runtime = self.town.stage.runtime

        def look() -> bool | None:
            with runtime.db.transaction(read_only=True) as session:
                found = kiosk_help.state_of(session, self.kiosk, self.uuid, now=runtime.now())
            return True if found is wanted else None

        self.town.wait(f"the page says {wanted.value}", look)

    def calls(self) -> list[dict[str, Any]]:
        return self.town.exchange.calls_to(self.phone)


@pytest.mark.parametrize(("letter", "faults"), [("P", {}), ("Q", DOUBLED)], ids=["plain", "doubled"])
def test_whoever_is_on_duty_presses_1_and_the_page_says_coming(
    town: Town, letter: str, faults: dict[str, Any]
) -> None:
    corner = Corner(town, letter)
    town.answers(corner.phone, PRESS_1, {"silence": 3.0}, **faults)
    assert [corner.ask(), corner.ask()] == [HelpState.RINGING] * 2
    corner.told(HelpState.COMING)
    town.wait("the call is over", lambda: corner.calls()[0]["done"] or None)
    (call,) = corner.calls()
    assert not call["violations"], call["violations"]
    assert "有居民需要帮忙" in said(call) and "已经告诉居民您马上到" in said(call)
    corner.told(HelpState.COMING)


def test_a_call_that_is_hung_up_without_a_key_comes_to_nobody(town: Town) -> None:
    corner = Corner(town, "R")
    town.answers(corner.phone, {"silence": 1.0}, {"hangup": True})
    corner.ask()
    corner.told(HelpState.NOBODY)
    assert len(corner.calls()) == 1


def test_a_telephone_that_nobody_answers_comes_to_nobody(town: Town) -> None:
    corner = Corner(town, "S")
    town.exchange.handset(corner.phone, calls=[{"outcome": "no_answer", "pace": PACE}])
    corner.ask()
    corner.told(HelpState.NOBODY)
    town.wait("the ringing has ended", lambda: corner.calls()[0]["done"] or None)
    assert corner.ask() is HelpState.NOBODY and len(corner.calls()) == 1


def test_a_carrier_that_takes_no_orders_comes_to_nobody_at_once(town: Town) -> None:
    corner = Corner(town, "T")
    down = {"times": 1, "status": 429, "code": 20429, "resource": "Calls", "method": "POST"}
    town.exchange.faults(rest_errors=[down])
    corner.ask()
    corner.told(HelpState.NOBODY)
    assert corner.calls() == []


def test_an_order_whose_answer_is_lost_rings_once_and_still_counts(town: Town) -> None:
    corner = Corner(town, "U")
    town.answers(corner.phone, PRESS_1, {"silence": 2.0})
    lost = {"times": 1, "status": 500, "resource": "Calls", "method": "POST", "accept": True}
    town.exchange.faults(rest_errors=[lost])
    corner.ask()
    corner.told(HelpState.COMING)
    assert len(corner.calls()) == 1
    with town.db() as session:
        assert session.scalars(select(KioskHelp).where(KioskHelp.uuid == corner.uuid)).one().last_error
