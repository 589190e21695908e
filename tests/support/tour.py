"""Every screen of the kiosk, one after the other, reached as residents and staff reach them."""

import re
from collections.abc import Iterator

from playwright.sync_api import Route, expect
from sqlalchemy import select

from app.desk import kiosk_help, kiosks
from app.desk.tickets import actor_of, transition
from models.kiosk_help import KioskHelp
from models.lifecycle import Action
from models.staff import Staff
from models.ticket import Ticket
from tests.support.station import OPERATOR, Screen, Station

PHONE = "13800000001"
FIRE = "三栋着火了快来人"
"""What the microphone must say, beginning two seconds after it was opened."""
_IDLE = 92_000  # ms


def tour(here: Station, screen: Screen) -> Iterator[str]:
    """Names of what is shown now; `screen` is enrolled and at its first screen. The last ones put it out of use."""
    yield "home"
    yield from _by_tile(screen)
    yield from _by_voice(screen)
    ticket = here.tickets()[-1]
    yield from _asking(screen, ticket)
    resolve(here, ticket)
    yield from _rating(screen, ticket)
    yield from _a_person(here, screen)
    yield from _without_network(screen)
    yield from _out_of_use(here, screen)


def _by_tile(screen: Screen) -> Iterator[str]:
    screen.press("category", "culture")
    screen.at("items")
    yield "items of culture"
    screen.wait(_IDLE)
    expect(screen.page.locator("dialog[open]")).to_be_visible()
    yield "are you there"
    screen.press("stay")
    screen.press("home")
    screen.press("category", "repairs")
    screen.at("items")
    yield "items"
    screen.press("item")
    screen.at("place")
    yield "place: estate"
    screen.pick("幸福小区")
    yield "place: building"
    screen.pick("3")
    yield "place: unit"
    screen.dial("2")
    screen.press("ok")
    screen.dial("501")
    yield "place: room"
    screen.press("ok")
    screen.at("contact")
    yield "contact"
    screen.dial(PHONE[:4])
    screen.press("phone")
    yield "contact: too short"
    screen.dial(PHONE[4:])
    yield "contact: typed"
    held: list[Route] = []
    screen.page.route("**/kiosk/api/submissions", lambda route: held.append(route))
    screen.press("phone")
    screen.at("saving")
    yield "saving"
    while not held:
        screen.page.wait_for_timeout(50)
    held[0].continue_()
    screen.page.unroute("**/kiosk/api/submissions")
    screen.at("done")
    yield "done"
    screen.finish()


def _by_voice(screen: Screen) -> Iterator[str]:
    screen.press("speak")
    expect(screen.page.locator(".level")).to_have_attribute("style", re.compile("--level"))  # it listens
    screen.press("stop")
    screen.at("unheard")
    yield "nothing heard"
    screen.press("again")
    screen.at("speak")
    yield "speak"
    expect(screen.page.locator("dialog[open]")).to_contain_text("119", timeout=30_000)
    yield "danger"
    screen.press("stay")
    screen.at("hear")
    yield "hear"
    screen.press("yes")
    screen.dial(PHONE)
    screen.press("phone")
    screen.at("done")
    screen.finish()
    screen.page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('gone')) }"
    )
    screen.press("speak")
    screen.at("unheard")
    yield "no microphone"
    screen.press("home")


def _asking(screen: Screen, ticket: Ticket) -> Iterator[str]:
    screen.press("ask")
    screen.at("ask")
    yield "ask"
    screen.press("progress")
    screen.at("progress")
    yield "progress: number"
    screen.press("letters")
    yield "progress: letters"
    screen.press("key", "A")
    screen.press("delete")
    for last4 in ("9999", PHONE[-4:]):
        screen.dial(str(ticket.number))
        screen.press("ok")
        if last4 == "9999":
            yield "progress: last four"
        screen.dial(last4)
        screen.press("ok")
        if last4 == "9999":
            expect(screen.page.locator(".notice:visible").first).not_to_be_empty()
            yield "progress: no match"
    screen.at("progress-result")
    yield "progress: result"
    screen.finish()
    screen.press("ask")
    screen.press("activities")
    screen.at("activities")
    yield "activities"
    screen.finish()
    screen.press("ask")
    screen.press("keeper")
    screen.at("keeper")
    yield "keeper: estate"
    screen.pick("幸福小区")
    yield "keeper: building"
    screen.pick("3")
    expect(screen.page.locator("main .number:visible")).to_be_visible()
    yield "keeper"
    screen.finish()


