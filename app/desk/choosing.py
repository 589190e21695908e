"""Which of the offered choices was meant? Never reads a negation as a yes. Pure."""

import functools
import re
from dataclasses import dataclass

from app.desk.contrasting import middle, settled
from app.desk.deciding import decide
from app.desk.phrasing import clauses
from app.desk.said_digits import said_number
from speech.dialect import plain
from speech.matcher import Hit, Matcher, without_overlap
from speech.normal import BREAK, normalise
from speech.numbers import NUMBER_CHARS, to_arabic
from speech.phrasebook import KINDS, Phrasebook, phrasebook
from speech.pinyin import readings

_SURE, _SEVERAL, _BY_SOUND, _NEGATED = 1.0, 0.9, 0.75, 0.7
_OPPOSITE = {"yes_no": {"yes": "no"}, "fact": {"1": "3"}, "rating": {"1": "3"}}
_POSITIVE = frozenset({"yes", "1"})
_NUMBER = f"[{NUMBER_CHARS}]+"
_KEY = re.compile(
    rf"(?P<named>(?:我?[按选]|(?:我?[要选按]|是)?[第头])?)(?:是|我?要)?(?P<n>{_NUMBER})(?P<unit>[个号项键分样类种条档]?)"
)
_FROM_END = re.compile(
    rf"(?:选|按|要|我要|我选)?(?:倒数(?:第(?P<n>{_NUMBER}))?|最后|最末|末了|末尾)(?:那?一?[个号项键样类种条档])?"
)
_COUNTED = "个样类种条"
"""就一个 has counted something; 第一个, and any of the six kinds, is a key."""
_IN_A_ROW = ("category", "rating")
"""Named from first to last; the last of them is 最后那个."""
_SHORT, _COVER_SHORT, _COVER_LONG = (1, 2), 0.6, 0.3
_LEAST, _LONG = 0.85, 4
Said = Hit[tuple[str, bool]]
_LONGEST = 200


@dataclass(frozen=True)
class Choice:
    """`confidence` 0–1: how surely the words mean this value, not how surely they were heard."""

    value: str
    confidence: float


@functools.lru_cache(maxsize=16)
def _matcher(book: Phrasebook, kind: str) -> Matcher[tuple[str, bool]]:
    """Value: (value of the choice, may be heard by sound)."""
    said, also = book.choices.said[kind], book.choices.also[kind]
    phrases = [(phrase, (value, True)) for value in said for phrase in said[value]]
    phrases += [(phrase, (value, len(phrase) >= _LONG)) for value in also for phrase in also[value]]
    # An answer decides at once: nothing that only half sounds like one
    return Matcher(phrases, least=_LEAST, among=book.index)


@functools.lru_cache(maxsize=4)
def _sorted_fillers(book: Phrasebook) -> tuple[str, ...]:
    return tuple(sorted(book.choices.fillers, key=len, reverse=True))


def choose(text: str, kind: str) -> Choice | None:
    """None if the words mean none of the choices, or several.

    `kind`: yes_no → yes, no · fact, rating → 1, 2, 3 · category → 1 … 6 · number → Arabic digits ·
    person → person. Raises KeyError for another kind, never for any text.
    """
    clean = normalise(text)
    if kind == "number":
        number = said_number(clean) if len(clean) <= _LONGEST else None
        return Choice(*number) if number else None
    if kind not in KINDS:
        raise KeyError(f"no choice {kind!r}; known: {', '.join((*KINDS, 'number'))}")
    # A choice is a few words; a speech of pages is none of them (and must not cost seconds).
    if not clean or len(clean) > _LONGEST:
        return None
    by_key = _key(clean, kind)
    if by_key is not None:
        return by_key
    # What dialect and Mandarin spell alike counts as it stands; only else in plain words
    for words in dict.fromkeys((clean, plain(clean)[0])):
        found = _worded(words, kind)
        if found is not None:
            return found if found.value else None
    return None


def _worded(text: str, kind: str) -> Choice | None:
    """By how the answer is put together. An empty value: surely none of the choices; None: no word of ours."""
    book = phrasebook()
    said = clauses(text, kind, book)
    found = settled(kind, said)
    ours = [clause for clause in found if not clause.empty]
    if not ours:
        if len(found) < len(said):
            return Choice("", _SURE)  # 别问了
        return _listed(text, kind, exact=False)
    if any(clause.before or clause.after or clause.doubt for clause in ours):
        # An unknown word in it: perhaps the whole is something that we know and the recogniser misspelt
        whole = _sounds_whole(text, kind)
        negated = any(finding.negated for clause in ours for finding in clause.findings)
        if whole is not None and not (whole in _POSITIVE and negated):
            return Choice(whole, _BY_SOUND)
    value = middle(kind, found) or decide(kind, found)
    return Choice(value or "", _SURE if len(ours) == 1 else _SEVERAL)


