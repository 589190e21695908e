"""Makes errors as recognisers do: homophones, near syllables, syllables lost. Seeded; for training, not for people."""

import functools
import random

from speech.confusions import Confusions, confusions
from speech.normal import BREAK
from speech.pinyin import homophones, toned_readings

_LOST, _NEAR = 0.15, 0.8
_HOMOPHONE = 0.25
_USUAL = 5
"""Of all characters of one sound, those that a recogniser may write."""


def misheard(text: str, rate: float, generator: random.Random, table: Confusions | None = None) -> str:
    """`rate` of the syllables wrong (some of them lost), a quarter more written with another character.

    Half of the clause ends are lost: recognisers write none.
    """
    table = table or confusions()
    return "".join(_heard(char, rate, generator, table) for char in text)


def _heard(char: str, rate: float, generator: random.Random, table: Confusions) -> str:
    if char == BREAK:
        return BREAK if generator.random() < 0.5 else ""
    read = toned_readings(char)
    chance = generator.random()
    if not read or chance > rate + _HOMOPHONE:
        return char
    syllable, tone = read[0]
    if chance < rate * _LOST:
        return ""
    if chance < rate:
        near = sorted(other for other, cost in table.near.get(syllable, {}).items() if cost > 0)
        pick = near if near and generator.random() < _NEAR else _syllables(table)
        other = generator.choice(pick)
        written = "".join(homophones(f"{other}{tone}")[:2] for tone in "1234")
    else:
        written = homophones(f"{syllable}{tone}")[:_USUAL]
    return generator.choice(written) if written else char


@functools.lru_cache(maxsize=4)
def _syllables(table: Confusions) -> list[str]:
    return sorted(table.near)
