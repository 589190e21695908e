"""Which of the offered choices was meant? Never reads a negation as a yes. Pure."""

import functools
import re
from dataclasses import dataclass

from speech.matcher import Hit, Matcher
from speech.normal import BREAK, normalise
from speech.numbers import NUMBER_CHARS, to_arabic
from speech.phrasebook import KINDS, phrasebook
from speech.pinyin import readings

_SURE, _BY_SOUND, _NEGATED = 1.0, 0.75, 0.7
_OPPOSITE = {"yes_no": {"yes": "no"}, "fact": {"1": "3"}, "rating": {"1": "3"}}
_POSITIVE = frozenset({"yes", "1"})
_KEY = re.compile(rf"(?:按|选|第|我选|我按|是)?({'[' + NUMBER_CHARS + ']'}+)(?:个|号|项|键|分)?")
_RUN = re.compile(rf"[{NUMBER_CHARS}]+")
_QUESTION = re.compile(r"(.)[不没]\1")
"""是不是, 对不对: a question, never a yes."""
_SHORT, _COVER_SHORT, _COVER_LONG = 1, 0.6, 0.3
_LONGEST = 200


@dataclass(frozen=True)
class Choice:
    """`confidence` 0–1: how surely the words mean this value, not how surely they were heard."""

    value: str
    confidence: float


@functools.cache
def _matcher(kind: str) -> Matcher[str]:
    said = phrasebook().choices.said[kind]
    return Matcher((phrase, value) for value, phrases in said.items() for phrase in phrases)


@functools.cache
def _fillers() -> tuple[str, ...]:
    return tuple(sorted(phrasebook().choices.fillers, key=len, reverse=True))


def choose(text: str, kind: str) -> Choice | None:
    """None if the words mean none of the choices, or several.

    `kind`: yes_no → yes, no · fact, rating → 1, 2, 3 · category → 1 … 6 · number → Arabic digits ·
    person → person. Raises KeyError for another kind, never for any text.
    """
    clean = normalise(text)
    if kind == "number":
        return _number(clean)
    if kind not in KINDS:
        raise KeyError(f"no choice {kind!r}; known: {', '.join((*KINDS, 'number'))}")
    # A choice is a few words; a speech of pages is none of them (and must not cost seconds).
    if not clean or len(clean) > _LONGEST:
        return None
    by_key = _key(clean, kind)
    if by_key is not None:
        return by_key
    asked = _QUESTION.sub("", clean)
    choice = _resolve(asked, kind, _hits(asked, kind))
    if choice is not None and asked != clean and choice.value in _POSITIVE and kind in _OPPOSITE:
        return None
    return choice


def _key(text: str, kind: str) -> Choice | None:
    values = phrasebook().choices.said[kind]
    bare = text.strip(BREAK)
    for filler in _fillers():
        bare = bare.removeprefix(filler).removesuffix(filler)
    match = _KEY.fullmatch(bare)
    number = to_arabic(match.group(1)) if match else None
    if kind == "yes_no" and number in ("1", "2"):
        return Choice("yes" if number == "1" else "no", 0.8)
    return Choice(number, _SURE) if number is not None and number in values else None


def _hits(text: str, kind: str) -> list[tuple[Hit[str], str, float]]:
    """Non-overlapping phrases with the value they mean here and how surely."""
    found = []
    cover = _matcher(kind).cover(text)
    if any(hit.exact for hit in cover):
        # Sounds only count where no word was really found: "是" in a text is surer than anything similar.
        cover = [hit for hit in cover if hit.exact or hit.length > 2]
    # A bare 不 or 没 is a choice too, but before another phrase it negates that.
    negators = phrasebook().choices.negators
    taken = {n for hit in cover if hit.phrase not in negators for n in range(hit.start, hit.end)}
    for hit in cover:
        value, sure = hit.value, _SURE if hit.exact else _BY_SOUND
        if value in _POSITIVE and kind in _OPPOSITE and _negated(text, hit.start, taken):
            value, sure = _OPPOSITE[kind][value], _NEGATED
        found.append((hit, value, sure))
    return found


def _negated(text: str, start: int, taken: set[int]) -> bool:
    choices = phrasebook().choices
    position = start
    while position > 0 and text[position - 1] in choices.negator_between and position - 1 not in taken:
        position -= 1
    for edge in range(start, position - 1, -1):
        left = text[:edge]
        for word in choices.negators:
            if left.endswith(word) and not taken.issuperset(range(edge - len(word), edge)):
                return True
    # A recogniser may have written 部 for 不: better ask again than take a no for a yes.
    before = text[start - 1] if start else ""
    return bool(before) and start - 1 not in taken and not readings(before).isdisjoint(choices.negator_sounds)


def _resolve(text: str, kind: str, hits: list[tuple[Hit[str], str, float]]) -> Choice | None:
    hits = [found for found in hits if _stands_out(text, found[0], hits)]
    if not hits:
        return None
    values = {value for _, value, _ in hits}
    sure = min(weight for _, _, weight in hits)
    if len(values) == 1:
        return Choice(values.pop(), sure)
    if kind == "fact" and "1" not in values:
        return Choice("3", 0.6)
    if kind == "fact" and values == {"1", "2"}:
        return Choice("2", 0.7)
    if kind == "yes_no" and hits[0][1] == "no":
        # "不是，是三栋": a correction begins with the no.
        return Choice("no", 0.7)
    return None


def _stands_out(text: str, hit: Hit[str], hits: list[tuple[Hit[str], str, float]]) -> bool:
    """A single 对 or 好 in a long sentence is no answer ("对面楼的路灯"); alone in its clause it is."""
    start = text.rfind(BREAK, 0, hit.start) + 1
    end = text.find(BREAK, hit.end)
    clause = text[start : end if end >= 0 else len(text)]
    value = next(v for h, v, _ in hits if h is hit)
    covered = sum(h.length for h, v, _ in hits if v == value and start <= h.start < start + len(clause))
    if value != hit.value:
        # A negated phrase: the words between it and its negation belong to it.
        covered = max(covered, hit.end - start)
    rest = clause
    for filler in _fillers():
        rest = rest.replace(filler, "") if filler not in hit.words else rest
    share = min(1.0, covered / max(1, len(rest)))
    return share >= (_COVER_SHORT if hit.length <= _SHORT else _COVER_LONG)


def _number(text: str) -> Choice | None:
    """The longest number said; spoken digit by digit it may be broken by pauses and fillers."""
    joined = text
    for filler in (BREAK, "嗯", "呃", "那个", "然后", "再"):
        joined = joined.replace(filler, "")
    runs = [run for run in _RUN.findall(joined) if to_arabic(run) is not None]
    if not runs:
        return None
    best = max(runs, key=len)
    value = to_arabic(best)
    return Choice(value, _SURE if len(runs) == 1 else 0.7) if value is not None else None
