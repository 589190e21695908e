"""What the person at the phone hears: whether the hotline is speaking, since when not, and its last words."""

import time
from typing import Any, Protocol

from ivr.exchange.clock import CallClock


class Audience(Protocol):
    """Somebody real at the telephone, told at once. A script has no ears: it goes by the times alone."""

    def hear(self, mulaw: bytes) -> None:
        """20 ms at most of what comes out of the earpiece."""

    def caption(self, text: str) -> None:
        """The sentence that begins now; it is on the record, whole or cut, when it is over."""

    def read(self, entry: dict[str, Any]) -> None:
        """A new entry of the dialogue."""


class Ear:
    def __init__(self, clock: CallClock) -> None:
        self._clock = clock
        self.audience: Audience | None = None
        self.speaking = False
        self.prompts = 0  # how often the hotline began to speak
        self.quiet_since = 0.0  # call time
        self.quiet_since_wall = time.monotonic()
        self._words: list[str] = []

    def begin(self) -> None:
        if not self.speaking:
            self.speaking = True
            self.prompts += 1

    def end(self) -> None:
        if self.speaking:
            self.speaking = False
            self.quiet_since, self.quiet_since_wall = self._clock.now(), time.monotonic()

    def hear(self, text: str) -> None:
        self._words.append(text)

    def last_words(self) -> str:
        """Everything the hotline said since the person last spoke or pressed a key."""
        return "".join(self._words)

    def forget(self) -> None:
        self._words.clear()
