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


@cache
def catalogue(locale: str) -> dict[str, str]:
    """msgid → sentence; empty for the source language."""
    if locale == SOURCE:
        return {}
    path = Path(__file__).parent / f"{locale}.po"
    with path.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, locale=locale) if m.id and m.string}


def translator(locale: str) -> Translate:
    """A function from msgid to the sentence in `locale`."""
    sentences = catalogue(locale)
    return lambda msgid: sentences.get(msgid, msgid)
