"""Where is it? Estate, building, unit, room and landmark in what a resident said or wrote. Pure."""

import functools
import re
from dataclasses import dataclass

from speech.matcher import Matcher
from speech.normal import BREAK
from speech.numbers import NUMBER_CHARS, spoken_digits, spoken_number, to_arabic
from speech.phrase_records import Places
from speech.phrasebook import phrasebook

_N = f"[{NUMBER_CHARS}]"
# 动 洞 冻, 员 园 …: what a recogniser writes for 栋 and 单元.
_BUILDING = re.compile(rf"第?({_N}{{1,6}}|[a-z])(?:号?[栋幢动洞冻](?!静|作|物|不)|号[楼搂]|座(?!位)|#楼?)")
_UNIT = re.compile(rf"({_N}{{1,4}}|[a-z])[单担丹][元圆员园源原缘]")
_GATE = re.compile(rf"({_N}{{1,2}})门(?![口禁锁前外])")
_ROOM = re.compile(
    rf"({_N}{{3,6}})(?:室|房(?!子)|号房?)?(?![多元块个户人年天月点岁米次栋幢单号楼])|({_N}{{1,6}})(?:室|号房|房(?!子|东|产))"
)
_LONE_ROOM = re.compile(rf"({_N}{{3,4}})(?:室|房间)")
_DASHED = re.compile(r"(?<![\d-])(\d{1,3})[-/](?:(\d{1,2})[-/])?(\d{3,4})(?![\d-])")
_HOUSE = re.compile(rf"({_N}{{1,4}})号(?![线院码])")
# 一 in these belongs to the word, not to the number before it ("五零一一直漏").
_YI_WORD = re.compile(r"一(?=[直般下些样点起共定])")
_STREET = re.compile(rf"([㐀-鿿]{{2,4}}?(?:大道|路|街|巷|弄))({_N}{{1,5}})号(?!楼)")
_LANE = re.compile(rf"([㐀-鿿]{{2,3}}里)(?={_N}{{1,4}}(?:栋|幢|号楼))")
_NO_LANE = ("楼道", "院子", "小区", "家", "屋", "房子", "花园", "车库", "社区", "子", "地")
_NOT_THERE = ("不是", "不在", "不是在", "不住")
_SKIPPED = "\x00"


@dataclass(frozen=True)
class Place:
    """Numbers as Arabic digits in strings ("3", "501"), a building may be a letter; None = not said."""

    estate: str | None = None
    building: str | None = None
    unit: str | None = None
    room: str | None = None
    landmark: str | None = None

    def __bool__(self) -> bool:
        return any((self.estate, self.building, self.unit, self.room, self.landmark))

    def spoken(self) -> str:
        """As read back on the phone: 幸福小区三栋二单元五零幺. The landmark only if there is no address."""
        parts = [self.estate or ""]
        if self.building:
            parts.append(_spoken(self.building) + "栋")
        if self.unit:
            parts.append(_spoken(self.unit) + "单元")
        if self.room:
            parts.append(spoken_digits(self.room))
        return "".join(parts) or self.landmark or ""


def _spoken(number: str) -> str:
    return spoken_number(int(number)) if number.isdigit() and len(number) <= 4 else number


@dataclass(frozen=True)
class Found:
    """One part of the place and the words it rests on; `span` indexes the normalised text."""

    what: str
    value: str
    words: str
    span: tuple[int, int]


@functools.cache
def _names() -> Matcher[str]:
    return Matcher((name, name) for name in phrasebook().places.estates)


@functools.cache
def _landmarks() -> Matcher[str]:
    return Matcher(((name, name) for name in phrasebook().places.landmarks), by_sound=False)


def find_place(text: str) -> tuple[Place, tuple[Found, ...]]:
    """`text` as `normalise` gives it."""
    parts: dict[str, Found] = {}
    for found in (_estate(text), *_address(text), _landmark(text)):
        if found is not None:
            parts.setdefault(found.what, found)
    place = Place(**{what: found.value for what, found in parts.items()})
    return place, tuple(parts.values())


