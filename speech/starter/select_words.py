"""Makes `frequent_words.csv` from a large word list. Only for whoever changes that choice: nothing else needs it.

    pip download --no-deps --no-binary :all: jieba==0.42.1    # unpack it; MIT licence
    python -m speech.starter.select_words jieba-0.42.1/jieba/dict.txt

The list has 349,046 words with counts from newspapers and novels, and their part of speech. Taken are the words that
our own sentences are made of, and of the rest the most frequent ones whose characters residents use as well: without
that the emperors and armies of the novels would come before gloves and walking sticks.
"""

import math
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from speech.starter.dictionary import FREQUENT_WORDS
from speech.starter.lexicon import everyday, phrases

WORDS = 9_000
"""Words of several characters."""

CHARACTERS = 2_200
_LONGEST = 4
_AFFINITY = 0.8
"""How much the use of its characters in our texts counts, beside the frequency of the word."""

_NAMES = ("nr", "ns", "nt", "nz", "x", "eng", "g", "zg", "j", "i", "ng", "vg", "ag", "tg", "dg")
"""Parts of speech of the list: people, places, firms; bound morphemes; abbreviations; idioms."""

_LEAST = 50
"""Count of a word that residents use and newspapers hardly do."""

_NUMERALS = frozenset("零二三四五六七八九十百千万两幺")
_DOMINANT = 0.85
_HAN = re.compile(r"[㐀-鿿]+")
_HEADER = """\
# word,weight: {count} words chosen by select_words.py from dict.txt of jieba 0.42.1 (https://github.com/fxsjy/jieba),
# Copyright (c) 2013 Sun Junyi, MIT licence. The weight is the natural logarithm of the count there, less for words that
# residents were not seen to use and whose characters they hardly use. Don't edit: run select_words.py again.
"""


@dataclass(frozen=True)
class Listed:
    count: int
    kind: str


def read(path: Path) -> dict[str, Listed]:
    """Lines "word count kind"; words that aren't wholly Chinese are left out."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        word, count, kind = line.split(" ")
        if _HAN.fullmatch(word):
            found[word] = Listed(int(count), kind)
    return found


def select(
    listed: Mapping[str, Listed], texts: Iterable[str], words: int = WORDS, characters: int = CHARACTERS
) -> dict[str, float]:
    """Word → weight, the weightiest first. `texts`: what residents say."""
    pieces = [piece for text in texts for piece in _HAN.findall(text)]
    used = Counter("".join(pieces))
    own = {word for piece in pieces for word in _cut(piece, listed) if not _number(word)}
    usual = sum(count * math.log(count) for count in used.values()) / used.total()
    affinity = {character: math.log(count) - usual for character, count in used.items()}

    def weight(word: str) -> float:
        if word in own:
            return math.log(max(_LEAST, listed[word].count))
        near = sum(min(0.0, affinity.get(character, -usual)) for character in word) / len(word)
        return math.log(max(2, listed[word].count)) + _AFFINITY * near

    rest: list[tuple[float, str]] = []
    for word, found in listed.items():
        if len(word) == 1 or word in own or len(word) > _LONGEST or found.kind in _NAMES or _number(word):
            continue
        if all(character in affinity for character in word) and surely_read(word):
            rest.append((weight(word), word))
    several = [word for word in own if len(word) > 1 and surely_read(word)]
    several += [word for _, word in sorted(rest, reverse=True)[: max(0, words - len(several))]]
    single = sorted(
        (word for word in listed if len(word) == 1 and (word in used or _common(word))),
        key=lambda word: (word not in used, -listed[word].count),
    )[:characters]
    weights = {word: weight(word) for word in (*several, *single)}
    return dict(sorted(weights.items(), key=lambda item: (-item[1], item[0])))


def _cut(piece: str, listed: Mapping[str, Listed]) -> list[str]:
    """The likeliest cut by the counts alone."""
    total = math.log(60_000_000)
    best: list[tuple[float, list[str]]] = [(0.0, [])]
    for end in range(1, len(piece) + 1):
        options = []
        for start in range(max(0, end - _LONGEST), end):
            word = piece[start:end]
            if word in listed or end - start == 1:
                count = listed[word].count if word in listed else 1
                options.append((best[start][0] + total - math.log(max(1, count)), start, word))
        cost, start, word = min(options)
        best.append((cost, [*best[start][1], word]))
    return [word for word in best[-1][1] if word in listed]


def _number(word: str) -> bool:
    """Numbers are put together from their digits: 二十七 as a word would hide that 二十八 is as likely."""
    return len(word) > 1 and not _NUMERALS.isdisjoint(word)


def surely_read(word: str) -> bool:
    """Whether pypinyin knows how the word is said: it has the word itself, or its characters leave no choice."""
    from pypinyin.phrases_dict import phrases_dict

    return word in phrases_dict or all(_one_reading(character) for character in word)


def _one_reading(character: str) -> bool:
    readings = _readings().get(character)
    return readings is None or max(readings.values()) >= _DOMINANT * readings.total()


_READINGS: dict[str, Counter[str]] = {}


def _readings() -> dict[str, Counter[str]]:
    """How often the dictionary of phrases reads each character in each way."""
    if not _READINGS:
        from pypinyin.phrases_dict import phrases_dict

        for phrase, marked in phrases_dict.items():
            if len(phrase) == len(marked):
                for character, reading in zip(phrase, marked, strict=True):
                    _READINGS.setdefault(character, Counter())[reading[0]] += 1
    return _READINGS


def _common(character: str) -> bool:
    """Level 1 of GB 2312: rows 16 to 55, the 3,755 characters in daily use."""
    try:
        return 0xB0 <= character.encode("gb2312")[0] <= 0xD7
    except UnicodeEncodeError:
        return False


def main(path: Path) -> None:
    from speech.starter.corpus import written_texts

    own = everyday()[0]
    weights = select(read(path), (*written_texts(), *phrases(), *own))
    lines = "".join(f"{word},{weight:.1f}\n" for word, weight in weights.items())
    FREQUENT_WORDS.write_text(_HEADER.format(count=len(weights)) + lines, encoding="utf-8")
    sys.stdout.write(f"{FREQUENT_WORDS.name}: {len(weights)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
