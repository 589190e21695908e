"""What a kiosk sent, read without trust: whatever can be kept is kept, and the rest becomes a word to staff."""

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import request

from app.desk.catalogue import NAMES
from app.desk.kiosk_said import RATE, MatterSaid, RatingSaid, ReturnCallSaid, Submission
from app.desk.progress import SLIP
from app.errors import AudioError, BadInput
from app.hygiene import clean
from app.texts.catalogue import SOURCE
from kiosk.languages import LANGUAGES
from speech.audio import decode_wav

_WORDS = 2000
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_YEARS = range(2, 9999)  # whose moments exist in every time zone
_MOST_SECONDS = 1e10


def body() -> dict[str, Any]:
    """The request's JSON object. Raises BadInput for anything else."""
    try:
        found = json.loads(request.get_data(cache=False))
    except (ValueError, RecursionError) as error:
        raise BadInput("看不懂送来的内容") from error
    if not isinstance(found, dict):
        raise BadInput("看不懂送来的内容")
    return found


def uuid_of(given: object) -> str | None:
    """A version 4, in lower case; None for anything else."""
    if not isinstance(given, str) or len(given) > 40:
        return None
    found = given.strip().lower()
    return found if _UUID.fullmatch(found) else None


def submission_of(uuid: str, given: Mapping[str, Any]) -> Submission:
    """Raises BadInput for a kind that we don't know, or a rating or wish that says nothing."""
    kind = given.get("kind")
    if kind == "matter":
        body: MatterSaid | RatingSaid | ReturnCallSaid = _matter(given)
    elif kind == "rating":
        body = _rating(given)
    elif kind == "return_call":
        body = ReturnCallSaid(text(given.get("phone"), 30) or "", text(given.get("number"), 10))
    else:
        raise BadInput("看不懂这是什么事")
    slip = text(given.get("slip"), 8)
    return Submission(
        uuid=uuid,
        device_at=moment(given.get("at")),
        offset_s=seconds(given.get("offset_s")),
        slip=slip if slip and SLIP.fullmatch(slip) else None,
        language=language_of(given),
        body=body,
        content=content_of(given),
    )


def language_of(given: Mapping[str, Any]) -> str:
    return LANGUAGES.get(str(given.get("language"))[:10], SOURCE)


def content_of(given: Mapping[str, Any]) -> bytes:
    """What a repeat must have in common. How wrong the clock was is not said by her."""
    same = {name: value for name, value in given.items() if name != "offset_s"}
    return json.dumps(same, sort_keys=True, separators=(",", ":")).encode()


def _matter(given: Mapping[str, Any]) -> MatterSaid:
    faults: list[str] = []
    said = {name: given.get(name) for name in ("category", "item", "audio")}
    pcm = None
    if said["category"] not in (None, *NAMES):
        faults.append("选的类别认不出")
    if said["item"] is not None and _item(said["item"]) is None:
        faults.append("选的那一项认不出")
    if said["audio"] is not None:
        try:
            pcm = _pcm(said["audio"])
        except AudioError:
            faults.append("录音坏了，听不到")
    found = MatterSaid(
        category=str(said["category"]) if said["category"] in tuple(NAMES) else None,
        item=_item(said["item"]),
        words=text(given.get("words"), _WORDS) or "",
        estate=text(given.get("estate"), 40),
        building=text(given.get("building"), 20),
        unit=text(given.get("unit"), 10),
        room=text(given.get("room"), 20),
        phone=text(given.get("phone"), 30),
        pcm=pcm,
        faults=tuple(faults),
    )
    if found == MatterSaid():
        raise BadInput("里面什么也没有")
    return found


def _item(given: object) -> int | None:
    return given if isinstance(given, int) and not isinstance(given, bool) and 0 < given < 2**31 else None


def _pcm(audio: object) -> bytes:
    if not isinstance(audio, str):
        raise AudioError("is no text")
    try:
        data = base64.b64decode(audio, validate=True)
    except (ValueError, binascii.Error) as error:
        raise AudioError("is not base64") from error
    return decode_wav(data, rate=RATE)


def _rating(given: Mapping[str, Any]) -> RatingSaid:
    label, last_four = text(given.get("number"), 10), text(given.get("last4"), 4)
    fact, speed, effect, attitude = (
        _mark(given.get(name)) for name in ("fact", "speed", "effect", "attitude")
    )
    if not label or not last_four or fact is None:
        raise BadInput("评价不完整，请重新评")
    return RatingSaid(label, last_four, (fact, speed, effect, attitude))


def _mark(given: object) -> int | None:
    return given if isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= 3 else None


def text(given: object, limit: int) -> str | None:
    """Cleaned, cut; None for what is no text, or nothing. Numbers are taken as written."""
    if isinstance(given, int) and not isinstance(given, bool) and abs(given) < 10**12:
        given = str(given)
    return (clean(given, limit=limit) or None) if isinstance(given, str) else None


def moment(given: object) -> datetime | None:
    """Aware; None for what is no time, or one without a zone."""
    if not isinstance(given, str) or len(given) > 40:
        return None
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        return None
    return found if found.tzinfo is not None and found.year in _YEARS else None


def seconds(given: object) -> float | None:
    if not isinstance(given, int | float) or isinstance(given, bool):
        return None
    try:
        found = float(given)
    except OverflowError:
        return None
    return found if math.isfinite(found) and abs(found) < _MOST_SECONDS else None
