"""`GET /kiosk/api/bootstrap`: all that a kiosk must know before its network fails."""

import hashlib
import json
from urllib.parse import urlsplit, urlunsplit

from flask import Blueprint, Response, g, request
from flask.typing import ResponseReturnValue

from app.desk.kiosk_facts import facts
from app.runtime import Runtime
from models.kiosk import Kiosk

RECORDING_SECONDS = 120


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    settings = runtime.settings
    known = {
        "public_url": settings.public_url.rstrip("/"),
        "audio_url": audio_url(settings.media_url),
        "timezone": settings.timezone,  # a kiosk's own is whatever somebody set, or nobody
        "recording_seconds": RECORDING_SECONDS,
    }

    @blueprint.get("/api/bootstrap")
    def bootstrap() -> ResponseReturnValue:
        now = runtime.now()
        with runtime.db.transaction(read_only=True) as session:
            found = facts(session, runtime.desk, session.get_one(Kiosk, g.kiosk_id), now=now) | known
        body = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
        tag = hashlib.sha256(body.encode()).hexdigest()[:32]  # of all but the time, which is always another
        whole = json.dumps({"now": now.isoformat()} | found, ensure_ascii=False, separators=(",", ":"))
        answer = Response(whole, mimetype="application/json")
        answer.set_etag(tag)
        return answer.make_conditional(request)


def audio_url(media_url: str) -> str:
    """Beside the telephone's media stream, on the same gateway."""
    parts = urlsplit(media_url)
    return urlunsplit((parts.scheme, parts.netloc, "/kiosk/audio", "", ""))
