"""What a recogniser writes for a building, put right before the address is looked for. Pure.

Two kinds of mistakes: a rare 幢, 座 or 号楼 is written as a frequent word of the same sound (七幢三零一: 起床三零一; 十号楼: 时候楼),
and the syllable before the number becomes a digit of it (…了，八栋: 九八栋; …的事，十二栋: 四十二栋). Nobody says two digits
in a row for a building but 一零二: 28 is 二十八. The length of the text stays, so that places in it mean the same before and after.
"""

import re

from speech.normal import BREAK
from speech.phrasebook import phrasebook
from speech.pinyin import toned_readings

_ONES = "一二三四五六七八九"
_DIGITS = _ONES + "零幺两"
_RUN = re.compile(rf"([{_DIGITS}十百]+)(?=[栋幢]|号[楼栋]|座(?!位|谈|椅)|[好浩]楼)")
_NAMED = re.compile(rf"(?:十[{_ONES}]?|[二三]十[{_ONES}]?|[{_ONES}])(?:[栋幢]|号楼|座(?!位|谈|椅))")
_HUNDREDS = re.compile(rf"[{_ONES}幺]零[{_ONES}]")
_COUNTED = tuple(_ONES[first:last] for first in range(9) for last in range(first + 3, 10))
_SOUNDS = dict(
    zip(("yi", "er", "san", "si", "wu", "liu", "qi", "ba", "jiu", "shi"), _ONES + "十", strict=True)
)
_ROOM = rf"(?=[{_DIGITS}]{{3}}|[{_DIGITS}十]+[单担][元圆员园源])"
_END = rf"(?=[{_DIGITS}]{{3}}|[{_DIGITS}十]+[单担][元圆员园源]|{BREAK}|$)"
_LIKE_HOUSE = re.compile(r"[号好浩后候厚][楼漏搂娄喽](?![上下道梯里顶板房])")
_LIKE_BLOCK = re.compile(rf"(?<=[{_ONES}十])[装窗闯壮撞]{_END}|[床窗装闯](?:{_ROOM}|(?=顶楼))")
_LIKE_SEAT = re.compile(rf"(?<=[{_ONES}十])[左坐做作]{_END}|(?<=是)座{_END}")
_GOES_ON = re.compile(rf"[{_DIGITS}十]+[单担][元圆员园源]|[{_DIGITS}]{{3}}")
_NOT_BEFORE = ("不是", "不在", "不住")


def as_meant(text: str) -> str:
    """`text` as `normalise` gives it, and as long."""
    text = _nouns(text)
    text = _RUN.sub(lambda found: _number(found.group(), first=_begins(text, found.start())), text)
    return _last_building(text)


def _nouns(text: str) -> str:
    for pattern, noun in ((_LIKE_HOUSE, "号楼"), (_LIKE_BLOCK, "幢"), (_LIKE_SEAT, "座")):
        for found in pattern.finditer(text):
            start, number = _number_before(text, found.start())
            if number:
                text = text[:start] + number + noun + text[found.end() :]
    return text


def _number_before(text: str, end: int) -> tuple[int, str]:
    """Where the number that ends there begins, and its characters: digits, or one or two that sound like some."""
    start = end
    number = ""
    while start > 0 and (text[start - 1] in _ONES + "十"):
        start -= 1
        number = text[start] + number
    if number:
        return start, number
    number = _sound(text[end - 1]) if end else ""
    if not number:
        return end, ""
    if number != "十" and end > 1 and _sound(text[end - 2]) == "十" and text[end - 2] not in _ONES:
        return end - 2, "十" + number
    return end - 1, number


def _sound(char: str) -> str:
    for syllable, _ in toned_readings(char)[:1]:
        return _SOUNDS.get(syllable, "")
    return ""


def _begins(text: str, start: int) -> bool:
    return start == 0 or text[start - 1] == BREAK


def _number(run: str, *, first: bool) -> str:
    """The digits before a building's number are clause ends now. `first`: no syllable stands before that could be one."""
    if run in _COUNTED or _HUNDREDS.fullmatch(run) or "百" in run:
        return run
    kept = _tens(run, as_high=first) if "十" in run else run[-1]
    return BREAK * (len(run) - len(kept)) + kept


def _tens(run: str, *, as_high: bool) -> str:
    ten = run.rindex("十")
    tail = run[ten:]
    if len(tail) > 2:
        return run[-1]  # 八十四一栋
    before = run[ten - 1] if ten else ""
    highest = phrasebook().places.highest_building
    if before not in _ONES or before in ("", "一"):
        return tail
    number = 10 * (_ONES.index(before) + 1) + (_ONES.index(tail[1]) + 1 if tail[1:] else 0)
    return tail if 0 < highest < number and not (as_high and ten == 1) else before + tail


def _last_building(text: str) -> str:
    """Of several the last one, if one goes on with a unit or a room the last of these: the matter, in which words are misheard
    as buildings, mostly comes before the address."""
    found = [match for match in _NAMED.finditer(text) if not text[: match.start()].endswith(_NOT_BEFORE)]
    whole = [match for match in found if _GOES_ON.match(text, match.end())]
    meant = (whole or found)[-1:]
    for match in found:
        if match not in meant and match.group() != meant[0].group():
            text = text[: match.start()] + BREAK * len(match.group()) + text[match.end() :]
    return text
