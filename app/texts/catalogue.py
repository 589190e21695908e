"""gettext catalogues: the msgid is the zh-Hans sentence itself; zh_Hant and en are files beside this one.

Sentences carry named fields: `{number}`. A missing translation falls back to zh-Hans and is found by a test. Where one
Chinese word is several in another language it is marked with gettext's context: 退单 the deed and 退单 the state.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

Translate = Callable[[str], str]
SOURCE = "zh_Hans"
LOCALES = (SOURCE, "zh_Hant", "en")
_GLUE = "\x04"  # as in gettext's own catalogues


def mark(msgid: str, context: str | None = None) -> str:
    """What a translator takes for this literal: it stands in a table and is translated later (`app.texts.extract`)."""
    return f"{context}{_GLUE}{msgid}" if context else msgid


def unmark(marked: str) -> tuple[str, str | None]:
    """The sentence and its context."""
    context, _, msgid = marked.rpartition(_GLUE)
    return msgid, context or None


def path_of(locale: str) -> Path:
    return Path(__file__).parent / f"{locale}.po"


@cache
def catalogue(locale: str) -> dict[str, str]:
    """marked msgid → sentence; empty for the source language."""
    return {} if locale == SOURCE else read(path_of(locale))


def read(path: Path) -> dict[str, str]:
    """The translated sentences of one file; those still without a translation are left out."""
    with path.open("rb") as file:
        return {mark(str(m.id), m.context): str(m.string) for m in read_po(file) if m.id and m.string}


def translator(locale: str) -> Translate:
    """A function from marked msgid to the sentence in `locale`."""
    sentences = catalogue(locale)
    return lambda msgid: sentences.get(msgid) or unmark(msgid)[0]
