"""What a resident may say at a question, by example. Pure: for the drawings and whoever explains the dialogue."""

from collections.abc import Iterable

from ivr.flow import Ask, Heard
from ivr.hearing import meaning
from speech.phrasebook import phrasebook

_MATTERS = ("三栋路灯不亮了", "楼上漏水", "垃圾没人收", "养老金怎么认证")
_PLACES = ("三栋二单元", "在小区门口", "楼下的花园")
_NUMBERS = ("幺零零幺", "幺零二四", "二零零幺")
_REMARKS = ("修得挺好", "师傅来得很快")


def examples(ask: Ask, means: str, most: int = 4) -> tuple[str, ...]:
    """At most so many; each of them is really understood as `means` at this question. None can be said for some
    (a choice by key only)."""
    expect = ask.hearing.expect
    found: list[str] = []
    for phrase in _candidates(expect, means):
        given = meaning(expect, phrase, 1.0)
        if isinstance(given, Heard) and given.means == means:
            found.append(phrase)
        if len(found) == most:
            break
    return tuple(found)


def _candidates(expect: str, means: str) -> Iterable[str]:
    book = phrasebook()
    match means:
        case "person":
            return book.choices.said["person"]["person"]
        case "danger":  # one a number to be rung: the first few shall show them all
            return {danger.number: danger.words[0] for danger in reversed(book.dangers.dangers)}.values()
        case "progress":
            return next(intent.phrases for intent in book.intents if intent.code == "progress")
        case "matter":
            return _MATTERS
        case "place":
            return _PLACES
        case "number":
            return _NUMBERS
        case "remark":
            return _REMARKS
        case _:
            kind = "yes_no" if expect == "identity" else expect
            said = book.choices.said.get("category" if kind == "open" else kind, {})
            return said.get(means, ())
