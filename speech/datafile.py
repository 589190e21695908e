"""Reads the phrase files. A community edits them, so every mistake is answered with file, line and remedy."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.errors import SettingsError


class DataFile:
    """One TOML file whose values are fetched with the type they must have; raises SettingsError."""

    def __init__(self, path: Path, more: Path | None = None) -> None:
        """`more`: a second file that is added to the first: lists grow, tables join, single values are replaced."""
        self.path = path
        self._sources = {path: _read(path)}
        self.root: dict[str, Any] = _parse(path, self._sources[path])
        if more is not None:
            self._sources = {more: _read(more), **self._sources}
            self.root = _join(self.root, _parse(more, self._sources[more]))

    def fail(self, reason: str, *near: str) -> SettingsError:
        """The error to raise; `near` are things as written, each after the one before, to find the line."""
        place = str(self.path)
        for path, source in self._sources.items():
            number = _line(source, near)
            if number:
                place = f"{path}, line {number}"
                break
        return SettingsError(f"{place}: {reason}")

    def only(self, table: Mapping[str, Any], *allowed: str) -> None:
        """A key that nobody reads is a typo."""
        for key in table:
            if key not in allowed:
                raise self.fail(f"unknown key {key!r}; known: {', '.join(allowed)}", key)

    def tables(self, key: str) -> list[dict[str, Any]]:
        """The `[[key]]` tables."""
        found = self.root.get(key)
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise self.fail(f"needs at least one [[{key}]]", key)
        return found

    def table(self, key: str) -> dict[str, Any]:
        """The `[key]` table."""
        found = self.root.get(key)
        if not isinstance(found, dict):
            raise self.fail(f"needs a table [{key}]", key)
        return found

    def text(self, table: Mapping[str, Any], key: str, allowed: tuple[str, ...] = ()) -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value:
            raise self.fail(f"{key!r} must be a text in quotes", f'{key} = ""' if value == "" else f"{key} =")
        if allowed and value not in allowed:
            raise self.fail(f"{key} = {value!r} is not one of {', '.join(allowed)}", f'"{value}"')
        return value

    def number(self, table: Mapping[str, Any], key: str) -> int:
        value = table.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            written = f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}"
            raise self.fail(f"{key!r} must be a whole number", written)
        return value

    def share(self, table: Mapping[str, Any], key: str) -> float:
        """A number from 0 to 1."""
        value = table.get(key)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
            raise self.fail(f"{key!r} must be a number from 0 to 1", f"{key} =")
        return float(value)

    def amount(self, table: Mapping[str, Any], key: str, default: float) -> float:
        """A number above 0 and up to 10."""
        value = table.get(key, default)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= 10:
            raise self.fail(f"{key!r} must be a number above 0 and up to 10", f"{key} = {value}")
        return float(value)

    def numbers(self, table: Mapping[str, Any]) -> dict[str, int]:
        """A table of whole numbers; negative ones too."""
        for key, value in table.items():
            if not isinstance(value, int) or isinstance(value, bool):
                raise self.fail(f"{key!r} must be given a whole number", key)
        return dict(table)

    def flag(self, table: Mapping[str, Any], key: str) -> bool:
        value = table.get(key, False)
        if not isinstance(value, bool):
            raise self.fail(f"{key!r} must be true or false", key)
        return value

    def words(self, table: Mapping[str, Any], key: str, *, required: bool = True) -> tuple[str, ...]:
        """A list of texts, none empty, none twice."""
        return self.word_list(table.get(key, None if required else []), key)

    def word_list(self, value: object, key: str) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise self.fail(f"{key!r} must be a list of texts in [ ]", key)
        for item in value:
            if not isinstance(item, str) or not item.strip():
                raise self.fail(f"{key!r} holds {item!r}; every entry must be a text in quotes", f"{key} =")
        repeated = next((item for n, item in enumerate(value) if item in value[:n]), None)
        if repeated is not None:
            raise self.fail(f"{key!r} holds {repeated!r} twice", f'"{repeated}"')
        return tuple(value)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise SettingsError(f"{path}, line {line}: not UTF-8; save the file as UTF-8") from error


def _parse(path: Path, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        # The message ends in "(at line 3, column 5)" or "(at end of document)".
        raise SettingsError(f"{path}, {_where(str(error), source)}: {error}") from error


def _join(base: Any, more: Any) -> Any:
    if isinstance(base, dict) and isinstance(more, dict):
        return base | {key: _join(base[key], value) if key in base else value for key, value in more.items()}
    if isinstance(base, list) and isinstance(more, list):
        return base + [item for item in more if item not in base]
    return more


def _line(source: str, near: tuple[str, ...]) -> int:
    """0 if not all of `near` are there, unless the first is: then where the last one found is."""
    lines = [line.split("#", 1)[0] for line in source.splitlines()]
    number = 0
    for text in near:
        number = next((n for n, line in enumerate(lines, 1) if n >= number and text in line), number)
    return number


def _where(message: str, source: str) -> str:
    if "(at line " in message:
        return "line " + message.split("(at line ", 1)[1].split(",", 1)[0]
    return f"line {source.count(chr(10)) + 1}"
