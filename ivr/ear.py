"""One turn's recogniser, fed in a thread pool, one piece after the other; the event loop never waits for it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

from speech.audio import SAMPLE_RATE
from speech.engine import Engine, Recognition
from speech.turn_hearing import Hearings, PhraseList, TurnRecogniser

log = structlog.get_logger(__name__)

BEFORE_SPEECH_SECONDS = 1.6
"""Speech is found up to a second after it began."""
BEHIND_SPEECH_SECONDS = 0.6
"""The end of speech is found up to 0.4 s too early in noise (docs/benchmarks.md)."""
_BEFORE_SPEECH = 2 * round(SAMPLE_RATE * BEFORE_SPEECH_SECONDS)  # bytes of PCM16
_FEED_BYTES = 2 * SAMPLE_RATE // 5  # 200 ms of PCM16


class Ear:
    """It hears only what lies about speech: held to a phrase list, the engine takes forty times longer over silence
    than over words (docs/benchmarks.md), and noise before the words can only be misheard.
    """

    def __init__(
        self,
        engine: Engine | None,
        admitted: PhraseList,
        pool: ThreadPoolExecutor,
        *,
        follow: bool = False,
    ) -> None:
        """`follow`: what has been heard is told as it comes, in `so_far`."""
        self.so_far = Recognition()
        self._follow = follow
        self._recogniser = TurnRecogniser(engine, admitted) if engine else None
        self._pool = pool
        self._pending = bytearray()
        self._silent = 0  # bytes at the end of `_pending` that are heard only if speech goes on
        self._running: asyncio.Future[Hearings] | None = None  # each piece of work waits for the one before
        self._conclusion: asyncio.Future[Hearings] | None = None
        self._sure = False  # the recogniser has finished and did not fail

    def feed(self, pcm: bytes, *, speaking: bool, quiet: float = 0.0) -> None:
        """Before speech only the last moments are kept. `quiet`: seconds since the last speech."""
        if self._recogniser is None:
            return
        self._pending += pcm
        if not speaking:
            del self._pending[:-_BEFORE_SPEECH]
            return
        self._silent = 2 * round(max(0.0, quiet - BEHIND_SPEECH_SECONDS) * SAMPLE_RATE)
        ready = len(self._pending) - self._silent
        if ready > 0:
            self._conclusion = None  # she had not finished
        if ready >= _FEED_BYTES and (self._running is None or self._running.done()):
            self._hand_over(self._recogniser)

    def _hand_over(self, recogniser: TurnRecogniser) -> None:
        piece = self._take()

        def hear() -> Hearings:
            recogniser.accept(piece)
            if self._follow:
                self.so_far = recogniser.partial()
            return Hearings()

        self._running = self._next(hear)

    def _take(self) -> bytes:
        ready = max(0, len(self._pending) - self._silent)
        piece = bytes(self._pending[:ready])
        del self._pending[:ready]
        return piece

    def _next(self, work: Callable[[], Hearings]) -> asyncio.Future[Hearings]:
        before = self._running

        async def run() -> Hearings:
            if before is not None:
                await before
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)

        return asyncio.ensure_future(run())

    def conclude(self, *, again: bool = True) -> None:
        """Work out the words now, as if no speech followed; if some follows, it is heard together with them.

        `again`: an answer in words that are not on the phrase list is heard once more without it.
        """
        if (recogniser := self._recogniser) is None or self._conclusion is not None:
            return
        rest = self._take()

        def finish() -> Hearings:
            if rest:
                recogniser.accept(rest)
            return recogniser.finish(again=again)

        self._conclusion = self._running = self._next(finish)

    async def finish(self, *, spoke: bool, again: bool = True) -> Hearings:
        """Words heard; none if nobody spoke, there is no model, or it failed. Asked again, it gives the same."""
        if not spoke:
            return Hearings()
        self.conclude(again=again)
        if self._conclusion is None:
            return Hearings()
        try:
            found = await self._conclusion
            self._sure = True
        except Exception as error:  # the recording is kept whatever the engine does
            log.error("recognition_failed", error=type(error).__name__)
            return Hearings()
        return found

    async def heard_nothing(self) -> bool:
        """Somebody or something was heard, and it was neither words nor anything rejected. Finishes."""
        found = await self.finish(spoke=True)
        return self._sure and found.nothing

    async def second_opinion(self, pcm: bytes) -> Hearings:
        """Words in audio that the end-of-speech detection took for noise; none if there is any doubt. Finishes."""
        self._pending[:] = pcm
        heard = await self.finish(spoke=True, again=False)
        return Hearings() if heard.found.rejected else heard
