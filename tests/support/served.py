"""The office's console over real HTTP, and browsers of it that are signed in."""

import contextlib
import threading
from collections.abc import Iterator

from flask import Flask
from playwright.sync_api import Browser, BrowserContext
from sqlalchemy import select
from werkzeug.serving import make_server

from app.desk import signing
from app.factory import create_app
from models.staff import Staff
from tests.support.office import Office


class Served:
    """`url` without a slash at its end."""

    def __init__(self, office: Office, app: Flask, port: int) -> None:
        self.office, self.app, self.url = office, app, f"http://127.0.0.1:{port}"

    @contextlib.contextmanager
    def browser_of(
        self, browser: Browser, login: str, *, width: int = 1280, height: int = 900
    ) -> Iterator[BrowserContext]:
        """With a session made in the database: what the sign-in page does is tested on its own."""
        with self.office.db.transaction() as session:
            staff = session.scalars(select(Staff).where(Staff.login == login)).one()
            staff.must_change_password = False
            token = signing.begin(session, staff.id, now=self.office.runtime.now())
        serializer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        context = browser.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(60_000)
        name = self.app.config["SESSION_COOKIE_NAME"]
        context.add_cookies([{"name": name, "value": serializer.dumps({"token": token}), "url": self.url}])
        try:
            yield context
        finally:
            context.close()


@contextlib.contextmanager
def served(office: Office) -> Iterator[Served]:
    """The cookie goes by its plain name: DevTools does not put a `__Host-` one into a browser without TLS."""
    app = create_app(office.runtime)
    app.config.update(SESSION_COOKIE_NAME="staff", SESSION_COOKIE_SECURE=False)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Served(office, app, server.server_port)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
