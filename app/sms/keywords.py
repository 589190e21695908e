"""What a keeper's or volunteer's text means as a command. Pure: words in, meaning out.

They write with cold fingers on small keys: full-width digits, no spaces, quotation marks copied from our own text,
traditional characters, the number before the word or at the end, initials of pinyin, homophones. All of it is
understood, as long as it can mean one thing only.
"""

import re
from functools import cache

from app.sms.extension import extension
from app.sms.meant import Intent, Reading
from speech.matcher import Matcher
from speech.normal import fold
from speech.numbers import DIGIT_CHARS, to_arabic
from speech.pinyin import readings

BEYOND = 10**9
"""No ticket has this number; a mistyped one must not turn into none at all."""

_VERBS: tuple[tuple[Intent, str], ...] = (
    (
        "resolve",
        "办结单|办结了|办结|办好了|办好|办妥了|办妥|办完了|办完|处理好了|处理好|处理完毕|处理完了|处理完成|处理完|修好了|修好"
        "|修完了|弄好了|弄好|搞好了|搞定了|搞定|解决了|解决|完成了|完成|完工了|完工|完结|了结|结单|结案|销单|结了|结|banjie|bj",
    ),
    ("return", "退单|退回去|退回|退掉|退了|退|tuidan|tui|td"),
    ("accept", "收到(?=\\W*\\d)|接单了|接单|接受|接下了|接了|接收|接手|来接|接|jiedan|jie|jd"),
    ("arrive", "到现场了|到现场|到场了|到场|到达了|到达|到位了|到了|到|daochang|dao|dc|dd"),
    (
        "extend",
        "延期办|延期|延后|延迟|延时|延长|延缓|推迟|推后|暂缓|缓办|缓|延|yanqi|yan|yq",
    ),
    (
        "list",
        "(?:看看|看|查查|查|我们?|还|现在|手上|手里|的|有|剩下?|几个?|哪些|什么|多少|未办|没办完?){0,6}+"
        "(?:单子?|待办|列表|清单|任务)(?:里?还?有?(?:哪些|什么|几个|多少))?|还有哪些|liebiao|dan|lb",
    ),
    ("field_report", "上报|报告|报事|报单|报修|报个|报一个|报一下|报|baoxiu|bao|sb|bx"),
    ("claim", "认领|领取|领了|领|renling|ling|rl"),
    ("help", "帮助|怎么用|怎么办|help|bangzhu|bz|\\?"),
)
_WORDS: dict[str, Intent] = {
    **dict.fromkeys(
        ("谢谢", "谢谢您", "谢谢你", "多谢", "好的", "好", "好嘞", "收到", "知道了", "嗯", "ok", "明白"),
        "thanks",
    ),
    **dict.fromkeys(("退订", "取消订阅", "unsubscribe", "stop"), "optout"),
    **dict.fromkeys(("你好", "您好", "在吗"), "greeting"),
}
_ALONE = frozenset({"list", "help"})
"""Words of everyday speech: commands only when they stand alone."""
_NO_REST: frozenset[Intent] = frozenset({"accept", "arrive", "claim"})
"""Without a number there must be nothing beside the word: `接孩子去了` accepts nothing."""
_NO_REPORT = "纸名销警社箱刊废失案酬复表停装亭道答到价"
"""报纸没人收 and 报警器坏了 are no `报 …`."""

