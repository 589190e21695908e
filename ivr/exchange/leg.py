"""One leg of a call: a line between the network and one telephone, and everything that happened on it."""

import asyncio
from collections.abc import Awaitable, Coroutine
from datetime import UTC, datetime
from typing import Any, Literal, Protocol, TypeVar

from ivr.exchange.clock import FRAME_SECONDS, CallClock
from ivr.exchange.ear import Ear
from ivr.exchange.errors import HungUp
from ivr.exchange.faults import Faults
from ivr.exchange.mic import Mic
from speech.audio import FRAME_SAMPLES, SAMPLE_RATE

T = TypeVar("T")
Direction = Literal["inbound", "outbound-api", "outbound-dial"]
EndedBy = Literal["caller", "hotline", "error"]
TERMINAL = ("completed", "busy", "no-answer", "failed", "canceled")


class Listener(Protocol):
    """Whatever in the network currently takes keys from the line: a Gather, a Record, a media stream, a bridge."""

    kind: str
    started: float  # call time
    started_wall: float

    def key(self, digit: str) -> None: ...


class Leg:
    """Times: `created`, `rang`, `answered`, `ended` are aware UTC; dialogue times are call seconds since answer."""

    def __init__(
        self, sid: str, direction: Direction, *, from_: str, to: str, pace: float = 1.0, faults: Faults,
        line_noise_dbfs: float | None = None, parent: "Leg | None" = None,
    ) -> None:  # fmt: skip
        self.sid, self.direction, self.from_, self.to = sid, direction, from_, to
        self.faults = faults
        self.parent = parent
        self.children: list[Leg] = []
        self.status = "ringing" if direction == "inbound" else "queued"
        self.created = datetime.now(UTC)
        self.rang: datetime | None = None
        self.answered: datetime | None = None
        self.ended: datetime | None = None
        self.ended_by: EndedBy | None = None
        self.answered_by = ""
        self.sip_code = ""
        self.clock = CallClock(pace)
        self.answer_moment = 0.0
        self.talk_seconds = 0.0
        self.ear = Ear(self.clock)
        self.mic = Mic(line_noise_dbfs)
        self.listener: Listener | None = None
        self.hung = asyncio.Event()
        self.done = asyncio.Event()
        self.dialogue: list[dict[str, Any]] = []
        self.audio: list[bytes] = []  # mu-law, one a hotline utterance
        self.errors: list[dict[str, Any]] = []
        self.warnings: list[dict[str, Any]] = []
        self.violations: list[str] = []
        self.mismatches: list[dict[str, Any]] = []
        self.webhooks: list[dict[str, Any]] = []
        self.verbs: list[str] = []  # names in the order of execution
        self.streams = 0
        self.steps_done = 0
        self.bridged_at = 0.0  # call seconds since the answer
        self.background: set[asyncio.Task[Any]] = set()

    @property
    def compatible(self) -> bool:
        """Whether this call's carrier is the "compatible" one with its own habits."""
        return self.faults.profile == "compatible"

    # --- the line -------------------------------------------------------------------------------------------
    def answer(self) -> None:
        self.status = "in-progress"
        self.answered = datetime.now(UTC)
        self.answer_moment = self.clock.now()

    def seconds(self) -> float:
        """Call seconds since the answer; 0 before it."""
        return max(0.0, self.clock.now() - self.answer_moment) if self.answered else 0.0

    def end(self, by: EndedBy, status: str = "completed") -> None:
        """The line goes dead; only the first call counts."""
        if self.hung.is_set():
            return
        self.talk_seconds = self.seconds()
        self.status, self.ended_by, self.ended = status, by, datetime.now(UTC)
        self.ear.end()
        self.hung.set()

    def press(self, digit: str) -> None:
        if self.listener is not None and not self.hung.is_set():
            self.listener.key(digit)

    # --- waiting --------------------------------------------------------------------------------------------
    async def race(self, work: Awaitable[T]) -> T:
        """Wait for something, but no longer than the line lives; raises HungUp."""
        task: asyncio.Future[T] = asyncio.ensure_future(work)
        dead = asyncio.ensure_future(self.hung.wait())
        try:
            both: set[asyncio.Future[Any]] = {task, dead}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if task.done() and not self.hung.is_set():
                return task.result()
            if task.done() and not task.cancelled():
                task.exception()  # seen: the dead line matters more
            raise HungUp
        finally:
            dead.cancel()
            if not task.done():
                task.cancel()

    async def sleep(self, seconds: float) -> None:
        await self.race(self.clock.sleep(seconds))

    async def sound(self, mulaw: bytes) -> None:
        """The person hears this, for as long as it lasts; raises HungUp."""
        if (audience := self.ear.audience) is None:
            await self.sleep(len(mulaw) / SAMPLE_RATE)
            return
        end = self.clock.now()
        for start in range(0, len(mulaw), FRAME_SAMPLES):
            audience.hear(mulaw[start : start + FRAME_SAMPLES])
            end += FRAME_SECONDS
            await self.race(self.clock.sleep_until(end))

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Something that goes on beside the call, such as a recording's status callback; the end waits for it."""
        task = asyncio.ensure_future(work)
        self.background.add(task)
        task.add_done_callback(self.background.discard)

    # --- the record -----------------------------------------------------------------------------------------
    def said(self, who: str, text: str, *, kind: str, at: float | None = None, **more: Any) -> None:
        moment = self.seconds() if at is None else at
        entry = {"who": who, "text": text, "at": round(moment, 2), "kind": kind, **more}
        self.dialogue.append(entry)
        if self.ear.audience is not None:
            self.ear.audience.read(entry)
        if who == "hotline":
            self.ear.hear(text)
        else:
            self.ear.forget()

    def error(self, code: int, message: str) -> None:
        self.errors.append({"code": code, "message": message, "at": round(self.seconds(), 2)})

    def warn(self, code: int, message: str) -> None:
        self.warnings.append({"code": code, "message": message, "at": round(self.seconds(), 2)})

    def violation(self, message: str) -> None:
        self.violations.append(message)
