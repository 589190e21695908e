"""How characters sound: the readings of a character, the syllables of a phrase, homophones of a syllable."""

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
def toned_readings(char: str) -> tuple[tuple[str, str], ...]:
    """The usual readings as (toneless syllable, tone), empty for what is no Chinese character.

    Of two toneless readings all tones: 不 may also be read fu in old texts, and then 天气不错 would hold 欺负.
    """
    listed = [_plain(reading) for reading in _dictionary().get(ord(char), "").split(",") if reading]
    usual = list(dict.fromkeys(syllable for syllable, _ in listed if syllable))[:2]
    return tuple(dict.fromkeys((s, tone) for s, tone in listed if s in usual))


@functools.lru_cache(maxsize=8192)
def readings(char: str) -> frozenset[str]:
    """The two usual toneless readings, empty for what is no Chinese character."""
    return frozenset(syllable for syllable, _ in toned_readings(char))


@functools.lru_cache(maxsize=16384)
def sounds(phrase: str) -> tuple[tuple[str, str], ...]:
    """(toneless syllable, tone) of each character as it is said; other characters stand for themselves.

    不 and 一 have no tone of their own, it follows from what comes next; their tone is left empty.
    """
    said: tuple[tuple[str, str], ...]
    if all("㐀" <= char <= "鿿" for char in phrase):
        said = tuple((syllable[:-1], syllable[-1]) for syllable in syllables(phrase))
    else:
        said = tuple((sounds(char)[0] if "㐀" <= char <= "鿿" else (char, "")) for char in phrase)
    return tuple(
        (syllable, "") if char in "不一" else (syllable, tone)
        for char, (syllable, tone) in zip(phrase, said, strict=True)
    )


@functools.cache
def all_syllables() -> frozenset[str]:
    """Every toneless syllable that a character of the basic block has."""
    return frozenset(syllable[:-1] for syllable in _by_syllable())


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
