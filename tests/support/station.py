"""A station with a kiosk: the office, its web pages over real HTTP, the gateway with the real model, and browsers in front of it.

The page's clock is Playwright's: it runs by itself, and `wait` moves it, so that no test sits out half a second for every
press, or two minutes until a page is wiped.
"""

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from sqlalchemy import select

from app.community import furnish_station
from app.desk import kiosks
from app.desk.rights import Actor
from ivr.gateway import Gateway, serving
from models.kiosk import Kiosk
from models.recording import Recording
from models.station import Station as StationRow
from models.ticket import Ticket, TicketEvent
from speech.engine import Engine
from tests.support.office import Office, open_office
from tests.support.served import Served, served

UPRIGHT, LYING, TABLET = (1080, 1920), (1920, 1080), (800, 1280)
INCHES = {UPRIGHT: 21.5, LYING: 21.5, TABLET: 10.1}
LANGUAGES = ("zh-Hans", "zh-Hant", "en")
PATIENCE = 30_000  # ms: the machine may have much else to do
_REPEAT = 600  # ms: what the page takes for the second half of a double tap is over


class Station:
    """`site`: its web pages, the console's among them."""

    def __init__(self, office: Office, site: Served, row: StationRow) -> None:
        self.office, self.site, self.url, self.id = office, site, site.url, row.id

    def code(self) -> str:
        """For one more device."""
        with self.office.db.transaction() as session:
            return kiosks.add(session, OPERATOR, self.id, now=self.office.moment).code

    def describe(self, **columns: object) -> None:
        """Change the station's profile: inches, distance_mm, printer_mm, speaker …"""
        with self.office.db.transaction() as session:
            row = session.get_one(StationRow, self.id)
            for name, value in columns.items():
                setattr(row, name, value)

    @contextlib.contextmanager
    def kiosk(
        self, browser: Browser, size: tuple[int, int] = UPRIGHT, language: str = "zh-Hans", **options: Any
    ) -> Iterator["Screen"]:
        """A new device of this size, enrolled and at its first screen. What its page complains of fails the test."""
        self.describe(inches=INCHES[size], distance_mm=500 if size != TABLET else 400)
        with self.device(browser, size, **options) as screen:
            screen.enrol(self.code())
            screen.speak_language(language)
            yield screen

    @contextlib.contextmanager
    def device(
        self,
        browser: Browser,
        size: tuple[int, int] = UPRIGHT,
        *,
        url: str | None = None,
        clock: bool = True,
        **options: Any,
    ) -> Iterator["Screen"]:
        """One that has never been enrolled and shows nothing yet. `url`: another way to the same server."""
        width, height = size
        frame: Any = {"width": width, "height": height}
        context = browser.new_context(viewport=frame, screen=frame, has_touch=True, **options)
        context.set_default_timeout(PATIENCE)
        try:
            screen = Screen(url or self.url, context, clock=clock)
            yield screen
            screen.complaints()
        finally:
            context.close()

    # -- looking ----------------------------------------------------------------------------------

    def kiosks(self) -> list[Kiosk]:
        with self.office.db.transaction(read_only=True) as session:
            return list(session.scalars(select(Kiosk).order_by(Kiosk.id)))

    def tickets(self) -> list[Ticket]:
        """Everything said at a kiosk, oldest first."""
        with self.office.db.transaction(read_only=True) as session:
            return list(session.scalars(select(Ticket).where(Ticket.channel == "kiosk").order_by(Ticket.id)))

    def wait_for(self, count: int, screen: "Screen") -> list[Ticket]:
        """The last `count` tickets, once there are that many from this device. Fails after half a minute."""
        device = self.kiosks()[-1].id
        for _ in range(300):
            found = [ticket for ticket in self.tickets() if self.opened(ticket).get("kiosk") == device]
            if len(found) >= count:
                return found
            screen.page.wait_for_timeout(100)
        raise AssertionError(f"{len(found)} tickets of {count} arrived")

    def opened(self, ticket: Ticket) -> dict[str, Any]:
        """What its first event holds: kiosk, device_at, slip, late_s."""
        with self.office.db.transaction(read_only=True) as session:
            query = select(TicketEvent.data).where(TicketEvent.ticket_id == ticket.id)
            return dict(session.scalars(query.order_by(TicketEvent.id).limit(1)).one() or {})

    def recordings(self, ticket: Ticket) -> list[Recording]:
        with self.office.db.transaction(read_only=True) as session:
            return list(session.scalars(select(Recording).where(Recording.ticket_id == ticket.id)))


OPERATOR = Actor("operator")


