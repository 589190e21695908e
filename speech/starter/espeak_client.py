"""The parent's side of `espeak_worker`: starts it, renews it, starts it again when it dies."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

from app.errors import VoiceUnavailable

RENEW_AFTER = 250
"""Utterances a worker says before it is replaced: espeak-ng corrupts its heap now and then."""

_ROOT = Path(__file__).resolve().parents[2]
_WAIT = 5.0


class WorkerDied(Exception):
    """The worker ended in the middle of an order; say something else, or the same with other settings."""


class OrderRefused(Exception):
    """espeak-ng is well but can't say this text with this voice."""


class EspeakClient:
    """One worker process at a time; not for use from several threads. A context manager."""

    def __init__(self, renew_after: int = RENEW_AFTER) -> None:
        self._renew_after = renew_after
        self._worker: subprocess.Popen[bytes] | None = None
        self._said = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Process id of the running worker, None before the first order and after close()."""
        return self._worker.pid if self._worker else None

    def say(self, order: dict[str, str | int]) -> tuple[int, bytes, list[tuple[int, int, int]]]:
        """Sample rate in Hz, PCM16, and start, vowel (−1 = none), end of each syllable in samples.

        `order` is as `espeak_library.Order`. Raises WorkerDied, OrderRefused, VoiceUnavailable (no espeak-ng here).
        """
        if self._said >= self._renew_after:
            self.close()
        worker = self._worker or self._start()
        self._said += 1
        if worker.stdin is None or worker.stdout is None:
            raise WorkerDied("no pipe")
        try:
            worker.stdin.write(json.dumps(order).encode() + b"\n")
            worker.stdin.flush()
            header = self._header(worker)
            if "error" in header:
                raise OrderRefused(str(header["error"]))
            sound = worker.stdout.read(int(header["bytes"]))
            if len(sound) != header["bytes"]:
                raise WorkerDied("it ended in the middle of a sound")
        except (OSError, WorkerDied) as error:
            self.close()
            raise WorkerDied(str(error)) from error
        return int(header["rate"]), sound, [(a, b, c) for a, b, c in header["syllables"]]

    def close(self) -> None:
        worker, self._worker, self._said = self._worker, None, 0
        if worker is None:
            return
        if worker.stdin:
            with contextlib.suppress(OSError):
                worker.stdin.close()
        try:
            worker.wait(_WAIT)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
        if worker.stdout:
            worker.stdout.close()

    def _start(self) -> subprocess.Popen[bytes]:
        self._worker = subprocess.Popen(
            [sys.executable, "-m", "speech.starter.espeak_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
        )
        try:
            greeting = self._header(self._worker)
        except WorkerDied as error:
            self.close()
            raise VoiceUnavailable("the espeak-ng worker ended before it was ready") from error
        if "error" in greeting:
            self.close()
            raise VoiceUnavailable(
                f"no espeak-ng on this machine ({greeting['error']}); install the wheel espeakng-loader"
            )
        return self._worker

    @staticmethod
    def _header(worker: subprocess.Popen[bytes]) -> dict[str, Any]:
        line = worker.stdout.readline() if worker.stdout else b""
        if not line:
            raise WorkerDied("it ended")
        try:
            header = json.loads(line)
        except ValueError as error:
            raise WorkerDied(f"it answered {line[:80]!r}") from error
        if not isinstance(header, dict):
            raise WorkerDied(f"it answered {line[:80]!r}")
        return header
