"""Numbers that were said: which exist, and which of two hearings is believed."""

import pytest

from ivr.flow import Heard, NotUnderstood
from ivr.hearing import interpret
from ivr.said_number import exists, of_two


@pytest.mark.parametrize(
    ("number", "anybody"),
    [
        ("017", True),  # a kiosk's own
        ("1024", True),
        ("10024", True),
        ("13811112222", True),
        ("65432109", True),
        ("057112345678", True),
        ("10", False),
        ("211372", False),
        ("1841147", False),
        ("156003344", False),
        ("2162725222", False),
        ("12345678901", False),
    ],
)
def test_numbers_of_a_length_that_nobody_has_were_misheard(number: str, anybody: bool) -> None:
    assert exists(number) is anybody


@pytest.mark.parametrize(
    ("openly", "listed", "believed"),
    [
        ("1072", "幺零一二", "1012"),
        ("12221", "一二二一", "1221"),
        ("13811112222", "一三八幺幺幺幺二二二二", "13811112222"),
        ("1013", "十幺零幺三", "1013"),  # not a plain row of digits
        ("65432109", "七六五四三二一零九", "65432109"),  # 座机 became a digit
        ("1309", "七千三八零九", "1309"),
        ("1024", "", "1024"),
    ],
)
def test_a_plain_row_of_the_usual_length_is_believed(openly: str, listed: str, believed: str) -> None:
    assert of_two(openly, listed) == believed


def test_a_misheard_number_is_asked_for_again_and_not_looked_up() -> None:
    saved = {"kind": "speech", "confidence": 0.95, "rejected": False, "open": False}
    assert interpret("number", saved | {"text": "二一一三七二"}) == NotUnderstood()
    assert interpret("number", saved | {"text": "一零二四"}) == Heard("number", {"number": "1024"})


def test_of_two_hearings_the_list_says_which_digits() -> None:
    heard = {"kind": "speech", "text": "编号幺零七二", "confidence": 0.91, "rejected": False, "open": True}
    listed = {"text": "幺零一二", "confidence": 0.6, "rejected": False, "words": []}
    assert interpret("number", heard | {"listed": listed}) == Heard("number", {"number": "1012"})
    assert interpret("number", heard | {"listed": listed | {"rejected": True}}) == Heard(
        "number", {"number": "1072"}
    )
