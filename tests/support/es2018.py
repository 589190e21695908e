"""What Chromium 80 does not know: language and interfaces newer than ES2018 in scripts, newer rules in style sheets.

A kiosk's box is often as old as that and is never updated. Versions are Chromium's first with the thing, as MDN's browser
compatibility data tell them; things of ES2019 and ES2020 that Chromium 80 does know are refused too, for the sake of a plain rule.
"""

from collections.abc import Iterator

import tree_sitter_css
import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

_SCRIPT = Parser(Language(tree_sitter_javascript.language()))
_STYLE = Parser(Language(tree_sitter_css.language()))

_FUNCTIONS = {
    "arrow_function",
    "function_declaration",
    "function_expression",
    "generator_function",
    "generator_function_declaration",
    "method_definition",
}
_NEW_SYNTAX = {
    "optional_chain": "optional chaining (80)",
    "field_definition": "class field (72)",
    "private_property_identifier": "private name (74)",
    "class_static_block": "static block (94)",
    "namespace_export": "export * as (72)",
    "import_attribute": "import attributes (123)",
    "using_declaration": "using (134)",
}
_NEW_OPERATORS = {"??": 80, "??=": 85, "||=": 85, "&&=": 85}
_NEW_METHODS = {
    "at": 92, "findLast": 97, "findLastIndex": 97, "flat": 69, "flatMap": 69, "matchAll": 73, "replaceAll": 85,
    "toReversed": 110, "toSorted": 110, "toSpliced": 110, "trimEnd": 66, "trimStart": 66, "with": 110,
    "isWellFormed": 111, "toWellFormed": 111, "throwIfAborted": 100,
    "replaceChildren": 86, "checkVisibility": 105, "showPopover": 114, "hidePopover": 114, "togglePopover": 114,
    "getHTML": 125, "setHTMLUnsafe": 124, "startViewTransition": 111, "transferToFixedLength": 114,
}  # fmt: skip
_NEW_MEMBERS = {
    "AbortSignal.timeout": 103, "AbortSignal.any": 116, "Array.fromAsync": 121, "crypto.randomUUID": 92,
    "Map.groupBy": 117, "Object.fromEntries": 73, "Object.groupBy": 117, "Object.hasOwn": 93,
    "Promise.allSettled": 76, "Promise.any": 85, "Promise.try": 128, "Promise.withResolvers": 119,
    "Response.json": 105, "URL.canParse": 120, "URL.parse": 126,
}  # fmt: skip
_NEW_GLOBALS = {
    "AggregateError": 85, "BigInt": 67, "FinalizationRegistry": 84, "WeakRef": 84, "globalThis": 71,
    "scheduler": 94, "structuredClone": 98, "Iterator": 122, "URLPattern": 95, "Sanitizer": 146,
}  # fmt: skip

_NEW_PROPERTIES = {
    "accent-color": 93, "aspect-ratio": 88, "container": 105, "container-name": 105, "container-type": 105,
    "content-visibility": 85, "field-sizing": 123, "inset": 87, "inset-block": 87, "inset-inline": 87,
    "margin-block": 87, "margin-inline": 87, "padding-block": 87, "padding-inline": 87, "rotate": 104, "scale": 104,
    "scrollbar-gutter": 94, "text-wrap": 114, "translate": 104, "text-box": 133, "interpolate-size": 129,
}  # fmt: skip
_NEW_PSEUDO_CLASSES = {
    "has": 105, "is": 88, "where": 88, "modal": 105, "popover-open": 114, "state": 125, "user-invalid": 119,
    "user-valid": 119, "open": 133,
}  # fmt: skip
_NEW_UNITS = {
    "cap": 118, "cqb": 105, "cqh": 105, "cqi": 105, "cqmax": 105, "cqmin": 105, "cqw": 105, "dvb": 108, "dvh": 108,
    "dvi": 108, "dvmax": 108, "dvmin": 108, "dvw": 108, "ic": 106, "lh": 109, "lvh": 108, "lvw": 108, "rcap": 118,
    "rlh": 111, "svh": 108, "svw": 108,
}  # fmt: skip
_NEW_CSS_FUNCTIONS = {
    "color-mix": 111, "cos": 111, "hwb": 101, "hypot": 120, "lab": 111, "lch": 111, "light-dark": 123, "mod": 125,
    "oklab": 111, "oklch": 111, "pow": 120, "rem": 125, "round": 125, "sin": 111, "sqrt": 120, "tan": 111,
    "anchor": 125,
}  # fmt: skip
_NEW_AT_RULES = {
    "@container": 105,
    "@layer": 99,
    "@position-try": 125,
    "@property": 85,
    "@scope": 118,
    "@starting-style": 117,
}
_GAPS = {"gap", "row-gap", "column-gap"}
_KNOWN_FLAGS = set("gimsuy")


def script_faults(source: bytes) -> list[str]:
    """One line each, `12: replaceAll (85)`; empty if a browser of ES2018 runs it."""
    return [
        f"{node.start_point.row + 1}: {what}" for node, what in _of_script(_SCRIPT.parse(source).root_node)
    ]


