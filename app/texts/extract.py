"""Keeps the catalogues in step with the source: `make texts` adds what is new and drops what is gone.

A sentence is found where it is written as a literal: in `Text("…")`, in a call of a translator (`_`, `say`, `texts`,
`translate`, `texts(runtime)`), in `mark("…")` where it stands in a table and is translated later, in a template's
`_('…')` and `_(mark('…', 'menu'))`, or in an error, `BadInput("…")`, if it is Chinese: English ones are for developers,
and those that only the command line raises stay Chinese. Line numbers are left out of the references: a catalogue
changes when a sentence does, not when code moves.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from jinja2 import Environment, nodes

from app.texts.catalogue import LOCALES, SOURCE, mark, path_of, read, unmark

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "ivr", "kiosk", "models", "speech")
_NAMES = frozenset({"Text", "_", "say", "texts", "translate", "mark"})
ERRORS = frozenset({"BadInput", "BadNumber", "NotFound", "NotAllowed", "Busy", "StaleTicket", "__init__"})
"""`__init__`: of an error that brings its own sentence."""
_COMMAND_LINE = "app/commands/"
_CHINESE = re.compile("[\u4e00-\u9fff]")
_HEAD = """\
# Written by `make texts`, which adds what is new in the source and drops what is gone; translations are by hand.
msgid ""
msgstr ""
"Language: {locale}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def sentences(root: Path = ROOT) -> dict[str, list[str]]:
    """marked msgid → the files that use it, both in the order of the source."""
    found: dict[str, list[str]] = {}
    for package in PACKAGES:
        for path in sorted([*(root / package).rglob("*.py"), *(root / package).rglob("templates/**/*.html")]):
            name = path.relative_to(root).as_posix()
            source = path.read_text(encoding="utf-8")
            told = not name.startswith(_COMMAND_LINE)
            for msgid in in_code(source, errors=told) if path.suffix == ".py" else in_template(source):
                files = found.setdefault(msgid, [])
                if name not in files:
                    files.append(name)
    return found


def in_code(code: str, *, errors: bool = True) -> Iterator[str]:
    """The sentences of one file, from top to bottom; with or without those of its errors."""
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call) and node.args]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        name = _name(call.func)
        if name in _NAMES:
            context = next(_literals(call.args[1]), None) if name == "mark" and len(call.args) > 1 else None
            yield from (mark(text, context) for text in _literals(call.args[0]))
        elif errors and name in ERRORS:
            yield from (text for text in _literals(call.args[0]) if _CHINESE.search(text))


def _name(called: ast.expr) -> str | None:
    match called:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=maker):  # `texts(runtime)("…")`
            return _name(maker)
        case _:
            return None


def in_template(source: str) -> Iterator[str]:
    """The sentences of one template, `{{ _('…') }}`, from top to bottom."""
    for call in Environment(autoescape=True).parse(source).find_all(nodes.Call):
        name = call.node.name if isinstance(call.node, nodes.Name) else None
        if name in ("_", "mark") and call.args:
            context = next(_constants(call.args[1]), None) if len(call.args) > 1 else None
            yield from (mark(text, context) for text in _constants(call.args[0]))


def _constants(argument: nodes.Node) -> Iterator[str]:
    """Of a conditional both branches."""
    match argument:
        case nodes.Const(value=str(text)) if text:
            yield text
        case nodes.CondExpr(expr1=one, expr2=other):
            yield from _constants(one)
            if other is not None:
                yield from _constants(other)
        case _:
            pass


def _literals(argument: ast.expr) -> Iterator[str]:
    match argument:
        case ast.Constant(value=str(text)) if text:
            yield text
        case ast.IfExp(body=body, orelse=otherwise):
            yield from _literals(body)
            yield from _literals(otherwise)
        case _:  # a name: its sentence is marked where it is written
            pass


def update(path: Path, locale: str, found: dict[str, list[str]]) -> list[str]:
    """Write the catalogue at `path` anew; returns the sentences that still lack a translation."""
    known = read(path) if path.exists() else {}
    fresh = Catalog()
    for msgid, files in found.items():
        sentence, context = unmark(msgid)
        fresh.add(sentence, known.get(msgid, ""), context=context, locations=[(file, 0) for file in files])
    with path.open("wb") as file:
        file.write(_HEAD.format(locale=locale).encode())
        write_po(file, fresh, width=0, omit_header=True, include_lineno=False)
    return [msgid for msgid in found if msgid not in known]


def main() -> int:
    found = sentences()
    for locale in LOCALES:
        if locale != SOURCE:
            missing = update(path_of(locale), locale, found)
            sys.stdout.write(f"{locale}: {len(found)} sentences, {len(missing)} without a translation\n")
            sys.stdout.writelines(f"  {unmark(msgid)[0]}\n" for msgid in missing)
    return 0


if __name__ == "__main__":
    sys.exit(main())
