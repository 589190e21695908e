"""Tables for spreadsheets, which run what looks like a formula and guess the encoding."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from flask import Response

_FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # full-width ones count for some spreadsheets
_MARK = "\ufeff"  # without it Excel takes UTF-8 for the system's own encoding


def cell(value: object) -> str:
    """As text that no spreadsheet runs; numbers stay numbers."""
    if isinstance(value, int | float):
        return str(value)
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def csv_answer(name: str, rows: Iterable[Sequence[object]]) -> Response:
    """A download, sent while it is made. `name` without extension, in ASCII."""
    return Response(
        _lines(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield _MARK
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([cell(value) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
