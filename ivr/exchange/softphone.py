"""A telephone in a browser: the network's side of one WebSocket."""

import asyncio
from collections.abc import Callable
from typing import Any

from ivr.exchange.calls import place_inbound
from ivr.exchange.errors import BadOrder
from ivr.exchange.leg import Leg
from ivr.exchange.microphone import Microphone
from ivr.exchange.report import entry_view
from ivr.exchange.script import KEYS
from ivr.exchange.state import Exchange
from ivr.exchange.telephone import Person, Picked
from speech.audio import MAX_WAV_RATE, MIN_WAV_RATE, SAMPLE_RATE, mulaw_decode

Send = Callable[[dict[str, Any] | bytes], None]


class SoftPhone:
    """Telephone, the person holding it and her ears in one. One call at a time.

    `send` takes events for the browser (`event` names them) and PCM16 8 kHz for its loudspeaker.
    """

    pace = 1.0
    line_noise: float | None = None
    reachable = True
    answered_by = "human"

    def __init__(self, exchange: Exchange, number: str, send: Send) -> None:
        self.number = number
        self.faults: dict[str, Any] = {}
        self._exchange, self._send = exchange, send
        self._leg: Leg | None = None
        self._picked: asyncio.Future[Picked] | None = None
        self._rate = SAMPLE_RATE
        self._microphone: Microphone | None = None

    # --- as the network sees it ----------------------------------------------------------------------------
    async def pick_up(self, leg: Leg, timeout: float) -> Picked:
        if self._leg is not None:
            return "busy"
        self._take(leg)
        self._picked = asyncio.get_running_loop().create_future()
        self._tell("ringing", number=leg.from_)
        try:
            async with asyncio.timeout(timeout):
                return await leg.race(self._picked)
        except TimeoutError:
            return "no_answer"

    def person(self, leg: Leg) -> Person:
        return self

    async def run(self) -> None:
        if (leg := self._leg) is not None:
            self._tell("connected")
            await leg.hung.wait()

    def hear(self, mulaw: bytes) -> None:
        self._send(mulaw_decode(mulaw))

    def caption(self, text: str) -> None:
        self._tell("caption", text=text)

    def read(self, entry: dict[str, Any]) -> None:
        if (leg := self._leg) is not None:
            self._tell("line", entry=entry_view(leg, entry))

    # --- what the person does -------------------------------------------------------------------------------
    def obey(self, order: dict[str, Any]) -> None:
        """{"do": dial | answer | hangup | press | microphone, …}; raises BadOrder."""
        match order.get("do"):
            case "dial":
                self._dial()
            case "answer":
                if self._picked is None or self._picked.done():
                    raise BadOrder("现在没有来电")
                self._picked.set_result("answer")
            case "hangup":
                self.hang_up()
            case "press":
                self._press(str(order.get("key", "")))
            case "microphone":
                self._rate = _rate(order.get("rate"))
                self._microphone = None
            case unknown:
                raise BadOrder(f"do: {unknown!r} is none of dial, answer, hangup, press, microphone")

    def speak(self, pcm: bytes) -> None:
        """PCM16 at the microphone's rate; audio outside a call is dropped. Raises AudioError."""
        leg = self._leg
        if leg is None or leg.answered is None or leg.hung.is_set():
            return
        if self._microphone is None:
            self._microphone = Microphone(leg, self._rate)
        self._microphone.feed(pcm)

    def hang_up(self) -> None:
        """Also what happens when the browser goes away. Ringing: declined. Idle: nothing."""
        if (leg := self._leg) is None:
            return
        if self._picked is not None and not self._picked.done():
            self._picked.set_result("busy")
        else:
            leg.end("caller", "completed" if leg.answered else "canceled")

    def _dial(self) -> None:
        if self._leg is not None:
            raise BadOrder("先挂断现在的电话")
        exchange = self._exchange
        leg = place_inbound(
            exchange, self.number, exchange.config.hotline_number, self.person, faults=exchange.faults
        )
        self._take(leg)
        self._tell("dialling", number=leg.to)

    def _press(self, key: str) -> None:
        if len(key) != 1 or key not in KEYS:
            raise BadOrder(f"press: one of the keys {KEYS}, not {key!r}")
        if (leg := self._leg) is not None and leg.answered and not leg.hung.is_set():
            leg.said("caller", f"〔按 {key}〕", kind="press", key=key)
            leg.press(key)

    # --- one call -------------------------------------------------------------------------------------------
    def _take(self, leg: Leg) -> None:
        self._leg, leg.ear.audience = leg, self
        self._exchange.spawn(self._until_hung(leg))

    async def _until_hung(self, leg: Leg) -> None:
        await leg.hung.wait()
        if self._microphone is not None:
            self._microphone.end()
        problem = leg.errors[-1]["message"] if leg.errors else None
        self._tell("ended", by=leg.ended_by, status=leg.status, problem=problem)
        self._leg = self._picked = self._microphone = None

    def _tell(self, event: str, **more: Any) -> None:
        self._send({"event": event, **more})


def _rate(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not MIN_WAV_RATE <= value <= MAX_WAV_RATE:
        raise BadOrder(f"rate: between {MIN_WAV_RATE} and {MAX_WAV_RATE} Hz, not {value!r}")
    return value