_DIGIT = f"[{DIGIT_CHARS}]"
_SPELT = re.compile(rf"(?<!{_DIGIT}){_DIGIT}{{4,6}}(?![{DIGIT_CHARS}十百千万])")
_NOT_PLACE = r"(?!\d|号楼|号院|号线|[室栋幢楼层座米元块天日月年周点]|单元|小时|个)"
_NUMBER = rf"\d{{3,}}{_NOT_PLACE}|\d{{1,2}}(?=\s|号(?!楼|院|线)|$)"
_GAP = r"[\s:：,，、。.#·\-—_/!！;；|“”\"'「」『』<>《》（）()\[\]【】]{0,8}"
_VERB = "|".join(f"(?P<{intent}>{words})" for intent, words in _VERBS)
_POLITE = rf"(?:(?:您好|你好|好的|好|收到(?!\W*\d)|我们|我要|我|已经|已|师傅|领导|同志|麻烦|请|刚刚|刚|这个|这单){_GAP}){{0,4}}"
_NAMED = r"(?:第|单号|编号|工单|no\.?)?"
_FOLLOWED = r"(?:号单子?|号|单子?)?"
_AFTER = re.compile(
    rf"{_POLITE}(?:{_VERB}){_GAP}{_NAMED}{_GAP}(?P<number>{_NUMBER})?{_FOLLOWED}(?P<gap>{_GAP})(?P<rest>.*)",
    re.DOTALL,
)
_GLUED = re.compile(rf"{_POLITE}(?:{_VERB})(?P<number>)(?P<gap>{_GAP})(?P<rest>.*)", re.DOTALL)
_BEFORE = re.compile(
    rf"{_NAMED}(?P<number>{_NUMBER}){_FOLLOWED}{_GAP}{_POLITE}(?:{_VERB})(?P<gap>{_GAP})(?P<rest>.*)",
    re.DOTALL,
)
_AT_END = re.compile(
    rf"(?P<rest>.+?)[\s,，。;；、:：]{{1,4}}(?:(?:{_VERB}){_GAP}(?P<number>{_NUMBER})|(?P<first>{_NUMBER}){_FOLLOWED}{_GAP}"
    rf"(?:{_VERB.replace('(?P<', '(?P<x')})){_FOLLOWED}{_GAP}",
    re.DOTALL,
)
_LATER = re.compile(rf"(?P<rest>.*?)[\s,，。;；、:：]{{1,4}}(?P<number>\d{{4,9}})号?{_GAP}", re.DOTALL)
_INSIDE = re.compile(rf"(?<![\d.])\d{{4,9}}{_NOT_PLACE}")
_SENTENCE = re.compile(rf"{_NAMED}(?P<number>\d{{4,9}}){_NOT_PLACE}{_FOLLOWED}{_GAP}(?P<rest>.+)", re.DOTALL)
_DONE = re.compile(
    "(?:修|办|换|弄|搞|处理|清理|装|疏通|清|补|焊|接)(?:好|完|干净)了?|解决了|完成了|搞定|恢复了|通了|亮了|不漏了|干净了"
)
_IN_HAND = re.compile("单|丹$|任务|待办|清单|列表|没办|没做|没处理|的活")
_LIST = re.compile(
    r"(?:今天|今日|名下|发我|想|[老小][一-鿿](?=的)|这周|本周|现在|目前|你好|您好|谢谢|麻烦|请|帮我?|给我?|发给|发来|发|列|把|来|我们?|俺|咱|看看?|查查?|问问?|一下|下|手上|手里|手头"
    r"|的|有没有|有|没有新|新|所有|全部|还|剩下?|几个?|哪些|啥|什么|多少|未办|没办完?|没做完?|没处理完?|要办|要做|待办|待处理|吗|呢|啊|了|活"
    r"|单子|单|丹|任务|清单|列表|是|都|个|[\s,，。.!！?？、:：“”\"'（）()\[\]【】])+"
)
_HAN = "[一二三四五六七八九十两百]"
_CLAIM = re.compile(
    rf"{_GAP}(?:(?:你好|您好|我来|我想|我要|我|麻烦|请){_GAP}){{0,3}}(?:"
    rf"(?:认领|领取|领了?|[岭令另灵])(?:微?心愿)?{_GAP}(?:第)?(?P<number>\d{{1,4}}|{_HAN}{{1,4}})(?:号|个)?(?:心愿)?"
    rf"|(?:把|将)?(?:微?心愿)?{_GAP}(?:这个)?(?P<given>\d{{1,4}}|{_HAN}{{1,4}})(?:号|个)?(?:心愿)?(?:给我|我来|我领|我来领|我来认领|归我|我认领|我要)"
    rf")(?:了|吧)?{_GAP}(?:谢谢|多谢)?{_GAP}"
)
_UNDONE = re.compile("没|未|不了|还要|明天|等|才能|不能|再")
_NOT_MINE = re.compile("不归我|不是我们?的|不是我管|不属于我|不是我负责|归物业|不在我")
_QUOTES = "“”\"'「」『』‘’《》<>（）()[] \u3000\t\n"
_END = " \u3000\t\n,，。.!！;；、:："
_SIGN = re.compile(r"\s*【[^】]{1,12}】\s*")
_BY_SOUND: tuple[tuple[str, Intent], ...] = (
    *((word, "resolve") for word in ("办结", "办好", "完成", "修好", "处理好")),
    *((word, "return") for word in ("退单", "退回")),
    *((word, "accept") for word in ("接单", "接收")),
    *((word, "arrive") for word in ("到场", "到达")),
    *((word, "extend") for word in ("延期", "暂缓", "推迟")),
    *((word, "field_report") for word in ("上报", "报修")),
    ("认领", "claim"),
)
_ONE_SOUND: dict[str, Intent] = {
    "jie": "accept",
    "tui": "return",
    "dao": "arrive",
    "yan": "extend",
    "ling": "claim",
}


