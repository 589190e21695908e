"""How long a keeper needs: days or a date among the words of `延 1024 等配件 3天`. Pure."""

import re

from speech.normal import fold
from speech.numbers import to_arabic

_HAN = "一二两三四五六七八九十"
_N = rf"(?:\d{{1,3}}|[{_HAN}]{{1,3}})"
_BEFORE = r"(?:大概|大约|可能|估计|还要|还需|需要|需|要|得|再|延期|延长|延|缓)*"
_AFTER = r"(?:左右|时间|以后|之后|后)?"
_DATE = re.compile(
    rf"(?:要?[到至])?(?:\d{{4}}年)?(?P<month>{_N})(?:月|[-/.](?=\d{{1,2}}(?!\d)))(?P<day>{_N})[号日]?(?:前|之前)?"
)
_DAYS = re.compile(rf"{_BEFORE}(?:(?P<n>{_N})|(?P<half>半))个?(?P<unit>天|日|周|星期|礼拜|月){_AFTER}")
_NAMED = re.compile(rf"{_BEFORE}(?:到|至)?(?P<name>大后天|后天|明天)")
_BARE = re.compile(r"(?:^|(?<=[\s,，。:：]))(?P<n>\d{1,2})(?=$|[\s,，。])")
_UNITS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30}
_NAMES = {"明天": 1, "后天": 2, "大后天": 3}
_TRIM = " \u3000\t\n,，。.;；、:：!！"


def extension(written: str) -> str:
    """`等配件 3天` → `等配件|3`, `等配件，到12月3号` → `等配件|12-03`, `等配件` → `等配件|`."""
    folded = fold(written)
    for pattern, read in ((_DATE, _date), (_DAYS, _days), (_NAMED, _name), (_BARE, _bare)):
        for found in pattern.finditer(folded):
            if until := read(found):
                reason = f"{written[: found.start()].rstrip(_TRIM)}\n{written[found.end() :].lstrip(_TRIM)}"
                return f"{_joined(reason)}|{until}"
    return f"{written.strip(_TRIM)}|"


def _joined(reason: str) -> str:
    before, after = reason.split("\n", 1)
    return f"{before}，{after}".strip(_TRIM) if before and after else (before + after).strip(_TRIM)


def _date(found: re.Match[str]) -> str:
    month, day = (int(to_arabic(found[part]) or 0) for part in ("month", "day"))
    return f"{month:02d}-{day:02d}" if 1 <= month <= 12 and 1 <= day <= 31 else ""


def _days(found: re.Match[str]) -> str:
    each = _UNITS[found["unit"]]
    if found["half"]:
        return str(max(each // 2, 1))
    number = to_arabic(found["n"])
    return str(int(number) * each) if number else ""


def _name(found: re.Match[str]) -> str:
    return str(_NAMES[found["name"]])


def _bare(found: re.Match[str]) -> str:
    return found["n"].lstrip("0")
