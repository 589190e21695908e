"""The service worker's script: the version of everything the pages are made of, and the list of it."""

import hashlib
import json

from flask import Blueprint, Response

from app.runtime import Runtime
from app.texts.catalogue import LOCALES, SOURCE, path_of
from kiosk.assets import HERE, STATIC, assets, squeezed
from kiosk.languages import LANGUAGES

VERSION_HEADER = "X-Kiosk-Version"
_GENERATED = "__pycache__"


def version(runtime: Runtime) -> str:
    """12 hex digits; others as soon as anything is that the pages, in any language, are made of."""
    sources = [path for path in sorted(HERE.rglob("*")) if path.is_file() and _GENERATED not in path.parts]
    sources += [path_of(locale) for locale in LOCALES if locale != SOURCE]
    found = hashlib.sha256()
    for path in sources:
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    found.update(runtime.settings.locale.encode())
    return found.hexdigest()[:12]


def files() -> list[str]:
    """Addresses that work without a network."""
    pages = ["/kiosk/", *(f"/kiosk/page/{language}" for language in LANGUAGES)]
    return pages + [f"/kiosk/static/{name}" for name in assets()]


def script(number: str) -> bytes:
    """The worker of version `number`. Another script is what makes a browser fetch everything anew."""
    head = f"const VERSION = {json.dumps(number)};\nconst FILES = {json.dumps(files())};\n"
    return squeezed(head + (STATIC / "sw.js").read_text(encoding="utf-8"))


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    """The script, `version` for templates, and the version in every answer's head, by which a worker knows that it gets
    all files of one."""
    number = version(runtime)
    worker = script(number)

    @blueprint.get("/sw.js")
    def service_worker() -> Response:
        answer = Response(worker, mimetype="text/javascript")
        answer.cache_control.no_cache = True
        return answer

    @blueprint.context_processor
    def known() -> dict[str, str]:
        return {"version": number}

    @blueprint.after_request
    def mark(answer: Response) -> Response:
        answer.headers[VERSION_HEADER] = number
        return answer