def style_faults(source: bytes) -> list[str]:
    """As `script_faults`; what stands within `@supports` may be as new as it likes."""
    return [f"{node.start_point.row + 1}: {what}" for node, what in _of_style(_STYLE.parse(source).root_node)]


def _of_script(root: Node) -> Iterator[tuple[Node, str]]:
    for node in _walk(root):
        text, kind = _text(node), node.type
        if node.is_error or node.is_missing:
            yield node, f"no JavaScript: {text[:30]}"
        elif kind in _NEW_SYNTAX:
            yield node, _NEW_SYNTAX[kind]
        elif kind in _NEW_OPERATORS:
            yield node, f"{kind} ({_NEW_OPERATORS[kind]})"
        elif kind == "import" and node.is_named:
            yield node, "import() (63)"
        elif kind == "meta_property" and text.startswith("import"):
            yield node, "import.meta (64)"
        elif kind == "catch_clause" and node.child_by_field_name("parameter") is None:
            yield node, "catch without a name (66)"
        elif kind == "number" and "_" in text:
            yield node, "numeric separator (75)"
        elif kind == "number" and text.endswith("n"):
            yield node, "BigInt (67)"
        elif kind == "regex_flags" and not set(text) <= _KNOWN_FLAGS:
            yield node, f"flag of a regular expression: {text}"
        elif kind in ("await_expression", "await") and not _inside(node, _FUNCTIONS):
            yield node, "await outside a function (89)"
        elif kind == "identifier" and text in _NEW_GLOBALS:
            yield node, f"{text} ({_NEW_GLOBALS[text]})"
        elif kind == "member_expression":
            yield from _of_member(node)


def _of_member(node: Node) -> Iterator[tuple[Node, str]]:
    owner, property_ = node.child_by_field_name("object"), node.child_by_field_name("property")
    name = _text(property_)
    full = f"{_text(owner).rpartition('.')[2]}.{name}"
    called = node.parent is not None and node.parent.type == "call_expression" and not _is_argument(node)
    if full in _NEW_MEMBERS:
        yield node, f"{full} ({_NEW_MEMBERS[full]})"
    elif called and name in _NEW_METHODS:
        yield node, f"{name} ({_NEW_METHODS[name]})"


def _is_argument(node: Node) -> bool:
    return node.parent is not None and node.parent.child_by_field_name("function") != node


def _of_style(root: Node) -> Iterator[tuple[Node, str]]:
    plain_focus = False
    visible: list[Node] = []
    for node in _walk(root, skip="supports_statement"):
        text, kind = _text(node), node.type
        if node.is_error or node.is_missing:
            yield node, f"no style of level 3: {text[:30]}"
        elif kind == "nesting_selector" or (kind == "rule_set" and _inside(node, {"rule_set"})):
            yield node, "nested rule (112)"
        elif kind == "at_keyword" and text in _NEW_AT_RULES:
            yield node, f"{text} ({_NEW_AT_RULES[text]})"
        elif kind == "unit" and text in _NEW_UNITS:
            yield node, f"{text} ({_NEW_UNITS[text]})"
        elif kind == "function_name" and text in _NEW_CSS_FUNCTIONS:
            yield node, f"{text}() ({_NEW_CSS_FUNCTIONS[text]})"
        elif kind == "property_name" and text in _NEW_PROPERTIES:
            yield node, f"{text} ({_NEW_PROPERTIES[text]})"
        elif kind == "property_name" and text in _GAPS and not _in_a_grid(node):
            yield node, f"{text} without display: grid beside it (84 in a flex box)"
        elif kind == "pseudo_class_selector":
            name = _pseudo_class(node)
            plain_focus |= name == "focus"
            if name == "focus-visible":
                visible.append(node)
            elif name in _NEW_PSEUDO_CLASSES:
                yield node, f":{name} ({_NEW_PSEUDO_CLASSES[name]})"
            elif name == "not" and "," in text.partition(":not")[2]:
                yield node, ":not with a list (88)"
    for node in visible:
        if not plain_focus:
            yield node, ":focus-visible (86) without a rule for :focus"
        elif _others_beside(node):
            yield node, ":focus-visible (86) takes the whole list of selectors along"


def _pseudo_class(node: Node) -> str:
    return next((_text(child) for child in node.children if child.type == "class_name"), "")


def _in_a_grid(name: Node) -> bool:
    block = name.parent.parent if name.parent is not None else None
    return block is not None and any(
        declaration.type == "declaration" and _text(declaration).replace(" ", "").startswith("display:")
        and "grid" in _text(declaration)
        for declaration in block.children
    )  # fmt: skip


def _others_beside(node: Node) -> bool:
    list_ = next(above for above in _above(node) if above.type == "selectors")
    return any("focus-visible" not in _text(child) for child in list_.named_children)


def _walk(node: Node, skip: str = "") -> Iterator[Node]:
    yield node
    for child in node.children:
        if child.type != skip:
            yield from _walk(child, skip)


def _above(node: Node) -> Iterator[Node]:
    while node.parent is not None:
        node = node.parent
        yield node


def _inside(node: Node, kinds: set[str]) -> bool:
    return any(above.type in kinds for above in _above(node))


def _text(node: Node | None) -> str:
    return node.text.decode() if node is not None and node.text is not None else ""
