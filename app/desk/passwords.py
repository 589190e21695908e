"""Passwords: kept as Argon2id, and refused where anybody would guess them."""

import re
import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pypinyin import lazy_pinyin

from app.errors import Busy
from app.texts.catalogue import mark

SHORTEST, LONGEST = 10, 128
TOO_SHORT = mark("太短了：至少 10 个字符。几个不相干的词连起来，又长又好记。")
TOO_LONG = mark("太长了：最多 128 个字符。")
GUESSABLE = mark("这样的密码很多人用，太好猜。换几个不相干的词连起来。")
ONLY_DIGITS = mark("只有数字太好猜，请加几个字母或汉字。")
OWN = mark("不要用登录名、姓名或电话，认识您的人一猜就中。")

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's figures: 19 MiB
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$0OHvXxWPhuYtPKy8zqZU3w$FN+A1Hr/pdb44CY5AM+34WvCqNoIzDEW9g6a7j6wwlg"
"""What is compared where there is no password, so that the answer takes as long. Nobody's."""
_AT_ONCE = threading.BoundedSemaphore(2)  # telephone calls share the processor with whoever signs in
_PATIENCE = 3.0  # seconds
_COMMON = Path(__file__).with_name("common_passwords.txt")
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else on paper
_DISGUISES = tuple(str.maketrans(*pair) for pair in (("", ""), ("0@$", "oas"), ("013457@$!", "oleastasi")))


@dataclass(frozen=True, slots=True)
class Fresh:
    """A password and what is kept of it. Made before a transaction begins: it takes longer than one should."""

    text: str
    kept: str


def fresh(text: str | None = None) -> Fresh:
    """A made-up one where none is given. Raises Busy."""
    text = generate() if text is None else text
    with _turn():
        return Fresh(text, _HASHER.hash(_normal(text)))


def matches(kept: str | None, password: str) -> bool:
    """Takes as long without a kept hash as with one. Raises Busy."""
    with _turn():
        try:
            return _HASHER.verify(kept or _NOBODY, _normal(password)[:LONGEST]) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def generate() -> str:
    """A first password to be read from paper: three groups of four, 59 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))


def fault(password: str, *, login: str = "", name: str = "", phone: str | None = None) -> str | None:
    """What is wrong with it, as a sentence for the texts catalogue; None if nothing is."""
    plain = _normal(password).casefold()
    if len(plain) < SHORTEST:
        return TOO_SHORT
    if len(plain) > LONGEST:
        return TOO_LONG
    if any(own in plain for own in _own(login, name, phone)):
        return OWN
    if plain.isdecimal():
        return ONLY_DIGITS
    return GUESSABLE if _guessable(plain) else None


def _own(login: str, name: str, phone: str | None) -> Iterator[str]:
    spoken = "".join(lazy_pinyin(name))
    for word, shortest in ((login, 3), (name, 2), (spoken, 4), ((phone or "")[-8:], 8)):
        if len(word) >= shortest:
            yield word.casefold()


def _guessable(plain: str) -> bool:
    """Few different characters, or hardly anything beside what lists of stolen passwords begin with."""
    if len(set(plain)) < 5:
        return True
    return any(
        len(re.sub(r"[\W_]", "", _common().sub("", text))) <= 3
        for text in (plain.translate(disguise) for disguise in _DISGUISES)
    )


@cache
def _common() -> re.Pattern[str]:
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    words = sorted({line for line in lines if line and not line.startswith("#")}, key=len, reverse=True)
    years_and_runs = (r"(?:19|20)\d\d(?:[01]\d[0-3]\d)?", r"(.)\1{2,}")
    return re.compile("|".join([*map(re.escape, words), *years_and_runs]))


def _normal(password: str) -> str:
    """A phone's keyboard may give full-width letters, and 'é' in two ways."""
    return unicodedata.normalize("NFKC", password)


@contextmanager
def _turn() -> Iterator[None]:
    if not _AT_ONCE.acquire(timeout=_PATIENCE):
        raise Busy("登录的人太多，请过一会儿再试。")
    try:
        yield
    finally:
        _AT_ONCE.release()
