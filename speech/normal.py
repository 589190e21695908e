"""Any string → the characters that matter: Han, ASCII letters and digits, and "，" where a clause ends."""

import functools
import tomllib
import unicodedata
from pathlib import Path

BREAK = "，"
_TABLE = Path(__file__).with_name("traditional.toml")


@functools.cache
def _to_simplified() -> dict[int, int]:
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return str.maketrans(table["traditional"], table["simplified"])


@functools.cache
def only_traditional() -> frozenset[str]:
    """Characters that are never written in simplified text."""
    return frozenset(map(chr, _to_simplified())) - frozenset(map(chr, _to_simplified().values()))


@functools.cache
def only_simplified() -> frozenset[str]:
    """Characters that came with the simplification: 灯, 坏. Those that had been there before (后, 里, 台) tell nothing."""
    simplified = frozenset(map(chr, _to_simplified().values()))
    return frozenset(
        char for char in simplified - frozenset(map(chr, _to_simplified())) if not _in_big5(char)
    )


def _in_big5(char: str) -> bool:
    try:
        char.encode("big5")
    except UnicodeEncodeError:
        return False
    return True


def normalise(text: str) -> str:
    """Full-width → half-width, traditional → simplified (character by character), lower case.

    Spaces vanish (recognisers and tired thumbs put them anywhere), punctuation becomes one "，", everything
    else — emoji, controls, lone surrogates — vanishes. Takes any string, keeps no positions.
    """
    out: list[str] = []
    for char in simplify(text).lower():
        kind = _kind(char)
        if kind == "keep":
            out.append(char)
        elif kind == "break" and out and out[-1] != BREAK:
            out.append(BREAK)
    return "".join(out).strip(BREAK)


def simplify(text: str) -> str:
    """Full-width → half-width, traditional → simplified; everything else stays as it was written."""
    return unicodedata.normalize("NFKC", text).translate(_to_simplified())


def fold(text: str) -> str:
    """The same and in lower case, one character for one character: what is found in it stands at the same place in `text`."""
    return "".join(_folded(char) for char in text).translate(_to_simplified())


@functools.lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    folded = unicodedata.normalize("NFKC", char).lower()
    return folded if len(folded) == 1 else char


@functools.lru_cache(maxsize=4096)
def _kind(char: str) -> str:
    if (
        "㐀" <= char <= "鿿"
        or "\U00020000" <= char <= "\U0003134f"
        or char == "〇"
        or (char.isascii() and char.isalnum())
    ):
        return "keep"
    # A hyphen, slash or hash joins the parts of an address (3-2-501), all other marks end a clause.
    if char in "-/#－–":
        return "keep" if char in "-/#" else "break"
    return "break" if unicodedata.category(char)[0] == "P" or char in "\n\r~+=|" else "drop"
