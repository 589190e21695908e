"""The media gateway: an asyncio process of its own, so that open streams never block a webhook.

One socket is one turn of one call. What was heard is saved *before* the socket is closed: closing it is what makes
the carrier ask for the next TwiML. If anything here fails, the call goes on by keypad and the spool file is found
by a sweeper.
"""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import BinaryIO

import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from app.errors import BadInput, KioskRefused
from app.runtime import Runtime
from ivr import frames, kiosk_audio
from ivr.listener import Listener
from ivr.listening import Ended
from ivr.stream_turn import StreamTurn, open_turn, save_turn
from models.base import Json
from speech.audio import SAMPLE_RATE
from speech.engine import Engine
from speech.model_check import check
from speech.phrasebook import phrasebook
from speech.vosk_engine import VoskEngine

log = structlog.get_logger(__name__)

START_SECONDS = 5.0  # a socket that says nothing is not a call
IDLE_SECONDS = 10.0  # a carrier sends a frame every 20 ms; silence this long means that the line is gone
SAVE_TRIES = 3
_QUEUE_FRAMES = 256  # five seconds of audio may wait while a turn is opened or saved
_CLOSE_SECONDS = 1.0  # the carrier goes on when it sees our Close; a slow answer to it must not hold a place
_PLAY_BYTES = SAMPLE_RATE // 5  # 200 ms of mu-law a frame: fewer frames, and `clear` drops the rest at once
_SPOOL_BYTES = (
    SAMPLE_RATE // 5
)  # 200 ms may be lost with the process; a system call a frame costs more than it saves
_TRY_AGAIN_LATER, _REFUSED, _UNSUPPORTED = 1013, 1008, 1003


class Refused(Exception):
    """This socket is not a turn that we await."""


@dataclass
class Line:
    """An accepted stream: the socket, its id at the carrier, and the turn that it serves."""

    socket: ServerConnection
    stream_sid: str
    turn: StreamTurn
    spool: BinaryIO


