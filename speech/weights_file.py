"""The file of learned weights: one feature a line, readable, small, the same bytes from the same data.

Tab separated: the feature, then its weight for each class in hundredths of a natural logarithm (`120` = 1.20; empty =
0). `#` lines at the top say how it was made. The line of column names comes first, then `=bias`.
"""

from pathlib import Path

import numpy as np

from app.errors import SettingsError
from speech.weighing import CATEGORY_CLASSES, DANGER_CLASSES, Weights

NAME = "learned.tsv"
COLUMNS = (
    "feature",
    *(f"category:{code}" for code in CATEGORY_CLASSES),
    *(f"danger:{code}" for code in DANGER_CLASSES),
)
BIAS = "=bias"
_HUNDREDTHS = 100
_MOST = 100_000  # hundredths: nothing learned is that sure


def weights_text(weights: Weights) -> str:
    lines = [f"# {note}".rstrip() for note in weights.notes]
    lines.append("\t".join(COLUMNS))
    bias = np.concatenate([weights.category_bias, weights.danger_bias])
    lines.append(_line(BIAS, bias))
    for feature, row in sorted(weights.rows.items()):
        lines.append(_line(feature, np.concatenate([weights.category[row], weights.danger[row]])))
    return "\n".join(lines) + "\n"


def _line(name: str, values: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]") -> str:
    cells = [str(number) if number else "" for number in np.rint(values * _HUNDREDTHS).astype(int).tolist()]
    return "\t".join((name, *cells))


def write_weights(path: Path, weights: Weights) -> None:
    """Whole or not at all. Raises SettingsError where it can't be written."""
    part = path.with_suffix(".part")
    try:
        part.write_text(weights_text(weights), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written ({error.strerror})") from error


def read_weights(path: Path) -> Weights:
    """Raises SettingsError naming file and line."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise SettingsError(f"{path}, line {line}: not UTF-8; make it anew: jiachang learn train") from error
    return _parse(path, text)


def _parse(path: Path, text: str) -> Weights:
    notes: list[str] = []
    rows: dict[str, int] = {}
    values: list[list[int]] = []
    headed = False
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("# ") or line == "#":
            notes.append(line[2:])
        elif not headed:
            if tuple(line.split("\t")) != COLUMNS:
                raise _wrong(path, number, f"the columns must be, tab separated: {' '.join(COLUMNS)}")
            headed = True
        elif line:
            feature, found = _row(path, number, line)
            if feature in rows:
                raise _wrong(path, number, f"the feature {feature!r} stands here twice")
            rows[feature] = len(values)
            values.append(found)
    if BIAS not in rows:
        raise _wrong(path, max(len(text.splitlines()), 1), f"the line {BIAS} is missing")
    matrix = np.asarray(values, dtype=np.float32) / np.float32(_HUNDREDTHS)
    bias = matrix[rows.pop(BIAS)]
    split = len(CATEGORY_CLASSES)
    return Weights(
        rows, matrix[:, :split].copy(), matrix[:, split:].copy(), bias[:split], bias[split:], tuple(notes)
    )


def _row(path: Path, number: int, line: str) -> tuple[str, list[int]]:
    feature, *cells = line.split("\t")
    if not feature or len(cells) != len(COLUMNS) - 1:
        raise _wrong(path, number, f"{len(cells) + 1} columns, there must be {len(COLUMNS)}")
    found = []
    for cell in cells:
        try:
            found.append(int(cell or 0))
        except ValueError as error:
            raise _wrong(path, number, f"{cell!r} is no whole number (hundredths)") from error
        if abs(found[-1]) > _MOST:
            raise _wrong(path, number, f"{cell} is too much; at most {_MOST}")
    return feature, found


def _wrong(path: Path, number: int, reason: str) -> SettingsError:
    return SettingsError(f"{path}, line {number}: {reason}; make the file anew: jiachang learn train")
