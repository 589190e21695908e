"""A number said in answer to a question: a matter's, a telephone's, or its last four digits. Pure.

A noisy line adds digits before and behind what was said, a hurried voice loses some.
"""

import re

from app.desk.understanding import choose
from speech.numbers import DIGIT_CHARS

_MATTER = re.compile(r"\d{3,5}")
"""Three: a kiosk's own numbers, A017."""
_TELEPHONE = re.compile(r"1[3-9]\d{9}|[2-8]\d{6,7}|0[1-9]\d{8,10}")
_SURE = re.compile(r"\d{4}|1[3-9]\d{9}")
"""As long as nearly every number that is asked for."""


def exists(number: str) -> bool:
    """Whether anybody has a number like that; of any other length it was misheard."""
    return bool(_MATTER.fullmatch(number) or _TELEPHONE.fullmatch(number))


def of_two(openly: str, listed: str) -> str:
    """The number to believe, of the one heard openly and the words heard held to digits.

    Openly, the language model may lengthen or exchange digits; a plain row of the usual length, held to digits, was right
    in every such case of the development split where either was.
    """
    found = choose(listed, "number")
    if found and _SURE.fullmatch(found.value) and all(char in DIGIT_CHARS for char in listed):
        return found.value
    return openly
