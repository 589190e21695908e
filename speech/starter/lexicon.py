"""The words that the starter model can write down, and how they are said.

Three layers, in this order: everyday words (`words.toml`), what the phrase files need and these don't
already make up, and one character for every toned syllable of Mandarin that no one-character word
covers, so that whatever is said can be written down, if not always with the right character.
"""

import functools
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from speech.datafile import DataFile
from speech.pronounce import readable, syllables
from speech.starter import units
from speech.vocabulary import segment

WORDS_FILE = Path(__file__).with_name("words.toml")
PHRASES_DIR = Path(__file__).resolve().parents[1] / "phrases"

_LONGEST = 6
"""Characters in a word; as `speech.vocabulary` looks no further either."""

_WHOLE = 3
"""A phrase no longer than this becomes a word as a whole when most of it is unknown."""

_HAN = re.compile(r"[㐀-鿿]+")
_COMMON = range(0x4E00, 0x9FA6)


@dataclass(frozen=True)
class Lexicon:
    """`words`: each word and its toned syllables as they sound. `characters`: a word for each syllable."""

    words: Mapping[str, tuple[str, ...]]
    characters: Mapping[str, str]

    def phones(self, word: str) -> tuple[int, ...]:
        """Kaldi phone ids; raises KeyError for a word that isn't here."""
        return units.phones_of(self.words[word])

    def cut(self, text: str) -> tuple[str, ...] | None:
        """The words of a text with its digits as spoken, a foreign character replaced by one that sounds the same.

        None when nothing of it can be said. Punctuation falls away: use `clauses` to keep the pauses.
        """
        han = "".join(_HAN.findall(readable(text)))
        sayable = segment(han, self.words.__contains__) if han else None
        return sayable.words if sayable else None

    def clauses(self, text: str) -> list[tuple[str, ...]]:
        """`cut` for each piece between punctuation marks; pieces that can't be said are left out."""
        cut = (self.cut(piece) for piece in re.split(r"[，。！？；：、,.!?;:\s…—]+", readable(text)))
        return [words for words in cut if words]


@functools.cache
def lexicon() -> Lexicon:
    """The lexicon of this checkout. Raises SettingsError when words.toml or a phrase file is damaged."""
    words, readings = everyday()
    known = set(words)
    for phrase in phrases():
        known.update(unknown_parts(phrase, known))
    said = {word: _said(word, readings) for word in (*words, *sorted(known.difference(words)))}
    single: dict[str, str] = {}
    for word, sound in said.items():
        if len(sound) == 1:
            single.setdefault(sound[0], word)
    taken = set(said)
    for syllable, character in _characters(taken):
        if syllable not in single:
            single[syllable] = character
            said[character] = (syllable,)
    return Lexicon(said, single)


def phrases(directory: Path = PHRASES_DIR) -> list[str]:
    """Every Chinese text in a list of the phrase files, none twice, shorter ones first."""
    found: dict[str, None] = {}
    for path in sorted(directory.glob("*.toml")):
        for text in _texts(DataFile(path).root):
            if _HAN.fullmatch(text):
                found[text] = None
    return sorted(found, key=len)


def _texts(value: object, listed: bool = False) -> Iterator[str]:
    # Texts outside lists are names and sets of characters ("我你他"), not something that is said.
    if isinstance(value, str) and listed:
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, listed=True)


def everyday(path: Path = WORDS_FILE) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """The words of words.toml, and the readings that it gives; raises SettingsError with file and line."""
    file = DataFile(path)
    file.only(file.root, "words", "readings")
    table = file.table("words")
    words = dict.fromkeys(word for key in table for word in file.text(table, key).split())
    for word in words:
        if not _HAN.fullmatch(word) or len(word) > _LONGEST:
            raise file.fail(f"{word!r} must be 1 to {_LONGEST} Chinese characters", word)
    table = file.table("readings")
    readings = {word: tuple(file.text(table, word).split()) for word in table}
    for word, reading in readings.items():
        if len(reading) != len(word):
            raise file.fail(f"{word!r} needs a syllable for each character, got {' '.join(reading)!r}", word)
    return tuple(words), readings


def unknown_parts(phrase: str, words: Collection[str]) -> list[str]:
    """What must become words so that `phrase` can be written: the stretches that no known word covers.

    Of all ways to cut it the one that leaves the fewest characters uncovered. A short phrase of which known words
    cover hardly anything is taken as it is.
    """
    best: list[tuple[int, int, str]] = [(0, 0, "")]
    # A tuple for each prefix: characters uncovered, words, and the cut itself ("x" uncovered, "ab" a word of two).
    for end in range(1, len(phrase) + 1):
        uncovered, pieces, cut = best[end - 1]
        options = [(uncovered + 1, pieces, cut + "x")]
        for start in range(max(0, end - _LONGEST), end):
            if phrase[start:end] in words:
                uncovered, pieces, cut = best[start]
                options.append((uncovered, pieces + 1, cut + "." * (end - start)))
        best.append(min(options))
    uncovered, _, cut = best[-1]
    if len(phrase) <= _WHOLE and uncovered >= len(phrase) / 2:
        return [phrase]
    return [phrase[found.start() : found.end()][:_LONGEST] for found in re.finditer("x+", cut)]


def _said(word: str, readings: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return readings.get(word) or third_tones(syllables(word))


def third_tones(spoken: Iterable[str]) -> tuple[str, ...]:
    """Before a third tone a third tone sounds like the second, in a word and in espeak's clauses."""
    sounds = list(spoken)
    return tuple(
        syllable[:-1] + "2" if syllable.endswith("3") and following.endswith("3") else syllable
        for syllable, following in zip(sounds, [*sounds[1:], ""], strict=True)
    )


def _characters(taken: Iterable[str]) -> list[tuple[str, str]]:
    """Each toned syllable and the free character that pypinyin's dictionary of phrases reads so most often.

    Rare syllables that no phrase holds come from the characters of GB 2312, the neutral tone left out.
    """
    from pypinyin.phrases_dict import phrases_dict
    from pypinyin.pinyin_dict import pinyin_dict

    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for phrase, marked in phrases_dict.items():
        if len(phrase) == len(marked):
            for character, readings in zip(phrase, marked, strict=True):
                if ord(character) in _COMMON:
                    counts[readings[0]][character] += 1
    merged: dict[str, Counter[str]] = defaultdict(Counter)
    for reading, characters in counts.items():
        merged[_toned(reading)] += characters
    for code, listed in pinyin_dict.items():
        if _in_gb2312(chr(code)) and (toned := _toned(listed.split(",")[0]))[-1] != "5":
            merged[toned].setdefault(chr(code), 0)
    used = set(taken)
    chosen = []
    for syllable in sorted(merged, key=lambda s: (-merged[s].total(), s)):
        best = sorted(merged[syllable].items(), key=lambda item: (-item[1], item[0]))
        free = [character for character, _ in best if character not in used]
        if free and is_syllable(syllable):
            used.add(free[0])
            chosen.append((syllable, free[0]))
    return chosen


def _toned(marked: str) -> str:
    """`lǜ` → `lv4`."""
    from pypinyin.contrib.tone_convert import to_tone3

    return str(to_tone3(marked, neutral_tone_with_five=True)).replace("ü", "v")


def _in_gb2312(character: str) -> bool:
    try:
        # Hanzi begin at row 16.
        return character.encode("gb2312")[0] >= 0xB0
    except UnicodeEncodeError:
        return False


def is_syllable(toned: str) -> bool:
    """Whether our units can spell it; ng, hm, ê and the like are no syllables for us."""
    try:
        units.split(toned)
    except ValueError:
        return False
    return True
