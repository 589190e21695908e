"""Answers that the list heard and the open hearing spelt otherwise."""

import pytest

from ivr.flow import Heard, NotUnderstood
from ivr.hearing import interpret
from ivr.two_hearings import sound_alike


@pytest.mark.parametrize(
    ("openly", "listed", "alike"),
    [
        ("可以吗", "可以啊", True),
        ("灯现在两", "等现在亮了", True),
        ("选一似的", "选一是的", True),
        ("楼上漏水了", "好了", False),
        ("我要反映路灯的事", "我不满意", False),
        ("", "好了", False),
        ("好了", "", False),
    ],
)
def test_the_same_sounds_were_heard_twice(openly: str, listed: str, alike: bool) -> None:
    assert sound_alike(openly, listed) is alike


@pytest.mark.parametrize(
    ("expect", "openly", "listed", "rejected", "means"),
    [
        ("yes_no", "可以吗", "可以啊", False, "yes"),
        ("yes_no", "可以吗", "可以啊", True, None),
        ("fact", "现在都后", "现在都好了", False, "1"),
        ("fact", "门口路灯", "好了", False, None),
        ("rating", "九", "优", False, None),
    ],
)
def test_the_list_says_which_answer_it_was(
    expect: str, openly: str, listed: str, rejected: bool, means: str | None
) -> None:
    heard = {"kind": "speech", "text": openly, "confidence": 0.65, "rejected": False, "open": True}
    heard["listed"] = {"text": listed, "confidence": 0.9, "rejected": rejected, "words": []}
    found = interpret(expect, heard)
    assert (found.means if isinstance(found, Heard) else None) == means


@pytest.mark.parametrize(("text", "key"), [("是一", "1"), ("十四", "4"), ("我幺六", "6"), ("我要三", "3")])
def test_one_of_six_by_its_number(text: str, key: str) -> None:
    heard = {"kind": "speech", "text": text, "confidence": 0.9, "rejected": False, "open": True}
    found = interpret("category", heard)
    assert isinstance(found, Heard)
    assert found.means == key


def test_there_is_no_seventeenth_kind() -> None:
    heard = {"kind": "speech", "text": "十七", "confidence": 0.9, "rejected": False, "open": True}
    assert interpret("category", heard) == NotUnderstood()
