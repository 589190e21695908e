"""A number said in answer to a question: once, twice, digit by digit, put right, explained. Pure.

Where two readings are left it is none: to ask again costs less than a stranger's matter.
"""

import re

from speech.normal import BREAK
from speech.numbers import DIGIT_CHARS, NUMBER_CHARS, to_arabic

SURE, PUT_TOGETHER = 1.0, 0.7
_N, _D = f"[{NUMBER_CHARS}]", f"[{DIGIT_CHARS}0-9]"
_RUN = re.compile(rf"{_N}+")
_BY_RADIO = {"洞": "零", "拐": "七", "勾": "九"}
"""How those who served in the army say digits; only between two others."""
_RADIO = re.compile(rf"(?<={_N})[{''.join(_BY_RADIO)}](?={_N})")
_TIMES = dict(zip("两二俩双三仨四五六七八", (2, 2, 2, 2, 3, 3, 4, 5, 6, 7, 8), strict=True))
_DOUBLED = re.compile(rf"(?:([两二俩三仨四五六七八])个|([俩仨双]))({_D})")
"""两个九, 三个八, 俩零"""
_A_SINGLE = re.compile(rf"一个(?={_D})")
_EXPLAINED = re.compile(rf"，?[^，的{NUMBER_CHARS}]{{0,3}}({_D})[^，的]{{0,4}}的\1(?!{_N})")
"""四季的四, 老五的五, 一心一意的一: which digit she means, or has just said"""
_LENGTH = re.compile(r"[两二三四五六七八九十]+[位码](?:数字?)?")
_NO_NUMBER = re.compile(r"等?我?[停等看瞧想查问说]一(?:[下会哈歇等看想遍次]儿?)|一[下共]|一会儿?|[一两三]遍")
"""Words with a 一 in them that isn't said as one."""
_DENIED = re.compile(rf"不是{_N}+")
_TAKEN_BACK = re.compile(
    r"(?<!对)不对|错[了啦咯喽哉哒]|(?:说|讲|念|报|记|看|搞|弄)错|不是|不不|[哦噢喔哎啊嗯，]不(?=[，啊呀哦是])"
    r"|重[来说讲报念]|重新[来说讲报念]|改一下|改成|更正|口误"
)
_PAUSE = re.compile(
    r"那个|然后|接着|下面|停停|等等|等会儿?|稍等|慢点|慢着|等?我?(?:再|来)?[看瞧]看|等?我?想想|先是|的是|跟着|数|打头|开头|头里"
    r"|前[面头边]?|中间|当中|后[面头边]?|末尾|末了|尾巴上?|尾上|最后|还有|再[来加]|加上|[，嗯呃额啊哦再还个是]"
)
"""What may stand between the parts of one number"""
_MORE = re.compile(r"有|加|再来")
"""后头还有个八; but 一零二四，还有一零二五 are two numbers."""
_FRONT, _BACK = re.compile(r"打头|开头|头里|前面|前头|前边"), re.compile(r"后面|后头|后边|末尾|末了|尾")
_SOME = re.compile(rf"{_N}几|几{_N}")
_EITHER = ("还是", "要么", "或者", "要不")
_MATTER, _TWO_MATTERS = 4, 8
"""Digits of one matter's number, and of two said in one breath."""


def said_number(text: str) -> tuple[str, float] | None:
    """Arabic digits and how surely they are the number, of a normalised text."""
    text = _RADIO.sub(lambda found: _BY_RADIO[found.group()], text.replace("-", ""))
    put_right = _put_right(_explained(_doubled(_LENGTH.sub("", _NO_NUMBER.sub(BREAK, text)))))
    if put_right is None or any(word in put_right for word in _EITHER) or _SOME.search(put_right):
        return None
    said = {value for clause in put_right.split(BREAK) for value in _numbers(clause)}
    if len(said) == 1 and len(value := said.pop()) > 1:
        return None if _twice(value) else (value, SURE)
    back, front = _BACK.search(put_right), list(_FRONT.finditer(put_right))
    if back and front and front[-1].start() > back.start():
        return None  # the end of it first
    return _put_together(put_right)


def _put_together(text: str) -> tuple[str, float] | None:
    """Digit by digit there may be pauses and fillers between."""
    parts, end = [""], 0
    for run in _RUN.finditer(text):
        if _belongs(text[end : run.start()], run.group()):
            parts[-1] += run.group()
        else:
            parts.append(run.group())
        end = run.end()
    found = [value for part in parts if (value := to_arabic(part)) is not None]
    if not found:
        return None
    value = max(found, key=len)
    if any(len(other) >= _MATTER and other != value for other in found) or _twice(value):
        return None
    return value, SURE if len(found) == 1 else PUT_TOGETHER


def _belongs(between: str, digits: str) -> bool:
    """To the part of the number before."""
    return not _PAUSE.sub("", between) and (len(digits) < _MATTER or not _MORE.search(between))


def _doubled(text: str) -> str:
    def repeat(found: re.Match[str]) -> str:
        return found.group(3) * _TIMES[found.group(1) or found.group(2)]

    return _A_SINGLE.sub("个", _DOUBLED.sub(repeat, text))


def _explained(text: str) -> str:
    """A digit explained right after it was said counts once."""
    while found := _EXPLAINED.search(text):
        before, digit = text[: found.start()], found.group(1)
        repeated = bool(before) and to_arabic(before[-1]) == to_arabic(digit)
        text = before + ("" if repeated else digit) + text[found.end() :]
    return text


def _put_right(text: str) -> str | None:
    """What is left after she put herself right ("不是一零二五，是一零二四"); None if it isn't clear which part of it."""
    denied = _DENIED.search(text)
    while denied:
        before, after = text[: denied.start()], text[denied.end() :]
        if _numbers_in(before) and not _numbers_in(after) and not re.search(r"[是就]", before):
            return None  # 一零二四，不是一零二五: either of them
        text = before + after
        denied = _DENIED.search(text)
    while found := _correction(text):
        dropped, text = _numbers_in(text[: found.start()]), text[found.end() :]
        if len("".join(_numbers_in(text))) < len("".join(dict.fromkeys(dropped))):
            return None  # only its end put right
    return text


def _correction(text: str) -> re.Match[str] | None:
    return next((found for found in _TAKEN_BACK.finditer(text) if _numbers_in(text[found.end() :])), None)


def _twice(digits: str) -> bool:
    """二零二四二零二五: a matter's number said twice, and once wrong, rather than a telephone's."""
    first, second = digits[:_MATTER], digits[_MATTER:]
    return len(digits) == _TWO_MATTERS and sum(a != b for a, b in zip(first, second, strict=True)) <= 1


def _numbers_in(text: str) -> list[str]:
    return [value for clause in text.split(BREAK) for value in _numbers(clause)]


def _numbers(text: str) -> list[str]:
    return [value for run in _RUN.findall(text) if (value := to_arabic(run)) is not None]
