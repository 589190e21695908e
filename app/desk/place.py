"""Where is it? Estate, building, unit, room and landmark in what a resident said or wrote. Pure."""

import functools
import re
from dataclasses import dataclass, field

from app.desk.address import Found, find_address
from speech.matcher import Matcher
from speech.normal import BREAK
from speech.numbers import NUMBER_CHARS, spoken_digits, spoken_number, to_arabic
from speech.phrase_records import Places
from speech.phrasebook import Phrasebook, phrasebook

_N = f"[{NUMBER_CHARS}]"
_STREET = re.compile(rf"([㐀-鿿]{{2,4}}?(?:大道|路|街|巷|弄))({_N}{{1,5}})号(?!楼)")
_LANE = re.compile(rf"([㐀-鿿]{{2,3}}里)(?={_N}{{1,4}}(?:栋|幢|号楼))")
_NO_LANE = ("楼道", "院子", "小区", "家", "屋", "房子", "花园", "车库", "社区", "子", "地")
_WRITTEN, _BY_SUFFIX = 0.97, 0.8


@dataclass(frozen=True)
class Place:
    """Numbers as Arabic digits in strings ("3", "501"), a building may be a letter; None = not said.

    `own`: she spoke of her own home or building without saying where it is, so the registered address counts.
    """

    estate: str | None = None
    building: str | None = None
    unit: str | None = None
    room: str | None = None
    landmark: str | None = None
    own: bool = field(default=False, compare=False)

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


@functools.lru_cache(maxsize=4)
def _names(book: Phrasebook) -> Matcher[str]:
    return Matcher(((name, name) for name in book.places.estates), among=book.index)


@functools.lru_cache(maxsize=4)
def _landmarks(book: Phrasebook) -> Matcher[str]:
    return Matcher(((name, name) for name in book.places.landmarks), by_sound=False, among=book.index)


@functools.lru_cache(maxsize=4)
def _suffixes(book: Phrasebook) -> tuple[str, ...]:
    return tuple(sorted(book.places.suffixes, key=len, reverse=True))


def find_place(text: str) -> tuple[Place, tuple[Found, ...]]:
    """`text` as `normalise` gives it."""
    parts: dict[str, Found] = {}
    for found in (_estate(text), *find_address(text), _landmark(text)):
        if found is not None:
            parts.setdefault(found.what, found)
    own = _own(text) if "building" not in parts else None
    place = Place(**{what: found.value for what, found in parts.items()}, own=own is not None)
    return place, (*parts.values(), *((own,) if own else ()))


def _own(text: str) -> Found | None:
    said = [(text.find(words), words) for words in phrasebook().places.own if words in text]
    if not said:
        return None
    start, words = min(said, key=lambda found: (found[0], -len(found[1])))
    return Found("own", "registered", words, (start, start + len(words)), _BY_SUFFIX)


def _estate(text: str) -> Found | None:
    hits = _names(phrasebook()).cover(text)
    if hits:
        best = max(hits, key=lambda hit: (hit.exact, hit.length, -hit.start))
        sure = _WRITTEN if best.exact else best.score
        return Found("estate", best.value, best.words, (best.start, best.end), sure)
    places = phrasebook().places
    for suffix in _suffixes(phrasebook()):
        for match in re.finditer(re.escape(suffix), text) if suffix in text else ():
            name = _estate_name(text[: match.start()], places)
            if len(name) >= 2:
                start = match.start() - len(name)
                return Found("estate", name + suffix, name + suffix, (start, match.end()), _BY_SUFFIX)
    lane = _LANE.search(text)
    if lane and not lane.group(1)[:-1].endswith(_NO_LANE):
        name = lane.group(1)[:-1]
        while name and name[0] in places.stops:
            name = name[1:]
        if len(name) >= 2:
            return Found(
                "estate", name + "里", name + "里", (lane.end() - len(name) - 1, lane.end()), _BY_SUFFIX
            )
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


def _landmark(text: str) -> Found | None:
    if street := _STREET.search(text):
        name = street.group(1)
        while name and name[0] in phrasebook().places.stops:
            name = name[1:]
        number = to_arabic(street.group(2))
        if len(name) >= 2 and number is not None:
            return Found("landmark", f"{name}{number}号", street.group(), street.span())
    hits = _landmarks(phrasebook()).cover(text)
    best = max(hits, key=lambda hit: (hit.length, -hit.start), default=None)
    return Found("landmark", best.value, best.words, (best.start, best.end)) if best else None
