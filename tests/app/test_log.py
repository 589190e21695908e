"""No number, secret or line break gets into a log."""

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
    ],
)
def test_telephone_numbers_are_shortened(text: str) -> None:
    assert "1380000" not in redact(text).replace(" ", "") and "6552" not in redact(text)
    assert "***" in redact(text)


@pytest.mark.parametrize("text", ["ticket 1024", "took 0.1234 s", "2026-11-22 10:00", "turn 3 of call 12345"])
def test_other_numbers_stay_readable(text: str) -> None:
    assert redact(text) == text


def test_secrets_and_personal_fields_are_hidden() -> None:
    event = redact_event(
        None, "info", {"event": "x", "auth_token": "abc", "phone": "+8613800001111", "name": "王"}
    )
    assert event == {"event": "x", "auth_token": "***", "phone": "***11", "name": "***"}


def test_a_line_break_cannot_forge_a_second_line() -> None:
    assert "\n" not in redact_event(None, "info", {"event": "a\nb", "inner": {"x": ["c\nd"]}})["event"]
