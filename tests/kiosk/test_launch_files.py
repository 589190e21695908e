"""What docs/kiosk-setup.md has people copy: a real Chromium takes the switches, and the policy names what it should."""

import json
import re
import shlex
from pathlib import Path

from tests.support.chromium import chromium

DEPLOY = Path(__file__).parents[2] / "deploy" / "kiosk"
DOC = DEPLOY.parents[1] / "docs" / "kiosk-setup.md"


def command() -> list[str]:
    """As systemd would start it."""
    unit = (DEPLOY / "jiachang-kiosk.service").read_text(encoding="utf-8").replace("\\\n", " ")
    line = re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    assert line is not None
    return shlex.split(line[1])


def test_the_unit_s_switches_start_a_page_that_may_speak_before_it_is_touched() -> None:
    program, *switches, address = command()
    assert program == "/usr/bin/chromium" and address.endswith("/kiosk/")
    own = [switch for switch in switches if not switch.startswith("--user-data-dir")]
    with chromium(switches=own) as browser:
        page = browser.new_page()
        page.goto("about:blank")
        assert (
            page.evaluate("async () => { const c = new AudioContext(); await c.resume(); return c.state; }")
            == "running"
        )


def test_windows_gets_the_same_switches_as_linux() -> None:
    windows = re.search(r'chrome\.exe" ([^`]+)`', DOC.read_text(encoding="utf-8"))
    assert windows is not None
    assert {part for part in windows[1].split() if part.startswith("--") and "user-data-dir" not in part} == {
        part for part in command() if part.startswith("--") and "user-data-dir" not in part
    }


def test_the_policy_lets_the_microphone_and_the_kiosk_s_pages_through_and_nothing_else() -> None:
    policy = json.loads((DEPLOY / "chromium-policy.json").read_text(encoding="utf-8"))
    host = command()[-1].removesuffix("/kiosk/")
    assert policy["AudioCaptureAllowedUrls"] == [host]
    assert (policy["URLBlocklist"], policy["URLAllowlist"]) == (["*"], [f"{host}/kiosk"])
    assert policy["DeveloperToolsAvailability"] == 2 and policy["IncognitoModeAvailability"] == 1
