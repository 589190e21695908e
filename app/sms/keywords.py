"""What a text message means as a command. Pure: words in, meaning out.

Keepers write with cold fingers on small keys: full-width digits, no spaces, quotation marks copied from our own text,
traditional characters, the number before the word. All of it is understood; nothing is guessed.
"""

import re
from dataclasses import dataclass
from typing import Literal

Intent = Literal["accept", "resolve", "return", "list", "help", "optout", "optin", "thanks", "other"]

# One character for one character, so that positions stay valid and what a person wrote is stored as written.
_PLAIN = {
    ord(full): ord(half) for full, half in zip("０１２３４５６７８９　＃？", "0123456789 #?", strict=True)
}
_PLAIN |= {
    ord(trad): ord(simp)
    for trad, simp in zip("辦結單幫號處關閱訂謝無", "办结单帮号处关阅订谢无", strict=True)
}

_COMMANDS: tuple[tuple[Intent, str], ...] = (
    ("resolve", "已办结|办结了|办结|已办好|办好了|办好|办完了|办完|已完成|完成了|完成|结案|搞定了|搞定"),
    ("return", "退单|退回|退掉|退"),
    ("accept", "我接单|我接|接单了|接单|接受|接了|接收|接"),
    ("list", "我的单子|我的单|待办|列表|清单|单子|查单"),
    ("help", "帮助|怎么用|怎么办|help|\\?"),
)
_NUMBER = r"\d{3,}|\d{1,2}(?=\s|号|$)"
BEYOND = 10**9  # no ticket has this number; a mistyped one must not turn into none at all
_GAP = r"[\s:：,，、。.#·\-—_]*"
_AFTER = re.compile(
    rf"(?P<verb>{'|'.join(words for _, words in _COMMANDS)}){_GAP}(?:第|单号|编号|No\.?)?{_GAP}"
    rf"(?P<number>{_NUMBER})?号?{_GAP}(?P<rest>.*)",
    re.DOTALL | re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"(?P<number>{_NUMBER})号?单?{_GAP}(?P<verb>{'|'.join(words for _, words in _COMMANDS)}){_GAP}(?P<rest>.*)",
    re.DOTALL | re.IGNORECASE,
)
_ALONE = frozenset({"list", "help"})  # words of everyday speech: commands only when they stand alone
_QUOTES = "“”\"'「」『』‘’《》<>（）() \t\n"
_END = " \t\n,，。.!！;；、"

_RESIDENT: dict[str, Intent] = {
    **dict.fromkeys(("退订", "td", "t", "取消订阅", "不要再发", "unsubscribe", "stop"), "optout"),
    **dict.fromkeys(("恢复订阅", "重新订阅", "订阅", "start"), "optin"),
    **dict.fromkeys(
        ("谢谢", "谢谢您", "谢谢你", "多谢", "好的", "好", "收到", "知道了", "嗯", "ok"), "thanks"
    ),
    **dict.fromkeys(("帮助", "help", "?"), "help"),
}


@dataclass(frozen=True)
class Command:
    """`rest` is what followed, as written: how it was resolved, why it is returned."""

    intent: Intent
    number: int | None = None
    rest: str = ""

    @property
    def more_numbers(self) -> bool:
        """Several tickets in one text, `接 1024、1025`: one at a time, so that nothing is taken by mistake."""
        return self.intent == "accept" and bool(re.match(r"\d{4,9}(\D|$)", self.rest))


def parse(text: str) -> Command:
    """A keeper's text; `other` if it is no command."""
    written = text.strip(_QUOTES)
    plain = written.translate(_PLAIN)
    for pattern in (_AFTER, _BEFORE):
        if found := pattern.fullmatch(plain):
            intent = _intent(found["verb"])
            rest = written[found.start("rest") :].strip(_QUOTES).strip(_END)
            number = min(int(found["number"][:12]), BEYOND) if found["number"] else None
            if intent in _ALONE and (number is not None or rest):
                continue
            if number is None and not _separate(intent, found["verb"], plain, found.start("rest"), rest):
                continue
            return Command(intent, number, rest)
    return Command("other", None, written)


def parse_resident(text: str) -> Command:
    """The few words of a resident that are no matter of their own; everything else is one."""
    plain = text.translate(_PLAIN).strip(_QUOTES + _END + "~～").lower()
    return Command(_RESIDENT.get(plain, "other"), None, text.strip())


def _intent(verb: str) -> Intent:
    return next(intent for intent, words in _COMMANDS if re.fullmatch(words, verb, re.IGNORECASE))


def _separate(intent: Intent, verb: str, plain: str, rest_at: int, rest: str) -> bool:
    """Without a number the word must stand apart: `退休金怎么领` is no return, `接水管` no acceptance."""
    if not rest or len(verb) > 1:
        return intent != "accept" or not rest
    return intent == "return" and bool(re.match(rf"{verb}[\s:：,，]", plain)) and rest_at > 1
