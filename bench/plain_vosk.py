"""The plain loop that the gateway is compared with: one Vosk recogniser a WebSocket, every chunk through a thread pool.

The shape of vosk-server's `asr_server.py`: a `config` message, binary PCM16 8 kHz, `{"eof": 1}`, the final result back.
It finds no end of speech, keeps no audio and saves nothing.
"""

import asyncio
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import vosk
from websockets.asyncio.server import ServerConnection, serve

_RATE = 8000.0


class PlainServer:
    def __init__(self, model_path: str) -> None:
        vosk.SetLogLevel(-1)
        self._model = vosk.Model(model_path)
        self._pool = ThreadPoolExecutor(os.cpu_count() or 1)

    async def handle(self, socket: ServerConnection) -> None:
        loop = asyncio.get_running_loop()
        recogniser: Any = None
        async for message in socket:
            if isinstance(message, str) and "config" in message:
                config = json.loads(message)["config"]
                held = config.get("phrase_list")
                grammar = [json.dumps(held, ensure_ascii=False)] if held else []
                recogniser = vosk.KaldiRecognizer(self._model, _RATE, *grammar)
                recogniser.SetWords(True)
                continue
            answer, final = await loop.run_in_executor(self._pool, _process, recogniser, message)
            await socket.send(answer)
            if final:
                return


def _process(recogniser: Any, message: str | bytes) -> tuple[str, bool]:
    if isinstance(message, str):
        return str(recogniser.FinalResult()), True
    if recogniser.AcceptWaveform(message):
        return str(recogniser.Result()), False
    return str(recogniser.PartialResult()), False


async def main() -> None:
    """`python -m bench.plain_vosk MODEL PORT`: until it is ended."""
    server = PlainServer(sys.argv[1])
    async with serve(
        server.handle, "127.0.0.1", int(sys.argv[2]), max_size=None, compression=None
    ) as running:
        await running.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
