"""Say and Play: the person hears something for as long as it would last."""

import asyncio
from typing import Any

import aiohttp
from yarl import URL

from app.errors import AudioError
from ivr.exchange.clock import FRAME_SECONDS
from ivr.exchange.interpreter import Goto, Interpreter
from ivr.exchange.twiml import Verb
from ivr.exchange.webhooks import Webhook
from speech.audio import FRAME_SAMPLES, decode_wav, mulaw_encode

CHARACTERS_A_SECOND = 4.5  # Chinese, spoken calmly
LATIN_A_SECOND = 14.0
MAX_AUDIO_BYTES = 40 * 1024 * 1024


def spoken_seconds(text: str) -> float:
    wide = sum(1 for c in text if ord(c) > 0x2E7F)
    return max(0.4, wide / CHARACTERS_A_SECOND + (len(text) - wide) / LATIN_A_SECOND)


async def say(call: Interpreter, verb: Verb) -> Goto | None:
    text = " ".join(verb.text.split())
    for _ in range(_loops(verb)):
        await _heard(call, text, spoken_seconds(text), verb="Say")
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
        seconds = len(mulaw) / FRAME_SAMPLES * FRAME_SECONDS
        await _heard(call, f"〔播放 {URL(url).name}〕", seconds, verb="Play", audio=number)
    return None


async def _heard(call: Interpreter, text: str, seconds: float, **more: Any) -> None:
    leg = call.leg
    leg.said("hotline", text, kind="prompt", **more)
    entry = leg.dialogue[-1]
    leg.ear.begin()
    try:
        await leg.sleep(seconds)
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
