"""A Chromium with a profile of its own that can be killed as the power does it, and started again."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext

_START_SECONDS = 30.0


class Killable:
    def __init__(self, process: subprocess.Popen[bytes], browser: Browser) -> None:
        self._process = process
        self.context: BrowserContext = browser.contexts[0]
        self.context.set_default_timeout(30_000)

    def kill(self) -> None:
        """All of its processes at once, without a word."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextlib.contextmanager
def killable(browser: Browser, profile: Path) -> Iterator[Killable]:
    """`browser`: any that runs, of which only Playwright's connection is borrowed. The profile outlives the browser."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    port_file = profile / "DevToolsActivePort"
    port_file.unlink(missing_ok=True)
    command = [program, "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={profile}"]
    command += ["--no-first-run", "--disable-background-networking", "--disable-component-update"]
    if os.geteuid() == 0:
        command.append("--no-sandbox")
    process = subprocess.Popen(
        [*command, "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        port = _port(process, port_file)
        found = Killable(process, browser.browser_type.connect_over_cdp(f"http://127.0.0.1:{port}"))
        try:
            yield found
        finally:
            found.kill()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _port(process: subprocess.Popen[bytes], file: Path) -> int:
    """The browser writes it down as soon as it listens."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int(file.read_text().splitlines()[0])
        time.sleep(0.05)
    raise AssertionError("Chromium did not start")
