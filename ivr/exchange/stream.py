"""One media stream: a WebSocket to the gateway, 20 ms frames both ways at the call's pace."""

import asyncio
import time

import aiohttp
from aiohttp import ClientWebSocketResponse, WSMsgType

from ivr.exchange import frames
from ivr.exchange.clock import FRAME_SECONDS
from ivr.exchange.ear import Audience
from ivr.exchange.errors import HungUp
from ivr.exchange.faults import StreamBreak
from ivr.exchange.frames import Clear, FrameViolation, FrameWriter
from ivr.exchange.leg import Leg
from ivr.exchange.playout import Playout, Utterance

MAX_MESSAGE = 1024 * 1024
MAX_CATCH_UP = 50  # frames sent in one go after the process was held up


class MediaStream:
    """Takes the line's keys as `dtmf` frames. `run` returns when either side closed the socket."""

    kind = "stream"

    def __init__(self, leg: Leg, socket: ClientWebSocketResponse, writer: FrameWriter, sid: str) -> None:
        self._leg, self._socket, self._writer, self._sid = leg, socket, writer, sid
        self.started, self.started_wall = leg.clock.now(), time.monotonic()
        self._playout = Playout()
        self._keys: list[str] = []
        self._caption = ""

    def key(self, digit: str) -> None:
        self._keys.append(digit)

    async def run(self, parameters: dict[str, str], fault: StreamBreak | None) -> None:
        leg = self._leg
        await self._socket.send_str(self._writer.connected())
        top_level = leg.compatible
        await self._socket.send_str(self._writer.start(parameters, top_level=top_level))
        leg.listener = self
        sender = asyncio.ensure_future(self._send_frames(fault))
        reader = asyncio.ensure_future(self._read_frames())
        try:
            await leg.race(asyncio.wait({sender, reader}, return_when=asyncio.FIRST_COMPLETED))
            for task in (sender, reader):
                if task.done():
                    task.result()
        except HungUp:
            await self._farewell()
            raise
        except (ConnectionError, aiohttp.ClientError):
            leg.warn(31924, "media stream: the connection broke")
        finally:
            leg.listener = None
            sender.cancel()
            reader.cancel()
            await asyncio.gather(sender, reader, return_exceptions=True)
            self._note(self._playout.clear()[1])
            leg.ear.end()

    async def _send_frames(self, fault: StreamBreak | None) -> None:
        clock = self._leg.clock
        first = index = clock.frame()
        while True:
            for _ in range(min(clock.frame() - index, MAX_CATCH_UP)):
                await self._one_frame(index, first)
                index += 1
            if fault is not None and (index - first) * FRAME_SECONDS >= fault.after:
                await self._break(fault)
                fault = None
            await asyncio.sleep(FRAME_SECONDS / clock.pace)

    async def _one_frame(self, index: int, first: int) -> None:
        leg = self._leg
        while self._keys:
            await self._socket.send_str(self._writer.dtmf(self._keys.pop(0)))
        milliseconds = round((index - first) * FRAME_SECONDS * 1000)
        await self._socket.send_str(self._writer.media(leg.mic.frame(index), milliseconds))
        if self._playout.busy:
            leg.ear.begin()
        marks, spoken, played = self._playout.tick(index * FRAME_SECONDS - leg.answer_moment)
        self._note(spoken)
        if played and leg.ear.audience is not None:
            leg.ear.audience.hear(played)
            self._show_caption(leg.ear.audience)
        await self._echo(marks)
        if not self._playout.busy:
            leg.ear.end()

    def _show_caption(self, audience: Audience) -> None:
        if (text := self._playout.text) != self._caption:
            self._caption = text
            audience.caption(text)

    async def _read_frames(self) -> None:
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                self._leg.violation(f"stream: {message.type.name} message, only text is allowed")
                continue
            try:
                frame = frames.read(message.data, self._sid)
            except FrameViolation as error:
                self._leg.violation(f"stream: {error}")
                continue
            if isinstance(frame, Clear):
                marks, spoken = self._playout.clear()
                self._note(spoken)
                self._leg.ear.end()
                await self._echo(marks)
            else:
                self._playout.put(frame)
        self._leg.warn(31921, "media stream: closed by the product's side")

    async def _echo(self, marks: list[str]) -> None:
        for name in marks:
            await self._socket.send_str(self._writer.mark(name))

    def _note(self, spoken: list[Utterance]) -> None:
        leg = self._leg
        for item in spoken:
            self._caption = ""
            leg.audio.append(item.audio)
            more = {"cut": True} if item.cut else {}
            number = len(leg.audio) - 1
            leg.said(
                "hotline", item.text, kind="prompt", at=item.started, verb="Stream", audio=number, **more
            )

    async def _farewell(self) -> None:
        try:
            await self._socket.send_str(self._writer.stop())
        except (ConnectionError, aiohttp.ClientError):
            self._leg.warn(31924, "media stream: the connection broke before `stop` was sent")

    async def _break(self, fault: StreamBreak) -> None:
        """The network's own mistakes, on request."""
        match fault.how:
            case "drop":
                transport = self._socket.get_extra_info("socket")
                if transport is not None:
                    transport.shutdown(2)
                raise ConnectionResetError("stream dropped on request")
            case "malformed":
                await self._socket.send_str('{"event": "media", "sequenceNumber": ')
            case "bad_base64":
                await self._socket.send_str(
                    self._writer.media(b"", 0).replace('"payload": ""', '"payload": "%%%"')
                )
            case "unknown_event":
                await self._socket.send_str('{"event": "surprise", "streamSid": "' + self._sid + '"}')
            case "binary":
                await self._socket.send_bytes(b"\x00\x01\x02")
