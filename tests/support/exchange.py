"""The local exchange as a process of its own, for tests that need a carrier on the other end of a wire."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator

ACCOUNT = "AC" + "0" * 32


@contextlib.contextmanager
def running_exchange(*, token: str, public_url: str, hotline_number: str) -> Iterator[str]:
    """Its base URL, on a free port."""
    command = [
        *(sys.executable, "-m", "ivr.exchange", "--bind", "127.0.0.1:0", "--account-sid", ACCOUNT),
        *("--auth-token", token, "--public-url", public_url, "--hotline-number", hotline_number),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        said = process.stdout.readline()
        assert said.startswith("exchange: "), f"the exchange did not come up: {said!r}"
        yield said.removeprefix("exchange: ").strip()
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stdout.close()
