"""What the learned weights are learned from: the phrase files, our labelled utterances, a community's own examples.

Never the test files: nothing may be learned from what it will be measured by.
"""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from app.desk.danger import find_danger
from app.desk.phone import find_phone
from app.desk.place import find_place
from app.errors import BadInput
from speech.dialect import plain
from speech.normal import BREAK, normalise
from speech.phrasebook import Phrasebook
from speech.weighing import CATEGORY_CLASSES, CLASSES, NONE
from speech.weights_training import Example

_ROOT = Path(__file__).resolve().parents[2]
WRITTEN = tuple(_ROOT / "speech" / "starter" / name for name in ("utterances.tsv", "utterances_danger.tsv"))
BENCH = tuple(
    _ROOT / "bench" / "data" / name for name in ("requests_dev.tsv", "danger_dev.tsv", "answers_dev.tsv")
)
"""Of the repository; an installed product has not got them."""
HEARD = _ROOT / "speech" / "starter" / "heard.tsv"
"""text, heard, confidence: what a recogniser made of them in made voices (`python -m bench.heard`)."""
_PHRASE, _BACKGROUND, _HARMLESS, _WORD, _PAIR = 0.3, 0.1, 0.1, 0.3, 0.1
_ANSWER_KINDS = ("yes_no", "number", "place", "person")
"""Answers that name no matter. After "is it mended?" or "are you content?" people tell what is wrong."""


def bare(text: str) -> str:
    """In plain words, without telephone number and address: what is left is the matter."""
    clean, _ = plain(normalise(text))
    phone = find_phone(clean)
    chars = list(clean)
    if phone:
        _blank(chars, phone.span)
    _, found = find_place("".join(chars))
    for part in found:
        if part.what not in ("landmark", "own"):
            _blank(chars, part.span)
    return "".join(chars)


def _blank(chars: list[str], span: tuple[int, int]) -> None:
    chars[span[0] : span[1]] = BREAK * (span[1] - span[0])


def files() -> list[Path]:
    """Those of ours that are here."""
    return [path for path in (*BENCH, *WRITTEN) if path.is_file()]


def labelled_texts() -> list[str]:
    """Those of `files` but answers, as written, each once."""
    tables = (rows for path in files() if (rows := list(_rows(path))) and "kind" not in rows[0][1])
    return list(dict.fromkeys(row["text"] for rows in tables for _, row in rows))


def hashes(paths: Iterable[Path]) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def from_phrases(book: Phrasebook) -> Iterator[Example]:
    """Phrases of a category speak for it and are no danger, unless the rules say so; dangerous words are."""
    for category in book.categories:
        for topic in category.topics:
            for phrase in map(_said, topic.phrases):
                weight = _BACKGROUND if topic.background else _PHRASE
                yield Example(phrase, category=category.code, importance=weight, counted=False)
                if find_danger(phrase) is None:
                    yield Example(phrase, danger=NONE, importance=_HARMLESS, counted=False)
        for text in book.examples[category.code]:
            yield Example(bare(text), category=category.code, counted=False)
    rules = book.dangers
    for danger in rules.dangers:
        for word in map(_said, (*danger.words, *danger.exact)):
            yield Example(word, danger=danger.number, importance=_WORD, counted=False)
    for word in map(_said, rules.innocent):
        yield Example(word, danger=NONE, importance=_WORD, counted=False)
    for pair in rules.pairs:
        for first in pair.first:
            for second in pair.second:
                yield Example(_said(first + second), danger=pair.number, importance=_PAIR, counted=False)


def from_tables(paths: Iterable[Path], heard: Path = HEARD) -> Iterator[Example]:
    """`heard` may be missing. Raises BadInput naming file and line."""
    known = {row["text"]: bare(row["heard"]) for _, row in _rows(heard)} if heard.is_file() else {}
    for path in paths:
        yield from _table(path, known)


def from_corrections(
    said: Iterable[tuple[str, str | None, str | None, int | None]],
) -> list[Example]:
    """(transcript, category, danger, resident): what staff put right; category and resident may be unknown."""
    return [
        Example(bare(text), category, danger or NONE, added=True, speaker=resident)
        for text, category, danger, resident in said
    ]


def _said(phrase: str) -> str:
    return plain(normalise(phrase))[0]


def _table(path: Path, heard: Mapping[str, str]) -> Iterator[Example]:
    if path.name.endswith("_test.tsv"):
        raise BadInput(f"{path}: a test file; nothing may be learned from it")
    rows = list(_rows(path))
    if rows and "kind" in rows[0][1]:
        for _, row in rows:
            if row["kind"] in _ANSWER_KINDS:
                yield Example(bare(row["text"]), NONE, NONE, importance=_PHRASE, counted=False)
        return
    # A column that is empty from top to bottom was not labelled
    labelled = any(row.get("category") for _, row in rows)
    for number, row in rows:
        category = (row.get("category") or NONE) if labelled else None
        danger = row.get("danger") or NONE
        if (
            category not in (None, *CATEGORY_CLASSES)
            or danger not in CLASSES["danger"]
            or not row.get("text")
        ):
            raise BadInput(f"{path}:{number}: unknown category or danger, or no text")
        yield Example(bare(row["text"]), category, danger, heard=heard.get(row["text"]))


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: cannot be read as UTF-8 ({error})") from error
    kept = [
        (number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")
    ]
    reader = csv.DictReader((line for _, line in kept), delimiter="\t", quoting=csv.QUOTE_NONE)
    if "text" not in (reader.fieldnames or ()):
        raise BadInput(f"{path}: needs a first line of column names with `text`")
    for (number, _), row in zip(kept[1:], reader, strict=True):
        yield number, {name: value or "" for name, value in row.items() if name}
