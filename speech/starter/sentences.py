"""What the synthetic voices say, and what the language model expects: a seeded mix of texts.

`Writer.next_line` draws from requests and answers built from `sentences.toml`, single phrases of the phrase files,
digit strings and addresses as they are spoken, minimal pairs, random words and random syllables. The dev
utterances of the benches join in where they are present; test files (`*_test.tsv`) are never opened.
"""

import csv
import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from speech.datafile import DataFile
from speech.numbers import spoken_digits, spoken_number
from speech.phrasebook import phrasebook
from speech.starter.lexicon import Lexicon, phrases

SENTENCES_FILE = Path(__file__).with_name("sentences.toml")
DEV_DIR = Path(__file__).resolve().parents[2] / "bench" / "data"

Kind = Literal["request", "answer", "dev", "phrase", "digits", "contrast", "words", "syllables"]

MIX: dict[Kind, float] = {
    "request": 0.20,
    "answer": 0.12,
    "dev": 0.08,
    "phrase": 0.09,
    "digits": 0.20,
    "contrast": 0.07,
    "words": 0.10,
    "syllables": 0.14,
}
"""Shares of the training texts. Without dev files their share goes to the requests."""

LANGUAGE_MIX: dict[Kind, float] = {
    "request": 0.40,
    "answer": 0.17,
    "dev": 0.15,
    "phrase": 0.10,
    "digits": 0.13,
    "contrast": 0.05,
}
"""Shares of what the language model is estimated from: nothing random."""

_SLOT = re.compile(r"\{(\w+)\}")
_DIGITS = "零一二三四五六七八九"
_ASKED = ("yes_no", "fact", "rating")
_PLAIN_ANSWERS = 0.6
"""Share of the answers that are a phrase of the lists of what is asked, as it stands."""
_HESITATIONS = ("嗯", "呃", "那个", "这个", "就是说", "啊")


@dataclass(frozen=True)
class Line:
    """`clauses`: words of the lexicon between pauses."""

    kind: Kind
    clauses: tuple[tuple[str, ...], ...]

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(word for clause in self.clauses for word in clause)


def dev_texts(directory: Path = DEV_DIR) -> list[str]:
    """The `text` column of every `*_dev.tsv`; empty where there are none (an installed package)."""
    found: list[str] = []
    for path in sorted(directory.glob("*_dev.tsv")):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row.get("text"):
                found.append(row["text"])
    return found


