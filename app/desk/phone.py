"""A telephone number said digit by digit, with pauses and fillers between. Pure."""

import re
from dataclasses import dataclass

from speech.numbers import DIGIT_CHARS, to_arabic

_HEARD_AS = str.maketrans("腰邀妖洞拐", "幺幺幺零七")
"""What 幺 is written as, and the way of spelling that soldiers and drivers keep: 洞 0, 拐 7."""
_D = f"(?:[二两三四2-4]个)?[{DIGIT_CHARS}0-9腰邀妖洞拐](?![栋幢单]|号楼)"
"""One digit, or 三个八."""
_BETWEEN = r"(?:[，\-嗯呃啊哦诶]|那个|就是|然后|后面是|后面|再|是){0,4}"
_RUN = re.compile(rf"{_D}(?:{_BETWEEN}{_D})+")
_TIMES = re.compile(r"([二两三四2-4])个(.)")
_MOBILE = re.compile(r"(?:86)?(1[3-9]\d{9})")
_AREA = re.compile(r"0\d{9,11}")
_SPECIAL = re.compile(r"[48]00\d{7}")
_LOCAL = re.compile(r"[2-8]\d{6,7}")
_ASKED = re.compile(r"电话|座机|号码|手机|打我|打给|联系|找我|回我|回个")
_NEAR = 8


@dataclass(frozen=True)
class Phone:
    """`digits` as dialled here, without a country code; `confidence` is lower for a local number without area code."""

    digits: str
    words: str
    confidence: float
    span: tuple[int, int]


def find_phone(text: str) -> Phone | None:
    """`text` as `normalise` gives it. Only numbers that can be rung: mobiles, landlines, 400 and 800 numbers.

    A landline without its area code counts only beside a word such as 电话.
    """
    for match in _RUN.finditer(text):
        words, span = match.group(), match.span()
        said = _TIMES.sub(_repeat, "".join(re.findall(_D, words)).translate(_HEARD_AS))
        digits = "".join(to_arabic(digit) or "" for digit in said)
        if mobile := _MOBILE.search(digits):
            return Phone(mobile.group(1), words, 0.95, span)
        if _AREA.fullmatch(digits) or _SPECIAL.fullmatch(digits):
            return Phone(digits, words, 0.9, span)
        around = text[max(0, span[0] - _NEAR) : span[1] + _NEAR]
        if _LOCAL.fullmatch(digits) and _ASKED.search(around):
            return Phone(digits, words, 0.75, span)
    return None


def _repeat(match: re.Match[str]) -> str:
    """三个八 → 八八八."""
    return match.group(2) * int(to_arabic(match.group(1)) or 1)
