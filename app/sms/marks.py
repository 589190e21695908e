"""Marks in what a resident wrote: is it done, how fast, how well, how friendly. Pure.

"1/3/2/-": fact, speed, effect, attitude; 1 满意, 2 一般, 3 不满意, - not said; fact 1 好了, 2 好了一部分, 3 没好.
"""

import functools
import re
from dataclasses import dataclass, replace

from app.desk.choosing import choose
from speech.dialect import plain
from speech.matcher import Hit, Matcher
from speech.normal import BREAK, normalise
from speech.numbers import to_arabic
from speech.phrasebook import Phrasebook, phrasebook

ORDER = ("speed", "effect", "attitude")
_OPPOSITE = {1: 3, 2: 2, 3: 1}
_NEGATED = re.compile(r"(?:不|没|没有|不太|不怎么|不是很|谈不上|不够)$")
_LEAST = 0.88
_LONGEST = 60
"""Characters: whoever writes more has more to say than marks."""
_GOOD = ("好", "好啊")
"""Alone they answer whether it is done."""
_URGED = re.compile("(?<![很挺真蛮得的好])快(?=来|派|帮|给|过来|去|点)")
"""快来 urges, it praises nobody."""
_DIGITS = re.compile(r"[123]{1,3}")
_SHORT, _STORY = 4, 20
_NEAR = 2
"""Characters between an aspect and its mark: 人也很客气."""
_UNKNOWN = 1
"""Characters that may stand between the marks without being one of our words."""


@dataclass(frozen=True)
class Marks:
    """None: not said."""

    fact: int | None = None
    speed: int | None = None
    effect: int | None = None
    attitude: int | None = None

    @property
    def values(self) -> tuple[int | None, ...]:
        return self.fact, self.speed, self.effect, self.attitude

    @property
    def argument(self) -> str:
        return "/".join(str(mark or "-") for mark in self.values)

    @classmethod
    def of(cls, argument: str) -> "Marks":
        return cls(*(int(part) if part.isdigit() else None for part in argument.split("/")))

    def __bool__(self) -> bool:
        return self != Marks()


@dataclass(frozen=True)
class _Said:
    """`kind`: fact, overall, one of ORDER (with `value`), or `name` of an aspect whose mark follows."""

    kind: str
    value: int
    aspect: str = ""


@functools.lru_cache(maxsize=4)
def _matcher(book: Phrasebook) -> Matcher[_Said]:
    """The later of two meanings counts: named aspects before the general lists, facts before both."""
    found: dict[str, _Said] = {}
    for lists in (book.choices.also["rating"], book.choices.said["rating"]):
        for value, phrases in lists.items():
            # Thanks are no mark
            found |= dict.fromkeys((p for p in phrases if "谢" not in p), _Said("overall", int(value)))
    for value, phrases in book.choices.said["fact"].items():
        # 不好 or 不行 alone says more of the result than of the fact; 没好 is a fact
        found |= dict.fromkeys(
            (p for p in phrases if p not in found or p[0] in "没还"), _Said("fact", int(value))
        )
    for aspect, names in book.texts.aspects.items():
        found |= dict.fromkeys(names, _Said("name", 0, aspect))
    for mark in book.texts.marks:
        found |= dict.fromkeys(mark.words, _Said(mark.aspect, mark.value))
    found |= dict.fromkeys(_GOOD, _Said("fact", 1))
    return Matcher(found.items(), least=_LEAST, among=book.index)


@functools.lru_cache(maxsize=4)
def _idle(book: Phrasebook) -> tuple[str, ...]:
    """Words that say nothing about the matter, the longest first."""
    roles = book.wordings.roles
    words = (*book.choices.fillers, *roles["light"], *roles["pointing"], *roles["degree"], *book.texts.idle)
    return tuple(sorted(set(words), key=len, reverse=True))


