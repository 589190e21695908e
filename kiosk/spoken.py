"""What the kiosk says word for word, so that somebody can speak it: taken from the page itself."""

from functools import cache
from html.parser import HTMLParser

from kiosk.pages import render

_NO_END = frozenset({"br", "hr", "img", "input", "link", "meta", "use"})


class _Said(HTMLParser):
    """Values of `data-say`, or the element's own text where it has none (view.js reads it in the same way)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._within: list[str] = []  # open elements below the one whose text is said
        self._text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._text is not None:
            if tag not in _NO_END:
                self._within.append(tag)
            return
        given = dict(attrs)
        if "data-say" not in given:
            return
        if given["data-say"]:
            self.found.append(given["data-say"])
        elif tag not in _NO_END:
            self._text = []

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._text is None:
            return
        if self._within:
            self._within.pop()
            return
        self.found.append("".join(self._text).strip())
        self._text = None


@cache
def sentences(language: str) -> tuple[str, ...]:
    """In the order of the page, each once; those with gaps are never twice the same and left out. Needs an application
    context."""
    page = _Said()
    page.feed(render(language))
    return tuple(dict.fromkeys(said for said in page.found if said and "{" not in said))
