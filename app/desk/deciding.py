"""What the clauses of an answer come to together. Pure. Where they don't agree it is none: to ask again costs less."""

from collections.abc import Sequence

from app.desk.phrasing import Clause, Finding
from speech.phrasebook import phrasebook

_UNKNOWN_IN_NO, _UNKNOWN_BEFORE_NO, _UNKNOWN_IN_WRONG, _UNKNOWN_AFTER_OPEN = 10, 4, 3, 8
_UNKNOWN_IN_NAME, _UNKNOWN_BY_PERSON = 2, 10
"""Characters: 不是我们家楼下的, 那盏灯不是, 地址错了, 就是楼下那个垃圾桶."""


def decide(kind: str, clauses: Sequence[Clause]) -> str | None:
    """Any kind but a number. None if the words mean none of the choices, or several."""
    return _BY_KIND[kind](clauses)


def _yes_no(clauses: Sequence[Clause]) -> str | None:
    """The first no counts ("不是，是三栋"); a mere 好 or 嗯 gives way to whatever follows."""
    said: list[Finding] = []
    for clause in clauses:
        taken = None if clause.asked else _yes_no_of(clause)
        if taken and taken.value == "no":
            said.append(taken)  # 什么呀，不是
        elif clause.unsure or clause.asked:
            said.append(Finding(""))
        elif taken:
            said.append(taken)
    strong = [finding for finding in said if not finding.weak] or said
    values = [finding.value for finding in strong]
    if not values or ("" in values and "no" not in values):
        return None
    values = [value for value in values if value]
    if values[0] == "no" or (strong is said and said[0].weak):
        return values[0]  # 好，就这样
    return "yes" if set(values) == {"yes"} else None


def _yes_no_of(clause: Clause) -> Finding | None:
    strong = [finding for finding in clause.findings if not finding.weak] or clause.findings
    nos = [finding for finding in strong if finding.value == "no"]
    around = clause.before + clause.after
    if nos:
        most = _UNKNOWN_IN_NO if nos[0].negated else _UNKNOWN_IN_WRONG
        before = _UNKNOWN_BEFORE_NO if nos[0].anywhere or not nos[0].negated else 0
        return nos[0] if around <= most and clause.before <= before else None
    if not clause.findings or clause.doubt or clause.before:
        return None
    if clause.after and not (any(f.open for f in clause.findings) and clause.after <= _UNKNOWN_AFTER_OPEN):
        return None
    return strong[0]


def _fact(clauses: Sequence[Clause]) -> str | None:
    if any(clause.unsure or clause.asked or clause.doubt for clause in clauses):
        return None
    found = [(finding, clause) for clause in clauses for finding in clause.findings]
    if _one_thing_of_two(found):
        return "2"
    found = [(finding, clause) for finding, clause in found if not finding.weak] or found
    values = {finding.value for finding, _ in found}
    if len(values) < 2:
        return values.pop() if values else None
    if "2" not in values and any(f.value == "3" and clause.again for f, clause in found):
        return "3"  # 修好了又坏了
    return "2"


def _one_thing_of_two(found: Sequence[tuple[Finding, Clause]]) -> bool:
    """灯修了，锁没修: of two things, one is done."""
    done = {clause.about for finding, clause in found if finding.value == "1" and _is_thing(clause.about)}
    left = {clause.about for finding, clause in found if finding.value == "3" and _is_thing(clause.about)}
    return bool(done and left) and done.isdisjoint(left)


def _is_thing(words: str) -> bool:
    """门 as well, since there is a 大门; but no 师傅 and no 昨天."""
    return bool(words) and any(
        category != "mediation" and (words.endswith(thing) or thing.endswith(words))
        for thing, category in phrasebook().matters.things.items()
    )


def _rating(clauses: Sequence[Clause]) -> str | None:
    if any(clause.unsure or clause.asked or clause.doubt for clause in clauses):
        return None
    found = [finding for clause in clauses for finding in clause.findings]
    values = {finding.value for finding in found}
    if len(values) < 2:
        return values.pop() if values else None
    # 不怎么好也不怎么坏, 一般，谈不上好: one negation beside the other is the middle
    if values == {"1", "3"} and all(finding.negated for finding in found):
        return "2"
    return None


def _category(clauses: Sequence[Clause]) -> str | None:
    """A name among words that only accompany it ("选维修那一项"); one that says what is wrong tells a matter instead."""
    if any(
        clause.doubt or clause.unsure or clause.before + clause.after > _UNKNOWN_IN_NAME for clause in clauses
    ):
        return None
    values = {finding.value for clause in clauses for finding in clause.findings}
    return values.pop() if len(values) == 1 else None


def _person(clauses: Sequence[Clause]) -> str | None:
    """找人换灯泡 asks for no person on the telephone; 转人工 with anything around does."""
    for clause in clauses:
        around = clause.before + clause.after
        for finding in clause.findings:
            if not clause.doubt and around <= (_UNKNOWN_BY_PERSON if finding.open else 0):
                return finding.value
    return None


_BY_KIND = {"yes_no": _yes_no, "fact": _fact, "rating": _rating, "category": _category, "person": _person}
