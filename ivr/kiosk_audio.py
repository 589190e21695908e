"""What a kiosk's microphone sends, heard while somebody speaks: words for the screen, and what they mean at the end.

Nothing is stored and nothing is decided here: what counts is the recording that the kiosk uploads afterwards.
"""

import asyncio
import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import structlog
from websockets.asyncio.server import ServerConnection

from app.desk import kiosks
from app.desk.understanding import understand
from app.errors import BadInput
from app.runtime import Runtime
from ivr.ear import Ear
from speech.audio import MAX_WAV_RATE, MIN_WAV_RATE, SAMPLE_RATE, StreamResampler
from speech.endpointing import Endpointer
from speech.engine import UNKNOWN, Engine, Recognition
from speech.turn_hearing import LIST_CONFIDENCE, PhraseList

log = structlog.get_logger(__name__)

PATH = "/kiosk/audio"
LONGEST_SECONDS = 120.0
START_SECONDS = 5.0
IDLE_SECONDS = 10.0
CONFIDENT = LIST_CONFIDENCE
"""Mean confidence from which what was heard openly is shown: who reads wrong words doubts that she was understood."""
_SURE_WORD = 0.7
"""Live, the words up to the first that is less sure are shown: the next half second often puts it right."""
_JUDGED_BYTES = 2 * SAMPLE_RATE // 5  # 200 ms: by single frames it takes three times the work


class LiveHearing:
    """One recording's sound in pieces of any length; the words so far, and all of them."""

    def __init__(self, engine: Engine | None, pool: ThreadPoolExecutor, rate: int) -> None:
        """`rate` of the sound, in Hz."""
        self._resampler = StreamResampler(rate, SAMPLE_RATE)
        self._speech = Endpointer(LONGEST_SECONDS, LONGEST_SECONDS, LONGEST_SECONDS)
        self._ear = Ear(engine, PhraseList(), pool, follow=True)
        self._waiting = bytearray()

    @property
    def surely(self) -> str:
        """What is on the screen while she speaks: the words of which nothing before them is in doubt."""
        words = itertools.takewhile(
            lambda word: word.text != UNKNOWN and word.confidence >= _SURE_WORD, self._ear.so_far.words
        )
        return "".join(word.text for word in words)

    def feed(self, pcm: bytes, *, last: bool = False) -> None:
        """PCM16. Raises AudioError."""
        self._waiting += self._resampler.feed(pcm, last=last)
        if len(self._waiting) < _JUDGED_BYTES and not last:
            return
        piece = bytes(self._waiting)
        self._waiting.clear()
        self._speech.feed(piece)
        self._ear.feed(piece, speaking=self._spoke, quiet=self._speech.quiet)

    async def finish(self) -> Recognition:
        """Everything; nothing where nobody spoke, or there is no model."""
        self.feed(b"", last=True)
        return (await self._ear.finish(spoke=self._spoke)).found

    @property
    def _spoke(self) -> bool:
        return self._speech.speech_started is not None


async def serve_kiosk(
    socket: ServerConnection, runtime: Runtime, engine: Engine | None, pool: ThreadPoolExecutor
) -> None:
    """One recording, from its first message to 1000. Raises KioskRefused, BadInput, TimeoutError, ConnectionClosed."""
    async with asyncio.timeout(START_SECONDS):
        token, rate = _start(await socket.recv())
    await asyncio.to_thread(_known, runtime, token)
    hearing = LiveHearing(engine, pool, rate)
    left, shown = 2 * rate * LONGEST_SECONDS, ""
    while left > 0:
        async with asyncio.timeout(IDLE_SECONDS):
            message = await socket.recv()
        if isinstance(message, str):
            if _object(message).get("end") is True:
                break
            raise BadInput("neither sound nor the end of it")
        hearing.feed(message)
        left -= len(message)
        if (sure := hearing.surely) != shown:
            shown = sure
            await socket.send(_said(partial=sure))
    found = await hearing.finish()
    await socket.send(_said(final=await asyncio.to_thread(meaning, found)))
    await socket.close(1000)


def meaning(found: Recognition) -> dict[str, Any]:
    """The words and what they are about, for the screen; a category only where it may be acted on."""
    understood = understand(found.text, heard=True)
    place = asdict(understood.place)
    return {
        "words": found.text,
        "sure": bool(found.text) and not found.rejected and found.confidence >= CONFIDENT,
        "danger": understood.danger,
        "category": understood.category if understood.sure else None,
        "place": {name: place[name] for name in ("estate", "building", "unit", "room")},
        "matter": understood.matter,
    }


def _start(message: str | bytes) -> tuple[str, int]:
    """Token, and rate in Hz. Raises BadInput."""
    said = _object(message) if isinstance(message, str) else {}
    token, rate = said.get("token"), said.get("rate")
    if not isinstance(token, str) or type(rate) is not int or not MIN_WAV_RATE <= rate <= MAX_WAV_RATE:
        raise BadInput("the first message holds token and rate")
    return token, rate


def _known(runtime: Runtime, token: str) -> None:
    with runtime.db.transaction(read_only=True) as session:
        kiosks.by_token(session, token)


def _object(message: str) -> dict[str, Any]:
    try:
        said = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise BadInput("not JSON") from error
    if not isinstance(said, dict):
        raise BadInput("not an object")
    return said


def _said(**message: object) -> str:
    return json.dumps(message, ensure_ascii=False)
