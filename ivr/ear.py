"""One turn's recogniser, fed in a thread pool, one piece after the other; the event loop never waits for it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import structlog

from speech.audio import SAMPLE_RATE
from speech.engine import Recogniser, Recognition

log = structlog.get_logger(__name__)

BEFORE_SPEECH_SECONDS = 1.6
"""Speech is found up to a second after it began."""
_BEFORE_SPEECH = 2 * round(SAMPLE_RATE * BEFORE_SPEECH_SECONDS)  # bytes of PCM16
_FEED_BYTES = 2 * SAMPLE_RATE // 5  # 200 ms of PCM16


class Ear:
    """It hears nothing until somebody speaks: held to a phrase list, the engine takes forty times longer over silence
    than over words (docs/benchmarks.md), and noise before the words can only be misheard.
    """

    def __init__(self, recogniser: Recogniser | None, pool: ThreadPoolExecutor) -> None:
        self._recogniser, self._pool = recogniser, pool
        self._pending = bytearray()
        self._running: asyncio.Future[None] | None = None
        self._found = Recognition()
        self._sure = False  # the recogniser has finished and did not fail

    def feed(self, pcm: bytes, *, speaking: bool) -> None:
        """One frame; before speech only the last moments are kept."""
        if self._recogniser is None:
            return
        self._pending += pcm
        if not speaking:
            del self._pending[:-_BEFORE_SPEECH]
        elif len(self._pending) >= _FEED_BYTES and (self._running is None or self._running.done()):
            self._hand_over(self._recogniser)

    def _hand_over(self, recogniser: Recogniser) -> None:
        piece = bytes(self._pending)
        self._pending.clear()
        self._running = asyncio.get_running_loop().run_in_executor(self._pool, recogniser.accept, piece)

    async def finish(self, *, spoke: bool) -> Recognition:
        """Words heard; none if nobody spoke, there is no model, or it failed. Asked again, it gives the same."""
        if self._recogniser is None or not spoke:
            return self._found
        recogniser, self._recogniser = self._recogniser, None
        try:
            if self._running is not None:
                await self._running
            loop = asyncio.get_running_loop()
            if self._pending:
                await loop.run_in_executor(self._pool, recogniser.accept, bytes(self._pending))
            self._found = await loop.run_in_executor(self._pool, recogniser.finish)
            self._sure = True
        except Exception as error:  # the recording is kept whatever the engine does
            log.error("recognition_failed", error=type(error).__name__)
        return self._found

    async def heard_nothing(self) -> bool:
        """Somebody or something was heard, and it was neither words nor anything rejected. Finishes."""
        found = await self.finish(spoke=True)
        return self._sure and not found.words

    async def second_opinion(self, pcm: bytes) -> Recognition:
        """Words in audio that the end-of-speech detection took for noise; none if there is any doubt. Finishes."""
        self._pending[:] = pcm
        found = await self.finish(spoke=True)
        return Recognition() if found.rejected else found
