"""One turn's recogniser, fed in a thread pool, one piece after the other; the event loop never waits for it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import structlog

from speech.audio import SAMPLE_RATE
from speech.engine import Engine
from speech.turn_hearing import Hearings, PhraseList, TurnRecogniser

log = structlog.get_logger(__name__)

BEFORE_SPEECH_SECONDS = 1.6
"""Speech is found up to a second after it began."""
_BEFORE_SPEECH = 2 * round(SAMPLE_RATE * BEFORE_SPEECH_SECONDS)  # bytes of PCM16
_FEED_BYTES = 2 * SAMPLE_RATE // 5  # 200 ms of PCM16


class Ear:
    """It hears nothing until somebody speaks: held to a phrase list, the engine takes forty times longer over silence
    than over words (docs/benchmarks.md), and noise before the words can only be misheard.
    """

    def __init__(self, engine: Engine | None, admitted: PhraseList, pool: ThreadPoolExecutor) -> None:
        self._recogniser = TurnRecogniser(engine, admitted) if engine else None
        self._pool = pool
        self._pending = bytearray()
        self._running: asyncio.Future[None] | None = None
        self._found = Hearings()
        self._sure = False  # the recogniser has finished and did not fail

    def feed(self, pcm: bytes, *, speaking: bool) -> None:
        """Before speech only the last moments are kept."""
        if self._recogniser is None:
            return
        self._pending += pcm
        if not speaking:
            del self._pending[:-_BEFORE_SPEECH]
        elif len(self._pending) >= _FEED_BYTES and (self._running is None or self._running.done()):
            self._hand_over(self._recogniser)

    def _hand_over(self, recogniser: TurnRecogniser) -> None:
        piece = bytes(self._pending)
        self._pending.clear()
        self._running = asyncio.get_running_loop().run_in_executor(self._pool, recogniser.accept, piece)

    async def finish(self, *, spoke: bool, again: bool = True) -> Hearings:
        """Words heard; none if nobody spoke, there is no model, or it failed. Asked again, it gives the same.

        `again`: an answer in words that are not on the phrase list is heard once more without it.
        """
        if self._recogniser is None or not spoke:
            return self._found
        recogniser, self._recogniser = self._recogniser, None
        rest = bytes(self._pending)

        def finish() -> Hearings:
            recogniser.accept(rest)
            return recogniser.finish(again=again)

        try:
            if self._running is not None:
                await self._running
            self._found = await asyncio.get_running_loop().run_in_executor(self._pool, finish)
            self._sure = True
        except Exception as error:  # the recording is kept whatever the engine does
            log.error("recognition_failed", error=type(error).__name__)
        return self._found

    async def heard_nothing(self) -> bool:
        """Somebody or something was heard, and it was neither words nor anything rejected. Finishes."""
        found = await self.finish(spoke=True)
        return self._sure and found.nothing

    async def second_opinion(self, pcm: bytes) -> Hearings:
        """Words in audio that the end-of-speech detection took for noise; none if there is any doubt. Finishes."""
        self._pending[:] = pcm
        heard = await self.finish(spoke=True, again=False)
        return Hearings() if heard.found.rejected else heard
