"""The voice door: one webhook in, one call of the runner, TwiML out."""

import structlog
from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from app.errors import BadInput, NotFound
from app.runtime import Runtime
from app.webguard import carrier_guard
from ivr import beginning, desk_call, help_call, recorded, runner, twiml, webhook
from ivr.verbs import Text

log = structlog.get_logger(__name__)
_WHISPER = Text("家常热线，有居民找您。按1接听。")


def make_voice(runtime: Runtime) -> Blueprint:
    """All routes below /voice; every one of them is for the carrier only."""
    voice = Blueprint("voice", __name__, url_prefix="/voice")
    voice.before_request(carrier_guard(runtime))
    runtime.clips.can_play("您好")  # a voice is tried now, not while the first call waits

    @voice.post("/incoming")
    def incoming() -> Response:
        return _xml(beginning.start(runtime, webhook.inbound_call(request.form)))

    @voice.post("/callback/<attempt>")
    def callback(attempt: str) -> Response:
        post = webhook.answered_call(request.form)
        return _xml(beginning.start_callback(runtime, webhook.call_uid(attempt), post))

    @voice.post("/<call>/turn/<int:n>")
    def turn(call: str, n: int) -> Response:
        post = webhook.turn_post(request.form)
        poll = request.args.get("poll", 0, type=int)
        empty = request.args.get("empty") == "1"
        return _xml(runner.step(runtime, webhook.call_uid(call), n, post, empty=empty, poll=poll))

    @voice.post("/<call>/recording")
    def recording(call: str) -> ResponseReturnValue:
        post = webhook.recording_post(request.form)
        sid = webhook.answered_call(request.form).call_sid
        recorded.ready(runtime, webhook.call_uid(call), sid, post)
        return "", 204

    @voice.post("/<call>/whisper")
    def whisper(call: str) -> Response:
        accept_url = (
            f"{runtime.settings.public_url.rstrip('/')}/voice/{webhook.call_uid(call)}/whisper/accept"
        )
        return _xml(twiml.whisper(_WHISPER.render(runtime.translate), accept_url))

    @voice.post("/<call>/whisper/accept")
    def accept(call: str) -> Response:
        accepted = webhook.whisper_key(request.form) == "accept"
        if accepted:
            runner.person_accepts(runtime, webhook.call_uid(call))
        return _xml(twiml.accepted(accept=accepted))

    @voice.post("/desk/<attempt>")
    def desk(attempt: str) -> Response:
        post = webhook.answered_call(request.form)
        return _xml(desk_call.picked_up(runtime, webhook.call_uid(attempt), post.call_sid))

    @voice.post("/desk/<attempt>/dial")
    def desk_dial(attempt: str) -> Response:
        accepted = webhook.whisper_key(request.form) == "accept"
        sid = webhook.answered_call(request.form).call_sid
        return _xml(desk_call.dial(runtime, webhook.call_uid(attempt), sid, accepted=accepted))

    @voice.post("/desk/<attempt>/done")
    def desk_done(attempt: str) -> Response:
        post = webhook.dialled_post(request.form)
        return _xml(desk_call.done(runtime, webhook.call_uid(attempt), post))

    @voice.post("/help/<uuid>")
    def help_wanted(uuid: str) -> Response:
        post = webhook.answered_call(request.form)
        return _xml(help_call.picked_up(runtime, webhook.call_uid(uuid), post.call_sid))

    @voice.post("/help/<uuid>/key")
    def help_key(uuid: str) -> Response:
        goes = webhook.whisper_key(request.form) == "accept"
        sid = webhook.answered_call(request.form).call_sid
        return _xml(help_call.key(runtime, webhook.call_uid(uuid), sid, goes=goes))

    @voice.post("/status")
    def status() -> ResponseReturnValue:
        if desk := request.args.get("desk"):
            desk_call.status(runtime, webhook.status_post(request.form), webhook.call_uid(desk))
            return "", 204
        if asked := request.args.get("help"):
            help_call.status(runtime, webhook.status_post(request.form), webhook.call_uid(asked))
            return "", 204
        attempt = request.args.get("attempt")
        uid = webhook.call_uid(attempt) if attempt else None
        runner.status(runtime, webhook.status_post(request.form), uid)
        return "", 204

    @voice.errorhandler(Exception)
    def trouble(error: Exception) -> ResponseReturnValue | HTTPException:
        match error:
            case HTTPException():
                return error
            case NotFound():
                log.warning("call_or_turn_unknown", path=request.path[:100], reason=str(error))
                return _xml(runner.sorry(runtime))
            case BadInput():
                log.warning("webhook_refused", path=request.path[:100], reason=str(error))
                return str(error), 400
            case DBAPIError() | PoolTimeout():
                # Locked, full or gone: 503 makes the carrier try again instead of losing the resident
                log.error("database_trouble", error=type(getattr(error, "orig", error)).__name__)
                return "temporarily unavailable", 503, {"Retry-After": "1"}
            case _:
                log.exception("turn_failed", path=request.path[:100])
                return _xml(runner.sorry(runtime))

    return voice


def _xml(document: str) -> Response:
    return Response(document, mimetype="text/xml")