class Gateway:
    """Serves streams until stopped; `engine` None means: no model, keep recording."""

    def __init__(self, runtime: Runtime, engine: Engine | None) -> None:
        self.runtime, self.engine = runtime, engine
        self.active = 0
        self._pool = ThreadPoolExecutor(runtime.settings.speech_threads, thread_name_prefix="speech")
        runtime.settings.spool_dir.mkdir(parents=True, exist_ok=True)

    async def handle(self, socket: ServerConnection) -> None:
        path = socket.request.path.partition("?")[0] if socket.request else ""
        if path not in ("/media", kiosk_audio.PATH):
            await socket.close(_REFUSED, "no such stream")
            return
        if self.active >= self.runtime.settings.gateway_max_calls:
            log.warning("gateway_full", active=self.active)
            await socket.close(_TRY_AGAIN_LATER, "full")
            return
        self.active += 1
        try:
            if path == kiosk_audio.PATH:
                await kiosk_audio.serve_kiosk(socket, self.runtime, self.engine, self._pool)
                return
            async with self._accepted(socket) as line:
                await self._serve_turn(line)
        except (Refused, KioskRefused) as refusal:
            log.warning("stream_refused", reason=str(refusal))
            await socket.close(_REFUSED, str(refusal)[:30])
        except (BadInput, TimeoutError) as error:
            reason = str(error) or type(error).__name__
            log.warning("stream_broken", error=reason)
            await socket.close(_UNSUPPORTED, reason[:30])  # a close reason has 123 bytes
        except ConnectionClosed:
            log.info("stream_closed_early")
        finally:
            self.active -= 1

    @contextlib.asynccontextmanager
    async def _accepted(self, socket: ServerConnection) -> AsyncIterator[Line]:
        async with asyncio.timeout(START_SECONDS):
            start = await self._start_frame(socket)
        if start.encoding != "audio/x-mulaw" or start.sample_rate != SAMPLE_RATE or start.channels != 1:
            raise Refused(
                f"audio is {start.encoding} {start.sample_rate} Hz, wanted audio/x-mulaw 8000 Hz mono"
            )
        turn = await asyncio.to_thread(self._open, start.parameters.get("token", ""), start.call_sid)
        if turn is None:
            raise Refused("unknown or used token")
        with (self.runtime.settings.spool_dir / turn.spool).open("wb", buffering=_SPOOL_BYTES) as spool:
            yield Line(socket, start.stream_sid, turn, spool)

    @staticmethod
    async def _start_frame(socket: ServerConnection) -> frames.Start:
        async for raw in socket:
            frame = frames.parse(raw)
            if isinstance(frame, frames.Start):
                return frame
            if not isinstance(frame, frames.Connected):
                raise Refused("the first frames must be connected and start")
        raise Refused("closed before start")

    def _open(self, token: str, call_sid: str) -> StreamTurn | None:
        with self.runtime.db.transaction() as session:
            return open_turn(session, token, call_sid, now=self.runtime.now())

    async def _serve_turn(self, line: Line) -> None:
        turn = line.turn
        last_mark, seconds = await self._play(line)
        listener = Listener(self.engine, self._pool, turn.spec, turn.admitted, seconds)
        problem: Exception | None = None
        try:
            while not await listener.over():
                await self._listen(line, listener, last_mark)
            if listener.listening.prompting and listener.listening.ended is Ended.SPEECH:
                await line.socket.send(frames.encode_clear(line.stream_sid))
        except (ConnectionClosed, TimeoutError):
            listener.hang_up()
        except frames.FrameError as error:
            problem = error
        heard = await listener.heard()
        if problem is not None:
            # What the carrier sends makes no sense any more: the next turn asks for keys; the audio is kept
            heard |= {"kind": "lost"}
        if await self._save(turn, heard, listener):
            await line.socket.close(1000)
        if problem is not None:
            raise problem

    async def _play(self, line: Line) -> tuple[str | None, float]:
        """Send the prompts ahead of time; (name of the last mark, seconds of audio)."""
        seconds, last = 0.0, None
        for sentence in line.turn.prompts:
            audio = await asyncio.to_thread(self.runtime.clips.audio_for, sentence)
            if audio is None:  # the clip has gone since the TwiML was written: better short than silent
                log.error("prompt_without_audio", turn=line.turn.n)
                continue
            for at in range(0, len(audio), _PLAY_BYTES):
                await line.socket.send(frames.encode_media(line.stream_sid, audio[at : at + _PLAY_BYTES]))
            await line.socket.send(frames.encode_mark(line.stream_sid, sentence))
            seconds, last = seconds + len(audio) / SAMPLE_RATE, sentence
        return last, seconds

    @staticmethod
    async def _listen(line: Line, listener: Listener, last_mark: str | None) -> None:
        """Frames until something has happened that may end the turn."""
        happened = False
        async with asyncio.timeout(IDLE_SECONDS):
            while not happened:
                match frames.parse(await line.socket.recv()):
                    case frames.Media(audio=payload, track="inbound"):
                        line.spool.write(payload)
                        happened = listener.feed(payload)
                    case frames.Dtmf(digit=digit):
                        if listener.listening.prompting:
                            await line.socket.send(frames.encode_clear(line.stream_sid))
                        listener.key(digit)
                        happened = True
                    case frames.Mark(name=name):
                        if name == last_mark:
                            listener.prompt_done()
                    case frames.Stop():
                        listener.hang_up()
                        happened = True
                    case _:
                        pass

    async def _save(self, turn: StreamTurn, heard: Json, listener: Listener) -> bool:
        audio = bytes(listener.audio) if listener.listening.spoke or heard["text"] else None
        for attempt in range(SAVE_TRIES):
            try:
                await asyncio.to_thread(save_turn, self.runtime, turn, heard, audio)
                return True
            except Exception as error:  # a locked or full database: the spool stays, the sweeper attaches it
                log.error("turn_not_saved", turn=turn.n, attempt=attempt, error=type(error).__name__)
                await asyncio.sleep(0.2 * (attempt + 1))
        return False


async def run(runtime: Runtime, engine: Engine | None) -> None:
    """Serve until SIGTERM or SIGINT; open turns are finished first."""
    host, _, port = runtime.settings.gateway_bind.rpartition(":")
    gateway = Gateway(runtime, engine)
    phrasebook()  # a second or two, while nobody waits yet
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    async with serving(gateway, host, int(port)):
        log.info("gateway_ready", bind=runtime.settings.gateway_bind, engine=engine.name if engine else None)
        await stop.wait()


@contextlib.asynccontextmanager
async def serving(gateway: Gateway, host: str, port: int) -> AsyncIterator[Server]:
    """The server for as long as the block lasts; port 0 picks a free one."""
    async with serve(
        gateway.handle,
        host,
        port,
        max_size=frames.MAX_FRAME,
        max_queue=_QUEUE_FRAMES,
        compression=None,
        close_timeout=_CLOSE_SECONDS,
    ) as server:
        yield server


def load_engine(runtime: Runtime) -> Engine | None:
    """The configured model, or None with the reason in the log: calls go on by keypad and recording.

    It is tried in a process of its own first: a damaged model can take the process with it.
    """
    report = check(runtime.settings.speech_model)
    if not report.usable:
        log.error("speech_model_unusable", reason=report.summary())
        return None
    if not report.phrase_lists:
        log.warning("speech_model_ignores_phrase_lists", model=report.path.name)
    return VoskEngine.load(runtime.settings.speech_model)
