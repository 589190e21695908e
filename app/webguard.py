"""The guard before every webhook: signed by the carrier, or refused with nothing stored."""

from collections.abc import Callable
from urllib.parse import quote

import structlog
from flask import request
from flask.typing import ResponseReturnValue

from app.runtime import Runtime

log = structlog.get_logger(__name__)

Guard = Callable[[], ResponseReturnValue | None]
_MAX_FORM = 128 * 1024  # ten thousand Chinese characters are 90 kB in a form


def carrier_guard(runtime: Runtime) -> Guard:
    """A `before_request` function for blueprints whose routes only the carrier may call."""
    base = runtime.settings.public_url.rstrip("/")

    def guard() -> ResponseReturnValue | None:
        request.max_content_length = _MAX_FORM
        signature = request.headers.get("X-Twilio-Signature", "")
        algorithm = request.headers.get("X-Twilio-Webhooks-Signature-Settings", "")
        if signature and runtime.carrier.valid_signature(
            signed_url(base), request.form, signature, settings=algorithm
        ):
            return None
        log.warning("signature_refused", path=request.path[:100], missing=not signature)
        return "signature refused", 403

    return guard


def signed_url(base: str) -> str:
    """The URL as the carrier called it. Not `request.url`: that one is decoded, and then the signature is wrong."""
    path = quote(request.path, safe="/:@!$&'()*+,;=-._~")
    query = request.query_string.decode("latin-1")
    return f"{base}{path}?{query}" if query else f"{base}{path}"
