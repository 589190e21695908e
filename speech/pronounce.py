"""Chinese text → clauses of pinyin syllables with surface tones, as a synthetic voice must be told.

espeak-ng reads most hanzi wrongly, so it only ever gets pinyin. It applies third-tone sandhi itself; the
tones of 不 and 一 and the readings that pypinyin misses are put right here (see `speech.md`).
"""

import functools
import re
from collections.abc import Iterable
from typing import Any

from speech.numbers import spoken_digits, spoken_number

# Words that pypinyin alone reads differently from how they are said.
_READINGS = {
    "了": "le5",
    "的": "de5",
    "还": "hai2",
    "都": "dou1",
    "行": "xing2",
    "没": "mei2",
    "长": "chang2",
    "嗯": "en1",
    "幺": "yao1",
    "给": "gei3",
    "掉": "diao4",
    "着火": "zhao2 huo3",
    "银行": "yin2 hang2",
    "家长": "jia1 zhang3",
    "组长": "zu3 zhang3",
    "重办": "chong2 ban4",
    "打扫": "da3 sao3",
    "处理": "chu2 li3",
    "调解": "tiao2 jie3",
    "得": "de5",
    "得了": "de2 le5",
    "得到": "de2 dao4",
    "得病": "de2 bing4",
    "难得": "nan2 de2",
    "获得": "huo4 de2",
    "取得": "qu3 de2",
}
_LONGEST = max(len(word) for word in _READINGS)
# 一 changes its tone before these; in numbers and addresses ("一栋一单元") it stays yi1.
_AFTER_YI = frozenset("般下直遍次个样起点定部会些切共家天句块条位份把件声趟")
_CLAUSE_END = re.compile(r"[，。！？；：、,.!?;:\n\r（）()《》“”\"…—]+")
_NUMBER = re.compile(r"\d+")
_HAN = re.compile(r"[㐀-鿿]")


# espeak-ng 1.52 takes these three for English words: it gets its own names of their sounds and tones.
_ESPEAK_SOUNDS = {"xiong": "S;j'ong", "qiong": "tS;hj'ong", "jiong": "tS;j'ong"}
_ESPEAK_TONES = {"1": "55", "2": "35", "3": "214", "4": "51", "5": "11"}


@functools.cache
def _pypinyin() -> Any:
    # Loading the dictionaries takes a moment: only where a voice or the understanding is really used.
    import pypinyin

    return pypinyin


def readable(text: str) -> str:
    """Arabic digits as spoken: up to two digits as a number, longer ones one by one with 幺 for 1."""

    def say(match: re.Match[str]) -> str:
        digits = match.group()
        if len(digits) <= 2 and not digits.startswith("0"):
            return spoken_number(int(digits))
        return spoken_digits(digits)

    return _NUMBER.sub(say, text)


def espeak_text(spoken: Iterable[Iterable[str]]) -> str:
    """Clauses of toned syllables as espeak-ng must be told: apart by spaces, clauses by commas."""
    return ", ".join(" ".join(_espeak_syllable(syllable) for syllable in clause) for clause in spoken)


def _espeak_syllable(syllable: str) -> str:
    sound = _ESPEAK_SOUNDS.get(syllable[:-1])
    return f"[[{sound}{_ESPEAK_TONES[syllable[-1]]}]]" if sound else syllable


def clauses(text: str) -> list[list[str]]:
    """Syllables such as `dong4`, a list for each clause; everything that can't be spoken is left out."""
    found = []
    for clause in _CLAUSE_END.split(readable(text)):
        han = "".join(_HAN.findall(clause))
        if han:
            found.append(syllables(han))
    return found


def syllables(han: str) -> list[str]:
    """`han` must hold nothing but Chinese characters."""
    plain: list[str] = []
    position = rest = 0
    while position < len(han):
        word = next(
            (
                han[position : position + n]
                for n in range(_LONGEST, 0, -1)
                if han[position : position + n] in _READINGS
            ),
            "",
        )
        if word:
            plain += _toned(han[rest:position])
            plain += _READINGS[word].split()
            position += len(word)
            rest = position
        else:
            position += 1
    plain += _toned(han[rest:])
    for i, (char, following) in enumerate(zip(han, plain[1:], strict=False)):
        if char == "不":
            plain[i] = "bu2" if following.endswith("4") else "bu4"
        elif char == "一" and han[i + 1] in _AFTER_YI:
            plain[i] = "yi2" if following.endswith("4") or han[i + 1] == "个" else "yi4"
    return plain


def _toned(han: str) -> list[str]:
    if not han:
        return []
    pypinyin = _pypinyin()
    read: list[str] = pypinyin.lazy_pinyin(
        han, style=pypinyin.Style.TONE3, neutral_tone_with_five=True, v_to_u=False, errors="ignore"
    )
    # A character without a reading would shift all that follow: read it as nothing but keep its place.
    return read if len(read) == len(han) else [_single(char) for char in han]


def _single(char: str) -> str:
    pypinyin = _pypinyin()
    read = pypinyin.lazy_pinyin(
        char, style=pypinyin.Style.TONE3, neutral_tone_with_five=True, v_to_u=False, errors="ignore"
    )
    return str(read[0]) if read else "en5"
