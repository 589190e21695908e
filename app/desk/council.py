"""Council notes (小板凳议事会 问题清单) → one item a matter, with whoever answers for it and until when, where written. Pure."""

import calendar
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from speech.numbers import to_arabic

MOST = 60
"""Items of one page; more is not a page of notes."""
_HAN = "[一二三四五六七八九十]"
_MARKERS = (
    ("chapter", rf"{_HAN}{{1,3}}[、.．]"),
    ("part", rf"[（(]{_HAN}{{1,3}}[）)]、?"),
    ("number", r"[（(]?\d{1,3}(?:[、．]|\.(?!\d)|[）)])"),
    ("circle", r"[①-⑳]"),
    ("bullet", r"[-*•·●○▪■◆—]+\s"),
)
_MARKER = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _MARKERS))
_INSIDE = re.compile(r"(?<=[；;。\s])(?=[①-⑳])|(?<=[；;。])\s*(?=\d{1,2}[、．])|(?<=\S)(?=[②-⑳])")
_HEADING = re.compile(
    r"议事会|问题清单|会议记录|民情日记|^(?:时间|地点|主持|参加|出席|记录)(?:人|人员)?[:：]"
)
_N = r"(?:\d{1,4}|[一二两三四五六七八九十]{1,3})"
_WHEN = (
    rf"(?:(?:(?P<y>\d{{4}})年)?(?P<m>{_N})月(?:(?P<d>{_N})[日号])?(?P<part>[上中下]旬|[底末初])?"
    rf"|(?P<this>本月|这个月|年|月)[底末]|(?P<n>{_N})个?(?P<unit>天|日|周|星期|月)(?=内|之内|以内))"
)
_PERSON = re.compile(
    r"(?:责任人|负责人|承办人|经办人|牵头人?|责任单位)[:：]?\s*(?P<a>[㐀-鿿·]{2,10}?)(?=[，,；;。、（(）)\s]|负责|牵头|$)"
    r"|由(?P<b>[㐀-鿿·]{2,10}?)(?:负责|牵头|跟进|办理|落实)"
)
_BRACKET = re.compile(r"[（(【\[](?P<inside>[^（）()【】\[\]]{1,40})[）)】\]]\s*[。；;]?$")
_EMPTY = re.compile(r"[（(]\s*[，,、]?\s*[）)]")
_TAIL = re.compile(r"(?:——|--|—|：|:|，|,|\s)\s*(?P<tail>[㐀-鿿·]{2,4})\s*[，,、\s]?\s*$")


@dataclass(frozen=True, slots=True)
class Item:
    """`line` counts from 1 in the notes as pasted. `person` as written; `deadline` the last day on which it may be done."""

    line: int
    text: str
    person: str | None = None
    deadline: date | None = None


@dataclass(frozen=True, slots=True)
class Notes:
    """`left_out`: lines that are headings, or belong to nothing."""

    items: tuple[Item, ...]
    left_out: tuple[tuple[int, str], ...]


def read_notes(text: str, *, today: date, names: Collection[str] = ()) -> Notes:
    """`names`: people who may be named without a label (staff)."""
    lines = [
        (number, piece.strip())
        for number, line in enumerate(text.splitlines(), start=1)
        for piece in _INSIDE.split(line)
        if piece.strip()
    ]
    marked = any(_MARKER.match(line) for _, line in lines)
    found: list[tuple[int, str, str]] = []  # line, kind of marker, words
    left_out: list[tuple[int, str]] = []
    for number, line in lines:
        match = _MARKER.match(line)
        words = line[match.end() :].strip() if match else line
        kind = match.lastgroup or "" if match else ""
        if not words or (not match and _HEADING.search(line)):
            left_out.append((number, line))
        elif match or not marked:
            found.append((number, kind, words))
        elif found:
            found[-1] = (found[-1][0], found[-1][1], f"{found[-1][2]}，{words}")
        else:
            left_out.append((number, line))
    chapters = {
        one[0]
        for one, following in pairwise(found)
        if one[1] in ("chapter", "part") and following[1] not in ("", one[1]) and len(one[2]) <= 20
    }
    left_out += [(number, words) for number, _, words in found if number in chapters]
    items = [_item(number, words, today, names) for number, _, words in found if number not in chapters]
    return Notes(tuple(items[:MOST]), tuple(sorted(left_out)))


