"""The web application: the list of doors, and health."""

import structlog
from flask import Flask, Response, jsonify
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from app.console.door import add_console
from app.console.prompts import Prompt
from app.desk.understanding import prepare
from app.errors import BadInput
from app.health import findings
from app.runtime import Runtime
from app.sms.routes import make_sms
from ivr.check import sentences
from ivr.conversation import FLOWS
from ivr.routes import make_voice
from kiosk.matter_page import make_matter_page
from kiosk.routes import make_kiosk
from kiosk.spoken import sentences as kiosk_sentences

log = structlog.get_logger(__name__)
_MAX_BODY = 256 * 1024  # a webhook is a few kB


def create_app(runtime: Runtime) -> Flask:
    """Build the WSGI application around a runtime."""
    prepare()  # a mistake in a phrase file shows now, and the first caller does not wait
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY
    app.register_blueprint(make_voice(runtime))
    app.register_blueprint(make_sms(runtime))
    app.register_blueprint(make_kiosk(runtime))
    app.register_blueprint(make_matter_page(runtime))
    add_console(app, runtime, prompts=lambda: _recordable(runtime))

    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        found = list(findings(runtime))
        ready = all(f.ready for f in found)
        checks = {f.name: {"ok": f.ok, "says": f.says, "remedy": f.remedy} for f in found}
        return jsonify(ready=ready, checks=checks), 200 if ready else 503

    @app.errorhandler(BadInput)
    def bad_input(error: BadInput) -> tuple[str, int]:
        return str(error), 400

    @app.errorhandler(DBAPIError)
    def database_trouble(error: DBAPIError) -> tuple[str, int, dict[str, str]]:
        """Locked, full or gone: 503 makes the carrier try again instead of losing the resident."""
        log.error("database_trouble", error=type(error.orig or error).__name__)
        return "temporarily unavailable", 503, {"Retry-After": "1"}

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> tuple[str, int] | HTTPException:
        if isinstance(error, HTTPException):
            return error
        log.exception("unexpected_error")
        return "internal error", 500

    return app


def _recordable(runtime: Runtime) -> list[Prompt]:
    """What telephone and kiosk say word for word: sentences with gaps are never twice the same."""
    said = (text for flow in FLOWS.values() for text in sentences(flow))
    phone = dict.fromkeys(runtime.translate(text.msgid) for text in said if not text.gaps)
    kiosk = (sentence for sentence in kiosk_sentences("zh-Hans") if sentence not in phone)
    return [*(Prompt("phone", text) for text in phone), *(Prompt("kiosk", text) for text in kiosk)]
