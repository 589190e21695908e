"""Labelled text messages (bench/data/texts_*.tsv): what was written, by whom, while which question was open, and its meaning."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench.labelled import INTENTS
from bench.tsv import Line, read_table
from speech.starter.voices import Split

Sender = Literal["resident", "staff"]
Asked = Literal["place", "matter", "rate", "which", "proof"]

DATA = Path(__file__).resolve().parent / "data"
COLUMNS = ("id", "sender", "asked", "text", "intent", "number", "argument", "style")
ANY = "*"  # an argument that is hers to word: "小区东门口"
MEANINGS: dict[Sender, tuple[str, ...]] = {
    "resident": (*INTENTS, "answer"),
    "staff": ("accept", "return", "arrive", "resolve", "extend", "list", "field_report", "claim"),
}
ASKED: tuple[Asked, ...] = ("place", "matter", "rate", "which", "proof")
STYLES = (
    *("plain", "short", "rambling", "polite", "angry", "dialect", "unspaced", "traditional", "fullwidth"),
    *("pinyin", "punctuation", "typo", "signed", "forwarded", "link", "newline", "english", "mixed", "emoji"),
)


@dataclass(frozen=True, slots=True)
class Texted:
    """One message. `asked`: the kind of question that she had been asked and had not answered yet."""

    id: str
    sender: Sender
    asked: Asked | None
    text: str
    intent: str
    number: int | None
    argument: str
    style: str

    @property
    def says_nothing(self) -> bool:
        """。 ❤ 嗯 ok: an answer that tells how to write is all that it needs."""
        return self.intent == "other" and sum(character.isalnum() for character in self.text) <= 2

    @property
    def is_request(self) -> bool:
        """Whatever is no command and no answer is one; `报` alone reports nothing yet."""
        if self.intent == "field_report":
            return bool(self.argument)
        return self.intent in ("report", "other") and not self.says_nothing


def path_of(split: Split) -> Path:
    return DATA / f"texts_{split}.tsv"


def read_texts(path: Path) -> list[Texted]:
    """Raises BadInput naming file and line."""
    return read_table(path, COLUMNS, _texted)


def _texted(line: Line) -> Texted:
    sender: Sender = "staff" if line.one_of("sender", tuple(MEANINGS)) == "staff" else "resident"
    line.filled("sender")
    line.filled("intent")
    number = line.digits("number")
    asked = line.one_of("asked", ASKED)
    return Texted(
        id=line.filled("id"),
        sender=sender,
        asked=next((kind for kind in ASKED if kind == asked), None),
        text=line.filled("text").replace("\\n", "\n"),
        intent=line.one_of("intent", MEANINGS[sender]) or "",
        number=int(number) if number else None,
        argument=line.cells["argument"].replace("\\n", "\n"),
        style=line.one_of("style", STYLES) or "",
    )
