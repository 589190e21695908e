"""A kiosk's scripts on an empty page, in a real browser, before the real application in any weather."""

import base64
import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import select

from app.factory import create_app
from models.ticket import Ticket, TicketEvent
from tests.support.enrolled import enrolled_kiosk
from tests.support.office import Office, open_office
from tests.support.weather import BLANK, Weather, serving

_HOLD = """async ([name, call, given]) => {
  const module = await import(`/kiosk/modules/${name}.js`);
  const blob = (text) => new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))]);
  return await new Function("module", "given", "blob", `return (async () => ${call})()`)(module, given, blob);
}"""


class Site:
    """The application with its weather; `token` of the one kiosk that is enrolled."""

    def __init__(self, office: Office, weather: Weather, url: str) -> None:
        self.office, self.weather, self.url = office, weather, url
        self.kiosk_id, self.token = enrolled_kiosk(office)

    def tickets(self) -> list[Ticket]:
        """Everything said at a kiosk, oldest first."""
        with self.office.db.transaction(read_only=True) as session:
            return list(session.scalars(select(Ticket).where(Ticket.channel == "kiosk").order_by(Ticket.id)))

    def opened(self, ticket: Ticket) -> dict[str, Any]:
        """What its first event holds: kiosk, device_at, slip, late_s."""
        with self.office.db.transaction(read_only=True) as session:
            query = select(TicketEvent.data).where(TicketEvent.ticket_id == ticket.id)
            return dict(session.scalars(query.order_by(TicketEvent.id).limit(1)).one() or {})


@contextlib.contextmanager
def kiosk_site(directory: Path, **settings: Any) -> Iterator[Site]:
    address = f"sqlite:///{directory / 'kiosk.db'}"
    with open_office(address, directory / "data", **settings) as office:
        weather = Weather(create_app(office.runtime))
        with serving(weather) as url:
            yield Site(office, weather, url)


class Scripts:
    """One page. What it complains of, but for failing requests, fails the test."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.page: Page = context.new_page()
        self._said: list[str] = []
        self.page.on("console", lambda message: self._said.append(message.text))
        self.page.on("pageerror", lambda error: self._said.append(str(error)))
        self.page.goto(url + BLANK)

    def run(self, name: str, call: str, **given: Any) -> Any:
        """The value of the expression `call` over `module` (of that name) and `given`; `blob(base64)` makes a blob."""
        return self.page.evaluate(_HOLD, [name, call, given])

    def enrol(self, site: Site, **known: Any) -> None:
        """As if the device had been enrolled and had asked for its bootstrap once."""
        self.run("store", "module.put('token', given.token)", token=site.token)
        self.run("api", "module.bootstrap()")
        self.count()  # and had loaded all that it needs
        if known:
            self.run(
                "store",
                "module.get('bootstrap').then((b) => module.put('bootstrap', Object.assign(b, given)))",
                **known,
            )

    def add(self, kind: str = "matter", *, audio: bytes | None = None, **fields: Any) -> dict[str, Any]:
        """`audio`: a WAV file. Fails with the page's own word where nothing could be stored."""
        found = self.run(
            "outbox",
            """module.add(given.kind, Object.assign({}, given.fields, {audio: given.audio && blob(given.audio)}))
            .catch((problem) => ({failed: problem.kind}))""",
            kind=kind,
            fields=fields,
            audio=base64.b64encode(audio).decode() if audio else None,
        )
        return dict(found)

    def flush(self) -> None:
        self.run("outbox", "module.flush()")

    def count(self) -> int:
        return int(self.run("outbox", "module.count()"))

    def kept(self, name: str) -> Any:
        return self.run("store", f"module.get({json.dumps(name)})")

    def complaints(self) -> None:
        assert [text for text in self._said if not re.search("Failed to load|net::ERR|WebSocket", text)] == []


@contextlib.contextmanager
def scripts(browser: Browser, url: str) -> Iterator[Scripts]:
    """A page in a browser of its own, that has been nowhere."""
    context = browser.new_context()
    context.set_default_timeout(30_000)
    try:
        page = Scripts(context, url)
        yield page
        page.complaints()
    finally:
        context.close()
