"""The time of one call: it may run faster than the wall, but never while the product is working."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

FRAME_SECONDS = 0.02


class CallClock:
    """Seconds of call time since the clock was made.

    At pace 8 a call second lasts an eighth of a wall second. While the exchange waits for the product's HTTP
    answer the clock runs at wall speed, so that a slow database doesn't look eight times slower than it is.
    """

    def __init__(self, pace: float = 1.0) -> None:
        self.pace = pace
        self._rate = pace
        self._call = 0.0
        self._wall = time.monotonic()
        self._waiting = 0

    def now(self) -> float:
        return self._call + (time.monotonic() - self._wall) * self._rate

    def frame(self) -> int:
        """Index of the 20 ms frame that is on the line now."""
        return int(self.now() / FRAME_SECONDS)

    @contextmanager
    def product_working(self) -> Iterator[None]:
        self._waiting += 1
        self._run_at(1.0)
        try:
            yield
        finally:
            self._waiting -= 1
            if self._waiting == 0:
                self._run_at(self.pace)

    async def sleep(self, seconds: float) -> None:
        await self.sleep_until(self.now() + seconds)

    async def sleep_until(self, moment: float) -> None:
        # short naps, because the rate may change meanwhile
        while (left := moment - self.now()) > 0:
            await asyncio.sleep(min(left / self._rate, 0.05))

    def _run_at(self, rate: float) -> None:
        self._call, self._wall, self._rate = self.now(), time.monotonic(), rate
