"""Words of residents that are commands by themselves, beside a ticket's number, or in front of a matter. Pure."""

import functools
import re
from dataclasses import replace

from app.desk.understanding import Understanding
from app.hygiene import mask_links
from app.sms.marks import find_marks
from speech.confusions import Confusions
from speech.matcher import Matcher
from speech.normal import BREAK, normalise, simplify
from speech.numbers import to_arabic
from speech.phrase_index import PhraseIndex
from speech.phrase_records import TextCommand
from speech.phrasebook import Phrasebook, phrasebook
from speech.pinyin import readings

BEYOND = 10**9
"""No ticket has this number; a mistyped one must not turn into none at all."""
_LEAST = 0.88
_SIGN = re.compile(r"^(?:\s*[\[【][^】\]]{1,12}[】\]])+|^\s*(?:转发?|fwd?)\s*[:：]\s*", re.IGNORECASE)
_TICKET = re.compile(
    r"(?<![\d-])(?:第|编号|单号|工单|号码|no)?(\d{4,40})(?:号单?|这件事?|那件事?)?"
    r"(?![\d%-]|号?(?:元|块|年|室|房|户|人|米|平|度|栋|楼|单元|克|斤|毫))"
)
_SPOKEN_TICKET = re.compile(r"(?:编号|单号)?([零〇一二三四五六七八九幺]{4,6})号?(?=[，\s]|$)")
_SHORT_NUMBER = re.compile(r"(\D{1,6}?)\s?(\d{1,3})号?")
_REPEATED = re.compile(r"(.{2,}?)\1+")
_GAP = re.compile(r"[\s,，.。、:：;；!！?？~～)）—…]")
_CODE = re.compile(r"([1-6])(?:[\s.、,，:：;；)）。!！]+|(?=\D))(?=\S)(.*)", re.DOTALL)
_SPOKEN_OF = ("的", "了", "过", "师傅", "工", "人员", "基金", "费", "电话", "队")
_KEY = re.compile(r"\s*([A-Za-z]{2,5})(?![A-Za-z])")
_NAME = 4
"""Characters of a signature, besides the address: 老李, 陈国强, 赵大爷."""


def unwrapped(text: str) -> str:
    """Half-width and simplified, without a sign or a "forwarded" in front, and without links: nobody follows them."""
    text = simplify(mask_links(text, " "))
    while (rest := _SIGN.sub("", text)) != text and rest.strip():
        text = rest
    return text


def without_key(raw: str) -> str:
    """bx 5栋 is no building X5."""
    found = _KEY.match(raw)
    return raw[found.end() :] if found and found.group(1).lower() in _words(phrasebook()) else raw


def spaced(text: str) -> str:
    """As `normalise` gives it, but with the gaps that she left: `评1024 1 2 1`."""
    return " ".join(filter(None, (normalise(part) for part in text.split())))


def take_number(text: str, heard: Understanding) -> tuple[int | None, str]:
    """A ticket's number in a spaced text, and the text without it. Rooms, telephones and sums of money are none."""
    rooms = {heard.place.room, heard.phone} - {None}
    for pattern in (_TICKET, _SPOKEN_TICKET):
        for match in pattern.finditer(text):
            digits = to_arabic(match.group(1)) or ""
            alone = not normalise(text.replace(match.group(), ""))
            if digits and (alone or not (heard.place.building and digits in rooms)):
                if heard.phone and digits in heard.phone:
                    continue
                rest = text[: match.start()] + " " + text[match.end() :]
                return min(int(digits[:12]), BEYOND), rest.strip(" ，")
    return None, text


def short_number(text: str) -> tuple[TextCommand, int] | None:
    """`查12`: beside a command, and nothing else there, any number is meant as one."""
    found = _SHORT_NUMBER.fullmatch(text.replace(BREAK, ""))
    command = command_of(found.group(1), beside_number=True) if found else None
    return (command, int(found.group(2))) if found and command else None


def command_of(text: str, *, beside_number: bool = False) -> TextCommand | None:
    """The command that the whole text is, politeness and a signature apart."""
    whole = text.replace(BREAK, "").replace(" ", "")
    if repeated := _REPEATED.fullmatch(whole):
        whole = repeated.group(1)
    for words in dict.fromkeys((whole, bare(whole), bare(whole, also=_ASKING))):
        found = _exactly(words, beside_number=beside_number) if words else None
        # 好了 is no 好: what is said out of politeness says nothing else
        if found and (words == whole or found.intent not in ("thanks", "greeting")):
            return found if not (beside_number and found.intent in ("thanks", "greeting")) else None
    return None


_ASKING = (
    *("我要", "我想", "想", "要", "帮我", "给我", "麻烦"),
    *("问一下", "问下", "一下", "请问", "回复", "回"),
)