def _estate(text: str) -> Found | None:
    hits = _names().cover(text)
    if hits:
        best = max(hits, key=lambda hit: (hit.exact, hit.length, -hit.start))
        return Found("estate", best.value, best.words, (best.start, best.end))
    places = phrasebook().places
    for suffix in sorted(places.suffixes, key=len, reverse=True):
        for match in re.finditer(re.escape(suffix), text):
            name = _estate_name(text[: match.start()], places)
            if len(name) >= 2:
                start = match.start() - len(name)
                return Found("estate", name + suffix, name + suffix, (start, match.end()))
    lane = _LANE.search(text)
    if lane and not lane.group(1)[:-1].endswith(_NO_LANE):
        name = lane.group(1)[:-1]
        while name and name[0] in places.stops:
            name = name[1:]
        if len(name) >= 2:
            return Found("estate", name + "里", name + "里", (lane.end() - len(name) - 1, lane.end()))
    return None


def _estate_name(left: str, places: Places) -> str:
    """The two to four characters before the suffix that can belong to a name."""
    name = ""
    for char in reversed(left):
        if len(name) == 4 or char in places.stops or char in NUMBER_CHARS or char == BREAK or char.isascii():
            break
        name = char + name
    while cut := next((word for word in places.not_estate if name.startswith(word)), None):
        name = name[len(cut) :]
    return "" if name.endswith(tuple(places.not_estate)) else name


def _address(text: str) -> list[Found]:
    masked = _YI_WORD.sub(_SKIPPED, text)
    if dashed := _DASHED.search(masked):
        building, unit, room = dashed.groups()
        values = {"building": building, "unit": unit, "room": room}
        return [
            Found(what, _plain(what, value), dashed.group(), dashed.span())
            for what, value in values.items()
            if value
        ]
    found = []
    building = _number("building", _BUILDING, masked)
    if building is None:
        building = _house_after_estate(masked)
    after = building.span[1] if building else 0
    if building:
        found.append(building)
    unit = _number("unit", _UNIT, masked)
    if unit is None and building:
        unit = _number("unit", _GATE, masked, after, adjacent=True)
    if unit:
        found.append(unit)
        after = unit.span[1]
    room = _number("room", _ROOM, masked, after, adjacent=True) if found else None
    room = room or _number("room", _LONE_ROOM, masked)
    if room:
        found.append(room)
    return found


def _number(
    what: str, pattern: re.Pattern[str], text: str, start: int = 0, *, adjacent: bool = False
) -> Found | None:
    position = start
    while match := pattern.search(text, position):
        between = text[start : match.start()]
        if adjacent and between not in ("", "的", BREAK, "-", "第"):
            return None
        said = next(group for group in match.groups() if group)
        value = said.upper() if said.isalpha() and said.isascii() else to_arabic(said)
        if value is not None and not text[: match.start()].endswith(_NOT_THERE):
            return Found(what, _plain(what, value), match.group().replace(_SKIPPED, "一"), match.span())
        position = match.end()
    return None


def _plain(what: str, value: str) -> str:
    return value if what == "room" else value.lstrip("0") or "0"


def _house_after_estate(text: str) -> Found | None:
    """`幸福小区3号`, `3号2单元`: there a house number means the building."""
    for match in _HOUSE.finditer(text):
        left, right = text[: match.start()], text[match.end() :]
        if left.endswith(phrasebook().places.suffixes) or _UNIT.match(right):
            value = to_arabic(match.group(1))
            if value is not None:
                return Found("building", _plain("building", value), match.group(), match.span())
    return None


def _landmark(text: str) -> Found | None:
    if street := _STREET.search(text):
        name = street.group(1)
        while name and name[0] in phrasebook().places.stops:
            name = name[1:]
        number = to_arabic(street.group(2))
        if len(name) >= 2 and number is not None:
            return Found("landmark", f"{name}{number}号", street.group(), street.span())
    hits = _landmarks().cover(text)
    best = max(hits, key=lambda hit: (hit.length, -hit.start), default=None)
    return Found("landmark", best.value, best.words, (best.start, best.end)) if best else None
