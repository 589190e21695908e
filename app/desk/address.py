"""Building, unit and room in what a resident said or wrote: numbers, corrections, what a recogniser makes of them. Pure."""

import functools
import re
from dataclasses import dataclass, replace

from speech.normal import BREAK
from speech.numbers import NUMBER_CHARS, to_arabic
from speech.phrasebook import phrasebook
from speech.pinyin import toned_readings

_N = f"[{NUMBER_CHARS}]"
_DIGIT_SOUNDS = dict(
    zip(
        (
            ("san", "1"),
            ("shan", "1"),
            ("shi", "4"),
            ("si", "4"),
            ("wu", "3"),
            ("liu", "4"),
            ("qi", "1"),
            ("ba", "1"),
            ("jiu", "3"),
            ("shi", "2"),
            ("yi", "1"),
            ("er", "4"),
            ("liang", "3"),
            ("ling", "2"),
            ("yao", "1"),
        ),
        "三三四四五六七八九十一二两零幺",
        strict=True,
    )
)
_NOUN_SOUNDS = {"dong": "栋", "hao": "号", "lou": "楼", "dan": "单", "yuan": "元"}
_ITSELF = frozenset("是有不以要就的了在这那把吧已也又还和跟你我他她它们个有人家说到来去没时要好头漏楼道")
"""Too common to be a digit or a 栋 that a recogniser wrote wrongly."""
_SPELLED = str.maketrans("洞拐勾", "零七九")
_ZERO = re.compile(rf"(?<={_N})[洞拐勾](?={_N})")
_BUILDING = re.compile(
    rf"第?({_N}{{1,6}}|[a-z]{_N}{{0,2}})"
    rf"(?:号?[栋幢]|[动洞冻咚](?!静|作|物|不|画|车|了|的)|[好浩][楼搂娄喽](?!上|下|道)|号[楼搂喽]|座(?!位|谈|椅)|#楼?)"
    rf"|({_N}*[二三四五六七八九十])[坐做作](?={_N}{{3}}|{BREAK}|$)"
)
_BUILDING_HERE = re.compile(rf"({_N}{{1,4}})号(?:的)?(?:那|这)(?:一)?[栋幢]")
_UNIT = re.compile(rf"第?({_N}{{1,4}}|[a-z])(?:号)?[单担丹蛋但][元圆员园源原缘远院愿]")
_GATE = re.compile(rf"({_N}{{1,2}})门(?![口禁锁前外])")
_ROOM = re.compile(
    rf"({_N}{{3,6}})(?:室|房(?!子)|号房?)?(?![多元块个户人年天月点岁米次栋幢单号楼斤度])"
    rf"|({_N}{{1,6}})(?:室|号房|房(?!子|东|产|间)|号(?![楼线院码]))"
)
_LONE_ROOM = re.compile(rf"({_N}{{3,4}})(?:室|房间)")
_DASHED = re.compile(r"(?<![\d-])(\d{1,3})[-/](?:(\d{1,2})[-/])?(\d{3,4})(?![\d-])")
_UNSPOKEN_DASHES = re.compile(
    rf"(?<!{_N})([二三四五六七八九]?十[一二三四五六七八九]?|(?<![号是码])[一二三四五六七八九])([一二三四五六七八九])([一二三四五六七八九]零[一二三四五六七八九幺])(?!{_N})"
)
"""十二一三零二, 八二四零幺: 12-1-302, 8-2-401 as they are read aloud."""
_SPOKEN_DASHES = re.compile(
    rf"({_N}{{1,3}})(?:杠|横杠|横|减){BREAK}?(?:({_N}{{1,2}})(?:杠|横杠|横|减){BREAK}?)?({_N}{{3,4}})"
)
_HOUSE = re.compile(rf"({_N}{{1,4}})号(?![线院码])")
_SOUNDED = {
    "building": re.compile(rf"({_N}{{1,3}})(?:栋|号楼)(?!上|下|道|水|不|静|作|物|工)"),
    "unit": re.compile(rf"({_N}{{1,2}})单元"),
}
_WHOLE_ROOM = re.compile(rf"({_N}{{3,4}})")
_FLOOR = re.compile(rf"{_N}{{1,3}}[楼层]")
# 一 in these belongs to the word, not to the number before it ("五零一一直漏").
_YI_WORD = re.compile(r"一(?=[直般下些样点起共定到边股])")
_SKIPPED = "\x00"
_SEVERAL = frozenset("一二三四五六七八九"[a:b] for a in range(9) for b in range(a + 3, 10))
"""一二三栋 are three buildings."""
_NOT_THERE = ("不是", "不在", "不是在", "不住", "不是说")
_ALL_OF_IT = re.compile(
    r"(?:我们|整|这|全|同|每|那)?[一两][栋幢](?:楼)?(?=楼?(?:都|的人|全|里|住户|居民|之间|中间|老))"
)
_WRONG = re.compile(
    r"不对|不是|错了|说错|讲错|搞错|记错|弄错|哦不|啊不|噢不|哎不|唉不|呃不|不不|更正|改成|，不，|，不(?=是|对|[一二三四五六七八九十0-9])|应该是|应该在"
)
_OR = re.compile(r"还是|或者|要么|也可能|可能是")
_BARE = re.compile(rf"[，是应该在呃嗯哦啊我说]*({_N}{{1,4}})(?={BREAK}|$|[栋幢号单的这那有没不坏])")
_APART = 16  # characters between a slip of the tongue and its correction

