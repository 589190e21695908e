"""Plain tables for a terminal and for Markdown."""

from collections.abc import Sequence
from unicodedata import east_asian_width

Row = Sequence[object]


def width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def cell(value: object) -> str:
    """Numbers as one reads them: three digits that matter, no exponent."""
    if isinstance(value, bool):
        return "pass" if value else "FAIL"
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return "–" if value is None else str(value)


def render(head: Sequence[str], rows: Sequence[Row]) -> str:
    """A Markdown table whose columns also line up in a terminal; numbers and verdicts to the right."""
    cells = [list(head), *([cell(value) for value in row] for row in rows)]
    if any(len(line) != len(head) for line in cells):
        raise ValueError("a row has more or fewer cells than the head")
    right = [
        bool(rows) and all(isinstance(row[n], int | float) or row[n] is None for row in rows)
        for n in range(len(head))
    ]
    widths = [max(3, *(width(line[n]) for line in cells)) for n in range(len(head))]
    rule = ["-" * (w - 1) + ":" if r else "-" * w for w, r in zip(widths, right, strict=True)]
    lines = []
    for line in (cells[0], rule, *cells[1:]):
        padded = (_pad(text, w, r) for text, w, r in zip(line, widths, right, strict=True))
        lines.append("| " + " | ".join(padded) + " |")
    return "\n".join(lines)


def _pad(text: str, columns: int, right: bool) -> str:
    blank = " " * (columns - width(text))
    return blank + text if right else text + blank
