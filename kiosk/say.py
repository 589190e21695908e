"""Sentences read aloud: a recorded human voice where there is one, else a made one."""

from datetime import datetime, timedelta

from flask import Blueprint, Response, g, request
from flask.typing import ResponseReturnValue

from app.hygiene import clean
from app.runtime import Runtime
from speech.audio import encode_wav, mulaw_decode

LANGUAGES = ("zh", "en")
LONGEST = 120  # characters
_MOST_BYTES = 4096
_BURST, _EVERY = 1000, timedelta(seconds=6)
"""Sentences of a kiosk that a voice has to make: all fixed ones at once when it is new, then ten a minute."""


class Pace:
    """By kiosk, when all that it may ask for would be there again; in this process only."""

    def __init__(self) -> None:
        self._full: dict[int, datetime] = {}

    def allows(self, kiosk_id: int, now: datetime) -> bool:
        """Takes one."""
        full = max(now, self._full.get(kiosk_id, now)) + _EVERY
        if full - now > _BURST * _EVERY:
            return False
        self._full[kiosk_id] = full
        return True


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    """GET for the page's own sentences, which are kept; POST for names and her own words, which nobody keeps and no log
    has in an address."""
    pace, clips = Pace(), runtime.clips

    @blueprint.route("/say", methods=("GET", "POST"))
    def say() -> ResponseReturnValue:
        request.max_content_length = _MOST_BYTES
        keep = request.method == "GET"
        asked = request.args if keep else request.form
        text = clean(asked.get("text", ""), limit=LONGEST + 1)
        language = asked.get("lang", LANGUAGES[0])
        if not text or len(text) > LONGEST or language not in LANGUAGES:
            return {"error": "bad_sentence", "says": "这句话念不出来"}, 400
        if not clips.is_ready(text, language) and not pace.allows(g.kiosk_id, runtime.now()):
            return {"error": "slow_down", "says": "请稍等一会儿"}, 429, {"Retry-After": "6"}
        sound = clips.audio_for(text, language, keep=keep)
        if sound is None:
            return "", 204
        answer = Response(encode_wav(mulaw_decode(sound)), mimetype="audio/wav")
        answer.cache_control.no_store = True  # the page itself keeps what it may
        return answer
