"""How characters sound: all toneless readings of a character, homophones of a syllable."""

import functools
import unicodedata

from speech.pronounce import syllables

_TONES = {"̄": "1", "́": "2", "̌": "3", "̀": "4"}


@functools.cache
def _dictionary() -> dict[int, str]:
    from pypinyin.pinyin_dict import pinyin_dict

    return dict(pinyin_dict)


def _plain(marked: str) -> tuple[str, str]:
    """`zhǎo` → ("zhao", "3"); without a mark the tone is 5; ü is written v."""
    letters: list[str] = []
    tone = "5"
    for char in unicodedata.normalize("NFD", marked):
        if char in _TONES:
            tone = _TONES[char]
        elif char == "̈":
            letters[-1] = "v"
        elif char.isascii() and char.isalpha():
            letters.append(char)
    return "".join(letters), tone


@functools.lru_cache(maxsize=8192)
def readings(char: str) -> frozenset[str]:
    """The two usual toneless readings, empty for what is no Chinese character.

    Not all: 不 may also be read fu in old texts, and then 天气不错 would hold 欺负.
    """
    listed = (_plain(reading)[0] for reading in _dictionary().get(ord(char), "").split(","))
    return frozenset([reading for reading in dict.fromkeys(listed) if reading][:2])


@functools.lru_cache(maxsize=8192)
def sounds(phrase: str) -> tuple[str, ...]:
    """Toneless syllables of a phrase as it is said; other characters stand for themselves."""
    if all("㐀" <= char <= "鿿" for char in phrase):
        return tuple(syllable[:-1] for syllable in syllables(phrase))
    return tuple(next(iter(sounds(char)), char) if "㐀" <= char <= "鿿" else char for char in phrase)


@functools.cache
def _by_syllable() -> dict[str, str]:
    """`bu4` → the characters of the basic block that may be read so, those mainly read so first."""
    mainly: dict[str, list[str]] = {}
    also: dict[str, list[str]] = {}
    for code, marked in _dictionary().items():
        if 0x4E00 <= code <= 0x9FFF:
            for number, reading in enumerate(marked.split(",")):
                (also if number else mainly).setdefault("".join(_plain(reading)), []).append(chr(code))
    return {s: "".join((*mainly.get(s, ()), *also.get(s, ()))) for s in mainly.keys() | also.keys()}


def homophones(syllable: str) -> str:
    """Characters with exactly this toned syllable (`bu4`, neutral tone 5), the likeliest readings first."""
    return _by_syllable().get(syllable, "")
