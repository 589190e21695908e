"""找真人帮忙 at a kiosk: whoever is on duty is rung once, and the resident is told one thing that stays true."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.community import NUMBERS
from app.desk import kiosk_help
from app.errors import CarrierBusy, CarrierRefused, CarrierUnclear, NotFound
from app.jobs.kiosk_help import ring_help, sweep_kiosk_helps
from app.queue import JobName
from models.kiosk import Kiosk
from models.kiosk_help import HelpState, KioskHelp
from models.unit import Unit
from tests.support.enrolled import enrolled_kiosk
from tests.support.office import Office, open_office

RINGING, COMING, NOBODY = HelpState.RINGING, HelpState.COMING, HelpState.NOBODY


class Screen:
    """The page of one kiosk that asks for a person."""

    def __init__(self, office: Office, kiosk: Kiosk) -> None:
        self.office, self.kiosk, self.uuid = office, kiosk, str(uuid4())

    def ask(self, uuid: str | None = None) -> HelpState:
        with self.office.db.transaction() as session:
            return kiosk_help.ask(
                session, self.office.runtime.desk, self.kiosk, uuid or self.uuid, now=self.office.moment
            )

    def state(self, uuid: str | None = None) -> HelpState:
        with self.office.db.transaction(read_only=True) as session:
            return kiosk_help.state_of(session, self.kiosk, uuid or self.uuid, now=self.office.moment)

    def work(self) -> None:
        """What was pushed is done."""
        pushed, self.office.hands.pushed = self.office.hands.pushed, []
        for name, id_ in pushed:
            assert name is JobName.RING_HELP
            ring_help(self.office.runtime, id_)

    def sweep(self) -> None:
        for _, id_ in sweep_kiosk_helps(self.office.runtime):
            ring_help(self.office.runtime, id_)

    @property
    def sid(self) -> str:
        return self.office.carrier.calls[-1].sid

    def picked_up(self, sid: str | None = None) -> bool:
        with self.office.db.transaction() as session:
            found = kiosk_help.picked_up(session, self.uuid, sid or self.sid, now=self.office.moment)
            return found is not None

    def pressed(self, *, goes: bool = True, sid: str | None = None) -> bool:
        with self.office.db.transaction() as session:
            return kiosk_help.decided(session, self.uuid, sid or self.sid, goes=goes, now=self.office.moment)

    def over(self, status: str, sid: str | None = None) -> None:
        with self.office.db.transaction() as session:
            kiosk_help.over(session, self.uuid, sid or self.sid, status, now=self.office.moment)

    def row(self) -> KioskHelp:
        with self.office.db.transaction(read_only=True) as session:
            return session.scalars(select(KioskHelp).where(KioskHelp.uuid == self.uuid)).one()


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    with open_office(sqlite_url, tmp_path / "data") as office:
        yield office


@pytest.fixture
def screen(office: Office) -> Screen:
    return _screen(office)


@pytest.fixture
def either(database_url: str, tmp_path: Path) -> Iterator[Screen]:
    """On SQLite and on PostgreSQL: for what the database has a part in."""
    with open_office(database_url, tmp_path / "data") as office:
        yield _screen(office)


def _screen(office: Office) -> Screen:
    kiosk_id, _ = enrolled_kiosk(office)
    with office.db.transaction(read_only=True) as session:
        return Screen(office, session.get_one(Kiosk, kiosk_id))


def test_whoever_is_on_duty_is_rung_and_pressing_1_means_coming(either: Screen) -> None:
    office, screen = either.office, either
    assert screen.ask() is RINGING
    screen.work()
    (call,) = office.carrier.calls
    assert call.to == NUMBERS.desk and call.ring_seconds < 25
    assert call.url == f"https://hotline.example/voice/help/{screen.uuid}"
    assert call.status_url == f"https://hotline.example/voice/status?help={screen.uuid}"
    office.pass_time(seconds=12)
    assert screen.picked_up() and screen.state() is RINGING
    office.pass_time(seconds=15)
    assert screen.state() is RINGING  # she listens to the sentence: the 25 seconds were for picking up
    assert screen.pressed() and screen.state() is COMING
    screen.over("completed")
    office.pass_time(minutes=5)
    screen.sweep()
    assert screen.state() is COMING and len(office.carrier.calls) == 1


def test_pressing_twice_rings_once(either: Screen) -> None:
    office, screen = either.office, either
    second = str(uuid4())
    assert [screen.ask(), screen.ask(), screen.ask(second)] == [RINGING] * 3
    screen.work()
    screen.sweep()
    assert len(office.carrier.calls) == 1
    screen.picked_up()
    screen.pressed()
    assert (screen.state(), screen.state(second)) == (COMING, COMING)
    assert screen.ask() is COMING  # the request of the first press, delivered again
    assert len(office.carrier.calls) == 1


def test_many_presses_and_many_workers_at_once_ring_once(either: Screen) -> None:
    office, screen = either.office, either
    presses = [screen.uuid, *(str(uuid4()) for _ in range(5))] * 2
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(screen.ask, presses)) == {RINGING}
        jobs = list(office.hands.pushed)
        list(pool.map(lambda job: ring_help(office.runtime, job[1]), jobs * 6))
    assert len(jobs) == 1 and len(office.carrier.calls) == 1


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
def test_a_telephone_that_is_not_answered_means_nobody(screen: Screen, status: str) -> None:
    screen.ask()
    screen.work()
    screen.over(status)
    assert screen.state() is NOBODY
    assert not screen.picked_up() and not screen.pressed()
    assert screen.state() is NOBODY


def test_after_25_seconds_nobody_comes_and_the_ringing_ends(either: Screen) -> None:
    office, screen = either.office, either
    screen.ask()
    screen.work()
    office.pass_time(seconds=25)
    assert screen.state() is NOBODY
    assert (
        not screen.picked_up() and not screen.pressed()
    )  # whoever is late hears so, and nobody walks in vain
    screen.sweep()
    assert (screen.row().state, office.carrier.calls[0].status) == (NOBODY, "completed")


def test_a_voicemail_box_comes_to_nobody(office: Office, screen: Screen) -> None:
    screen.ask()
    screen.work()
    screen.picked_up()
    screen.over("completed")
    office.pass_time(seconds=2)
    assert screen.state() is NOBODY


def test_the_key_counts_although_the_end_of_the_call_was_told_first(office: Office, screen: Screen) -> None:
    screen.ask()
    screen.work()
    screen.picked_up()
    screen.over("completed")
    office.pass_time(seconds=1)
    assert screen.pressed() and screen.pressed()
    office.pass_time(seconds=5)
    assert screen.state() is COMING


def test_another_key_says_no(screen: Screen) -> None:
    screen.ask()
    screen.work()
    screen.picked_up()
    assert not screen.pressed(goes=False)
    assert screen.state() is NOBODY and not screen.pressed()


def test_webhooks_of_another_call_change_nothing(screen: Screen) -> None:
    screen.ask()
    screen.work()
    screen.over("no-answer", sid="CAother")
    assert not screen.pressed(sid="CAother") and not screen.picked_up(sid="CAother")
    assert screen.state() is RINGING


def test_a_webhook_may_overtake_the_answer_to_our_order(office: Office, screen: Screen) -> None:
    screen.ask()
    with office.db.transaction() as session:
        call = kiosk_help.claim(session, office.runtime.desk, screen.row().id, now=office.moment)
    assert call is not None
    assert screen.picked_up("CAquick") and screen.pressed(sid="CAquick")
    with office.db.transaction() as session:
        assert kiosk_help.placed(session, call.id, "CAquick")
        assert not kiosk_help.placed(session, call.id, "CAother")
    assert screen.state() is COMING


@pytest.mark.parametrize("error", [CarrierBusy("full"), CarrierRefused("no such number")])
def test_a_carrier_that_does_not_ring_means_nobody(
    office: Office, screen: Screen, error: CarrierBusy | CarrierRefused
) -> None:
    office.carrier.failures.append(error)
    screen.ask()
    screen.work()
    assert screen.state() is NOBODY and screen.row().last_error == str(error)
    screen.sweep()
    assert office.carrier.calls == []


def test_after_a_lost_answer_nobody_is_rung_twice_and_a_pressed_1_still_counts(
    office: Office, screen: Screen
) -> None:
    office.carrier.failures.append(CarrierUnclear("timed out"))
    screen.ask()
    screen.work()
    screen.work()
    screen.sweep()
    assert screen.state() is RINGING and len(office.carrier.calls) == 1
    assert screen.picked_up() and screen.pressed()
    assert screen.state() is COMING


def test_an_order_that_was_lost_altogether_ends_by_itself(office: Office, screen: Screen) -> None:
    office.carrier.takes_unclear_orders = False
    office.carrier.failures.append(CarrierUnclear("timed out"))
    screen.ask()
    screen.work()
    office.pass_time(seconds=26)
    screen.sweep()
    assert (screen.state(), screen.row().state) == (NOBODY, NOBODY)


def test_a_lost_push_is_found_by_the_sweeper_unless_it_is_too_late(office: Office, screen: Screen) -> None:
    screen.ask()
    office.hands.pushed.clear()
    office.pass_time(seconds=5)
    screen.sweep()
    assert len(office.carrier.calls) == 1 and office.carrier.calls[0].ring_seconds == 18
    late = Screen(office, screen.kiosk)
    screen.over("busy")
    late.ask()
    office.pass_time(seconds=20)
    late.work()
    assert late.state() is NOBODY and len(office.carrier.calls) == 1  # three seconds wake nobody up


def test_a_slow_order_that_comes_back_after_the_end_is_hung_up(office: Office, screen: Screen) -> None:
    place_slowly = office.carrier.place_call

    def slow(to: str, url: str, status_url: str, *, ring_seconds: int = 30) -> str:
        office.pass_time(seconds=40)
        screen.sweep()
        return place_slowly(to, url, status_url, ring_seconds=ring_seconds)

    office.carrier.place_call = slow  # type: ignore[method-assign]
    screen.ask()
    screen.work()
    assert [call.status for call in office.carrier.calls] == ["completed"]
    assert screen.state() is NOBODY


def test_without_a_number_nobody_is_promised(office: Office, screen: Screen) -> None:
    with office.db.transaction() as session:
        for unit in session.scalars(select(Unit)):
            unit.duty_phone = None
    assert screen.ask() is NOBODY and office.hands.pushed == []


def test_a_number_that_we_never_ring_is_passed_over(office: Office, screen: Screen) -> None:
    with office.db.transaction() as session:
        for unit in session.scalars(select(Unit).where(Unit.kind == "community")):
            unit.duty_phone = "+15005550006"
    assert screen.ask() is NOBODY and office.hands.pushed == []


def test_a_playing_child_does_not_keep_the_duty_busy(either: Screen) -> None:
    office, screen = either.office, either
    states = []
    for _ in range(8):
        again = Screen(office, screen.kiosk)
        states.append(again.ask())
        again.work()
        if states[-1] is RINGING:
            again.over("no-answer")
    assert states == [RINGING] * 6 + [NOBODY] * 2 and len(office.carrier.calls) == 6
    office.pass_time(minutes=11)
    assert Screen(office, screen.kiosk).ask() is RINGING


def test_another_kiosk_learns_nothing(office: Office, screen: Screen) -> None:
    screen.ask()
    with office.db.transaction() as session:
        other = Kiosk(station_id=screen.kiosk.station_id, slip_prefix="A1", created_at=office.moment)
        session.add(other)
        session.flush()
    with pytest.raises(NotFound):
        Screen(office, other).state(screen.uuid)
    with pytest.raises(NotFound):
        Screen(office, other).ask(screen.uuid)
    screen.work()
    assert len(office.carrier.calls) == 1
