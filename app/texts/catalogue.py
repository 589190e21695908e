"""gettext catalogues: the msgid is the zh-Hans sentence itself; zh_Hant and en are files beside this one.

Sentences carry named fields: `{number}`. A missing translation falls back to zh-Hans and is found by a test.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

Translate = Callable[[str], str]
SOURCE = "zh_Hans"
LOCALES = (SOURCE, "zh_Hant", "en")


def mark(msgid: str) -> str:
    """The sentence itself: says that this literal in a table is translated where it is used (`app.texts.extract`)."""
    return msgid


def path_of(locale: str) -> Path:
    return Path(__file__).parent / f"{locale}.po"


@cache
def catalogue(locale: str) -> dict[str, str]:
    """msgid → sentence; empty for the source language."""
    return {} if locale == SOURCE else read(path_of(locale))


def read(path: Path) -> dict[str, str]:
    """The translated sentences of one file; those still without a translation are left out."""
    with path.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string}


def translator(locale: str) -> Translate:
    """A function from msgid to the sentence in `locale`."""
    sentences = catalogue(locale)
    return lambda msgid: sentences.get(msgid, msgid)
