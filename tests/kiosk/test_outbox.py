"""The kiosk's outbox in a real browser, before the real application: stored first, sent in order, each exactly once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select
from werkzeug.wrappers import Request, Response

from models.recording import Recording
from speech.audio import encode_wav, read_wav, rms_dbfs
from speech.voice import synthesise
from tests.support.chromium import chromium
from tests.support.enrolled import enrolled_kiosk, revoke_kiosk
from tests.support.killable import killable
from tests.support.kiosk_page import Scripts, Site, kiosk_site, scripts
from tests.support.weather import App, answer_lost, broken, busy, relay

pytestmark = pytest.mark.timeout(180)
WORDS, PHONE = "三栋二单元路灯不亮了", "13800000001"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with kiosk_site(tmp_path) as site:
        yield site


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Scripts]:
    with scripts(browser, site.url) as page:
        page.enrol(site)
        yield page


@pytest.fixture(scope="module")
def voice() -> bytes:
    return encode_wav(synthesise(WORDS))


def uuids(page: Scripts, count: int = 3) -> list[str]:
    """Of so many matters, each with words of its own."""
    return [str(page.add(words=f"{n}号楼路灯不亮")["uuid"]) for n in range(1, count + 1)]


def test_with_a_network_she_has_her_number_and_nothing_of_it_stays(
    page: Scripts, site: Site, voice: bytes
) -> None:
    done = page.add(words=WORDS, phone=PHONE, audio=voice)
    (ticket,) = site.tickets()
    assert done["result"]["status"] == "taken" and done["result"]["ticket"] == ticket.number
    assert (ticket.text, ticket.slip, done["slip"]) == (WORDS, "A001", "A001")
    with site.office.db.transaction(read_only=True) as session:
        recording = session.scalars(select(Recording).where(Recording.ticket_id == ticket.id)).one()
    assert recording.path is not None
    assert rms_dbfs(read_wav(site.office.runtime.settings.data_dir / recording.path)) > -50
    assert page.count() == 0


def test_what_waits_is_ciphertext_under_a_key_that_no_script_can_read(
    page: Scripts, site: Site, voice: bytes
) -> None:
    site.weather.always = broken
    done = page.add(words=WORDS, phone=PHONE, audio=voice)
    assert done["result"] is None and done["slip"] == "A001" and page.count() == 1
    stored = page.run(
        "store",
        """(async () => {
          const row = (await (await module.open()).getAll("outbox"))[0];
          const key = await module.key();
          const exported = await crypto.subtle.exportKey("raw", key).catch((problem) => problem.name);
          return {clear: Object.keys(row).sort(), bytes: Array.from(new Uint8Array(row.data)), exported};
        })()""",
    )
    assert stored["clear"] == ["after", "data", "iv", "n", "page", "slip", "uuid"]
    assert stored["exported"] == "InvalidAccessError"
    data = bytes(stored["bytes"])
    assert len(data) > len(voice) and not any(said.encode() in data for said in (WORDS, PHONE, "matter"))


def test_after_the_servers_trouble_all_are_sent_in_their_order(page: Scripts, site: Site) -> None:
    site.weather.always = broken
    uuids(page)
    assert page.count() == 3 and site.tickets() == []
    site.weather.always = None
    page.flush()
    assert [ticket.slip for ticket in site.tickets()] == ["A001", "A002", "A003"]
    assert page.count() == 0


def test_a_batch_of_which_the_answer_was_lost_is_taken_once(page: Scripts, site: Site) -> None:
    site.weather.always = broken
    uuids(page)
    site.weather.always, site.weather.next = None, [answer_lost]
    page.flush()
    page.flush()
    assert len(site.tickets()) == 3 and page.count() == 0


def test_one_that_the_server_stumbles_over_does_not_stop_the_others(page: Scripts, site: Site) -> None:
    def stumbles(request: Request, app: App) -> Response:
        if "二".encode() in request.get_data():
            return broken(request, app)
        return Response.from_app(app, request.environ)

    site.weather.always = broken
    for words in ("一号楼路灯不亮", "二号楼路灯不亮", "三号楼路灯不亮"):
        page.add(words=words)
    site.weather.always = stumbles
    page.flush()
    assert [ticket.slip for ticket in site.tickets()] == ["A001", "A003"] and page.count() == 1
    site.weather.always = None
    page.flush()
    assert [ticket.slip for ticket in site.tickets()] == ["A001", "A003", "A002"] and page.count() == 0


def test_a_server_that_does_not_want_more_is_asked_once(page: Scripts, site: Site) -> None:
    site.weather.always = busy
    assert page.add(words=WORDS)["result"] is None
    assert site.weather.posts() == 1 and page.count() == 1


def test_what_can_never_be_taken_is_counted_and_its_content_is_gone(page: Scripts) -> None:
    done = page.add("rating", number="9999", last4="1234", fact=9)
    assert done["result"]["status"] == "refused" and done["result"]["says"] and done["slip"] is None
    assert (page.count(), page.kept("refused")) == (0, 1)


def test_a_matter_of_which_nobody_has_the_key_any_more_is_counted_as_refused(
    page: Scripts, site: Site
) -> None:
    site.weather.always = broken
    page.add(words=WORDS)
    site.weather.always = None
    page.run("store", "module.put('key', undefined)")
    assert page.add(words="五号楼路灯不亮")["result"]["status"] == "taken"
    assert (page.count(), page.kept("refused"), len(site.tickets())) == (0, 1, 1)


def test_two_pages_send_nothing_twice(page: Scripts, site: Site) -> None:
    other = Scripts(page.page.context, site.url)
    site.weather.always = broken
    uuids(page, 2)
    assert uuids(other, 1) and page.count() == 3
    site.weather.always = None
    before = site.weather.posts()
    for one in (page, other):  # neither waits for the other
        one.run("outbox", "{ module.flush(); }")
    page.flush()
    other.flush()
    assert site.weather.posts() - before == 2, "one batch, and one sign of life of the other page at most"
    assert [ticket.slip for ticket in site.tickets()] == ["A001", "A002", "A003"]
    other.complaints()


def test_slips_go_round_after_999_and_are_this_kiosks_own_count(page: Scripts) -> None:
    page.run("store", "module.put('slip', {prefix: 'A', last: 998})")
    page.run("api", "module.bootstrap()")
    assert [page.add(words=WORDS)["slip"] for _ in range(2)] == ["A999", "A001"]


def test_a_clock_that_is_wrong_by_hours_is_put_right(page: Scripts, site: Site) -> None:
    """The device says five in the morning; it is ten at the server, and was when she spoke."""
    office = site.office
    page.page.clock.install(time=office.moment - timedelta(hours=5))
    page.run("outbox", "module.start(() => {})")
    site.weather.always = broken
    page.add(words=WORDS)
    office.pass_time(hours=2)
    page.page.clock.fast_forward("02:00:00")
    site.weather.always = None
    page.flush()
    (ticket,) = site.tickets()
    assert abs((ticket.occurred_at - (office.moment - timedelta(hours=2))).total_seconds()) < 60
    assert site.opened(ticket)["late_s"] == pytest.approx(7200, abs=60)


def test_a_clock_that_was_put_right_meanwhile_is_made_up_for(page: Scripts, site: Site) -> None:
    """A box without a battery begins in 1970, and learns the time with the network."""
    office = site.office
    page.page.clock.install(time=0)
    site.weather.always = broken
    page.add(words=WORDS)
    page.page.clock.fast_forward("01:00:00")
    page.page.clock.set_system_time(office.moment)
    site.weather.always = None
    page.flush()
    (ticket,) = site.tickets()
    assert abs((ticket.occurred_at - (office.moment - timedelta(hours=1))).total_seconds()) < 60


def test_with_the_disk_full_the_server_still_takes_it_and_else_she_is_told(
    browser: Browser, site: Site
) -> None:
    audio = encode_wav(synthesise(WORDS) + bytes(16_000 * 44))
    with scripts(browser, site.url) as page:
        session = page.page.context.new_cdp_session(page.page)
        session.send("Storage.overrideQuotaForOrigin", {"origin": site.url, "quotaSize": 500_000})
        page.enrol(site)
        done = page.add(words=WORDS, audio=audio)
        assert done["result"]["status"] == "taken" and done["slip"] is None and page.count() == 0
        site.weather.always = broken
        assert page.add(words="五号楼路灯不亮", audio=audio) == {"failed": "full"}
    assert len(site.tickets()) == 1


def test_a_revoked_kiosk_keeps_what_waits_for_the_token_that_comes_next(page: Scripts, site: Site) -> None:
    revoke_kiosk(site.office, site.kiosk_id)
    told = page.run(
        "outbox",
        """(async () => {
          const told = [];
          await module.start((state) => told.push(state));
          await module.add("matter", {words: given.words});
          return told[told.length - 1];
        })()""",
        words=WORDS,
    )
    assert told == {"waiting": 1, "refused": 0, "online": True, "enrolled": False}
    page.run("store", "module.put('token', given.token)", token=enrolled_kiosk(site.office)[1])
    page.flush()
    assert len(site.tickets()) == 1 and page.count() == 0


def test_a_server_that_stands_still_is_waited_for_eight_seconds(browser: Browser, site: Site) -> None:
    with relay(site.url) as line, scripts(browser, line.url) as page:
        page.enrol(site)
        page.page.clock.install()
        line.stall()
        page.run("outbox", "{ window.done = module.add('matter', {words: given.words}); }", words=WORDS)
        page.page.wait_for_function("import('/kiosk/modules/outbox.js').then((m) => m.count())")
        page.page.clock.fast_forward(8000)
        assert page.page.evaluate("window.done")["result"] is None
        line.go_on()
        page.flush()
        page.flush()
        assert len(site.tickets()) == 1 and page.count() == 0


def test_a_browser_killed_after_she_was_told_loses_nothing(
    browser: Browser, site: Site, tmp_path: Path, voice: bytes
) -> None:
    with killable(browser, tmp_path / "profile") as first:
        page = Scripts(first.context, site.url)
        page.enrol(site)
        site.weather.always = broken
        assert page.add(words=WORDS, phone=PHONE, audio=voice)["slip"] == "A001"
        first.kill()
    site.weather.always = None
    with killable(browser, tmp_path / "profile") as second:
        page = Scripts(second.context, site.url)
        assert page.count() == 1
        page.flush()
        assert page.count() == 0
        assert page.add(words="五号楼路灯不亮")["slip"] == "A002"
    assert [ticket.slip for ticket in site.tickets()] == ["A001", "A002"]


def test_a_browser_killed_while_it_sends_sends_the_same_again(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    with killable(browser, tmp_path / "profile") as first:
        page = Scripts(first.context, site.url)
        page.enrol(site)
        site.weather.always = answer_lost
        page.add(words=WORDS)
        first.kill()
    site.weather.always = None
    with killable(browser, tmp_path / "profile") as second:
        page = Scripts(second.context, site.url)
        page.flush()
        assert page.count() == 0
    assert len(site.tickets()) == 1