class Writer:
    """Draws lines; the same `generator` state gives the same line. Raises SettingsError on a bad sentences.toml."""

    def __init__(self, lexicon: Lexicon, dev: list[str] | None = None) -> None:
        self._lexicon = lexicon
        self._dev = dev_texts() if dev is None else dev
        self._phrases = phrases()
        said = phrasebook().choices.said
        self._choices = [phrase for kind in _ASKED for spoken in said[kind].values() for phrase in spoken]
        self._words = [word for word in lexicon.words if len(word) > 1]
        self._characters = list(lexicon.characters.values())
        file = DataFile(SENTENCES_FILE)
        templates = file.table("templates")
        file.only(templates, "requests", "answers", "contrast")
        self._requests = file.words(templates, "requests")
        self._answers = file.word_list(list(dict.fromkeys(templates["answers"])), "answers")
        self._contrast = file.word_list(list(dict.fromkeys(templates["contrast"])), "contrast")
        slots = file.table("slots")
        self._slots = {name: tuple(file.text(slots, name).split()) for name in slots}
        for template in (*self._requests, *self._answers, *self._contrast):
            for name in _SLOT.findall(template):
                if name not in self._slots and name not in _MADE and name not in _OWN:
                    raise file.fail(f"unknown slot {{{name}}}", template)

    def next_line(self, generator: random.Random, mix: dict[Kind, float] | None = None) -> Line:
        """One line of a kind drawn from `mix` (default MIX)."""
        shares = mix or MIX
        kind = generator.choices(list(shares), list(shares.values()))[0]
        if kind == "dev" and not self._dev:
            kind = "request"
        clauses = self._clauses(kind, generator)
        return Line(kind, tuple(clauses)) if clauses else self.next_line(generator, mix)

    def _clauses(self, kind: Kind, generator: random.Random) -> list[tuple[str, ...]]:
        choose = generator.choice
        if kind == "syllables":
            return [tuple(choose(self._characters) for _ in range(generator.randint(2, 12)))]
        if kind == "words":
            return [tuple(choose(self._words) for _ in range(generator.randint(1, 6)))]
        if kind == "phrase":
            return self._lexicon.clauses(choose(self._phrases))
        if kind == "dev":
            return self._lexicon.clauses(choose(self._dev))
        if kind == "digits":
            return self._lexicon.clauses(self._number(generator))
        if kind == "answer" and generator.random() < _PLAIN_ANSWERS:
            return self._lexicon.clauses(choose(self._choices))
        templates = {"request": self._requests, "answer": self._answers, "contrast": self._contrast}[kind]
        text = self.fill(choose(templates), generator)
        clauses = self._lexicon.clauses(text)
        return [self._hesitate(clause, generator) for clause in clauses] if kind == "request" else clauses

    def fill(self, template: str, generator: random.Random) -> str:
        """The template with every slot replaced; what replaces it may hold slots again."""
        while match := _SLOT.search(template):
            template = template[: match.start()] + self._slot(match[1], generator) + template[match.end() :]
        return template

    def _slot(self, name: str, generator: random.Random) -> str:
        if name == "phrase":
            return generator.choice(self._phrases)
        if name == "word":
            return generator.choice(self._words)
        if name in _MADE:
            return _MADE[name](generator)
        if name == "address":
            return self._address(generator)
        return generator.choice(self._slots[name])

    def _address(self, generator: random.Random) -> str:
        form = generator.choice(_ADDRESSES)
        return self.fill(form, generator)

    def _number(self, generator: random.Random) -> str:
        choice = generator.random()
        if choice < 0.2:
            return self._address(generator)
        if choice < 0.26:
            return "电话是" + _phone(generator)
        if choice < 0.4:
            return _phone(generator)
        if choice < 0.48:
            return spoken_number(generator.randint(0, 9999))
        length = generator.choice([1, 2, 3, 4, 4, 4, 5, 6, 7, 8, 11])
        return "".join(generator.choice("零一二三四五六七八九幺") for _ in range(length))

    def _hesitate(self, clause: tuple[str, ...], generator: random.Random) -> tuple[str, ...]:
        """Now and then a hesitation between two words, or a word said twice, as old people speak."""
        out: list[str] = []
        for word in clause:
            chance = generator.random()
            if chance < 0.04:
                out.append(generator.choice(_HESITATIONS))
            elif chance < 0.055:
                out.append(word)
            out.append(word)
        return tuple(out)


def _small(generator: random.Random) -> str:
    return spoken_number(generator.randint(1, 10))


def _house(generator: random.Random) -> str:
    number = generator.randint(1, 20 if generator.random() < 0.7 else 99)
    return spoken_number(number) if generator.random() < 0.8 else spoken_digits(str(number))


def _room(generator: random.Random) -> str:
    """Floor and door as people say it: 五零一, 五〇幺, 五百零一, 幺二零三."""
    number = generator.randint(1, 18) * 100 + generator.randint(1, 6)
    choice = generator.random()
    if choice < 0.45:
        return "".join(_DIGITS[int(digit)] for digit in str(number))
    return spoken_digits(str(number)) if choice < 0.9 else spoken_number(number)


def _phone(generator: random.Random) -> str:
    """A mobile number, or a fixed one of seven or eight digits, at times in groups; 1 mostly as 幺."""
    if generator.random() < 0.7:
        digits = "1" + generator.choice("3578") + "".join(generator.choice("0123456789") for _ in range(9))
    else:
        digits = "".join(generator.choice("0123456789") for _ in range(generator.choice([7, 8])))
    if generator.random() < 0.65:
        spoken = spoken_digits(digits)
    else:
        spoken = "".join(_DIGITS[int(digit)] for digit in digits)
    if generator.random() < 0.3:
        return f"{spoken[:-8]}，{spoken[-8:-4]}，{spoken[-4:]}".strip("，")
    return spoken


_OWN = ("phrase", "word", "address")
_MADE = {"n": _small, "no": _house, "room": _room, "phone": _phone}
_ADDRESSES = (
    "{n}栋{n}单元{room}",
    "{no}栋{n}单元{room}",
    "{no}号楼{n}单元{room}",
    "{no}号楼{n}单元{room}室",
    "{no}号楼{room}",
    "{no}栋{room}",
    "{no}栋{n}单元{n}楼",
    "{n}单元{room}",
    "{estate}{no}栋",
    "{estate}{no}号楼{n}单元{room}",
    "{estate}{no}栋{n}单元",
    "{estate}{no}号",
    "{room}室",
)
