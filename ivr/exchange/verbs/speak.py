"""Say and Play: the person hears something for as long as it would last."""

import asyncio
from typing import Any

import aiohttp
from yarl import URL

from app.errors import AudioError, VoiceUnavailable
from ivr.exchange.interpreter import Goto, Interpreter
from ivr.exchange.leg import Leg
from ivr.exchange.twiml import Verb
from ivr.exchange.webhooks import Webhook
from speech.audio import SAMPLE_RATE, decode_wav, mulaw_encode
from speech.voice import synthesise

CHARACTERS_A_SECOND = 4.5  # Chinese, spoken calmly
LATIN_A_SECOND = 14.0
MAX_AUDIO_BYTES = 40 * 1024 * 1024


def spoken_seconds(text: str) -> float:
    wide = sum(1 for c in text if ord(c) > 0x2E7F)
    return max(0.4, wide / CHARACTERS_A_SECOND + (len(text) - wide) / LATIN_A_SECOND)


async def say(call: Interpreter, verb: Verb) -> Goto | None:
    text = " ".join(verb.text.split())
    if (voice := await _voice(call.leg, text)) is None:
        heard, more = b"\xff" * round(spoken_seconds(text) * SAMPLE_RATE), {}
    else:
        call.leg.audio.append(voice)
        heard, more = voice, {"audio": len(call.leg.audio) - 1}
    for _ in range(_loops(verb)):
        await _heard(call.leg, text, heard, verb="Say", **more)
    return None


async def play(call: Interpreter, verb: Verb) -> Goto | None:
    """Fetches the file like the carrier; one that cannot be played is skipped with an error, the call goes on."""
    url = call.resolve(verb.text)
    try:
        answer = await call.leg.race(call.line.ask(Webhook("play", url, {}, "GET")))
        if answer.status != 200:
            raise AudioError(f"status {answer.status}")
        mulaw = await asyncio.to_thread(_mulaw, answer.content_type, answer.body)
    except (AudioError, aiohttp.ClientError) as error:
        call.leg.error(12300, f"<Play> {URL(url).path}: {error}")
        return None
    call.leg.audio.append(mulaw)
    number = len(call.leg.audio) - 1
    for _ in range(_loops(verb)):
        await _heard(call.leg, f"〔播放 {URL(url).name}〕", mulaw, verb="Play", audio=number)
    return None


async def _voice(leg: Leg, text: str) -> bytes | None:
    """The carrier's voice. Only real ears get to hear one: a script goes by the time that it takes."""
    if leg.ear.audience is None:
        return None
    try:
        return mulaw_encode(await leg.race(asyncio.to_thread(synthesise, text)))
    except VoiceUnavailable as error:
        leg.warn(0, f"<Say> has no voice here: {error}")
        return None


async def _heard(leg: Leg, text: str, mulaw: bytes, **more: Any) -> None:
    leg.said("hotline", text, kind="prompt", **more)
    entry = leg.dialogue[-1]
    leg.ear.begin()
    try:
        await leg.sound(mulaw)
    except BaseException:
        entry["cut"] = True
        raise
    finally:
        leg.ear.end()


def _loops(verb: Verb) -> int:
    return int(verb.seconds("loop", 1)) or 1000  # 0 means: until the call ends


def _mulaw(content_type: str, body: bytes) -> bytes:
    if len(body) > MAX_AUDIO_BYTES:
        raise AudioError(f"{len(body)} bytes, at most {MAX_AUDIO_BYTES}")
    if content_type in ("audio/basic", "audio/x-mulaw"):
        return body
    if content_type in ("audio/wav", "audio/wave", "audio/x-wav"):
        return mulaw_encode(decode_wav(body))
    raise AudioError(f"Content-Type {content_type} cannot be played")
