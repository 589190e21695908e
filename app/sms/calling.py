"""Does she ask us to ring her? Everywhere it is made of the same parts, whose words differ: 给俺挂个电话, 打只电话拨阿拉,
喊个人摇个电话来, 侬打只电话好伐. Pure."""

import functools
import re
from typing import Literal

from speech.dialect import plain
from speech.normal import BREAK, normalise
from speech.phrasebook import Phrasebook, phrasebook

_FEW = f"[^{BREAK}]{{0,3}}?"
_A = "(?:一?[个只通下]|一哈|一下)?"


def asks_for_call(text: str) -> str:
    """The words that ask for it; empty if none do."""
    return _said(text, "asked")


def refuses_calls(text: str) -> bool:
    """别给我打电话了"""
    return bool(_said(text, "refused"))


def _said(text: str, wanted: Literal["asked", "refused"]) -> str:
    clean = normalise(text)
    asking, refused, not_ours = _patterns(phrasebook())
    for words in dict.fromkeys((clean, plain(clean)[0])):
        for clause in words.split(BREAK):
            if not (found := asking.search(clause)):
                continue
            before = clause[: found.start()]
            if refused.search(before):
                if wanted == "refused":
                    return found.group()
            elif wanted == "asked" and not not_ours.search(before):
                return found.group()
    return ""


@functools.lru_cache(maxsize=4)
def _patterns(book: Phrasebook) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """What asks for a call, what stands before it in one who wants none, and in one who speaks of another's call."""
    part = {name: _any(words) for name, words in book.texts.call.items()}
    to_me, ring, phone = f"{part['to']}{part['me']}们?(?:家里?|屋里)?", part["ring"], part["phone"]
    call = f"{ring}{_FEW}{phone}"
    asking = (
        f"{to_me}{_FEW}{call}",  # 给俺打个电话
        f"{to_me}(?:[打挂摇]吧?$|[回来摇]个?[电话]|{ring}(?:过来|过去|一[下个]))",  # 给俺回一个
        f"{call}{_FEW}{to_me}",  # 打只电话拨阿拉
        f"{call}{part['me']}(?:{part['please']}|[啦吧嘛啊呀]|$)",  # 畀个电话我
        f"(?:[打挂摇拨回]|call){_A}{to_me}",  # 打给我
        f"(?:[打挂摇拨回]{part['me']}们?(?:家里?|屋里)?的?{_A}{phone}|call{part['me']})",  # 回俺个电话
        f"{call}{part['here']}(?![了过])",  # 打只电话过来
        f"{phone}(?:{to_me})?{ring}(?:{part['here']}|{to_me}|一[个下])",  # 电话给俺回一个
        f"(?<![给跟同和对往]){part['ask']}{_FEW}{_A}{_FEW}(?:{call}|[回摇]个?话)",  # 喊个人打个电话
        f"给{_A}{phone}{part['me']}",  # 畀个电话我
        f"(?<!{_one_character(book.texts.call['me'])}){ring}{_A}{phone}{part['please']}",  # 打个电话中不中
        f"(?:^|您|你|侬|恁|请|麻烦|方便|直接)(?:{ring}{_A}{phone}|[打回]过?来)[吧嘛啊呀来说讲]*$|[来回]个{phone}$|回个?[电话]$",
    )
    return (
        re.compile("|".join(asking)),
        re.compile(f"{part['refuse']}$"),
        re.compile(f"{part['failed']}$|{part['they']}"),
    )


def _any(words: tuple[str, ...]) -> str:
    return f"(?:{'|'.join(sorted(words, key=len, reverse=True))})"


def _one_character(words: tuple[str, ...]) -> str:
    """Of a look-behind, which wants one width."""
    return f"[{''.join(word for word in words if len(word) == 1)}]"
