"""What the kiosk's pages are made of, as it is sent: read once, our own scripts as one and without comments, packed."""

import functools
import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

import rjsmin
from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from app.runtime import Runtime
from kiosk.joining import joined

HERE = Path(__file__).parent
STATIC = HERE / "static"
ENTRY = "app"
THEIRS = frozenset({"idb.js", "qrcode.js"})
"""Files of others stay as they are (docs/dependencies.md)."""
_LOOSE = re.compile(rb"/\*.*?\*/|\s*([{};,])\s*|(?<=:) ", re.DOTALL)
"""Comments and blanks that mean nothing in a style sheet; a selector has none behind its colon."""
_LEAST_PACKED = 250  # bytes
_JAVASCRIPT = "text/javascript"


@dataclass(frozen=True)
class Asset:
    """`packed`: gzip, where that is shorter."""

    body: bytes
    packed: bytes | None
    mimetype: str

    @property
    def etag(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:16]


@functools.cache
def assets() -> dict[str, Asset]:
    """By name below `static/`. The service worker is none: it has an address of its own."""
    whole, within = joined(ENTRY, _script, [Path(name).stem for name in THEIRS])
    hidden = {"sw.js", *(f"{name}.js" for name in within)}
    found = sorted(path for path in STATIC.rglob("*") if path.is_file() and path.name not in hidden)
    made = {path.relative_to(STATIC).as_posix(): _asset(path) for path in found}
    return made | {f"{ENTRY}.js": packed(squeezed(whole), _JAVASCRIPT)}


def squeezed(script: str) -> bytes:
    """Without comments and blanks."""
    return str(rjsmin.jsmin(script)).encode()


def _script(name: str) -> str:
    return (STATIC / f"{name}.js").read_text(encoding="utf-8")


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    if path.suffix == ".js" and path.name not in THEIRS:
        body = squeezed(body.decode())
    elif path.suffix == ".css":
        body = _LOOSE.sub(rb"\1", body).replace(b";}", b"}").replace(b";}", b"}").strip()
    # A machine's own list may call scripts something else, and browsers insist
    known = _JAVASCRIPT if path.suffix == ".js" else mimetypes.guess_type(path.name)[0]
    return packed(body, known or "application/octet-stream")


def packed(body: bytes, mimetype: str) -> Asset:
    smaller = gzip.compress(body, 9, mtime=0)
    worth_it = len(body) >= _LEAST_PACKED and len(smaller) < 0.9 * len(body)
    return Asset(body, smaller if worth_it else None, mimetype)


def delivered(asset: Asset) -> Response:
    """To be kept by the browser, and asked for again."""
    body = asset.packed if request.accept_encodings["gzip"] else None
    answer = Response(body or asset.body, mimetype=asset.mimetype)
    if body:
        answer.content_encoding = "gzip"
    answer.vary.add("Accept-Encoding")
    answer.cache_control.no_cache = True
    answer.set_etag(asset.etag + ("-gzip" if body else ""))
    answer.make_conditional(request)
    return answer


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    """`kiosk.static`, as `url_for` knows it."""

    def static(filename: str) -> Response:
        asset = assets().get(filename)
        if asset is None:
            raise NotFound
        return delivered(asset)

    blueprint.add_url_rule("/static/<path:filename>", "static", static)