class Screen:
    """What somebody in front of a kiosk sees and does."""

    def __init__(
        self, url: str, context: BrowserContext, *, clock: bool = True, at: datetime | None = None
    ) -> None:
        """`at`: what the device takes for the time."""
        self.url, self.context = url, context
        self.language = LANGUAGES[0]
        self.page: Page = context.new_page()
        self._clock = clock
        self._said: list[str] = []
        self._hosts: set[str] = set()
        self.page.on("console", lambda message: self._said.append(message.text))
        self.page.on("pageerror", lambda error: self._said.append(str(error)))
        self.page.on("request", lambda request: self._hosts.add(request.url.split("/")[2]))
        if clock:
            self.page.clock.install(time=at)

    def enrol(self, code: str) -> None:
        self.page.goto(f"{self.url}/kiosk/#code={code}")
        expect(self.page.locator("#station")).to_have_text("幸福里驿站", timeout=PATIENCE)
        self.at("home")

    def speak_language(self, language: str) -> None:
        self.language = language
        if self.page.locator("html").get_attribute("lang") != language:
            self.press("language", language)
            expect(self.page.locator("html")).to_have_attribute("lang", language, timeout=PATIENCE)

    # -- doing ------------------------------------------------------------------------------------

    def wait(self, milliseconds: int) -> None:
        """By the page's clock."""
        if self._clock:
            self.page.clock.fast_forward(milliseconds)
        else:
            self.page.wait_for_timeout(milliseconds)

    def press(self, do: str, value: str | int | None = None) -> None:
        self.tap(self.button(do, value))

    def tap(self, what: Locator) -> None:
        """Once the page takes it for a press of its own."""
        self.wait(_REPEAT)
        what.click()

    def pick(self, name: str) -> None:
        """A button with these words, or this number, on it."""
        self.tap(self.main.locator("button:visible").filter(has_text=name).first)

    def finish(self) -> None:
        """And the next one comes, who speaks the same language."""
        self.press("finish")
        self.at("home")
        self.speak_language(self.language)

    def dial(self, digits: str) -> None:
        for digit in digits:
            if digit.isalpha():
                self.press("letters")
            self.press("key", digit)

    def button(self, do: str, value: str | int | None = None) -> Locator:
        selector = (
            f"[data-do={do}]"
            if value is None
            else f"[data-do={do}][data-value={json.dumps(str(value), ensure_ascii=False)}]"
        )
        return self.page.locator(f"{selector}:visible").first

    # -- seeing -----------------------------------------------------------------------------------

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    def at(self, screen: str) -> None:
        expect(self.page.locator(f"[data-screen={screen}]")).to_be_visible(timeout=PATIENCE)

    def shows(self, text: str) -> None:
        expect(self.main).to_contain_text(text, timeout=PATIENCE)

    @property
    def number(self) -> str:
        """The huge one."""
        return self.page.locator("main .number:visible").inner_text().replace(" ", "")

    @property
    def waiting(self) -> int:
        """How many requests are in its outbox."""
        return int(
            self.page.evaluate(
                """() => new Promise((resolve) => { indexedDB.open("jiachang-kiosk").onsuccess = ({target: {result: database}}) => {
                    database.transaction("outbox").objectStore("outbox").count().onsuccess = ({target}) => {
                        database.close(); resolve(target.result); }; }; })"""
            )
        )

    def complaints(self) -> None:
        """Fails if the page threw, complained, or asked anybody but its own servers for anything."""
        network = ("Failed to load resource", "WebSocket connection", "net::ERR")
        assert [text for text in self._said if not any(part in text for part in network)] == []
        assert {host.split(":")[0] for host in self._hosts} <= {"127.0.0.1"}


@contextlib.contextmanager
def station(directory: Path, engine: Engine | None = None, **settings: Any) -> Iterator[Station]:
    """Without an `engine` nobody listens live: the gateway is not there."""
    gateway_port, _ = free_ports(2)
    address = f"127.0.0.1:{gateway_port}"
    given = {
        "public_url": "http://127.0.0.1",
        "media_url": f"ws://{address}/media",
        **settings,
    }
    with contextlib.ExitStack() as stack:
        office = stack.enter_context(
            open_office(f"sqlite:///{directory / 'station.db'}", directory / "data", **given)
        )
        with office.db.transaction() as session:
            row = furnish_station(session, now=office.moment)
        if engine is not None:
            stack.enter_context(listening(Gateway(office.runtime, engine), gateway_port))
        yield Station(office, stack.enter_context(served(office)), row)


@contextlib.contextmanager
def listening(gateway: Gateway, port: int) -> Iterator[None]:
    """The gateway in a thread of its own."""
    loop, ready, stop = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def serve() -> None:
        async with serving(gateway, "127.0.0.1", port):
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(30), "the gateway does not listen"
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def free_ports(count: int) -> Sequence[int]:
    """That nobody listens on; all different."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def covering(turn: int) -> list[Any]:
    """Three of the nine pairs of size and language, each size and each language once; another three for each `turn`."""
    return [
        pytest.param(size, LANGUAGES[(n + turn) % 3], id=f"{size[0]}x{size[1]}-{LANGUAGES[(n + turn) % 3]}")
        for n, size in enumerate(INCHES)
    ]
