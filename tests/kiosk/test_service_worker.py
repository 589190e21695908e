"""The kiosk's page without a network, and how a new version of it comes: whole, and only while nobody is there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.wrappers import Request, Response

from kiosk.languages import LANGUAGES
from kiosk.worker_file import VERSION_HEADER, files, version
from tests.support.chromium import chromium
from tests.support.killable import killable
from tests.support.kiosk_page import Site, kiosk_site
from tests.support.weather import BLANK, App, relay, serving

pytestmark = pytest.mark.timeout(180)
NEW = "f" * 12
CONTROLLED = """navigator.serviceWorker.ready.then(() => new Promise((resolve) => {
  navigator.serviceWorker.addEventListener("controllerchange", () => resolve());
  if (navigator.serviceWorker.controller) resolve();
}))"""
UPDATED = """navigator.serviceWorker.getRegistration().then(async (registration) => {
  await registration.update().catch(() => {});
  while (registration.installing) await new Promise((resolve) => setTimeout(resolve, 20));
  return registration.waiting !== null;
})"""
"""A look for another version: is there a whole one that waits?"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with kiosk_site(tmp_path_factory.mktemp("kiosk")) as site:
        yield site


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1080, "height": 1920})
    context.set_default_timeout(30_000)
    yield context
    context.close()


class Renewed:
    """The application as it will be: another version in all that it sends, but for `left_behind`."""

    def __init__(self, app: App, old: str) -> None:
        self.app, self.old = app, old
        self.on = False
        self.left_behind: str | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        if not self.on or request.path == self.left_behind:
            return self.app(environ, start_response)
        environ.pop("HTTP_ACCEPT_ENCODING", None)
        answer = Response.from_app(self.app, environ)
        answer.set_data(answer.get_data().replace(self.old.encode(), NEW.encode()))
        answer.headers[VERSION_HEADER] = NEW
        return answer(environ, start_response)


@pytest.fixture
def renewed(site: Site) -> Iterator[tuple[str, Renewed]]:
    app = Renewed(site.weather, version(site.office.runtime))
    with serving(app) as url:
        yield url, app


def visit(context: BrowserContext, url: str, *, token: str | None = None) -> Page:
    """The first visit, until the page needs the network no more. With a `token`, at home and by a clock of its own."""
    page = context.new_page()
    if token is not None:
        page.goto(url + BLANK)
        page.evaluate("(t) => import('/kiosk/modules/store.js').then((m) => m.put('token', t))", token)
        page.clock.install()
    page.goto(f"{url}/kiosk/")
    page.evaluate(CONTROLLED)
    return page


def version_of(page: Page) -> str | None:
    return page.locator("html").get_attribute("data-version")


def cached(page: Page) -> list[str]:
    """Paths of everything in the browser's caches."""
    found = page.evaluate(
        """caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name)
            .then((cache) => cache.keys()).then((all) => all.map((request) => new URL(request.url).pathname)))))"""
    )
    return sorted(path for paths in found for path in paths)


def test_after_one_visit_every_page_is_there_without_a_network(context: BrowserContext, site: Site) -> None:
    page = visit(context, site.url)
    context.set_offline(True)
    for language in LANGUAGES:
        page.goto(f"{site.url}/kiosk/page/{language}")
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator("main")).to_be_visible()
    page.goto(f"{site.url}/kiosk/no-such-page")
    expect(page.locator("main")).to_be_visible()


def test_nothing_but_pages_and_files_is_kept(context: BrowserContext, site: Site) -> None:
    page = visit(context, site.url)
    assert page.evaluate("fetch('/kiosk/api/bootstrap').then((answer) => answer.status)") == 401
    assert cached(page) == sorted(files())


def test_a_slow_line_is_waited_for_as_long_as_it_carries_anything(
    context: BrowserContext, site: Site
) -> None:
    """Two minutes of speech take half a minute and more on such lines: cut off after eight seconds they would never arrive."""
    page = visit(context, site.url, token=site.token)
    session = context.new_cdp_session(page)
    slow = {"offline": False, "latency": 20, "downloadThroughput": 100_000, "uploadThroughput": 100_000}
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", slow)
    page.evaluate(
        """import("/kiosk/modules/outbox.js").then(async (outbox) => {
          await outbox.add("matter", {words: "路灯不亮", audio: new Blob([new Uint8Array(800000)])});
          await outbox.flush();
        })"""  # ten seconds, with a worker in between that must tell how far it is
    )
    assert [ticket.text for ticket in site.tickets()] == ["路灯不亮"]
    assert site.weather.with_content == 1, "and it was sent once"


def test_a_restarted_browser_needs_no_answer_of_a_server_that_stands_still(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    with relay(site.url) as line:
        with killable(browser, tmp_path / "profile") as first:
            visit(first.context, line.url)
            first.kill()
        line.stall()
        with killable(browser, tmp_path / "profile") as second:
            page = second.context.new_page()
            page.goto(f"{line.url}/kiosk/")
            expect(page.locator("main")).to_be_visible()
            page.evaluate(CONTROLLED)
            line.go_on()


def test_a_new_version_waits_until_nobody_is_in_front_of_it(
    context: BrowserContext, site: Site, renewed: tuple[str, Renewed]
) -> None:
    url, app = renewed
    page = visit(context, url, token=site.token)
    page.locator("[data-do=category]:visible").first.click()
    expect(page.locator("[data-screen=items]")).to_be_visible()
    app.on = True
    assert page.evaluate(UPDATED)
    page.clock.fast_forward(11_000)
    assert version_of(page) == app.old, "she has not finished"
    page.locator("[data-do=home]:visible").first.click()
    expect(page.locator("[data-screen=home]")).to_be_visible()
    with page.expect_navigation():
        page.clock.fast_forward(11_000)
    expect(page.locator("html")).to_have_attribute("data-version", NEW)
    assert cached(page) == sorted(files()), "and the old one is gone"


def test_a_version_of_which_a_file_is_of_another_is_not_taken(
    context: BrowserContext, renewed: tuple[str, Renewed]
) -> None:
    url, app = renewed
    page = visit(context, url)
    app.on, app.left_behind = True, "/kiosk/static/kiosk.css"
    assert not page.evaluate(UPDATED)
    app.left_behind = None
    assert page.evaluate(UPDATED), "and the next look finds the whole of it"