_SURE, _RESPELT, _BY_SOUND, _CORRECTED, _EITHER = 0.97, 0.85, 0.6, 0.9, 0.4


@dataclass(frozen=True)
class Found:
    """One part of the place and the words it rests on; `span` indexes the normalised text; `confidence` 0–1."""

    what: str
    value: str
    words: str
    span: tuple[int, int]
    confidence: float = _SURE


def find_address(text: str) -> list[Found]:
    """At most one building, unit and room each; of a corrected one what it was corrected to."""
    spelled = _ZERO.sub(lambda match: match.group().translate(_SPELLED), text)
    masked = _ALL_OF_IT.sub(lambda m: _SKIPPED * len(m.group()), _YI_WORD.sub(_SKIPPED, spelled))
    if dashed := _DASHED.search(masked) or _SPOKEN_DASHES.search(masked):
        return _from_dashes(dashed)
    found = []
    building = _chosen("building", _BUILDING, masked) or _chosen("building", _BUILDING_HERE, masked)
    building = building or _house_after_estate(masked) or _sounded("building", masked)
    after = building.span[1] if building else 0
    if building:
        found.append(building)
    unit = _chosen("unit", _UNIT, masked)
    if unit is None and building:
        unit = _first("unit", _GATE, masked, after, adjacent=True)
    unit = unit or _sounded("unit", masked)
    if unit:
        found.append(unit)
        after = unit.span[1] if building is None or unit.span[0] >= building.span[0] else after
    room = _first("room", _ROOM, masked, after, adjacent=True) if found else None
    room = room or _first("room", _LONE_ROOM, masked)
    if not found and room is None and _WHOLE_ROOM.fullmatch(masked.strip(BREAK)):
        room = _first("room", _WHOLE_ROOM, masked)  # the answer to "which room?"
    if not found and (dashed := _UNSPOKEN_DASHES.search(masked)):
        return [replace(part, confidence=_BY_SOUND) for part in _from_dashes(dashed)]
    if room:
        found.append(room)
    found = [_corrected(part, masked) for part in found]
    return [replace(part, words=part.words.replace(_SKIPPED, "一")) for part in found]


def _from_dashes(match: re.Match[str]) -> list[Found]:
    values = zip(("building", "unit", "room"), match.groups(), strict=True)
    return [
        Found(what, _plain(what, number), match.group(), match.span())
        for what, value in values
        if value and (number := to_arabic(value)) is not None
    ]


