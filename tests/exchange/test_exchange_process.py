"""The exchange as a process of its own."""

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ivr.exchange.client import ExchangeClient
from ivr.exchange.errors import ExchangeUnreachable

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = [
    "--account-sid", "AC1", "--auth-token", "t", "--public-url", "http://127.0.0.1:9", "--hotline-number", "+864001234567",
]  # fmt: skip


def start(bind):
    return subprocess.Popen(
        [sys.executable, "-m", "ivr.exchange", "--bind", bind, *OPTIONS],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_address_and_stops_cleanly_in_the_middle_of_a_call(number):
    with start("127.0.0.1:0") as process:
        url = re.fullmatch(r"exchange: (http://127\.0\.0\.1:\d+)\n", process.stdout.readline())[1]
        client = ExchangeClient(url)
        assert client.healthy()
        client.handset("+8613800001111", calls=[{"outcome": "no_answer"}])
        client.call("+8613800001111")
        process.send_signal(number)
        out, err = process.communicate(timeout=15)
    assert (process.returncode, out, err) == (0, "", "")
    assert not client.healthy()


def test_a_busy_port_is_a_clear_error():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        done = subprocess.run(
            [sys.executable, "-m", "ivr.exchange", "--bind", bind, *OPTIONS],
            cwd=ROOT, capture_output=True, text=True, timeout=20, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert bind in done.stderr
    assert "已被占用" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_exchange_that_is_not_running_is_named():
    with pytest.raises(ExchangeUnreachable, match="jiachang exchange"):
        ExchangeClient("http://127.0.0.1:9").calls()
