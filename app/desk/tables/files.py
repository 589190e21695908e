"""Rows of words as CSV (for spreadsheets) or TOML (for people who edit files), and back. Pure.

A cell that a spreadsheet would run as a formula gets an apostrophe in front on the way out, and loses it on the way in.
"""

import csv
import io
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.errors import BadInput, Names

Row = dict[str, str]
Numbered = tuple[int, Row]
"""The line of the file that a row begins on, as an editor counts them; in TOML the table's place: 1, 2, …"""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MOST_ROWS = 20_000


def safe_cell(value: str) -> str:
    """As OWASP advises against formula injection."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def _plain_cell(value: str) -> str:
    return value[1:] if value[:1] == "'" and value[1:].startswith(_FORMULA) else value


def to_csv(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """With the mark that makes spreadsheets read UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([safe_cell(row.get(name, "")) for name in columns] for row in rows)
    return "\ufeff" + out.getvalue()


def to_toml(table: str, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """One [[table]] a row; empty cells are left out."""
    parts = []
    for row in rows:
        lines = [f"{name} = {json.dumps(row[name], ensure_ascii=False)}" for name in columns if row.get(name)]
        parts.append("\n".join([f"[[{table}]]", *lines, ""]))
    return "\n".join(parts)


def read(data: bytes, table: str, columns: Sequence[str]) -> list[Numbered]:
    """Rows of either kind of file; BadInput says what to do where it is neither, or names a column nobody knows."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")  # what spreadsheets on Chinese Windows write
        except UnicodeDecodeError as error:
            raise BadInput("文件不是文字。请用“另存为 CSV UTF-8”再传一次") from error
    if "\x00" in text:
        raise BadInput("文件不是文字。请用“另存为 CSV UTF-8”再传一次")
    rows = _from_toml(text, table) if text.lstrip().startswith(("[[", "#")) else _from_csv(text)
    if not rows:
        raise BadInput("文件里没有内容")
    if len(rows) > _MOST_ROWS:
        raise BadInput("一次最多 {most} 行，请分几次传", most=_MOST_ROWS)
    unknown = sorted({name for _, row in rows for name in row} - set(columns))
    if unknown:
        raise BadInput(
            "不认识的列：{unknown}。可以有的列：{known}",
            unknown=Names(name[:20] for name in unknown[:10]),
            known=Names(columns),
        )
    return rows


def _from_csv(text: str) -> list[Numbered]:
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        head = [name.strip() for name in next(reader, [])]
        if len(set(head)) != len(head):
            raise BadInput("第 1 行有两列同名")
        rows: list[Numbered] = []
        before = reader.line_num
        for cells in reader:
            line, before = before + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(head):
                raise BadInput("第 {line} 行比标题多了几格，请检查有没有多余的逗号", line=line)
            row = {name: _plain_cell(cell.strip()) for name, cell in zip(head, cells, strict=False)}
            rows.append((line, row))
    except csv.Error as error:
        raise BadInput("第 {line} 行读不懂，请检查引号", line=reader.line_num) from error
    return rows


def _from_toml(text: str, table: str) -> list[Numbered]:
    try:
        found: Any = tomllib.loads(text).get(table)
    except tomllib.TOMLDecodeError as error:
        raise BadInput("文件读不懂：{why}", why=error) from error
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise BadInput("文件里应该是一个个 [[{table}]]", table=table)
    return [(n, {name: _word(value) for name, value in row.items()}) for n, row in enumerate(found, start=1)]


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else ""
    return str(value)