def _all(what: str, pattern: re.Pattern[str], text: str, start: int = 0) -> list[Found]:
    found = []
    for match in pattern.finditer(text, start):
        said = next(group for group in match.groups() if group)
        value = said.upper() if said[0].isascii() and said[0].isalpha() else to_arabic(said)
        if value is not None and said not in _SEVERAL and not text[: match.start()].endswith(_NOT_THERE):
            sure = _SURE if re.search("[栋幢座#门室房杠]|号楼|单元|号", match.group()) else _RESPELT
            if what == "room":
                sure = _SURE
            found.append(Found(what, _plain(what, value), match.group(), match.span(), sure))
    return found


def _chosen(what: str, pattern: re.Pattern[str], text: str) -> Found | None:
    """The first one, unless words between it and a later one take it back."""
    found = _all(what, pattern, text)
    if not found:
        return None
    best = found[0]
    for later in found[1:]:
        between = text[best.span[1] : later.span[0]]
        if later.value == best.value or len(between) > _APART:
            continue
        if _WRONG.search(between):
            best = replace(later, confidence=_CORRECTED)
        elif _OR.search(between):
            best = replace(best, confidence=_EITHER)
    return best


def _first(
    what: str, pattern: re.Pattern[str], text: str, start: int = 0, *, adjacent: bool = False
) -> Found | None:
    for found in _all(what, pattern, text, start):
        between = _FLOOR.sub("", text[start : found.span[0]])
        if adjacent and between not in ("", "的", BREAK, "-", "第", "那个", "楼", "的那个"):
            return None
        return found
    return None


def _corrected(part: Found, text: str) -> Found:
    """五零一，不对，五零二: the number alone after words that take it back."""
    rest = text[part.span[1] : part.span[1] + _APART]
    wrong = _WRONG.match(rest.lstrip("，呃嗯哦啊"))
    if wrong is None or re.match(rf"(?:不是|不在){_N}", rest):  # 二栋不是一栋
        return part
    at = part.span[1] + len(rest) - len(rest.lstrip("，呃嗯哦啊")) + wrong.end()
    bare = _BARE.match(text, at)
    number = to_arabic(bare.group(1)) if bare else None
    if bare is None or number is None or (part.what == "room") != (len(number) >= 3):
        return part
    words = text[part.span[0] : bare.end()]
    return Found(part.what, _plain(part.what, number), words, (part.span[0], bare.end()), _CORRECTED)


def _sounded(what: str, text: str) -> Found | None:
    """山栋, 午号楼, 四好搂: characters that sound like what was said, if half of them and more are right."""
    respelt = "".join(map(_as_meant, text))
    for match in _SOUNDED[what].finditer(respelt):
        wrong = sum(
            one != other for one, other in zip(match.group(), text[slice(*match.span())], strict=True)
        )
        value = to_arabic(match.group(1))
        if value is not None and match.group(1) not in _SEVERAL and 2 * wrong <= len(match.group()):
            return Found(what, _plain(what, value), text[slice(*match.span())], match.span(), _BY_SOUND)
    return None


@functools.lru_cache(maxsize=4096)
def _as_meant(char: str) -> str:
    if char in NUMBER_CHARS or char in _ITSELF:
        return char
    for syllable, tone in toned_readings(char)[:1]:
        meant = _DIGIT_SOUNDS.get((syllable, tone)) or _NOUN_SOUNDS.get(syllable)
        if meant:
            return meant
    return char


def _plain(what: str, value: str) -> str:
    return value if what == "room" else value.lstrip("0") or "0"


def _house_after_estate(text: str) -> Found | None:
    """`幸福小区3号`, `3号2单元`: there a house number means the building."""
    for match in _HOUSE.finditer(text):
        left, right = text[: match.start()], text[match.end() :]
        if left.endswith((*phrasebook().places.suffixes, *phrasebook().places.estates)) or _UNIT.match(right):
            value = to_arabic(match.group(1))
            if value is not None:
                return Found("building", _plain("building", value), match.group(), match.span(), _RESPELT)
    return None
