"""Clauses of an answer against each other: which say nothing, and where one good and one bad come to the middle. Pure."""

import re
from collections.abc import Sequence

from app.desk import turns_of_phrase as turns
from app.desk.clause import Clause, Finding
from app.desk.two_sides import aspect, opposed, two_things

_KINDS = ("yes_no", "fact", "rating")
_TRIVIAL = re.compile("来|人来|来人|来过|收|要|问|找|看|来看|管|人管|打|说|见|理|人理")
"""好了，没来: not a part of it, but no clear answer either."""
_NOT_DONE = ("修好", "解决", "用", "弄好", "办好", "搞好", "管用", "整好", "处理好")
"""来得快，没修好: that is more than one fault of two."""
_SIDES = ("左边", "右边", "左边好", "右边好", "前面好", "后面好", "楼上好", "楼下好")
_NOTHING = re.compile(r"[没不未冇有还都也了啦啊呀的吧嘛]")
_LEFT_OVER = re.compile("[只就还单][剩差缺]|剩")
_AGAIN = re.compile(r"又|照样|照旧|第二天|没几天|没多久")
_DONE_ONLY = re.compile(r"[修弄来看换整搞办做装补]|处理|来修|来看")
"""修是修了 says less than 好是好了."""


def settled(kind: str, clauses: Sequence[Clause]) -> list[Clause]:
    """Without what says nothing beside the others; what they leave in doubt is marked so."""
    if kind not in _KINDS:
        return list(clauses)
    words = {finding.word for clause in clauses for finding in clause.findings}
    rest = [clause for clause in clauses if not turns.is_idle(clause.text, kind)]
    if rest and any(turns.only_nods(clause.text, words) for clause in clauses):
        rest[0].doubt = True
        return rest
    rest = _without_implied(kind, rest)
    if kind == "yes_no":
        return _without_granted(rest)
    if len(rest) == 1 and turns.conceded(rest[0].text) and "2" not in _values(rest):
        rest[0].doubt = True  # 好是好: and what else?
    rest = _both_sides(_of_now(rest)) if kind == "fact" else rest
    return _doubted(kind, _without_asides(kind, rest))


def _without_granted(clauses: list[Clause]) -> list[Clause]:
    """对是对，就是门牌错了: the second counts."""
    for clause in clauses:
        if clause.unsure and _values([clause]) == {"yes", "no"}:
            clause.findings = []  # 可能是也可能不是
        clause.doubt = clause.doubt or turns.conceded(clause.text) not in ("", "是")
    rest = [clause for clause in clauses if turns.conceded(clause.text) in ("", "是")]
    return rest if any(clause.findings for clause in rest) else clauses


def _values(clauses: Sequence[Clause]) -> set[str]:
    return {finding.value for clause in clauses for finding in clause.findings}


def _without_implied(kind: str, clauses: list[Clause]) -> list[Clause]:
    """怎么没好，早好了: the question repeats what the other clause says; alone it may be meant as one."""
    others = [clause for clause in clauses if not clause.implied]
    said, kept = _values(others), []
    for clause in clauses:
        alone = not any(not other.empty for other in others)
        if clause.implied and alone and kind != "fact" and turns.ends_softly(clause.text):
            kept.append(Clause([Finding(clause.implied)], text=clause.text))
        elif not clause.implied or said != {clause.implied}:
            kept.append(clause)
    return kept


def _of_now(clauses: list[Clause]) -> list[Clause]:
    """原来不亮，现在亮了: only how it is now; how it was says nothing alone."""
    now = [clause for clause in clauses if not turns.was_before(clause.text)]
    if len(now) < len(clauses) and not any(clause.findings for clause in now):
        return [Clause(doubt=True)]
    return now


def _without_asides(kind: str, clauses: list[Clause]) -> list[Clause]:
    """师傅说没零件，没修成: an unknown negation beside what is plainly bad; 你说满意不满意 before a complaint."""
    bad = _values([clause for clause in clauses if not clause.asked]) == {"3"}
    kept = []
    for n, clause in enumerate(clauses):
        aside = clause.doubt and not clause.findings and not clause.unsure and not clause.asked
        put_to_us = clause.asked and clause.text.startswith(("你说", "您说"))
        waited = n > 0 and kind == "fact" and not clause.findings and turns.only_waited(clause.text)
        if not (waited or (bad and (aside or put_to_us) and len(clauses) > 1)):
            kept.append(clause)
    return kept if any(clause.findings for clause in kept) else clauses


def _both_sides(clauses: list[Clause]) -> list[Clause]:
    """左边不亮右边也不亮: 左边 by itself is one part of it."""
    for clause in clauses:
        if any(opposed(clause.text, other.text) for other in clauses):
            clause.findings = [f for f in clause.findings if f.word not in _SIDES] or clause.findings
    return clauses