def _rating(screen: Screen, ticket: Ticket) -> Iterator[str]:
    screen.press("ask")
    screen.press("rate")
    screen.at("rate")
    screen.dial(str(ticket.number))
    screen.press("ok")
    screen.dial(PHONE[-4:])
    screen.press("ok")
    for question in ("fact", "speed", "effect", "attitude"):
        expect(screen.page.locator(f"main[data-step={question}]")).to_be_visible()
        yield f"rate: {question}"
        screen.press("mark", 1)
    screen.at("thanks")
    yield "thanks"
    screen.finish()


def _a_person(here: Station, screen: Screen) -> Iterator[str]:
    screen.press("person")
    screen.at("person")
    yield "person"
    somebody_comes(here, asked(here, screen))
    expect(screen.page.locator("main[data-step=coming]")).to_be_visible()
    yield "person: coming"
    screen.finish()
    screen.press("person")
    screen.press("call-me")
    screen.at("person-phone")
    yield "person: number"
    screen.dial(PHONE)
    screen.press("ok")
    screen.at("thanks")
    yield "person: thanks"
    screen.finish()


def _without_network(screen: Screen) -> Iterator[str]:
    screen.page.evaluate("() => navigator.serviceWorker.ready")
    screen.context.set_offline(True)
    yield "home without a network"
    _to_the_last_press(screen)
    screen.at("done")
    yield "done without a network"
    screen.finish()
    screen.page.evaluate(
        "() => { IDBObjectStore.prototype.add = () => { throw new DOMException('full', 'QuotaExceededError') } }"
    )
    _to_the_last_press(screen)
    screen.at("full")
    yield "full"
    screen.context.set_offline(False)
    screen.page.reload()
    screen.at("home")


def _to_the_last_press(screen: Screen) -> None:
    screen.press("category", "care")
    screen.press("item")
    screen.press("skip")
    screen.at("contact")
    screen.press("no-phone")


def _out_of_use(here: Station, screen: Screen) -> Iterator[str]:
    with here.office.db.transaction() as session:
        kiosks.revoke(session, OPERATOR, here.kiosks()[-1].id, now=here.office.moment)
    screen.page.reload()
    screen.at("closed")
    yield "out of use"
    screen.press("enrol")
    screen.at("enrol")
    yield "enrol"
    screen.dial("12345678")
    screen.press("ok")
    expect(screen.page.locator(".notice:visible").first).not_to_be_empty()
    yield "enrol: wrong code"


# -- what others do in the meantime -----------------------------------------------------------------


def resolve(here: Station, ticket: Ticket) -> None:
    """The dispatcher says that it is done."""
    with here.office.db.transaction() as session:
        actor = actor_of(session, session.scalars(select(Staff).where(Staff.login == "sun")).one())
        found = session.get_one(Ticket, ticket.id)
        desk, now = here.office.runtime.desk, here.office.moment
        transition(session, desk, found, Action.RESOLVE, actor, now=now, text="换了灯泡")


def asked(here: Station, screen: Screen) -> KioskHelp:
    """The newest ring of this device, once the page has asked for it."""
    device = here.kiosks()[-1].id
    newest = select(KioskHelp).where(KioskHelp.kiosk_id == device).order_by(KioskHelp.id.desc()).limit(1)
    for _ in range(100):
        with here.office.db.transaction(read_only=True) as session:
            if (found := session.scalars(newest).first()) is not None:
                return found
        screen.page.wait_for_timeout(100)
    raise AssertionError("the page asked for nobody")


def somebody_comes(here: Station, ring: KioskHelp) -> None:
    """The telephone on duty rings, and 1 is pressed."""
    with here.office.db.transaction() as session:
        now, sid = here.office.moment, f"CA{ring.id}"
        assert kiosk_help.claim(session, here.office.runtime.desk, ring.id, now=now) is not None
        assert kiosk_help.picked_up(session, ring.uuid, sid, now=now) is not None
        assert kiosk_help.decided(session, ring.uuid, sid, goes=True, now=now)
