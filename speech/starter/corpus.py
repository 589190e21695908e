"""What the language model is estimated from: sentences in words of the dictionary, each with its weight.

Three sources. What residents would really say, written by hand: `utterances*.tsv` and the development files of the
benches. Phrases, since people answer with just these. And lines drawn from the templates of `sentences.toml`, which
know more addresses, numbers and short answers than anybody would write, but little about how people tell a story.
"""

import csv
import random
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from speech.phrasebook import phrasebook
from speech.starter.dictionary import Dictionary
from speech.starter.language import Sentence
from speech.starter.lexicon import Lexicon, is_syllable, phrases
from speech.starter.sentences import LANGUAGE_MIX, Kind, Writer, dev_texts

_HERE = Path(__file__).parent
LINES = 8_000
_HELD_OUT = 5
_DRAWN: dict[Kind, float] = {kind: share for kind, share in LANGUAGE_MIX.items() if kind != "dev"}
_DIGITS = tuple("零一二三四五六七八九幺")
_NUMBERED = frozenset((*_DIGITS, "栋", "幢", "座", "号", "号楼", "单元", "楼", "层", "室", "门"))


@dataclass(frozen=True)
class Weights:
    """Of one sentence of each source. `written` ones come `told` times, with other numbers each time."""

    drawn: float = 0.1
    phrase: float = 1.0
    written: float = 1.0
    told: int = 3


def said(
    words: Dictionary,
    narrow: Lexicon,
    seed: int,
    lines: int = LINES,
    progress: Callable[[int, int], None] = lambda done, total: None,
    weights: Weights | None = None,
    without: Container[str] = (),
) -> Iterator[Sentence]:
    """Drawn lines, then whatever was written by hand, so that none of it is left out by chance; but for `without`."""
    weights = weights or Weights()
    # Listed only so that they aren't taken for a danger that sounds alike: seldom said.
    seldom = phrasebook().dangers.sound_not_words
    generator, writer = random.Random(seed), Writer(narrow, [])
    for number in range(lines):
        text = "".join(writer.next_line(generator, _DRAWN).words)
        if text not in seldom:
            yield words.cut(text), weights.drawn
        if number % 1000 == 0:
            progress(number, lines)
    for phrase in phrases():
        if phrase not in seldom:
            yield words.cut(phrase), weights.phrase
    for text in written_texts():
        if text in without:
            continue
        cut = words.cut(text)
        # A caller's clauses follow each other and the model isn't told where one ends.
        for _ in range(weights.told):
            yield cut, weights.written / weights.told
            cut = renumbered(cut, generator)
    progress(lines, lines)


def written_texts() -> list[str]:
    """All that was written as residents speak, but for what is held out."""
    kept = [text for number, text in enumerate(dev_texts()) if number % _HELD_OUT]
    return [*utterances(), *kept]


def utterances(directory: Path = _HERE) -> list[str]:
    """The `text` column of every `utterances*.tsv`; empty where there are none (an installed package)."""
    found: list[str] = []
    for path in sorted(directory.glob("utterances*.tsv")):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        found += [row["text"] for row in rows if row["text"]]
    return found


def held_out() -> list[str]:
    """Every fifth development utterance is kept from the language model, so that a model can be scored on them."""
    return dev_texts()[::_HELD_OUT]


def renumbered(words: Sequence[str], generator: random.Random) -> tuple[str, ...]:
    """The same sentence with other digits: an address or a telephone number says nothing about those of others.

    Only digits next to one another and those of an address: in 一个人 or 三天 the number has its reason.
    """
    around = ("", *words, "")
    return tuple(
        generator.choice(_DIGITS) if word in _DIGITS and (before in _DIGITS or after in _NUMBERED) else word
        for before, word, after in zip(around, words, around[2:], strict=False)
    )


def character_weights(lexicon: Lexicon) -> Mapping[str, float]:
    """How often each word of the open syllable loop is met: its syllable's count in pypinyin's dictionary of phrases."""
    from pypinyin.contrib.tone_convert import to_tone3
    from pypinyin.phrases_dict import phrases_dict

    marked = Counter(reading[0] for readings in phrases_dict.values() for reading in readings)
    toned: Counter[str] = Counter()
    for syllable, count in marked.items():
        plain = str(to_tone3(syllable, neutral_tone_with_five=True)).replace("ü", "v")
        if is_syllable(plain):
            toned[plain] += count
    return {word: float(toned[syllable]) for syllable, word in lexicon.characters.items()}
