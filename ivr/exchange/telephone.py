"""What hangs at the end of a line: something that rings, and somebody who answers and holds it."""

from typing import Any, Literal, Protocol

from ivr.exchange.handset import CallBehaviour
from ivr.exchange.leg import Leg
from ivr.exchange.mic import white_noise
from ivr.exchange.party import Party
from ivr.exchange.script import Step

Picked = Literal["answer", "busy", "no_answer"]
MACHINE_TALKS = 4.0  # call seconds of greeting
MACHINE_LIMIT = 30.0  # then the voicemail box has had enough


class Person(Protocol):
    """Whoever holds the telephone: a script or somebody at a soft-phone."""

    async def run(self) -> None:
        """From the answer until the line is dead."""


class Telephone(Protocol):
    """`faults` go on top of the exchange's; `answered_by` is what machine detection finds."""

    pace: float
    faults: dict[str, Any]
    line_noise: float | None  # dBFS

    @property
    def reachable(self) -> bool: ...

    @property
    def answered_by(self) -> str: ...

    async def pick_up(self, leg: Leg, timeout: float) -> Picked:
        """Rings for at most `timeout` call seconds; raises HungUp when the caller gives up."""

    def person(self, leg: Leg) -> Person: ...


class ScriptedTelephone:
    """One ring of a handset that behaves as it was told."""

    def __init__(self, behaviour: CallBehaviour) -> None:
        self._behaviour = behaviour
        self.pace, self.faults, self.line_noise = behaviour.pace, behaviour.faults, behaviour.line_noise

    @property
    def reachable(self) -> bool:
        return self._behaviour.outcome != "failed"

    @property
    def answered_by(self) -> str:
        found = "machine_start" if self._behaviour.outcome == "machine" else "human"
        return self._behaviour.answered_by or found

    async def pick_up(self, leg: Leg, timeout: float) -> Picked:
        outcome, delay = self._behaviour.outcome, self._behaviour.delay
        if outcome != "busy" and (outcome == "no_answer" or delay > timeout):
            await leg.sleep(timeout)
            return "no_answer"
        await leg.sleep(delay)
        return "busy" if outcome == "busy" else "answer"

    def person(self, leg: Leg) -> Person:
        behaviour = self._behaviour
        if behaviour.outcome != "machine" or behaviour.steps:
            return Party(leg, behaviour.steps, behaviour.limit)
        greeting = Step(
            "say", wait=False, audio=white_noise(MACHINE_TALKS, -25.0), text="〔语音信箱：请留言〕"
        )
        return Party(leg, (greeting,), min(behaviour.limit, MACHINE_LIMIT))
