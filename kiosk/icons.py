"""Lucide's icons from the kiosk's own sprite, in the page itself or from the sprite."""

from functools import cache
from pathlib import Path
from xml.etree import ElementTree

from markupsafe import Markup

SPRITE = Path(__file__).parent / "static" / "icons.svg"
_SVG = "http://www.w3.org/2000/svg"


@cache
def shapes() -> dict[str, str]:
    """name → what is drawn, as SVG."""
    ElementTree.register_namespace("", _SVG)
    symbols = ElementTree.parse(SPRITE).getroot().iter(f"{{{_SVG}}}symbol")  # noqa: S314 - our own file
    return {symbol.attrib["id"]: "".join(_plain(shape) for shape in symbol) for symbol in symbols}


def _plain(shape: ElementTree.Element) -> str:
    return ElementTree.tostring(shape, "unicode").replace(f' xmlns="{_SVG}"', "").replace(" />", "/>").strip()


def icon(name: str) -> Markup:
    """Inline, for what is seen first; screen readers pass over it. Raises KeyError for a name that the sprite does not have."""
    return Markup(f'<svg class="i" viewBox="0 0 24 24" aria-hidden="true">{shapes()[name]}</svg>')  # noqa: S704


def picture(name: str) -> Markup:
    """From the sprite, where view.js finds it, for what comes later. Raises KeyError as well."""
    if name not in shapes():
        raise KeyError(name)
    return Markup(f'<svg class="i"><use data-icon="{name}"/></svg>')  # noqa: S704