def bare(text: str, also: tuple[str, ...] = ()) -> str:
    """Without what is said out of politeness before and after."""
    words = (*_polite(phrasebook()), *also)
    if text.startswith(words) or text.endswith(words):
        words = tuple(word for word in words if word in text)  # no other can come to an end of it
    while text.startswith(words) or text.endswith(words):
        for word in words:
            text = text.removeprefix(word).removesuffix(word)
    return text


@functools.lru_cache(maxsize=4)
def _polite(book: Phrasebook) -> tuple[str, ...]:
    found = {*book.choices.fillers, *book.wordings.roles["light"], BREAK, " "} - {"说", "讲", "人工", "呃"}
    return tuple(sorted(found, key=len, reverse=True))


def _exactly(words: str, *, beside_number: bool) -> TextCommand | None:
    book = phrasebook()
    if found := _words(book).get(words):
        return found
    for hit in _sounds(book).find(words):
        if (hit.start, hit.end) == (0, len(words)):
            return hit.value
    if beside_number and len(words) == 1:
        # 茶1024, 凭1031: one character wrongly chosen beside a number
        for word, command in _words(book).items():
            if len(word) == 1 and readings(word) & readings(words):
                return command
    return None


@functools.lru_cache(maxsize=4)
def _words(book: Phrasebook) -> dict[str, TextCommand]:
    return {word: command for command in book.texts.commands for word in (*command.words, *command.keys)}


@functools.lru_cache(maxsize=4)
def _sounds(book: Phrasebook) -> Matcher[TextCommand]:
    """An index of its own: here 保修 may be a slip of the thumb, though it is a word."""
    table: Confusions = replace(book.confusions, real_words=frozenset())
    phrases = ((word, command) for command in book.texts.commands for word in command.words)
    return Matcher(phrases, least=_LEAST, among=PhraseIndex(table))


def leading(raw: str) -> tuple[TextCommand, str] | None:
    """The command that the text begins with and what follows it, as far as more may follow. `raw`: unwrapped."""
    text = raw.strip().lower()
    if code := _CODE.match(text):
        digit, rest = code.groups()
        if text[1] != rest[:1] or _is_code(rest):
            return _words(phrasebook())[digit], rest
        return None
    start = _opening(text)
    rest = text[start:]
    for word, command in _leads(phrasebook()):
        if rest.startswith(word):
            after = rest[len(word) :]
            if word.isascii():
                fits = not after[:1].isascii() or not after[:1].isalpha()
            else:
                # 报修的那个灯, 维修师傅: spoken of, no command
                fits = not after.startswith(_SPOKEN_OF)
                fits = fits and (not command.everyday or bool(_GAP.match(after)) or after[:1].isdigit())
            return (command, after) if after and fits else None
    for hit in _sounds(phrasebook()).find(normalise(rest[:6])):
        if hit.start == 0 and hit.value.leads and not hit.value.everyday and not hit.exact:
            return hit.value, rest[hit.end :]
    return None


@functools.lru_cache(maxsize=4)
def _leads(book: Phrasebook) -> tuple[tuple[str, TextCommand], ...]:
    found = {w: c for w, c in _words(book).items() if c.leads and w not in "123456"}
    return tuple(sorted(found.items(), key=lambda item: -len(item[0])))


def _opening(text: str) -> int:
    """Where it begins after a greeting and the like, quotation marks and all."""
    at = 0
    while True:
        rest = text[at:]
        words = (*_polite(phrasebook()), *_ASKING)
        said = rest.startswith(words)
        step = next(len(word) for word in words if rest.startswith(word)) if said else 0
        if not step and rest and not rest[0].isalnum():
            step = 1
        if not step or at + step >= len(text):
            return at
        at += step


def _is_code(rest: str) -> bool:
    texts = phrasebook().texts
    return rest.startswith(texts.code_unless) or rest[:1] not in texts.not_after_code


def signed(chunks: list[str], heard: Understanding) -> bool:
    """Only a name and perhaps an address: who writes "活动 老王" asks for no 老王."""
    rest = signature(phrasebook()).sub("", "".join(chunks))
    about = next((reason.words for reason in heard.reasons if reason.what == "matter"), "")
    if heard.matter is not None and (not about or any(word in rest for word in about.split())):
        return False
    if find_marks(rest, asked=True) is not None:
        return False
    return len(bare(without_address(rest, heard).replace(BREAK, ""))) <= _NAME


@functools.lru_cache(maxsize=4)
def signature(book: Phrasebook) -> re.Pattern[str]:
    """老李, 小王, 李阿姨, 陈师傅."""
    family, titles = "".join(sorted(book.texts.surnames)), "|".join(book.texts.titles)
    return re.compile(f"[老小][{family}](?:{titles})?(?![{family}])|[{family}](?:{titles})")


def without_address(text: str, heard: Understanding) -> str:
    for reason in heard.reasons:
        if reason.what in ("estate", "building", "unit", "room"):
            text = text.replace(reason.words, "")
    return text
