"""How much one visitor may send: so much a second on average, a burst at once."""

import time


class Allowance:
    def __init__(self, per_second: float, burst: float) -> None:
        self._rate, self._burst = per_second, burst
        self._left, self._at = burst, time.monotonic()

    def take(self, amount: float) -> bool:
        """False when that is more than is left now; then nothing is taken."""
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if amount > self._left:
            return False
        self._left -= amount
        return True
