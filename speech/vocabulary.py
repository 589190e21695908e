"""Our phrases in a model's own words: models differ in what they take for one word, and small ones lack characters.

A character that the model doesn't know is replaced by one that sounds the same, tone included, and put back in
the result: a model without 镐 may know 搞, which sounds alike.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from speech.pinyin import homophones
from speech.pronounce import syllables

_LONGEST_WORD = 6
_RESPELLED = 2
"""A respelled character costs as much as this many words more."""
_NEGATIONS = "不没未别无"
Knows = Callable[[str], bool]


@dataclass(frozen=True)
class Sayable:
    """`words` are the model's, `phrase` is ours, without spaces; character by character they sound the same."""

    phrase: str
    words: tuple[str, ...]

    @property
    def respelled(self) -> bool:
        return "".join(self.words) != self.phrase


def segment(phrase: str, knows: Knows) -> Sayable | None:
    """The fewest words of the model that make up `phrase`, longer ones first; None if it can't be said."""
    text = "".join(phrase.split())
    words = _fewest(text, knows)
    return Sayable(text, words) if words else None


def segment_all(phrases: Iterable[str], knows: Knows) -> tuple[tuple[Sayable, ...], tuple[str, ...]]:
    """Segmented phrases, none twice, and those that can't be said.

    The engine makes a bigram model of the list and so allows any order of its words: with 很, 满意 and 很满意 in
    it, the same sound has two spellings and each gets half of the confidence. Hence a word that others in the
    list add up to is split into these. Not so negations: as one word 不对 is not as easily taken for 对 when
    spoken fast (8 such errors in 378 fast utterances against 2).
    """
    found: list[Sayable] = []
    unsayable: dict[str, None] = {}
    for phrase in phrases:
        sayable = segment(phrase, knows)
        if sayable is None:
            unsayable[phrase] = None
        else:
            found.append(sayable)
    parts = _split(found)
    sayables: dict[tuple[str, ...], Sayable] = {}
    for sayable in found:
        words = tuple(part for word in sayable.words for part in parts.get(word, (word,)))
        sayables.setdefault(words, Sayable(sayable.phrase, words))
    return tuple(sayables.values()), tuple(unsayable)


def _split(found: Iterable[Sayable]) -> dict[str, tuple[str, ...]]:
    used = {word for sayable in found for word in sayable.words}
    parts: dict[str, tuple[str, ...]] = {}
    for word in sorted((word for word in used if word[0] not in _NEGATIONS), key=len):
        shorter = used - {word} - parts.keys()
        if split := _fewest(word, shorter.__contains__, respell=False):
            parts[word] = split
    return parts


def restore(words: Sequence[str], respelled: dict[tuple[str, ...], str]) -> list[str]:
    """What the model wrote, with the phrases' own characters put back; as many words as before."""
    out: list[str] = []
    longest = max((len(key) for key in respelled), default=0)
    while len(out) < len(words):
        start = len(out)
        for length in range(min(longest, len(words) - start), 0, -1):
            piece = tuple(words[start : start + length])
            if phrase := respelled.get(piece):
                position = 0
                for word in piece:
                    out.append(phrase[position : position + len(word)])
                    position += len(word)
                break
        else:
            out.append(words[start])
    return out


def _fewest(text: str, knows: Knows, *, respell: bool = True) -> tuple[str, ...] | None:
    if not text:
        return None
    respell = respell and all("㐀" <= char <= "鿿" for char in text)
    spoken: list[str] = []
    best: list[tuple[int, tuple[str, ...]] | None] = [None] * len(text) + [(0, ())]
    for start in range(len(text) - 1, -1, -1):
        for length in range(min(_LONGEST_WORD, len(text) - start), 0, -1):
            rest = best[start + length]
            if rest is None:
                continue
            word: str | None = text[start : start + length]
            cost = rest[0] + 1
            if not knows(text[start : start + length]):
                cost += _RESPELLED
                word = None
                if respell and length == 1:
                    # Only now: with all words known nobody waits for the dictionaries of sounds (0.2 s).
                    spoken = spoken or syllables(text)
                    word = _homophone(spoken[start], knows)
            known = best[start]
            if word is not None and (known is None or cost < known[0]):
                best[start] = (cost, (word, *rest[1]))
    return best[0][1] if best[0] else None


def _homophone(syllable: str, knows: Knows) -> str | None:
    return next((other for other in homophones(syllable) if knows(other)), None)