def read_staff(text: str) -> Reading:
    """`other` if it is no command. `argument`: of return, resolve and field_report what was added, as written; of
    extend "reason|days" or "reason|month-day", "" where it is not said."""
    written = _SIGN.sub("", text, count=1) if _SIGN.match(text) else text  # copied from a text of ours
    written = written.strip(_QUOTES)
    folded = _spelt_out(fold(written))
    if word := _WORDS.get(folded.strip(_QUOTES + _END + "~?")):
        return Reading(word)
    for pattern in (_AFTER, _GLUED, _BEFORE):
        if (found := pattern.fullmatch(folded)) and (reading := _command(found, written)):
            return reading
    return (
        _list_or_claim(folded)
        or _by_sound(folded, written)
        or _turned_round(folded, written)
        or _sentence(folded, written)
        or Reading("other")
    )


def _command(found: re.Match[str], written: str) -> Reading | None:
    intent, verb = _verb(found)
    start, rest = found.start("rest"), found["rest"]
    number = _number(found["number"])
    said = _trimmed(written[start:])
    if number is None and intent != "field_report" and (later := _LATER.fullmatch(" " + rest)):
        number, said = (
            _number(later["number"]),
            _trimmed((" " + written[start:])[later.start("rest") : later.end("rest")]),
        )
    if intent in _ALONE:
        return (
            Reading(intent, number)
            if not said.strip("呢吗啊?？") and (number is None or intent == "list")
            else None
        )
    if intent == "field_report":
        return _report(found, verb, written)
    if intent == "claim" and number is None:
        small = re.match(r"(?:心愿|微心愿)?(\d{1,4})", rest)
        number, said = (int(small[1]), "") if small else (None, said)
    if intent == "extend" and number is None and (inside := _INSIDE.search(rest)):
        number, cut = _number(inside[0]), (start + inside.start(), start + inside.end())
        said = _trimmed(f"{written[start : cut[0]]} {written[cut[1] :]}")
    if number is None and not _stands_apart(intent, verb, found["gap"], said):
        return None
    if intent == "resolve" and re.match("不|没", said):
        return None  # 解决不了
    return _reading(intent, number, said, rest)


def _reading(intent: Intent, number: int | None, said: str, rest: str = "") -> Reading:
    match intent:
        case "extend":
            return Reading(intent, number, extension(said))
        case "accept":
            return Reading(
                intent, number, more_numbers=bool(re.match(rf"{_GAP}(?:和|跟|还有)?\d{{4,9}}(\D|$)", rest))
            )
        case "resolve" | "return" | "field_report":
            return Reading(intent, number, said)
        case _:
            return Reading(intent, number)


def _report(found: re.Match[str], verb: str, written: str) -> Reading | None:
    """Everything behind the word, digits included: `报 3栋路灯不亮`."""
    rest = _trimmed(written[found.end("field_report") :])
    glued = not found.string[found.end("field_report") : found.end("field_report") + 1].strip(
        "".join((_END, _QUOTES))
    )
    if verb == "报" and rest[:1] in _NO_REPORT and rest and not glued:
        return None
    if verb.isascii() and rest and rest[0].isascii() and rest[0].isalpha():
        return None  # a word of another language that begins so
    return Reading("field_report", None, rest)


