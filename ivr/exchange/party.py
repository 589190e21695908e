"""The person at the phone: plays a script on a leg."""

import asyncio
import time

from ivr.exchange.errors import HungUp
from ivr.exchange.leg import Leg, Listener
from ivr.exchange.mic import white_noise
from ivr.exchange.script import Step

KEY_GAP = 0.25  # call seconds between two keys
SETTLE = {
    "gather": 0.2,
    "record": 0.2,
    "bridge": 0.3,
    "stream": 0.6,
}  # call seconds of quiet = the prompt is over
NO_PROMPT_NEW = 1.5  # call seconds: a new menu that says nothing
NO_PROMPT_SAME = 4.0  # nothing new was said in the same menu
PATIENCE = 30.0  # nobody speaks or listens: the person acts all the same
# Wall seconds, whatever the pace: the gateway needs them to look up the call and to begin to speak, and between
# two sentences of a prompt.
STREAM_PAUSE_WALL = 0.25
STREAM_START_WALL = 0.5
STREAM_SILENT_WALL = 8.0


class Party:
    """Follows the steps in order, then stays silent until the hotline hangs up.

    Loses patience `limit` call seconds after the last thing it did, and hangs up.
    """

    def __init__(self, leg: Leg, steps: tuple[Step, ...], limit: float) -> None:
        self._leg, self._steps, self._limit = leg, steps, limit
        self._prompts_heard = 0
        self._last_act, self._last_act_wall = leg.clock.now(), 0.0
        self._checked: set[int] = set()
        self._last_listener: Listener | None = None

    async def run(self) -> None:
        watch = asyncio.ensure_future(self._hang_up_at_limit())
        try:
            for number, step in enumerate(self._steps, 1):
                await self._do(number, step)
            await watch
        except HungUp:
            self._check_the_rest()
        finally:
            watch.cancel()

    def _check_the_rest(self) -> None:
        """The line died before the script was over: what was still expected was heard by now, or never."""
        for number, step in enumerate(self._steps, 1):
            if step.expect and number not in self._checked:
                self._check(number, step)
            if number > self._leg.steps_done and step.action not in ("expect", "wait_prompt"):
                self._leg.ear.forget()  # it would have been said after this

    def _check(self, number: int, step: Step) -> None:
        self._checked.add(number)
        heard = self._leg.ear.last_words()
        if step.expect and step.expect not in heard:
            self._leg.mismatches.append({"step": number, "expected": step.expect, "heard": heard})

    async def _hang_up_at_limit(self) -> None:
        clock = self._leg.clock
        try:
            while (left := self._last_act + self._limit - clock.now()) > 0:
                await self._leg.sleep(left)
        except HungUp:
            return
        self._leg.warn(0, f"the script's limit of {self._limit:g} s was reached: the person hung up")
        self._leg.end("caller")

    async def _do(self, number: int, step: Step) -> None:
        leg = self._leg
        if step.barge:
            await self._wait_speaking()
            await leg.sleep(step.after)
        elif step.wait:
            await self._wait_prompt()
            await leg.sleep(step.after)
        self._check(number, step)
        leg.steps_done = number
        match step.action:
            case "press":
                for key in step.keys:
                    self._acted()
                    leg.said("caller", f"〔按 {key}〕", kind="press", key=key)
                    leg.press(key)
                    await leg.sleep(KEY_GAP)
            case "say":
                self._acted()
                leg.said("caller", step.text or "〔说话〕", kind="say")
                await leg.sleep(leg.mic.speak(leg.clock.frame() + 1, step.audio))
                self._fell_silent()
            case "noise":
                self._acted()
                leg.said("caller", f"〔噪声 {step.seconds:g} 秒〕", kind="noise")
                await leg.sleep(leg.mic.speak(leg.clock.frame() + 1, white_noise(step.seconds, step.level)))
                self._fell_silent()
            case "silence":
                self._last_act = leg.clock.now() + step.seconds
                await leg.sleep(step.seconds)
            case "hangup":
                leg.said("caller", "〔挂断〕", kind="hangup")
                leg.end("caller")
            case "expect" | "wait_prompt":
                pass

    def _fell_silent(self) -> None:
        self._last_act, self._last_act_wall = self._leg.clock.now(), time.monotonic()

    def _acted(self) -> None:
        self._fell_silent()
        self._prompts_heard = self._leg.ear.prompts
        self._last_listener = self._leg.listener

    async def _wait_speaking(self) -> None:
        ear, start = self._leg.ear, self._leg.clock.now()
        while not (ear.speaking and ear.prompts > self._prompts_heard):
            if self._leg.clock.now() - start > PATIENCE:
                return
            await self._nap()

    async def _wait_prompt(self) -> None:
        """Until the hotline has spoken, has stopped, and something listens to the line."""
        ear, start = self._leg.ear, self._leg.clock.now()
        while not self._my_turn():
            if not ear.speaking and self._leg.clock.now() - max(start, ear.quiet_since) > PATIENCE:
                return
            await self._nap()

    def _my_turn(self) -> bool:
        leg, ear, listener = self._leg, self._leg.ear, self._leg.listener
        if listener is None or ear.speaking:
            return False
        fresh = ear.prompts > self._prompts_heard
        # A pause of the hotline is one after her own words too: it needs time to hear that she has finished
        quiet = leg.clock.now() - max(ear.quiet_since, listener.started, 0.0 if fresh else self._last_act)
        if listener.kind == "stream":
            wall = time.monotonic() - max(ear.quiet_since_wall, listener.started_wall, self._last_act_wall)
            spoke_here = fresh and ear.quiet_since >= listener.started
            if wall < _stream_pause(fresh=fresh, spoke_here=spoke_here):
                return False
        if fresh:
            return quiet >= SETTLE[listener.kind]
        return quiet >= (NO_PROMPT_SAME if listener is self._last_listener else NO_PROMPT_NEW)

    async def _nap(self) -> None:
        if self._leg.hung.is_set():
            raise HungUp
        await asyncio.sleep(0.02 / min(self._leg.clock.pace, 4))


def _stream_pause(*, fresh: bool, spoke_here: bool) -> float:
    if spoke_here:
        return STREAM_PAUSE_WALL
    return STREAM_START_WALL if fresh else STREAM_SILENT_WALL