def _repeated(clause: Clause, before: Clause) -> bool:
    """好了？没好"""
    negated = any(finding.negated for finding in clause.findings)
    return negated and _NOTHING.sub("", clause.text) == _NOTHING.sub("", before.text)


def _doubted(kind: str, clauses: list[Clause]) -> list[Clause]:
    good = [c for c in clauses if c.findings and all(f.value != "3" and not f.weak for f in c.findings)]
    for n, clause in enumerate(clauses):
        against = (
            n > 0
            and (turns.holds_against(clause.text) or turns.conceded(clauses[n - 1].text))
            and not clause.findings
            and clause.before
        )
        trivial = (
            kind == "fact"
            and clause.findings
            and not clause.before
            and all(f.negated and _TRIVIAL.fullmatch(f.word) for f in clause.findings)
        )
        denied = n > 0 and (turns.denies(clause.text) or _repeated(clause, clauses[n - 1]))
        counted = turns.counted(clause.text) if kind == "fact" and "2" in _values([clause]) else None
        all_of_them = counted is not None and counted[0] == counted[1]
        would_do = kind == "rating" and turns.would_do(clause.text) and _values([clause]) == {"1"}
        if kind == "fact" and clause.findings and _LEFT_OVER.match(clause.findings[0].word):
            clause.doubt = False  # 就剩墙没刷
        if would_do or all_of_them or ((against or trivial or denied) and good):
            clause.doubt = True
    return clauses


def middle(kind: str, clauses: Sequence[Clause]) -> str | None:
    """ "2" where one good and one bad clause, of two things or of one thing granted and another held against it, come to
    that; None where there is no such contrast, and `decide` has the word."""
    if kind == "fact":
        return _part(clauses)
    if kind == "rating":
        return _so_so(clauses)
    return None


def _part(clauses: Sequence[Clause]) -> str | None:
    if any(clause.unsure or clause.asked for clause in clauses):
        return None
    for clause in clauses:
        number = turns.counted(clause.text)
        if number and number[1] < number[0] and _values([clause]) in ({"1"}, {"2"}, {"1", "2"}):
            return "2"  # 十盏亮了八盏
    for n, good in enumerate(clauses):
        for bad in (*clauses[n + 1 :], *clauses[:n]):
            if _is_part(good, bad):
                return "2"
    return None


def _is_part(good: Clause, bad: Clause) -> bool:
    done = _values([good]) | {finding.value for finding in good.faint} == {"1"}
    left = (_values([bad]) or {finding.value for finding in bad.faint}) == {"3"}
    if done and left and not good.doubt and not bad.doubt:
        if word := turns.conceded(good.text):
            return _still_a_part(word, bad.text)
        return opposed(good.text, bad.text) and not (_AGAIN.search(bad.text) and good.text.endswith("了"))
    # 管子换了，瓷砖没贴: whatever is done with tiles, it isn't
    undone = left or (bad.doubt and not bad.findings)
    return bool(good.findings) and done and not good.doubt and undone and two_things(good.text, bad.text)


def _still_a_part(granted: str, against: str) -> bool:
    if _DONE_ONLY.fullmatch(granted):
        return turns.is_slight(against)
    return not _AGAIN.search(against)


def _so_so(clauses: Sequence[Clause]) -> str | None:
    if any(clause.unsure or clause.asked or clause.doubt for clause in clauses):
        return None
    spoken = [clause for clause in clauses if clause.findings]
    if len(spoken) != 2 or any(len(_values([clause])) != 1 for clause in spoken):
        return None
    first, second = spoken
    values = (first.findings[0].value, second.findings[0].value)
    if "2" in values and values[0] != values[1] and _mildly(first if values[1] == "2" else second):
        return "2"  # 还好，不算特别好
    words = [finding.word for clause in spoken for finding in clause.findings]
    if values[0] == values[1] or any(f.negated and f.word in _NOT_DONE for c in spoken for f in c.findings):
        return None
    if values[1] == "3" and (turns.conceded(first.text) or turns.holds_against(second.text)):
        granted = turns.conceded(first.text) or values[0] == "2" or aspect(first.text)
        return "2" if granted and not any("满意" in word for word in words) else None
    if values == ("3", "1") and turns.holds_against(second.text) and aspect(second.text):
        return "2"  # 慢，但是修得好
    if opposed(first.text, second.text) or (values[0] == "3" and aspect(second.text) == "rest"):
        return "2"  # 前头好后头差, 太拖拉，别的还好
    aspects = {aspect(first.text), aspect(second.text)}
    if len(aspects) == 2 and "" not in aspects and not all("满意" in word for word in words):
        return "2"  # 活儿好，态度一般
    return None


def _mildly(clause: Clause) -> bool:
    return all(finding.mild for finding in clause.findings)
