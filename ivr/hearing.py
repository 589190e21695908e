"""What came back from the resident → what it means to the flow. Pure: words and keys in, an input out."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from app.desk.understanding import Choice, Understanding, choose, understand
from ivr import said_number
from ivr.flow import Digits, Heard, Input, Lost, NotUnderstood, Silence
from ivr.two_hearings import sound_alike
from speech.normal import BREAK, normalise
from speech.numbers import to_arabic
from speech.phrasebook import phrasebook
from speech.turn_hearing import AGAIN_CONFIDENCE, AGREED_CONFIDENCE, LIST_CONFIDENCE

OPEN_CONFIDENCE = 0.5
"""Below it, open recognition is noise. Not higher: what is understood is read back before anybody acts on it."""
_KINDS = {"yes_no": "yes_no", "identity": "yes_no", "fact": "fact", "rating": "rating"}
_YES_NO = ("yes_no", "identity")
_SURELY_PERSON = ("人工", "真人", "活人", "找", "叫", "换人", "换个人")
_EARLIER = ("上次", "报", "反映", "那个", "查", "进度")
_BARE_NAME = 2  # characters: 路灯 names a thing, 路灯不亮 says what is wrong with it
_SHORT_ANSWER = 8  # characters: a longer "没有…" says something
_OWN_ANSWER = 12  # characters, beside the number: longer words that hold an answer are about something else
_LEAST_DIGITS = 4  # of a matter's number, and of a telephone's end; fewer in her own words are said in passing: 三天没收了
_KEY_SAID = re.compile(r"(?:我?[十幺]|我要|是)([一二三四五六])")
"""是一, 我要一, and how a recogniser writes them: there is no eleventh kind."""
_CERTAIN = 0.95
"""From it on a category goes without saying. Of 720 requests by an author who had not seen the rules, 1.9 % of those from
0.85 on were of another category, 0.1 % of those from 0.95 on."""
_LONGEST = 500  # characters of one answer; two minutes of speech are some 350


def interpret(expect: str, heard: Mapping[str, Any]) -> Input:
    """`heard` as the gateway or a webhook saved it; a hang-up is interpreted as what was said before it."""
    match heard["kind"]:
        case "keys":
            return Digits(str(heard.get("keys", "")), said=_said(heard))
        case "silence":
            return Silence()
        case "lost":
            return Lost(said=_said(heard))
        case "speech" | "hangup":
            text = str(heard.get("text", ""))[:_LONGEST]
            if not text:
                return NotUnderstood() if heard.get("speech_seconds", 0.0) > 0 else Silence()
            if heard.get("rejected"):
                return NotUnderstood()
            # Nothing was saved about the list before answers in other words were heard again
            openly = bool(heard.get("open"))
            listed = heard.get("listed") or {}
            also = "" if listed.get("rejected") else str(listed.get("text", ""))[:_LONGEST]
            return meaning(expect, text, float(heard.get("confidence", 0.0)), openly=openly, also=also)
        case kind:
            raise ValueError(f"heard of unknown kind {kind!r}")


def _said(heard: Mapping[str, Any]) -> bool:
    return any(heard.get(name) for name in ("text", "speech_seconds", "recording_id", "recording"))


def meaning(
    expect: str, text: str, confidence: float, *, openly: bool = False, also: str = ""
) -> Heard | NotUnderstood | Silence:
    """What words mean where `expect` was asked. `openly`: the recogniser was held to no phrase list; `also`: what it had
    heard before, held to one."""
    if expect in _KINDS or expect == "number":
        if confidence < _least_confidence(expect, text, also, openly=openly):
            return NotUnderstood()
        u = understand(text, heard=openly)
        if u.danger and expect != "yes_no" and _said_plainly(u):
            return Heard("danger", _facts(u))  # 没修好，又漏煤气了: an answer as well, but this can't wait
        found = _chosen(expect, text, also)
        if asks_for_person(text) and not (found and _may_be_an_answer(expect, text)):
            return Heard("person")
        if found and openly and not _is_answer(expect, u, found):
            found = None
        if found and expect == "number":
            number = said_number.of_two(found.value, also) if openly else found.value
            if said_number.exists(number):
                return Heard("number", {"number": number})
        elif found:
            return Heard(found.value, {"raw": text})
        return Heard("danger", _facts(u)) if u.danger else NotUnderstood()
    if confidence < OPEN_CONFIDENCE:
        return NotUnderstood()
    return _open(expect, understand(text, heard=openly))


def _chosen(expect: str, text: str, also: str) -> Choice | None:
    """What the list heard counts where the open hearing wrote the same sounds in words that are no answer: 可以吗, 可以啊."""
    found = choose(text, _KINDS.get(expect, "number"))
    if found is None and expect in _KINDS and also and sound_alike(text, also):
        return choose(also, _KINDS[expect])
    return found


def _least_confidence(expect: str, text: str, also: str, *, openly: bool) -> float:
    """Two hearings that mean the same answer need not be as sure as one."""
    if not openly:
        return LIST_CONFIDENCE
    kind = _KINDS.get(expect, "number")
    found = _chosen(expect, text, also) if also else None
    other = choose(also, kind) if found else None
    return AGREED_CONFIDENCE if found and other and found.value == other.value else AGAIN_CONFIDENCE


def _is_answer(expect: str, u: Understanding, found: Choice) -> bool:
    """An answer in her own words is short, and names no place: 锦绣家园二号楼没水了 is no "no"."""
    if expect == "number":
        return len(found.value) >= _LEAST_DIGITS and len(u.text) - len(found.value) <= _OWN_ANSWER
    return len(u.text) <= _OWN_ANSWER and not _known(u)


def _open(expect: str, u: Understanding) -> Heard | NotUnderstood | Silence:
    facts = _facts(u)
    is_matter = bool(u.category or u.matter)
    if u.danger:
        return Heard("danger", facts)
    praised = expect == "remark" and choose(u.text, "rating") and _may_be_an_answer("rating", u.text)
    if _wants_person(u) and not praised:
        return Heard("person")
    if expect == "remark":
        if _declines(u.text):
            return Silence()
        return Heard("remark", {"words": [u.text]})
    if expect == "place":
        return Heard("place", facts | _what(u)) if _known(u) else NotUnderstood()
    if expect in ("open", "category") and u.intent == "progress" and not _is_new(u):
        return Heard("progress")
    if expect == "category" and (digit := _KEY_SAID.fullmatch(u.text)):
        return Heard(str(to_arabic(digit.group(1))), facts)
    if expect in ("open", "category") and (key := _bare_category(u)):
        return Heard(key, facts)
    if is_matter:
        return Heard("matter", facts | _what(u))
    if expect == "details" and _known(u):
        return Heard("place", facts)
    return NotUnderstood()


def _said_plainly(u: Understanding) -> bool:
    """Danger in so many words, not by their sound or by what was learned."""
    return any(reason.what == "danger" and reason.confidence == 1.0 for reason in u.reasons)


def _wants_person(u: Understanding) -> bool:
    return (u.intent == "human" and not u.matter) or (asks_for_person(u.text) and not _tells_matter(u.text))


def asks_for_person(text: str) -> bool:
    return choose(text, "person") is not None


def _clauses(text: str) -> list[str]:
    return [clause for clause in normalise(text).split(BREAK) if clause]


def _may_be_an_answer(expect: str, text: str) -> bool:
    """负责的 praises; 对，领导 agrees and addresses us; 不是，找领导 and 对，转人工 ask for somebody."""
    if any(word in text for word in _SURELY_PERSON):
        return False
    return expect not in _YES_NO or any(
        not asks_for_person(clause) and (found := choose(clause, "yes_no")) and found.value == "yes"
        for clause in _clauses(text)
    )


def _tells_matter(text: str) -> bool:
    """路灯坏了，叫个人来: what is wrong is said beside the wish for a person."""
    rest = understand(BREAK.join(clause for clause in _clauses(text) if not asks_for_person(clause)))
    return rest.matter is not None and len(rest.matter) > _BARE_NAME


def _bare_category(u: Understanding) -> str | None:
    """She names one of the offered kinds ("维修") and not yet what it is about: its key."""
    kinds = phrasebook().choices.said["category"]
    if u.matter and not any(u.matter in names for names in kinds.values()):
        return None
    found = choose(u.text, "category")
    return found.value if found and (not u.matter or u.matter in kinds[found.value]) else None


def _is_new(u: Understanding) -> bool:
    """电梯坏了，什么时候能修？ asks about nothing earlier: what is wrong is said, and no earlier report is named."""
    asked = next((reason.words for reason in u.reasons if reason.what == "intent"), "")
    return len(u.matter or "") > _BARE_NAME and not any(word in asked for word in _EARLIER)


def _declines(text: str) -> bool:
    """没有了，谢谢: an answer to "anything else?", and not a remark worth keeping."""
    found = choose(text, "yes_no")
    return found is not None and found.value == "no" and len(text) <= _SHORT_ANSWER


def _facts(u: Understanding) -> dict[str, Any]:
    facts: dict[str, Any] = {"said": True, "words": [u.text]}
    if u.danger:
        facts["danger"] = u.danger
    if u.urgent:
        facts["urgent"] = True
    if _known(u):
        place = {name: value for name, value in asdict(u.place).items() if value}
        facts |= {"place": place, "place_spoken": u.place.spoken()}
    if u.danger or u.category:
        facts |= {"category": u.category, "tier": u.tier, "matter": u.matter, "outage": u.outage}
    return facts


def _what(u: Understanding) -> dict[str, Any]:
    """What is read back: the matter in her words; where we aren't certain of the category that too, and where we aren't
    even sure of it that alone, so that she can say no."""
    if not (u.matter and u.category):
        what = u.matter or u.category
        return {"what": what, "kind": None} if what else {}
    if not u.sure:
        return {"what": u.category, "kind": None}
    certain = u.danger is not None or u.confidence >= _CERTAIN
    return {"what": u.matter, "kind": None if certain else u.category}


def _known(u: Understanding) -> bool:
    place = u.place
    return bool(place.estate or place.building or place.landmark or place.unit)
