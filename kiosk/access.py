"""Which kiosk asks? Its token is looked at before its body is read: strangers must not make us take in megabytes."""

import structlog
from flask import Blueprint, Response, g, jsonify, request
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from app.desk import kiosks
from app.errors import BadInput, JiachangError, KioskRefused, NotAllowed, NotFound, TooManyTries
from app.runtime import Runtime

log = structlog.get_logger(__name__)

OPEN = frozenset({"kiosk.static", "kiosk.service_worker", "kiosk.home", "kiosk.page", "kiosk.enrol"})
"""What anybody may ask for: pages without anything about anybody, and the way in."""
KEPT = (*sorted(OPEN - {"kiosk.enrol"}), "kiosk.say")
"""Answers that browsers may keep, as these say themselves."""
MOST_BYTES = 16 * 1024 * 1024
Answer = tuple[Response, int]


def guard(blueprint: Blueprint, runtime: Runtime) -> None:
    """Let in who has a token, in `g.kiosk_id`, and say every error as the kiosk's program reads it."""

    @blueprint.before_request
    def let_in() -> None:
        if request.endpoint in OPEN:
            return
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        with runtime.db.transaction(read_only=True) as session:
            g.kiosk_id = kiosks.by_token(session, token.strip() if scheme.lower() == "bearer" else "").id
        request.max_content_length = MOST_BYTES

    @blueprint.errorhandler(JiachangError)
    def refused(error: JiachangError) -> Answer:
        word, code = _as_answer(error)
        return said(word, str(error), code)

    @blueprint.errorhandler(HTTPException)
    def wrong(error: HTTPException) -> Answer | HTTPException:
        if not request.path.startswith("/kiosk/api/"):
            return error
        if isinstance(error, RequestEntityTooLarge):
            return said("too_large", "一次送来的太多了，请分几次送", 413)
        return said("bad_request", "看不懂送来的内容", error.code or 400)

    @blueprint.errorhandler(DBAPIError)
    def database_trouble(error: DBAPIError) -> Answer:
        log.error("database_trouble", error=type(error.orig or error).__name__)
        answer, code = said("busy", "现在忙不过来，过一会儿会再送", 503)
        answer.headers["Retry-After"] = "5"
        return answer, code


def said(word: str, says: str, code: int) -> Answer:
    return jsonify(error=word, says=says), code


def _as_answer(error: JiachangError) -> tuple[str, int]:
    match error:
        case KioskRefused():
            return error.word, 401
        case TooManyTries():
            return "too_many_tries", 429
        case NotAllowed():
            return "not_allowed", 403
        case NotFound():
            return "not_found", 404
        case BadInput():
            return "bad_request", 400
    return "trouble", 500
