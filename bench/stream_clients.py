"""Made callers at the pace of life: a carrier's stream for the gateway, a vosk-server client for the plain loop.

Both send the same audio and look at the same clock: a delay runs from the moment the deciding frame was sent until
the words are saved (the gateway closes the socket after that) or until the final result is there (the plain loop).
"""

import asyncio
import base64
import itertools
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bench.stream_audio import Turn
from speech.audio import FRAME_SECONDS, mulaw_decode

_CHUNK_FRAMES = 5
"""The plain loop gets 100 ms at a time, as a client of vosk-server would send: a message per frame costs it more."""
_PATIENCE = 20.0  # seconds until a stream that gives no answer counts as lost


@dataclass(frozen=True)
class Ticket:
    """A turn that the gateway awaits: one-time token and the call's id at the carrier."""

    token: str
    call_sid: str


@dataclass(frozen=True)
class Delay:
    """`seconds` from the deciding frame; None: no answer. `text`: what the plain loop heard."""

    seconds: float | None
    text: str = ""


Speak = Callable[[Turn], Awaitable[Delay]]


async def _paced(frames: Sequence[bytes]) -> AsyncIterator[int]:
    """Frame numbers from 1, each when a microphone would have it."""
    started = time.monotonic()
    for number in range(1, len(frames) + 1):
        await asyncio.sleep(max(0.0, started + number * FRAME_SECONDS - time.monotonic()))
        yield number


def to_gateway(url: str, open_turn: Callable[[Turn], Ticket]) -> Speak:
    async def speak(turn: Turn) -> Delay:
        ticket = await asyncio.to_thread(open_turn, turn)
        async with connect(url, compression=None, ping_interval=None) as socket:
            start = {
                "streamSid": "MZ1",
                "callSid": ticket.call_sid,
                "customParameters": {"token": ticket.token},
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            }
            await socket.send(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
            await socket.send(json.dumps({"event": "start", "streamSid": "MZ1", "start": start}))
            decided = 0.0
            closed = asyncio.ensure_future(_closed(socket))
            try:
                async for number in _paced(turn.mulaw):
                    await socket.send(_media(turn.mulaw[number - 1]))
                    if number == turn.decided:
                        decided = time.monotonic()
            except ConnectionClosed:
                pass  # it has what it needs
            try:
                done = await asyncio.wait_for(closed, _PATIENCE)
            except TimeoutError:
                return Delay(None)
            return Delay(done - decided if decided and socket.close_code == 1000 else None)

    return speak


async def _closed(socket: ClientConnection) -> float:
    """When, not at the next frame that can't be sent any more."""
    await socket.wait_closed()
    return time.monotonic()


def _media(mulaw: bytes) -> str:
    payload = base64.b64encode(mulaw).decode()
    return f'{{"event":"media","streamSid":"MZ1","media":{{"track":"inbound","payload":"{payload}"}}}}'


def to_plain(url: str, held: Callable[[Turn], list[str]]) -> Speak:
    """`held`: the phrase list in the model's own words, empty for open recognition."""

    async def speak(turn: Turn) -> Delay:
        async with connect(url, compression=None, ping_interval=None, max_size=None) as socket:
            config: dict[str, object] = {"sample_rate": 8000}
            if held(turn):
                config["phrase_list"] = held(turn)
            await socket.send(json.dumps({"config": config}, ensure_ascii=False))
            answers = asyncio.ensure_future(_answers(socket.recv))
            chunk = bytearray()
            async for number in _paced(turn.mulaw[: turn.decided]):
                chunk += mulaw_decode(turn.mulaw[number - 1])
                if number % _CHUNK_FRAMES == 0 or number == turn.decided:
                    await socket.send(bytes(chunk))
                    chunk.clear()
            decided = time.monotonic()
            await socket.send('{"eof" : 1}')
            try:
                text = await asyncio.wait_for(answers, _PATIENCE)
            except (TimeoutError, ConnectionClosed):
                return Delay(None)
            return Delay(time.monotonic() - decided, text)

    return speak


async def _answers(receive: Callable[[], Awaitable[str | bytes]]) -> str:
    """All results until the server closes."""
    words = []
    try:
        while True:
            words.append(str(json.loads(await receive()).get("text", "")))
    except ConnectionClosed:
        return "".join(words).replace(" ", "")


async def crowd(
    speak: Speak, turns: Sequence[Turn], streams: int, wanted: int, step: Callable[[], None]
) -> list[Delay]:
    """`streams` callers at once, each taking one turn after the other, until `wanted` turns have begun."""
    found: list[Delay] = []
    begun = itertools.count()

    async def caller(n: int) -> None:
        await asyncio.sleep(n * 0.137 % 4.0)  # not all in step
        at = n * 7
        while next(begun) < wanted:
            found.append(await speak(turns[at % len(turns)]))
            at += 1
            step()

    await asyncio.gather(*(caller(n) for n in range(streams)))
    return found
