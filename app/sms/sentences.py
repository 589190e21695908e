"""Sentences of residents that are no commands: what they want, by the words that show it. Pure."""

import functools
import re
import unicodedata
from collections.abc import Sequence

from app.desk.understanding import Understanding
from app.sms.calling import asks_for_call, refuses_calls
from app.sms.commands import signature, without_address
from app.sms.meant import Intent
from speech.dialect import plain
from speech.matcher import Matcher
from speech.normal import BREAK, normalise
from speech.phrase_records import TextWording
from speech.phrasebook import Phrasebook, phrasebook

_LEAST = 0.9
_A_MATTER, _SOMETHING_WRONG = 0.97, 0.7
_TROUBLE = re.compile("[没不未无坏漏堵停断少缺病疼痛\\dA-Za-z]")
_QUESTION, _CHAT, _WHEN = 12, 16, 20
"""Characters of a question beside a number, of a line to the family, of a question for the time."""
_PERHAPS = 0.6
_LITTLE = 3
"""Characters beside 又漏了, and it is still nothing else."""
_ONLY = "只"
"""管子好了 only sounds like 只好了."""
_TOLD = 25
"""Characters: what is shorter asks for no more than it says."""
_ENGLISH = re.compile(r"[A-Za-z']+(?:\s+[A-Za-z']+){2,}")
_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400))) | {"~", "^", "+", "="}
"""Of the skin of a hand in a picture, and symbols that hardly differ from punctuation."""
_YIELDING = frozenset({"human", "keeper", "activities", "help", "optout", "optin"})
"""Whoever names a matter beside these words wants it dealt with."""
_PART = (
    "一部分",
    "一半",
    "一些",
    "一点",
    "有的",
    "没全",
    "没完全",
    "只修",
    "只好",
    "还差",
    "还剩",
    "没弄完",
    "没修完",
    "部分",
)


@functools.lru_cache(maxsize=16)
def _matcher(book: Phrasebook, wording: TextWording) -> Matcher[bool]:
    """True for words that show the intent by themselves."""
    phrases = {**dict.fromkeys(wording.words, False), **dict.fromkeys(wording.must, True)}
    return Matcher(phrases.items(), least=_LEAST, among=book.index)


def find(text: str, heard: Understanding) -> Intent:
    """`other`: none of ours. `text`: spaced, without a ticket's number."""
    clean = normalise(text)
    if idle := _idle(clean, heard):
        return idle
    if _is_it_done(clean) or _when_done(clean):
        return "progress"
    if refuses_calls(clean):
        return "optout"
    for wording in phrasebook().texts.wordings:
        shown = _shown(clean, wording)
        if not shown:
            continue
        if wording.intent in _YIELDING and wording.share == 0 and has_matter(heard, besides=shown):
            continue
        if wording.intent == "human" and wants_something(clean):
            continue
        if wording.intent == "reopen" and not _failed(clean, shown, heard):
            continue
        return wording.intent  # type: ignore[return-value]
    return "other"


def has_matter(heard: Understanding, besides: Sequence[str] = ()) -> bool:
    """Surely something that somebody must see to, and not only words (`besides`) that ask for something else."""
    said = next((reason.words for reason in heard.reasons if reason.what == "matter"), "")
    if not said or any(words in said for words in besides):
        return False
    return heard.category is None or heard.confidence >= _least(heard.category)


def _least(category: str) -> float:
    """我眼睛不好 is said of oneself in passing, that something leaks is not."""
    return _SOMETHING_WRONG if category in ("repairs", "environment") else _A_MATTER


def _is_it_done(clean: str) -> bool:
    """好了没有, 修了吗: at the end of a clause."""
    pattern = _asking(phrasebook())
    return any(pattern.search(clause) for clause in clean.split(BREAK))


def _when_done(clean: str) -> bool:
    """啥时候给通, 师傅几点到: how far it is, asked by the time."""
    return len(clean) <= _WHEN and _times(phrasebook()).search(clean) is not None


@functools.lru_cache(maxsize=4)
def _times(book: Phrasebook) -> re.Pattern[str]:
    when, coming = ("|".join(words) for words in (book.texts.when, book.texts.coming))
    who = "师傅|你们|人|工人"
    return re.compile(
        f"(?:{when})[^{BREAK}]{{0,4}}?(?:{coming})|(?:{who})[^{BREAK}]{{0,4}}?(?:{when})(?:能?[来到]|上门)(?:[啊呀嘛呢哦]|$|{BREAK})"
        f"|(?:师傅|你们)[^{BREAK}]{{0,4}}?来不来"
    )


def asks_about_it(text: str, heard: Understanding) -> bool:
    """1024有人管吗: hardly more than a question beside the number."""
    clean = normalise(text).replace(BREAK, "")
    little = len(clean) <= _QUESTION and heard.danger is None and not heard.place and not has_matter(heard)
    texts = phrasebook().texts
    return little and (clean.endswith(texts.ask) or any(word in clean for word in texts.question))


@functools.lru_cache(maxsize=4)
def _asking(book: Phrasebook) -> re.Pattern[str]:
    done, ask = book.texts.done, book.texts.ask
    return re.compile(
        f"(?<![没不])(?:{'|'.join(done)})(?:{'|'.join(sorted(ask, key=len, reverse=True))})[啊呀呢]?$"
    )


