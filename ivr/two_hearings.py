"""Two hearings of one answer: held to a list of phrases, and openly. Pure.

The list knows how the answers sound, and makes some answer of everything; the open hearing tells whether that was said.
"""

from difflib import SequenceMatcher

from speech.pinyin import sounds

_ALIKE = 0.6
"""Share of syllables in common: 可以吗 and 可以啊 have two of three."""


def sound_alike(openly: str, listed: str) -> bool:
    """Whether both wrote down the same sounds, whatever their tones."""
    one, other = ([syllable for syllable, _ in sounds(text)] for text in (openly, listed))
    return bool(one and other) and SequenceMatcher(None, one, other, autojunk=False).ratio() >= _ALIKE
