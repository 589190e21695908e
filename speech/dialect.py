"""Dialect words → plain Mandarin, so that one list of phrases serves all. Pure."""

import functools
import re

from speech.phrasebook import Phrasebook, phrasebook


def plain(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A normalised text in plain words, and what was replaced: (as said, plain), each once."""
    words = phrasebook().dialect.words
    replaced: dict[str, str] = {}

    def put(match: re.Match[str]) -> str:
        said = match.group()
        if said not in words:  # one of the words to keep
            return said
        replaced[said] = words[said]
        return words[said]

    return _pattern(phrasebook()).sub(put, text), tuple(replaced.items())


@functools.lru_cache(maxsize=4)
def _pattern(book: Phrasebook) -> re.Pattern[str]:
    longest = sorted({*book.dialect.words, *book.dialect.keep}, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, longest)) or r"(?!)")