def find_marks(words: str, *, asked: bool) -> Marks | None:
    """None if the words are no marks. `asked`: we asked for them, so words of other things may stand between."""
    clean = _URGED.sub("", plain(normalise(words))[0])
    if not clean or len(clean) > _LONGEST:
        return None
    if digits := _DIGITS.fullmatch(clean.replace(BREAK, "")):
        return _by_digits(digits.group())
    hits = _matcher(phrasebook()).cover(clean)
    marks = _together(clean, hits)
    if asked:
        return marks or _in_a_word(clean)
    if marks is None or marks.fact in (2, 3):
        return None  # 没水, 漏: without our question these report something
    if _unknown(clean, hits) <= _UNKNOWN or (marks == Marks(fact=1) and _is_done(clean)):
        return marks
    # A long story of how good it was; how bad something is may be a matter of its own
    given = [hit.value for hit in hits if hit.value.kind in (*ORDER, "overall")]
    return marks if len(given) > 1 and all(said.value == 1 for said in given) else None


def _by_digits(digits: str) -> Marks:
    """One digit answers our question for the fact; three are the marks in their order."""
    if len(digits) == 1:
        return Marks(fact=int(digits))
    return _with_fact(Marks(None, *(int(digit) for digit in digits)))


def _is_done(clean: str) -> bool:
    """灯修好了，亮堂堂的: whatever the thing is."""
    choice = choose(clean, "fact") if len(clean) <= _STORY else None
    return choice is not None and choice.value == "1"


def _in_a_word(clean: str) -> Marks | None:
    """选一, 第二个"""
    choice = choose(clean, "fact") if len(clean) <= _SHORT else None
    return Marks(fact=int(choice.value)) if choice else None


def _together(clean: str, hits: list[Hit[_Said]]) -> Marks | None:
    facts: list[int] = []
    named: dict[str, int] = {}
    overall: list[int] = []
    waiting, at = "", 0
    for hit in hits:
        overall += _digits_between(clean[at : hit.start]) if overall else []
        said, value = hit.value, hit.value.value
        if waiting and (hit.start - at > _NEAR or BREAK in clean[at : hit.start]):
            waiting = ""
        if said.kind != "name" and _NEGATED.search(clean[at : hit.start]):
            value = _OPPOSITE[value]
        at = hit.end
        match said.kind:
            case "name":
                waiting = said.aspect
            case "fact":
                facts.append(value)
            case "overall" if waiting:
                named[waiting], waiting = value, ""
            case "overall":
                overall.append(value)
            case aspect:
                # 态度还行: the word for the result, said of something else
                named[waiting or aspect], waiting = value, ""
    overall += _digits_between(clean[at:]) if overall else []
    if undone := [fact for fact in facts if fact != 1]:
        return Marks(fact=min(undone))
    marks = _in_order(overall)
    marks = Marks(
        1 if facts else marks.fact, *(named.get(aspect, getattr(marks, aspect)) for aspect in ORDER)
    )
    return _with_fact(marks) if marks else None


def _digits_between(text: str) -> list[int]:
    """满意2一般: a digit among the words is a mark, too."""
    return [int(digit) for digit in re.findall(r"(?<!\d)[123](?!\d)", text)]


def _in_order(values: list[int]) -> Marks:
    """One mark is for everything, and not satisfied says nothing of anybody's manners. Several: speed, effect, attitude."""
    if not values:
        return Marks()
    if len(set(values)) == 1 and len(values) < 3:
        return Marks(effect=3) if values[0] == 3 else Marks(1, *(values[:1] * 3))
    given: list[int | None] = [*values[:3], None, None]
    return Marks(None, *given[:3])


def _with_fact(marks: Marks) -> Marks:
    """Whoever gives marks to the work says that it was done, unless the result is what she minds."""
    if marks.effect == 3:
        return replace(marks, fact=None)
    return replace(marks, fact=marks.fact or 1)


def _unknown(clean: str, hits: list[Hit[_Said]]) -> int:
    left = list(clean)
    for hit in hits:
        left[hit.start : hit.end] = BREAK * hit.length
    rest = "".join(left)
    for word in _idle(phrasebook()):
        rest = rest.replace(word, BREAK)
    return sum(char != BREAK and to_arabic(char) is None for char in rest)
