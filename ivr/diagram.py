"""One part of a dialogue as a Mermaid flowchart, which code hosts draw. Pure.

Syntax: mermaid.js.org, "Flowcharts - Basic Syntax". Labels are quoted, so that brackets and Chinese punctuation in them mean
nothing; ids carry a prefix, since `end` as an id breaks a chart.
"""

from collections.abc import Iterator, Sequence

from ivr.check import edges
from ivr.flow import PERSON_KEY, Ask, Branch, Do, End, Flow, Node, Note, Person, Tell
from ivr.verbs import Text

_LONGEST = 44  # characters of a label; the table beneath has it all
_MARKS = {End: ("([", "])"), Do: ("[[", "]]"), Branch: ("{", "}"), Note: ("[[", "]]"), Person: ("[/", "/]")}


def diagram(flow: Flow, nodes: Sequence[Node]) -> Iterator[str]:
    """The lines between the fences: these nodes, the ways between them and out of them. Ways that nearly every
    question has (0 to a person) are left out: the drawing would be nothing else."""
    yield "flowchart TD"
    inside = {node.name for node in nodes}
    outside: list[str] = []
    for node in nodes:
        left, right = _MARKS.get(type(node), ("[", "]"))
        yield f'  {_id(node.name)}{left}"{_label(node)}"{right}'
    for node in nodes:
        for to, whys in _ways(node).items():
            if to not in inside and to not in outside:
                outside.append(to)
            label = f'|"{_clean(" / ".join(whys))}"|' if whys else ""
            yield f"  {_id(node.name)} -->{label} {_id(to)}"
    for name in outside:
        part = next(title for title, names in flow.parts.items() if name in names)
        yield f'  {_id(name)}["{name}<br/>→ {_clean(part.partition(":")[0])}"]'
    if outside:
        yield "  classDef elsewhere stroke-dasharray: 4 4"
        yield f"  class {','.join(_id(name) for name in outside)} elsewhere"


def _ways(node: Node) -> dict[str, list[str]]:
    """Where it goes → why. Keys in a row are drawn as one way."""
    ways: dict[str, list[str]] = {}
    if not isinstance(node, Ask):
        for why, to in edges(node):
            ways.setdefault(to, []).extend([why] if why else [])
        return ways
    keys: dict[str, list[str]] = {}
    for choice in node.choices:
        if choice.key != PERSON_KEY:
            keys.setdefault(choice.to, []).append(choice.key)
    for to, pressed in keys.items():
        named = [choice.means for choice in node.choices if choice.to == to and not choice.means.isdigit()]
        row = f"{pressed[0]}–{pressed[-1]}" if len(pressed) > 1 else pressed[0]
        ways.setdefault(to, []).append(" ".join((row, *named)))
    whys = (*node.free.items(), ("silence", node.silent), ("not understood", node.unclear))
    for why, to in (*whys, *((("by keys", node.by_keys),) if node.by_keys else ())):
        ways.setdefault(to, []).append(why)
    return ways


def _label(node: Node) -> str:
    match node:
        case Ask(prompt=lines) | Tell(lines=lines) | Person(lines=lines) | End(lines=lines) if lines:
            return f"<b>{node.name}</b><br/>{_clean(_short(lines))}"
        case _:
            return node.name.replace("_", " ") if isinstance(node, Branch) else node.name


def _short(lines: Sequence[Text]) -> str:
    text = "".join(line.msgid for line in lines)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _clean(text: str) -> str:
    """Quotes would end a label; Mermaid takes entities without the ampersand."""
    return text.replace("#", "#35;").replace('"', "#quot;").replace("{", "#123;").replace("}", "#125;")


def _id(name: str) -> str:
    return f"n_{name}"
