"""Everything that a kiosk's browser is given runs on Chromium 80 and keeps to its weight; and the check does check."""

import gzip
import re
from collections.abc import Callable

import pytest

from kiosk.assets import STATIC, THEIRS, assets
from kiosk.worker_file import script
from tests.support.es2018 import script_faults, style_faults

GZIPPED_BAR = 15 * 1024  # bytes of our own scripts together (ux.md)
SOURCES = {path.name: path.read_bytes() for path in STATIC.iterdir() if path.suffix in (".js", ".css")}
DELIVERED = {name: asset.body for name, asset in assets().items() if name.endswith((".js", ".css"))}
FILES = SOURCES | {f"delivered {name}": body for name, body in DELIVERED.items()}


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".js")])
def test_every_script_is_es2018(name: str) -> None:
    assert script_faults(FILES[name]) == []


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".css")])
def test_every_style_sheet_is_for_chromium_80(name: str) -> None:
    assert style_faults(FILES[name]) == []


def test_there_are_scripts_and_a_style_sheet_to_check() -> None:
    assert {"app.js", "outbox.js", "sw.js", "kiosk.css"} <= set(SOURCES)
    assert {"app.js", "worklet.js", "kiosk.css"} <= set(DELIVERED)


def test_our_own_scripts_weigh_at_most_15_kb() -> None:
    weights = {
        name: len(asset.packed or asset.body)
        for name, asset in assets().items()
        if name.endswith(".js") and name not in THEIRS
    }
    weights["sw.js"] = len(gzip.compress(script("0" * 12)))
    assert sum(weights.values()) <= GZIPPED_BAR, weights


NEWER_SCRIPTS = [
    "a?.b", "a?.[0]", "f?.()", "a ?? b", "a ??= 1", "a ||= 1", "a &&= 1", "class A { x = 1 }", "class A { static x = 1 }",
    "class A { #x() {} }", "class A { m() { return #x in this } }", "class A { static {} }", "try { f() } catch { g() }",
    "1_000", "10n", "await f()", "for await (const x of y) f(x)", "import.meta.url", "import('x')", "export * as n from 'm'",
    "/a/d", "/[a--b]/v", "s.replaceAll('a', 'b')", "list.at(-1)", "structuredClone(a)", "crypto.randomUUID()",
    "window.crypto.randomUUID()", "Promise.any([a])", "Promise.allSettled([a])", "a.flat()", "a.flatMap(f)",
    "Object.fromEntries(a)", "s.matchAll(r)", "AbortSignal.timeout(8000)", "AbortSignal.any([a])", "Object.hasOwn(a, 'b')",
    "a.findLast(f)", "a.toSorted()", "s.trimStart()", "new WeakRef(a)", "globalThis.x", "node.replaceChildren()",
    "Promise.withResolvers()", "BigInt(1)", "let a = ;",
]  # fmt: skip
NEWER_STYLES = [
    "a:has(b) { color: red }", "a:is(b, c) { color: red }", ":where(a) { color: red }", "a { display: flex; gap: 8px }",
    "a { row-gap: 8px }", "a { aspect-ratio: 1 / 1 }", "a { inset: 0 }", "a { margin-inline: 1rem }",
    "a { height: 100dvh }", "a { width: 10cqw }", "@container (min-width: 1px) { a { color: red } }",
    "a { container-type: size }", "a { b { color: red } }", "a { &:hover { color: red } }", "@layer x { a { color: red } }",
    "a { color: color-mix(in srgb, red, blue) }", "a { color: oklch(1 0 0) }", "@media (width >= 300px) { a { color: red } }",
    "a:not(b, c) { color: red }", "a:focus-visible { color: red }", "a:focus, b:focus-visible { color: red }",
    "@property --x { inherits: false }", "a { translate: 1px }", "a { content-visibility: auto }",
]  # fmt: skip
OLD_SCRIPTS = [
    "const { a, ...rest } = b;", "async function f() { for await (const x of y) await x; }", "try { f() } catch (error) { g() }",
    "/(?<=a)(?<n>b)/su.test(s)", "a ** b", "class A { constructor() { this.x = 1 } get y() { return 1 } }",
    "export { a as b } from './c.js'; import d from './e.js';", "with_(at, flat)", "object.flat = 1", "f(list.at)",
    "const any = { timeout: 1 }; any.timeout", "new.target", "const f = async () => { await g() }", "label: for (;;) break label",
]  # fmt: skip
OLD_STYLES = [
    "a { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem }", "a:focus { outline: 0 } a:focus-visible { color: red }",
    "@supports (inset: 0) { a { inset: 0 } }", "a:not(b) { width: clamp(1px, 2vw, 3rem) }", "@media print { a { color: red } }",
    "@page { size: 58mm auto; margin: 0 }", "@media (min-width: 20em) and (orientation: landscape) { a { top: 0 } }",
    "@font-face { font-family: x; src: local('y'); font-display: optional }", "a { color: rgb(1 2 3 / 50%) }",
    "html { --pine: #0E5A50; color: var(--pine) }", "@keyframes x { from { opacity: 0 } to { opacity: 1 } }",
]  # fmt: skip


@pytest.mark.parametrize(
    ("faults", "source"),
    [(script_faults, source) for source in NEWER_SCRIPTS]
    + [(style_faults, source) for source in NEWER_STYLES],
)
def test_what_is_newer_is_refused(faults: Callable[[bytes], list[str]], source: str) -> None:
    found = faults(f"\n{source}\n".encode())
    assert found and all(re.match(r"2: .", line) for line in found), found


@pytest.mark.parametrize(
    ("faults", "source"),
    [(script_faults, source) for source in OLD_SCRIPTS] + [(style_faults, source) for source in OLD_STYLES],
)
def test_what_is_old_enough_passes(faults: Callable[[bytes], list[str]], source: str) -> None:
    assert faults(source.encode()) == []
