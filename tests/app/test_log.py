"""No number, secret or line break gets into a log."""

import subprocess
import sys

import pytest

from app.log import redact, redact_event


@pytest.mark.parametrize(
    "text",
    [
        "+8613800001111",
        "call from 13800001111 ended",
        "010-6552 9988 rang",
        "tel:+86 138 0000 1111",
        "(13800001111)",
        "电话13800001111不通",
        "王阿姨13800001111",
        "phone:13800001111",
        "phone=13800001111",
        "line 12:13800001111",
        "To=%2B8613800001111",
        "To=%2B86+138+0000+1111&From=x",
        "tel%3A13800001111",
        "called 13800001111.",
        "13800001111: busy",
        "2026-11-22 10:00 13800001111",
        "13800001111 2026-11-22",
        "'two lines\\n13800001111'",
        "\\u753513800001111",
    ],
)
def test_telephone_numbers_are_shortened(text: str) -> None:
    shown = redact(text).replace(" ", "").replace("+", "")
    assert "1380000" not in shown and "0000" not in shown and "6552" not in shown
    assert "***" in shown


def test_a_number_in_wide_digits_is_shortened() -> None:
    assert "１３８" not in redact("电话１３８００００１１１１")


@pytest.mark.parametrize(
    "text",
    [
        "ticket 1024",
        "took 0.1234 s",
        "2026-11-22 10:00",
        "2026-11-22T10:00:00.123456+00:00",
        "ticket 1024 2026-11-22 10:00:00",
        "10:00:00 2026-11-22",
        "turn 3 of call 12345",
        "turn 1 of 12345678-1234-4234-8234-123456789012",
        "12345678-1234-4234-8234-123456789012-3.ulaw",
        "CA12345678901234567890123456789012",
        "9f86d0818841234567",
        "since 1732270000.123456",
        "http://127.0.0.1:8000/voice",
    ],
)
def test_other_numbers_stay_readable(text: str) -> None:
    assert redact(text) == text


def test_secrets_and_personal_fields_are_hidden() -> None:
    event = redact_event(
        None, "info", {"event": "x", "auth_token": "abc", "phone": "+8613800001111", "name": "王"}
    )
    assert event == {"event": "x", "auth_token": "***", "phone": "***11", "name": "***"}


def test_a_line_break_cannot_forge_a_second_line() -> None:
    assert "\n" not in redact_event(None, "info", {"event": "a\nb", "inner": {"x": ["c\nd"]}})["event"]


def test_personal_fields_are_hidden_whatever_they_lie_in() -> None:
    event = redact_event(
        None, "info", {"event": "x", "form": {"body": "欧阳阿姨 13800001111", "To": "hotline"}}
    )
    assert event["form"] == {"body": "***", "To": "hotline"}


def test_what_libraries_log_is_shortened_with_its_traceback() -> None:
    program = """
import logging
from app.log import configure
configure()
try:
    raise ValueError("no route to +8613800001111")
except ValueError:
    logging.getLogger("some.library").exception("failed for %s\\nERROR forged", "13800002222")
"""
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, encoding="utf-8", check=True
    ).stderr
    assert "Traceback" in shown and "no route to ***11" in shown and "failed for ***22⏎ERROR" in shown
    assert "1380000" not in shown


@pytest.mark.parametrize("where", ["main", "thread"])
def test_the_traceback_of_what_nobody_caught_is_shortened(where: str) -> None:
    program = f"""
import threading
from app.log import configure
configure()
def fail():
    raise ValueError("no route to +8613800001111")
if {where == "thread"}:
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
else:
    fail()
"""
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, encoding="utf-8"
    ).stderr
    assert "Traceback" in shown and "no route to ***11" in shown
    assert "1380000" not in shown


def test_what_the_web_server_logs_is_shortened() -> None:
    program = """
import logging
from gunicorn.config import Config
from app.commands.processes import WebLog
from app.log import configure
configure()
web_log = WebLog(Config())
try:
    raise ValueError("no route to +8613800001111")
except ValueError:
    web_log.exception("Error handling request %s", "/x?From=%2B8613800002222")
"""
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, encoding="utf-8", check=True
    ).stderr
    assert shown.count("Traceback") == 1
    assert "no route to ***11" in shown and "1380000" not in shown