def _stands_apart(intent: Intent, verb: str, gap: str, said: str) -> bool:
    """`退休金怎么领` is no return, `接水管` no acceptance, `修好的灯又坏了` no resolution."""
    if not said:
        return True
    if intent in _NO_REST:
        return said in ("了", "吧", "啦", "我", "我来")
    return bool(gap) or verb == "办结"


def _list_or_claim(folded: str) -> Reading | None:
    """`帮我查一下还有哪些单`, `把12号给我`, `领十二`: asked for in a sentence that says nothing else."""
    if _LIST.fullmatch(folded) and _IN_HAND.search(folded):
        return Reading("list")
    if found := _CLAIM.fullmatch(folded):
        return Reading("claim", _number(to_arabic(found["number"] or found["given"])))
    return None


def _by_sound(folded: str, written: str) -> Reading | None:
    """`办洁1024 换了灯泡`, `节1024`: a word that only sounds right counts with a number beside it."""
    found = re.match(
        rf"(?P<verb>[㐀-鿿]{{1,3}}?){_GAP}(?P<number>\d{{3,9}}){_NOT_PLACE}{_FOLLOWED}{_GAP}", folded
    )
    if found is None:
        found = re.match(
            rf"(?P<number>\d{{4,9}}){_NOT_PLACE}{_FOLLOWED}{_GAP}(?P<verb>[㐀-鿿]{{2}})(?:了|{_GAP}$|[\s,，。:：]+)",
            folded,
        )
    intent = _sounds_like(found["verb"]) if found else None
    if found is None or intent is None or intent == "field_report":
        report = re.match(r"[㐀-鿿]{2}", folded)
        if report and _sounds_like(report.group()) == "field_report":
            return Reading("field_report", None, _trimmed(written[2:]))
        return None
    rest = _trimmed(written[found.end() :])
    return _reading(intent, _number(found["number"]), rest, folded[found.end() :])


def _sounds_like(word: str) -> Intent | None:
    if len(word) == 1:
        return next((intent for sound, intent in _ONE_SOUND.items() if sound in readings(word)), None)
    hits = [hit for hit in _sounds().find(word) if hit.start == 0 and hit.end == len(word)]
    return max(hits, key=lambda hit: hit.score).value if hits else None


@cache
def _sounds() -> Matcher[Intent]:
    return Matcher(_BY_SOUND)


def _turned_round(folded: str, written: str) -> Reading | None:
    """`换了灯泡，1024办结`: first the words, then what is to be done."""
    found = _AT_END.fullmatch(folded)
    if found is None:
        return None
    intent, _ = _verb(found)
    if intent in _ALONE or intent in ("field_report", "claim"):
        return None
    return _reading(
        intent, _number(found["number"] or found["first"]), _trimmed(written[: found.end("rest")])
    )


def _sentence(folded: str, written: str) -> Reading | None:
    """`1024灯泡换好了`, `1024不归我管`: the number, and words that say what it comes to."""
    found = _SENTENCE.fullmatch(folded)
    if found is None:
        return None
    number, said = _number(found["number"]), _trimmed(written[found.start("rest") :])
    if _NOT_MINE.search(found["rest"]):
        return Reading("return", number, said)
    if _DONE.search(found["rest"]) and not _UNDONE.search(found["rest"]):
        return Reading("resolve", number, said)
    return None


def _verb(found: re.Match[str]) -> tuple[Intent, str]:
    groups = found.groupdict()
    for intent, _ in _VERBS:
        if word := groups[intent] or groups.get(f"x{intent}"):
            return intent, word
    raise AssertionError("a pattern without a verb")


def _number(digits: str | None) -> int | None:
    return min(int(digits[:12]), BEYOND) if digits else None


def _trimmed(text: str) -> str:
    return text.strip(_QUOTES + _END)


def _spelt_out(folded: str) -> str:
    """幺零二四 → 1024, as long as it was."""
    return _SPELT.sub(lambda found: to_arabic(found.group()) or found.group(), folded)
