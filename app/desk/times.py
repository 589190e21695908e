"""When? Words of time in what a resident said, as said, with days ago where that is clear. Pure."""

import functools
import re
from dataclasses import dataclass

from speech.numbers import NUMBER_CHARS, to_arabic
from speech.phrasebook import Phrasebook, phrasebook

_N = f"[{NUMBER_CHARS}]"
_COUNT = rf"(?:{_N}{{1,3}}|[一二两三四五六七八九][一二两三四五六七八九]|好几|几|半|大半|小半)"
_CLOCK = rf"(?:{_N}{{1,3}}点(?:钟|半|多|左右|{_N}{{1,3}}分?)?(?:多|左右)?)"
_WEEKDAY = r"(?:上|这|下|本|上上)?个?(?:周|星期|礼拜)[一二三四五六日天末]"
_DATE = rf"{_N}{{1,2}}月(?:{_N}{{1,3}}[号日](?!楼|院|线))?"


@dataclass(frozen=True)
class SaidTime:
    """`words` as said. `days_ago`: 0 today, 1 yesterday, -1 tomorrow, 3 for 三天了; None if that is not clear.

    `part` of the day as said.
    """

    words: str
    days_ago: int | None
    part: str | None
    start: int


@functools.lru_cache(maxsize=4)
def _pattern(book: Phrasebook) -> re.Pattern[str]:
    times = book.times
    days, parts, units, stretches = (
        "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
        for words in (times.days, times.parts, times.units, times.stretches)
    )
    day = rf"(?P<day>{_WEEKDAY}|{_DATE}|{days})"
    part = rf"(?P<part>{parts})"
    stretch = rf"(?P<stretch>{stretches})"
    month = r"(?:个多?|多个?)月"
    length = rf"(?P<count>{_COUNT})(?:个?多?个?(?P<unit>{units})|{month})(?:多|半)?(?P<gone>了|以前|之前|前)?"
    clock = rf"(?P<clock>{_CLOCK})"
    return re.compile(
        rf"(?:{day}(?:的)?(?:{part})?(?:{clock})?)|(?:{stretch}(?:多|的)?(?:(?P<part2>{parts}))?)|(?:{length})"
        rf"|(?:(?P<part3>{parts})(?:(?P<clock3>{_CLOCK}))?)|(?P<clock4>(?!一点){_CLOCK})"
    )


def find_time(text: str) -> SaidTime | None:
    """The surest words of time: a day, else how long it has lasted, else a vague stretch, else a part of the day."""
    found = [_read(match) for match in _pattern(phrasebook()).finditer(text)]
    ranked = sorted((rank, -len(said.words), said.start, n) for n, (rank, said) in enumerate(found))
    return found[ranked[0][3]][1] if ranked else None


def _read(match: re.Match[str]) -> tuple[int, SaidTime]:
    times = phrasebook().times
    part = match["part"] or match["part2"] or match["part3"]
    if day := match["day"]:
        return 0, SaidTime(match.group().removesuffix("的"), times.days.get(day), part, match.start())
    if match["count"]:
        number = to_arabic(match["count"])
        each = times.units[match["unit"]] if match["unit"] else 30
        days = int(number) * each if number and each else None
        sure = bool(match["gone"]) or days is None or each > 1
        words = match.group().removesuffix("了")
        return (1 if sure else 2), SaidTime(words, days, None, match.start())
    if match["stretch"]:
        return 3, SaidTime(match.group().removesuffix("的"), None, part, match.start())
    return 4, SaidTime(match.group(), None, part, match.start())
