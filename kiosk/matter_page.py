"""`/p/<uuid>`: the address behind the square code on a slip. How a matter stands, and nothing about anybody."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.desk import wording
from app.desk.config import DeskConfig
from app.desk.kiosk_intake import receipt_of
from app.desk.progress import public_matter
from app.runtime import Runtime
from app.web_headers import secure
from kiosk.languages import LANGUAGES
from kiosk.parsing import uuid_of

_SPELT = {"zh": "zh-Hans", "zh-cn": "zh-Hans", "zh-sg": "zh-Hans", "zh-hans": "zh-Hans", "zh-tw": "zh-Hant",
          "zh-hk": "zh-Hant", "zh-mo": "zh-Hant", "zh-hant": "zh-Hant"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    category: str
    state: str
    promised_on: date | None


def make_matter_page(runtime: Runtime) -> Blueprint:
    blueprint = Blueprint("matter", __name__, url_prefix="/p", template_folder="templates")

    @blueprint.get("/<uuid>")
    def matter(uuid: str) -> ResponseReturnValue:
        language = _language(runtime.settings.locale)
        cfg = runtime.desk.speaking(LANGUAGES[language])
        known = uuid_of(uuid)
        shown = _shown(runtime, cfg, known) if known else None
        page = render_template("kiosk/public.html", _=cfg.texts, language=language, shown=shown)
        return page, 200 if shown else 404, {"X-Robots-Tag": "noindex, nofollow", "Vary": "Accept-Language"}

    blueprint.after_request(secure(kept=(), allow="microphone=()"))
    return blueprint


def _shown(runtime: Runtime, cfg: DeskConfig, uuid: str) -> Shown | None:
    with runtime.db.transaction(read_only=True) as session:
        receipt = receipt_of(session, uuid)
        found = public_matter(session, cfg, receipt.ticket_id) if receipt and receipt.ticket_id else None
    if found is None:
        return None
    return Shown(
        wording.category_name(cfg, found.category), wording.state_words(cfg, found.status), found.promised_on
    )


def _language(house: str) -> str:
    """What the browser asks for, else the community's own."""
    for wanted, _quality in request.accept_languages:
        low = wanted.lower()
        if low.startswith("en"):
            return "en"
        if low.startswith("zh"):
            return _SPELT.get(low) or ("zh-Hant" if "hant" in low else "zh-Hans")
    return next(code for code, locale in LANGUAGES.items() if locale == house)