def _sounds_whole(text: str, kind: str) -> str | None:
    bare = _bare(text)
    for hit in _matcher(phrasebook(), kind).cover(bare):
        if (hit.start, hit.end) == (0, len(bare)) and not hit.exact:
            return hit.value[0]
    return None


def _bare(text: str) -> str:
    fillers = _sorted_fillers(phrasebook())
    if text.startswith(fillers) or text.endswith(fillers):
        for filler in fillers:
            text = text.removeprefix(filler).removesuffix(filler)
    return text


def _listed(text: str, kind: str, *, exact: bool = True) -> Choice | None:
    """By the lists alone, also by sound; `exact` False: only by sound."""
    return _resolve(text, kind, [found for found in _hits(text, kind) if exact or not found[0].exact])


def _key(text: str, kind: str) -> Choice | None:
    """按一, 第三个, 倒数第二个; what is said twice counts once (二，就二)."""
    clauses = [bare for clause in text.split(BREAK) if (bare := _bare(clause))]
    if kind != "category" and len(clauses) > 1:
        return None
    keys = {_key_of(clause, kind) for clause in clauses}
    number = keys.pop() if len(keys) == 1 else None
    if kind == "yes_no" and number in ("1", "2"):
        return Choice("yes" if number == "1" else "no", 0.8)
    values = phrasebook().choices.said[kind]
    return Choice(number, _SURE) if number is not None and number in values else None


def _key_of(clause: str, kind: str) -> str | None:
    half = len(clause) // 2
    clause = clause[:half] if clause[:half] == clause[half:] else clause  # 四号四号
    if kind in _IN_A_ROW and (last := _FROM_END.fullmatch(clause)):
        back = to_arabic(last.group("n") or "一")
        return str(len(phrasebook().choices.said[kind]) + 1 - int(back)) if back else None
    match = _KEY.fullmatch(clause)
    if match is None:
        return None
    counted = match["unit"] != "" and match["unit"] in _COUNTED and not match["named"]
    return None if counted and kind != "category" else to_arabic(match["n"])


def _hits(text: str, kind: str) -> list[tuple[Said, str, float]]:
    """Non-overlapping phrases with the value they mean here and how surely."""
    found = []
    hits = [hit for hit in _matcher(phrasebook(), kind).find(text) if hit.exact or hit.value[1]]
    cover = without_overlap(hits, len(text))
    if any(hit.exact for hit in cover):
        # Sounds only count where no word was really found: "是" in a text is surer than anything similar.
        cover = [hit for hit in cover if hit.exact or hit.length > 2]
    # A bare 不 or 没 is a choice too, but before another phrase it negates that.
    negators = phrasebook().choices.negators
    taken = {n for hit in cover if hit.phrase not in negators for n in range(hit.start, hit.end)}
    for hit in cover:
        value, sure = hit.value[0], _SURE if hit.exact else _BY_SOUND
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


def _resolve(text: str, kind: str, hits: list[tuple[Said, str, float]]) -> Choice | None:
    hits = [found for found in hits if _stands_out(text, kind, found[0], hits)]
    if not hits:
        return None
    values = {value for _, value, _ in hits}
    sure = min(weight for _, _, weight in hits)
    if len(values) == 1:
        return Choice(values.pop(), sure)
    if kind == "fact":
        # Something done and something not: a part of it
        return Choice("2", 0.7 if "2" in values else 0.6)
    if kind == "yes_no" and hits[0][1] == "no":
        # "不是，是三栋": a correction begins with the no.
        return Choice("no", 0.7)
    return None


def _stands_out(text: str, kind: str, hit: Said, hits: list[tuple[Said, str, float]]) -> bool:
    """A single 对 or 好 in a long sentence is no answer ("对面楼的路灯"); alone in its clause it is."""
    start = text.rfind(BREAK, 0, hit.start) + 1
    end = text.find(BREAK, hit.end)
    clause = text[start : end if end >= 0 else len(text)]
    value = next(v for h, v, _ in hits if h is hit)
    covered = sum(h.length for h, v, _ in hits if v == value and start <= h.start < start + len(clause))
    if value != hit.value[0]:
        # A negated phrase: the words between it and its negation belong to it.
        covered = max(covered, hit.end - start)
    rest = clause
    for filler in _sorted_fillers(phrasebook()):
        rest = rest.replace(filler, "") if filler not in hit.words else rest
    share = min(1.0, covered / max(1, len(rest)))
    return share >= (_COVER_SHORT if hit.length <= _SHORT[kind == "person"] else _COVER_LONG)