def _shown(clean: str, wording: TextWording) -> list[str]:
    """The words that show it, as they stand there; none if they are too small a share of the text."""
    if wording.intent == "human":
        return [found] if (found := asks_for_call(clean)) else _shown_by_words(plain(clean)[0], wording)
    return _shown_by_words(clean, wording)


def _shown_by_words(clean: str, wording: TextWording) -> list[str]:
    hits = _matcher(phrasebook(), wording).cover(clean)
    if sum(hit.length for hit in hits) < wording.share * len(clean.replace(BREAK, "")):
        return []
    return [hit.words for hit in hits if hit.value and (hit.exact or not hit.phrase.startswith(_ONLY))]


def _failed(clean: str, shown: list[str], heard: Understanding) -> bool:
    """又漏了 is a repair that failed only where one is spoken of, or nothing else is."""
    hints = phrasebook().texts
    if any(word in clean for word in hints.other):
        return False
    if any(words not in hints.again for words in shown) or any(word in clean for word in hints.after):
        return True
    return not heard.place and len(clean.replace(BREAK, "")) <= max(map(len, shown)) + _LITTLE


def _idle(clean: str, heard: Understanding) -> Intent | None:
    """Nothing but thanks, or nothing but a greeting; whose they are and where she lives may stand beside them."""
    if heard.danger is not None:
        return None
    light, greetings, thanks = _light(phrasebook())
    rest = signature(phrasebook()).sub(BREAK, without_address(clean, heard))
    for word in light:
        rest = rest.replace(word, BREAK)
    if left := rest.replace(BREAK, ""):
        return "thanks" if _thanked_for(clean, left, heard) else None
    if any(word in clean for word in ("谢", "辛苦")):
        return "thanks"
    if any(word in clean for word in greetings):
        return "greeting"
    return "thanks" if any(word in clean for word in thanks) else None


def _thanked_for(clean: str, left: str, heard: Understanding) -> bool:
    """多谢你们惦记: for something that needs nobody. Nobody asks for a thing with 感谢 or 多谢."""
    troubled = heard.category or heard.matter or heard.place or asks(clean) or _TROUBLE.search(left)
    return not troubled and len(left) <= _LITTLE and clean.startswith(("感谢", "多谢"))


@functools.lru_cache(maxsize=4)
def _light(book: Phrasebook) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Words that ask for nothing, the longest first; those of them that greet, and those that thank or acknowledge."""
    said = {command.intent: command.words for command in book.texts.commands if not command.leads}
    words = {*book.choices.fillers, *book.wordings.roles["light"], *said["greeting"], *said["thanks"]}
    words.update(book.texts.courtesy)
    thanks = tuple(word for word in said["thanks"] if len(word) > 1)
    return tuple(sorted(words, key=len, reverse=True)), said["greeting"], thanks


def wants_something(text: str) -> bool:
    """A long text that asks for something has more to say than a mark, or that she wants to be rung."""
    return len(text) > _TOLD and asks(text)


def besides_asking(text: str, heard: Understanding) -> str:
    """The clauses that ask us for nothing, to ring her for example."""
    clauses = (clause for clause in re.split(f"[ {BREAK}]", text) if clause)
    return BREAK.join(clause for clause in clauses if find(clause, heard) in ("other", "reopen"))


def only_nods(text: str) -> bool:
    """嗯, 👍 or a full stop: she has read it. Laughter, 哎哟 or 🆘 may mean anything."""
    for nod in phrasebook().texts.nods:
        text = text.replace(nod, "")
    return all(unicodedata.category(char)[0] in "PZCM" or char in _TONES for char in text)


def is_another(text: str) -> bool:
    """She says herself that it is a matter of its own."""
    return any(word in text for word in phrasebook().texts.other)


def is_part(text: str) -> bool:
    return any(word in text for word in _PART)


def wants_call(text: str) -> bool:
    wording = next(wording for wording in phrasebook().texts.wordings if wording.intent == "human")
    return bool(_shown(normalise(text), wording))


def is_spam(text: str, heard: Understanding) -> bool:
    return not heard.place and any(word in text for word in phrasebook().texts.spam)


def is_chat(text: str, raw: str, heard: Understanding) -> bool:
    """Meant for her family, or wishes: whatever may need somebody is none."""
    if heard.danger is not None or heard.place or asks(raw) or _has_problem(heard):
        return False
    clean = normalise(text)
    if len(clean) > _CHAT or heard.urgent:
        return False
    return any(
        clean.startswith(word) if word.endswith(BREAK) else word in clean for word in phrasebook().texts.chat
    )


def without_greeting(text: str) -> str:
    """The text without greetings and wishes."""
    greetings = (word for word in _light(phrasebook())[1] if len(word) > 1)
    for word in (*phrasebook().texts.chat, *greetings):
        text = text.replace(word, BREAK)
    return text


def _has_problem(heard: Understanding) -> bool:
    """Hurt, ill or broken, however sure: no chat."""
    return heard.category in ("repairs", "environment") and heard.confidence >= _PERHAPS


def asks(text: str) -> bool:
    """Something is to be done, in Chinese by its words, in English by being a sentence at all."""
    return _ENGLISH.search(text) is not None or any(word in text for word in phrasebook().texts.request)
