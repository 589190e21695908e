"""Our scripts' modules as one: a browser asks once instead of once for each depth of imports, and it packs better.

Written for our own style, not for JavaScript at large: imports by name from files beside it, and exports where things
are declared. Whatever else is found is an error at the start.
"""

import re
from collections.abc import Callable, Collection

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w-]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async function\*?|function\*?|const|class) (\w+))", re.MULTILINE)
_OTHER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)

Read = Callable[[str], str]


def joined(entry: str, read: Read, theirs: Collection[str] = ()) -> tuple[str, list[str]]:
    """One script, and the names of the modules that are in it. `read`: a module's source by its name without `.js`;
    `theirs`: modules that stay files of their own.

    Raises ValueError for a circle of imports, and for an import or export of another form.
    """
    joining = _Joining(read, theirs)
    body, _ = joining.module(entry)
    return "".join(joining.outside) + "".join(joining.inside) + body, [*joining.done, entry]


class _Joining:
    def __init__(self, read: Read, theirs: Collection[str]) -> None:
        self._read, self._theirs = read, theirs
        self._open: list[str] = []
        self._seen: set[str] = set()
        self.done: list[str] = []
        self.outside: list[str] = []
        self.inside: list[str] = []

    def module(self, name: str) -> tuple[str, list[str]]:
        """Its body, with what it imports as constants, and what it exports. What it needs is joined before."""
        if name in self._open:
            raise ValueError(f"{' → '.join([*self._open, name])}: imports go round in a circle")
        self._open.append(name)
        source = self._read(name)
        for _, needed in _IMPORT.findall(source):
            self._need(needed)
        body = _IMPORT.sub(
            lambda found: f"const {{{found[1].replace(' as ', ': ')}}} = ${found[2]};\n", source
        )
        exports = _EXPORT.findall(body)
        body = _EXPORT.sub("", body)
        if other := _OTHER.search(body):
            raise ValueError(f"{name}.js: cannot be joined: {other[0]}")
        self._open.pop()
        return body, exports

    def _need(self, name: str) -> None:
        if name in self._seen:
            return
        if name in self._theirs:
            self.outside.append(f'import * as ${name} from "./{name}.js";\n')
        else:
            body, exports = self.module(name)
            self.inside.append(
                f"const ${name} = (() => {{\n{body}return {{ {', '.join(exports)} }};\n}})();\n"
            )
            self.done.append(name)
        self._seen.add(name)
