"""The words that the finished model writes down: the lexicon, and thousands of everyday words beside it.

What the voices say in training is drawn from the lexicon alone, so a change here needs no new training, only a new
export. Words come with how often they are met (`frequent_words.csv`), which decides how a text is cut into words and
how likely a word is that the sentences never showed. The sentences themselves bring no words: they are cut by these.

`frequent_words.csv`: lines "word,weight" by descending weight, the natural logarithm of the word's count in a large
Chinese corpus, brought nearer to what residents speak of; # starts a comment. Made by `select_words.py`.
"""

import functools
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.errors import SettingsError
from speech.pinyin import homophones
from speech.pronounce import readable, syllables
from speech.starter import units
from speech.starter.lexicon import Lexicon, is_syllable, lexicon, third_tones

FREQUENT_WORDS = Path(__file__).with_name("frequent_words.csv")

_OWN_WEIGHT = 6.0
"""Of a word of the lexicon that the large corpus hasn't: near the end of the list."""

_RARE = 2.0
"""Weight of the single characters that are only there so that every syllable can be written."""

_FOREIGN_COST = 12.0
_HAN = re.compile(r"[㐀-鿿]+")

Sound = tuple[str, ...]


@dataclass(frozen=True)
class Dictionary:
    """`sounds`: how each word is said. `weights`: ln of how often it is met. `characters`: as in Lexicon."""

    sounds: Mapping[str, Sound]
    weights: Mapping[str, float]
    characters: Mapping[str, str]

    def entries(self) -> list[tuple[str, tuple[int, ...]]]:
        """Words with their Kaldi phone ids."""
        return [(word, units.phones_of(sound)) for word, sound in self.sounds.items()]

    def frequencies(self) -> dict[str, float]:
        """Share of each word in speech, as far as the large corpus tells; together 1."""
        return {word: math.exp(weight) / self._total for word, weight in self.weights.items()}

    def cut(self, text: str) -> tuple[str, ...]:
        """The likeliest words of a text, digits as spoken. What isn't Chinese falls away.

        A character that is no word here is replaced by one that sounds the same, or left out if there is none.
        """
        han = "".join(_HAN.findall(readable(text)))
        best: list[tuple[float, tuple[str, ...], int]] = [(0.0, (), 0)]
        for end in range(1, len(han) + 1):
            options: list[tuple[float, tuple[str, ...], int]] = [
                (best[start][0] + self._cost(han[start:end]), (han[start:end],), start)
                for start in range(max(0, end - self._longest), end)
                if han[start:end] in self.weights
            ]
            if not options:
                other = self._written_otherwise(han[end - 1])
                options = [(best[end - 1][0] + _FOREIGN_COST, (other,) if other else (), end - 1)]
            best.append(min(options, key=lambda option: option[0]))
        words: list[str] = []
        place = len(han)
        while place:
            _, found, place = best[place]
            words[:0] = found
        return tuple(words)

    def _cost(self, word: str) -> float:
        return math.log(self._total) - self.weights[word]

    def _written_otherwise(self, character: str) -> str | None:
        sound = syllables(character)[0]
        return self.characters.get(sound) or next(
            (other for other in homophones(sound) if other in self.weights), None
        )

    @functools.cached_property
    def _total(self) -> float:
        return sum(map(math.exp, self.weights.values()))

    @functools.cached_property
    def _longest(self) -> int:
        return max(map(len, self.weights))


@functools.cache
def dictionary() -> Dictionary:
    """Of this checkout. Raises SettingsError when a word list is damaged."""
    return widened(lexicon(), frequent_words())


def widened(narrow: Lexicon, frequent: Mapping[str, float]) -> Dictionary:
    """The lexicon with its own readings, then the frequent words that our units can spell."""
    open_only = set(narrow.characters.values())
    sounds = dict(narrow.words)
    weights = {word: frequent.get(word, _RARE if word in open_only else _OWN_WEIGHT) for word in narrow.words}
    for word, weight in frequent.items():
        if word not in sounds:
            sound = third_tones(syllables(word))
            if all(map(is_syllable, sound)):
                sounds[word] = sound
                weights[word] = weight
    return Dictionary(sounds, weights, narrow.characters)


def frequent_words(path: Path = FREQUENT_WORDS) -> dict[str, float]:
    """Word → weight; raises SettingsError with file and line."""
    found: dict[str, float] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line and not line.startswith("#"):
            word, _, weight = line.partition(",")
            try:
                found[word] = float(weight)
            except ValueError:
                raise SettingsError(f"{path.name}:{number}: expected “word,weight”, got {line!r}") from None
            if not _HAN.fullmatch(word):
                raise SettingsError(f"{path.name}:{number}: {word!r} is not all Chinese characters")
    return found