def _item(number: int, words: str, today: date, names: Collection[str]) -> Item:
    text, deadline = _take_deadline(words, today)
    text, person = _take_person(text, names)
    if (bracket := _BRACKET.search(text)) is not None:
        inside = bracket["inside"].strip(" ，,、；;:：")
        alone = re.fullmatch(r"[㐀-鿿·]{2,4}", inside) is not None
        if not inside or (person is None and alone and (inside in names or deadline is not None)):
            person = person or inside or None
            text = text[: bracket.start()]
    if person is None and (tail := _TAIL.search(text)) is not None and tail["tail"] in names:
        person, text = tail["tail"], text[: tail.start()]
    text = _EMPTY.sub("", text)
    return Item(number, text.strip(" ，,、；;：:—-") or words, person, deadline)


def _take_person(text: str, names: Collection[str]) -> tuple[str, str | None]:
    match = _PERSON.search(text)
    if match is None:
        return text, None
    person = match["a"] or match["b"]
    if match["b"] and person not in names and len(person) > 4:
        return text, None  # 由于漏水负责…: no name
    return (text[: match.start()] + text[match.end() :]).replace("，，", "，"), person


def _take_deadline(text: str, today: date) -> tuple[str, date | None]:
    """Without the words of it. A day that is only told (11月20日坏的) is no deadline."""
    for pattern in _DEADLINES:
        match = pattern.search(text)
        if match is not None and (day := _day(match, today)) is not None:
            return text[: match.start()] + text[match.end() :], day
    return text, None


def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    labelled = (
        rf"(?:完成|办结|办理)?(?:时限|期限|时间|日期)[:：]?\s*{_WHEN}(?P<before>之?前|以前|之?内|以内)?"
    )
    plain = (
        rf"{_WHEN}(?:(?P<before>之?前|以前|之?内|以内)(?:完成|办结|解决|办好|整改到位)?"
        r"|(?:完成|办结|解决|办好)|(?<=[底末旬])(?=[，,；;。）)\s]|$))"
    )
    return re.compile(labelled), re.compile(plain)


_DEADLINES = _patterns()


def _day(match: re.Match[str], today: date) -> date | None:
    if match["n"]:
        count = int(to_arabic(match["n"].replace("两", "二")) or 0)
        return today + timedelta(days=count * {"天": 1, "日": 1, "周": 7, "星期": 7, "月": 30}[match["unit"]])
    if match["this"]:
        month = 12 if match["this"] == "年" else today.month
        return _last(today.year, month)
    month, year = int(to_arabic(match["m"]) or 0), int(match["y"] or today.year)
    if not 1 <= month <= 12:
        return None
    day = _of_month(match, year, month)
    if day is not None and day < today and not match["y"]:
        day = _of_month(match, year + 1, month)
    return day


def _of_month(match: re.Match[str], year: int, month: int) -> date | None:
    """6月前 is before June begins; 6月底前, 6月内 are by its last day; 6月30日前 is by that day."""
    if match["d"]:
        day = int(to_arabic(match["d"]) or 0)
        return date(year, month, day) if 1 <= day <= calendar.monthrange(year, month)[1] else None
    part = match["part"]
    if part in ("上旬", "初"):
        return date(year, month, 10)
    if part == "中旬":
        return date(year, month, 20)
    if part is None and (match["before"] or "").endswith("前"):
        return date(year, month, 1) - timedelta(days=1)
    return _last(year, month)


def _last(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
