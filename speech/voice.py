"""The demo voice: espeak-ng in a process of its own. For the demo and the tests only, never for residents.

The child corrupts its heap now and then (measured while building the prototype); it is renewed after
`RENEW_AFTER` sentences and started again, a few times, when it dies.
"""

import atexit
import contextlib
import json
import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np

from app.errors import VoiceUnavailable
from speech import audio
from speech.pronounce import clauses, espeak_text

BASE_VOICE = "cmn-latn-pinyin"
ENGLISH_VOICE = "en"
DEFAULT_RATE = 150
LEVEL_DBFS = -18.0
RENEW_AFTER = 200
MAX_CHARACTERS = 600
_TRIES = 3
_TIMEOUT = 30.0
_CHILD = Path(__file__).with_name("espeak_process.py")


class _ChildDied(Exception):
    """The child ended, hung or spoke nonsense: start another."""


class EspeakVoice:
    """One child process, one sentence at a time; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._spoken = 0
        self._left = b""

    def sound(self, pinyin: str, *, voice: str, rate: int, pitch: int, span: int) -> tuple[int, bytes]:
        """Sample rate in Hz and PCM16. Raises VoiceUnavailable."""
        order = {"text": pinyin, "voice": voice, "rate": rate, "pitch": pitch, "range": span}
        with self._lock:
            for _ in range(_TRIES):
                try:
                    return self._ask(order)
                except _ChildDied as error:
                    reason = error
                    self._stop()
            raise VoiceUnavailable(f"the demo voice died {_TRIES} times: {reason}")

    def close(self) -> None:
        with self._lock:
            self._stop()

    @property
    def pid(self) -> int | None:
        """Process id of the running child, None before the first sentence and after close()."""
        return self._child.pid if self._child else None

    def _ask(self, order: dict[str, object]) -> tuple[int, bytes]:
        if self._spoken >= RENEW_AFTER:
            self._stop()
        child = self._child or self._start()
        self._spoken += 1
        deadline = time.monotonic() + _TIMEOUT
        if child.stdin is None:
            raise _ChildDied("no pipe")
        try:
            child.stdin.write(json.dumps(order).encode() + b"\n")
            child.stdin.flush()
        except OSError as error:
            raise _ChildDied(str(error)) from error
        header = self._header(child, deadline)
        if "error" in header:
            raise VoiceUnavailable(f"espeak-ng: {header['error']}")
        return int(header["rate"]), self._read(child, int(header["bytes"]), deadline)

    def _start(self) -> subprocess.Popen[bytes]:
        self._left, self._spoken = b"", 0
        self._child = subprocess.Popen(
            [sys.executable, str(_CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        greeting = self._header(self._child, time.monotonic() + _TIMEOUT)
        if "error" in greeting:
            self._stop()
            raise VoiceUnavailable(
                f"no espeak-ng on this machine ({greeting['error']}); install the wheel espeakng-loader"
            )
        return self._child

    def _stop(self) -> None:
        child, self._child, self._left = self._child, None, b""
        if child is None:
            return
        if child.stdin:
            with contextlib.suppress(OSError):
                child.stdin.close()
        try:
            child.wait(timeout=1)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if child.stdout:
            child.stdout.close()

    def _header(self, child: subprocess.Popen[bytes], deadline: float) -> dict[str, str | int]:
        while b"\n" not in self._left:
            self._left += self._piece(child, deadline)
        line, self._left = self._left.split(b"\n", 1)
        try:
            header = json.loads(line)
        except ValueError as error:
            raise _ChildDied(f"answered {line[:80]!r}") from error
        if not isinstance(header, dict):
            raise _ChildDied(f"answered {line[:80]!r}")
        return header

    def _read(self, child: subprocess.Popen[bytes], count: int, deadline: float) -> bytes:
        pieces, size = [self._left], len(self._left)
        while size < count:
            pieces.append(self._piece(child, deadline))
            size += len(pieces[-1])
        data = b"".join(pieces)
        self._left = data[count:]
        return data[:count]

    @staticmethod
    def _piece(child: subprocess.Popen[bytes], deadline: float) -> bytes:
        if child.stdout is None:
            raise _ChildDied("no pipe")
        ready, _, _ = select.select([child.stdout], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise _ChildDied(f"no answer within {_TIMEOUT:.0f} s")
        data = os.read(child.stdout.fileno(), 65536)
        if not data:
            raise _ChildDied("it ended")
        return data


_voices: dict[int, EspeakVoice] = {}
_voices_lock = threading.Lock()


def _shared() -> EspeakVoice:
    # Keyed by process: a forked worker must not talk into its parent's pipes.
    with _voices_lock:
        pid = os.getpid()
        if pid not in _voices:
            _voices[pid] = EspeakVoice()
            atexit.register(_voices[pid].close)
        return _voices[pid]


def synthesise(
    text: str, *, rate: int = DEFAULT_RATE, voice: str = "", pitch: int = 50, span: int = 50
) -> bytes:
    """PCM16 mono at 8 kHz, about −18 dBFS.

    `rate` in espeak's words a minute (80–450), `voice` a variant such as `f2` or `klatt2` ("" = the plain
    voice), `pitch` and `span` 0–99. Raises VoiceUnavailable when nothing can speak, the variant does not
    exist, or the text holds nothing to be said. Text beyond MAX_CHARACTERS is not spoken.
    """
    spoken = clauses(text[:MAX_CHARACTERS])
    if not spoken:
        raise VoiceUnavailable("the text holds no Chinese character or digit that could be spoken")
    name = f"{BASE_VOICE}+{voice}" if voice else BASE_VOICE
    return _sound(espeak_text(spoken), name, rate, pitch, span)


def synthesise_english(text: str, *, rate: int = DEFAULT_RATE) -> bytes:
    """As `synthesise`, for English text."""
    # `[[…]]` would be read as espeak's own names of sounds
    return _sound(text[:MAX_CHARACTERS].replace("[", " "), ENGLISH_VOICE, rate, 50, 50)


def _sound(text: str, name: str, rate: int, pitch: int, span: int) -> bytes:
    source, sound = _shared().sound(text, voice=name, rate=rate, pitch=pitch, span=span)
    if len(sound) < 2 or not np.any(audio.to_samples(sound[: len(sound) // 2 * 2])):
        raise VoiceUnavailable(f"espeak-ng gave no sound for {text!r}")
    samples = audio.to_samples(sound[: len(sound) // 2 * 2])
    return audio.set_level(audio.to_pcm(audio.resample(samples, source, audio.SAMPLE_RATE)), LEVEL_DBFS)


def close() -> None:
    """Ends this process's child, if there is one; the next sentence starts a new one."""
    with _voices_lock:
        voice = _voices.get(os.getpid())
    if voice is not None:
        voice.close()
