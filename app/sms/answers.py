"""Answers to a question of ours that is open: a place, a number, four digits, or what it is about. Pure."""

import re
import unicodedata

from app.desk.place import Place
from app.desk.understanding import Understanding
from app.sms.commands import bare, spaced
from app.sms.meant import Asked
from speech.normal import BREAK, normalise
from speech.numbers import NUMBER_CHARS, to_arabic
from speech.phrasebook import phrasebook

_BARE_PLACE = re.compile(r"(\d{1,3})(?:[ -](\d{1,2}))?(?:[ -](\d{3,4}))?")
_ROOM = re.compile(r"\d{3,4}")
_FEW, _ABOUT_DIGITS = 8, 16
"""Characters beside the four digits; more if she says that they are of a telephone."""
_TELEPHONE = ("尾号", "后四", "后面四", "最后四", "电话", "手机", "号码")
_NUM = rf"[{NUMBER_CHARS}]"
_MENDED = (
    (re.compile(rf"(?<={_NUM})\s?(?:[动冻洞懂东董咚]|dong)(?![a-z边西南北门])", re.IGNORECASE), "栋"),
    (re.compile(rf"(?<={_NUM})撞"), "幢"),
    (re.compile(rf"(?<={_NUM})(?:单|丹|蛋)(?:圆|园|员|原|源)"), "单元"),
    (re.compile(rf"(?<={_NUM})号(?:搂|娄|漏)"), "号楼"),
    (re.compile(r"\b(?:building|block|bldg\.?)\s*(?=\d)(\d+)", re.IGNORECASE), r"\1栋"),
    (re.compile(r"(?<=\d)\s*[—–－_~]+\s*(?=\d)"), "-"),
    (re.compile(rf"(?<=.)[\s，,。、]*不是第?{_NUM}+(?:[栋幢座]|号楼|单元|[号室])$"), ""),
)
"""What stands where we asked for a place: 3动, 2单圆, 3—2—501; 5栋，不是3栋."""
_ORDINAL = re.compile(r"第?[1-9一二三四五六七八九][个件]?")
_DIGITS = re.compile(rf"[{NUMBER_CHARS}]+")


def mended(raw: str) -> str:
    """The answer to where it is, with the words of an address as they are meant."""
    for pattern, meant in _MENDED:
        raw = pattern.sub(meant, raw)
    return raw


def short_answer(asked: Asked, raw: str, number: int | None) -> str:
    """The argument of an answer that is hardly more than digits; empty if it is none."""
    words = spaced(raw).strip(BREAK)
    if asked == "which":
        if number is not None:
            left = bare(re.sub(r"[\d编单号件个那这第是前后上面]", "", words))
            return str(number) if not left or to_arabic(left) else ""
        return to_arabic(words.strip("第个件")) or "" if _ORDINAL.fullmatch(words) else ""
    if asked == "proof":
        return _four(words.replace(" ", ""))
    if asked == "place" and (place := _bare_place(words)):
        return written(place)
    return ""


def _four(words: str) -> str:
    said = [
        value for run in _DIGITS.findall(words) if (value := to_arabic(run)) and len(value) in (4, 7, 8, 11)
    ]
    unspoken = _DIGITS.sub("", words).replace(BREAK, "")
    most = _ABOUT_DIGITS if any(word in words for word in _TELEPHONE) else _FEW
    return said[0][-4:] if len(said) == 1 and len(unspoken) <= most and "查" not in words else ""


def _bare_place(words: str) -> Place | None:
    if _ROOM.fullmatch(words):
        return Place(room=words)
    found = _BARE_PLACE.fullmatch(words)
    return Place(building=found.group(1), unit=found.group(2), room=found.group(3)) if found else None


def place_in(raw: str, heard: Understanding) -> Place:
    return heard.place or _bare_place(spaced(raw).strip(BREAK)) or heard.place


def answer(asked: Asked, text: str, raw: str, heard: Understanding, number: int | None) -> str:
    """The argument of the answer; empty if the text is something else."""
    if asked == "matter":
        return text
    if asked == "place":
        place = heard.place
        if heard.danger or (heard.matter and heard.sure and not _says_where(raw)):
            return ""
        return written(place) if place.building or place.unit or place.room else text
    return ""


def written(place: Place) -> str:
    return "/".join(part or "" for part in (place.building, place.unit, place.room))


def _says_where(raw: str) -> bool:
    clauses = [bare(clause) for clause in normalise(raw).split(BREAK)]
    return any(clause.endswith(phrasebook().texts.where) for clause in clauses)


def has_matter(clean: str, heard: Understanding) -> bool:
    """More than an address and politeness."""
    rest = unicodedata.normalize("NFKC", clean)
    for reason in heard.reasons:
        if reason.what in ("estate", "building", "unit", "room", "own"):
            rest = rest.replace(reason.words, BREAK)
    return bool(bare(rest.strip(BREAK)).replace(BREAK, ""))
