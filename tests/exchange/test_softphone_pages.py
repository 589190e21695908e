"""The pages in a real Chromium, against a small product: states, keys, what to do when something is missing."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from speech.audio import write_wav
from speech.voice import synthesise
from tests.exchange.conftest import CALLER, KEEPER, Network
from tests.support.chromium import accessibility_faults, chromium, overflowing, quiet_page

GATHER = "<Gather numDigits='1' timeout='20' action='/voice/key'><Say>请按键。</Say></Gather>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, network: Network) -> Iterator[Page]:
    with quiet_page(browser) as page:
        page.goto(network.server.url + "/phone")
        yield page


def state(page: Page, wanted: str) -> None:
    expect(page.locator("body")).to_have_attribute("data-state", wanted)


def keys_only(page: Page) -> None:
    page.get_by_label("只按键").check()


def test_call_press_and_hang_up_with_the_keyboard_alone(page: Page, network: Network) -> None:
    network.product.on("/voice/incoming", GATHER)
    network.product.on("/voice/key", GATHER)
    state(page, "idle")
    keys_only(page)
    page.get_by_role("button", name="打热线").focus()
    page.keyboard.press("Enter")
    state(page, "connected")
    expect(page.locator("#talk li")).to_contain_text(["请按键。"])
    page.keyboard.press("7")
    expect(page.locator("#talk .mine")).to_contain_text("〔按 7〕")
    page.get_by_role("button", name="挂断").focus()
    page.keyboard.press("Enter")
    state(page, "idle")
    expect(page.locator("#talk .note")).to_contain_text("通话结束，您挂断")
    assert network.product.forms("/voice/key")[0]["Digits"] == "7"


def test_it_rings_and_is_answered_or_declined(page: Page, network: Network) -> None:
    network.product.on("/answer", GATHER)
    network.product.on("/voice/key", GATHER)
    state(page, "idle")
    keys_only(page)
    network.ring()
    state(page, "ringing")
    expect(page).to_have_title(re.compile("来电"))
    page.get_by_role("button", name="接听").click()
    state(page, "connected")
    page.get_by_role("button", name="8", exact=True).click()
    page.get_by_role("button", name="挂断").click()
    state(page, "idle")
    assert network.product.forms("/answer")
    declined = network.ring()
    state(page, "ringing")
    page.get_by_role("button", name="不接").click()
    assert network.client.wait_call(declined.sid)["status"] == "busy"


def test_a_denied_microphone_is_explained_and_the_call_goes_on_by_keys(page: Page, network: Network) -> None:
    network.product.on("/voice/incoming", GATHER)
    state(page, "idle")
    page.get_by_role("button", name="打热线").click()
    state(page, "connected")
    expect(page.get_by_role("alert")).to_contain_text("允许麦克风")
    page.get_by_role("button", name="挂断").click()


def test_a_file_can_speak_instead_of_a_person(page: Page, network: Network, tmp_path) -> None:
    network.product.on("/voice/incoming", "<Record timeout='2' playBeep='false' action='/voice/done'/>")
    words = synthesise("路灯不亮了")
    write_wav(tmp_path / "words.wav", words)
    state(page, "idle")
    keys_only(page)
    page.get_by_role("button", name="打热线").click()
    state(page, "connected")
    page.locator("#recording").set_input_files(tmp_path / "words.wav")
    expect(page.locator("#talk .mine")).to_contain_text("〔说话")
    state(page, "idle")
    [recording] = network.server.exchange.recordings.values()
    assert len(recording.pcm) == pytest.approx(len(words), rel=0.35)


def test_a_product_that_is_down_is_said_in_plain_words(page: Page, network: Network) -> None:
    network.client.webhook_urls(voice_url="http://127.0.0.1:9/voice")
    state(page, "idle")
    keys_only(page)
    page.get_by_role("button", name="打热线").click()
    expect(page.get_by_role("alert")).to_contain_text("热线没有应答")
    state(page, "idle")


def test_a_number_is_free_again_when_the_other_window_changes_its_own_and_any_may_be_typed(
    page: Page, browser: Browser, network: Network
) -> None:
    state(page, "idle")
    with quiet_page(browser) as second:
        second.goto(network.server.url + "/phone")
        expect(second.get_by_role("alert")).to_contain_text("另一个窗口")
        page.get_by_label("我是谁").select_option(KEEPER)
        state(second, "idle")
        expect(second.locator("#trouble")).to_be_hidden()
        second.get_by_label("我是谁").select_option("own")
        second.get_by_role("textbox", name="号码").fill("139-1234 5678")
        second.get_by_role("button", name="用这个号码").click()
        state(second, "idle")
        expect(second.locator("#peer")).to_contain_text("139 1234 5678")


def test_texts_go_out_and_come_in_live(browser: Browser, page: Page, network: Network) -> None:
    network.product.on("/sms/incoming", "<Message>收到，编号1001</Message>")
    page.goto(network.server.url + "/handset")
    resident, keeper = page.get_by_role("region", name="王阿姨"), page.get_by_role("region", name="赵国强")
    resident.get_by_role("textbox").fill("报修3栋路灯不亮")
    resident.get_by_role("textbox").press("Enter")
    expect(resident.get_by_role("log")).to_contain_text("收到，编号1001")
    network.rest.messages.create(
        to=KEEPER, from_=network.server.exchange.config.hotline_number, body="新单 1001"
    )
    expect(keeper.get_by_role("log")).to_contain_text("新单 1001")
    expect(resident.get_by_role("log")).not_to_contain_text("新单 1001")
    page.reload()
    expect(resident.get_by_role("listitem")).to_have_count(2)


def test_a_text_that_nobody_takes_stays_in_the_hand(page: Page, network: Network) -> None:
    network.client.webhook_urls(sms_url="http://127.0.0.1:9/sms")
    page.goto(network.server.url + "/handset?with=" + CALLER.replace("+", "%2B"))
    box = page.get_by_label("王阿姨写给热线的短信")
    box.fill("路灯不亮")
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_role("alert")).to_contain_text("没送到")
    expect(box).to_have_value("路灯不亮")


def test_phones_are_added_and_put_away(page: Page, network: Network) -> None:
    page.goto(network.server.url + "/handset")
    page.get_by_label("再加一部，谁的").select_option("own")
    page.get_by_role("textbox", name="号码").fill("12")
    page.get_by_role("button", name="加上").click()
    expect(page.get_by_role("alert")).to_contain_text("号码不能用")
    page.get_by_role("textbox", name="号码").fill("13912345678")
    page.get_by_role("button", name="加上").click()
    expect(page.get_by_role("region")).to_have_count(3)
    page.get_by_role("button", name="收起赵国强的手机").click()
    expect(page.get_by_role("region")).to_have_count(2)


@pytest.mark.parametrize("path", ["/", "/phone", "/handset"])
def test_pages_are_accessible_and_fit(page: Page, network: Network, path: str) -> None:
    page.goto(network.server.url + path)
    if path == "/phone":
        state(page, "idle")
    if path == "/handset":
        expect(page.get_by_role("region")).to_have_count(2)
    assert accessibility_faults(page) == []
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert overflowing(page) == []


def test_a_call_is_accessible_and_fits(page: Page, network: Network) -> None:
    network.product.on("/voice/incoming", GATHER)
    state(page, "idle")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="打热线").click()
    expect(page.locator("#talk li")).to_contain_text(["请按键。"])
    assert accessibility_faults(page) == []
    assert overflowing(page) == []
    page.get_by_role("button", name="挂断").click()
