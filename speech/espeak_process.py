"""espeak-ng in a process of its own: one JSON line in, one JSON line and the raw sound out.

Never imported by the product. espeak-ng is GPL-3: it runs at arm's length, as a separate program that is
told what to say and hands back sound. It needs nothing but the standard library (and, if installed, the
wheel `espeakng_loader`, which carries the shared library and its data).

Request:  {"text": "san1 dong4", "voice": "cmn-latn-pinyin+f2", "rate": 150, "pitch": 50, "range": 50}
Answer:   {"rate": 22050, "bytes": N} and N bytes of PCM16 mono, or {"error": "…"}.
The first line after the start is {"ready": "library" | "program"} or {"error": "…"}.
"""

import ctypes
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Protocol

# From speak_lib.h
_SYNCHRONOUS = 2
_CHARS_UTF8 = 1
_PHONEMES = 0x100
"""Reads `[[…]]` as espeak's own names of sounds, as its program always does."""

_RATE, _PITCH, _RANGE = 1, 3, 4
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Speaker(Protocol):
    kind: str

    def say(self, text: str, voice: str, rate: int, pitch: int, span: int) -> tuple[int, bytes]: ...


class LibrarySpeaker:
    kind = "library"

    def __init__(self, library: str, data: str | None) -> None:
        self._lib: Any = ctypes.CDLL(library)
        self._lib.espeak_Info.restype = ctypes.c_char_p
        self._rate = int(self._lib.espeak_Initialize(_SYNCHRONOUS, 0, data.encode() if data else None, 0))
        if self._rate <= 0:
            raise OSError("espeak-ng found no data")
        found = ctypes.c_char_p()
        self._lib.espeak_Info(ctypes.byref(found))
        self._variants = Path((found.value or b"").decode()) / "voices" / "!v"
        self._pieces: list[bytes] = []
        # Kept on self: ctypes does not hold the callback, and espeak would call freed memory.
        self._callback = _CALLBACK(self._heard)
        self._lib.espeak_SetSynthCallback(self._callback)

    def _heard(self, wave: Any, count: int, _events: Any) -> int:
        if count > 0:
            self._pieces.append(ctypes.string_at(wave, count * 2))
        return 0

    def say(self, text: str, voice: str, rate: int, pitch: int, span: int) -> tuple[int, bytes]:
        # The library takes an unknown variant for none and says nothing.
        variant = voice.partition("+")[2]
        unknown = bool(variant) and self._variants.is_dir() and not (self._variants / variant).is_file()
        if unknown or self._lib.espeak_SetVoiceByName(voice.encode()):
            raise ValueError(f"no voice {voice}")
        for parameter, value in ((_RATE, rate), (_PITCH, pitch), (_RANGE, span)):
            self._lib.espeak_SetParameter(parameter, value, 0)
        self._pieces = []
        data = text.encode()
        if self._lib.espeak_Synth(data, len(data) + 1, 0, 0, 0, _CHARS_UTF8 | _PHONEMES, None, None):
            raise ValueError("espeak-ng refused the text")
        self._lib.espeak_Synchronize()
        return self._rate, b"".join(self._pieces)


class ProgramSpeaker:
    """The `espeak-ng` program, where only that is installed."""

    kind = "program"
    _HEADER = 44

    def __init__(self, program: str) -> None:
        self._program = program

    def say(self, text: str, voice: str, rate: int, pitch: int, span: int) -> tuple[int, bytes]:
        command = [self._program, "--stdout", "-v", voice, "-s", str(rate), "-p", str(pitch), "-P", str(span)]
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=20, check=False)
        if done.returncode or len(done.stdout) <= self._HEADER:
            raise ValueError(done.stderr.decode(errors="replace").strip() or "espeak-ng gave no sound")
        return int.from_bytes(done.stdout[24:28], "little"), done.stdout[self._HEADER :]


def find_speaker() -> Speaker:
    """The wheel's library, the system's library, the program: the first that works; raises OSError."""
    reasons = []
    try:
        import espeakng_loader

        return LibrarySpeaker(espeakng_loader.get_library_path(), espeakng_loader.get_data_path())
    except (ImportError, OSError, RuntimeError) as error:
        reasons.append(f"wheel espeakng-loader: {error}")
    try:
        return LibrarySpeaker("libespeak-ng.so.1", None)
    except OSError as error:
        reasons.append(f"system library: {error}")
    if program := shutil.which("espeak-ng"):
        return ProgramSpeaker(str(Path(program)))
    reasons.append("no program espeak-ng on the PATH")
    raise OSError("; ".join(reasons))


def main() -> int:
    out = sys.stdout.buffer

    def answer(header: dict[str, object], sound: bytes = b"") -> None:
        out.write(json.dumps(header).encode() + b"\n" + sound)
        out.flush()

    try:
        speaker = find_speaker()
    except OSError as error:
        answer({"error": str(error)})
        return 1
    answer({"ready": speaker.kind})
    # Ends when the parent closes the pipe or dies, so that no process stays behind.
    for line in sys.stdin.buffer:
        try:
            order = json.loads(line)
            rate, sound = speaker.say(
                order["text"], order["voice"], order["rate"], order["pitch"], order["range"]
            )
        except (ValueError, KeyError, TypeError, OSError, subprocess.SubprocessError) as error:
            answer({"error": f"{type(error).__name__}: {error}"})
        else:
            answer({"rate": rate, "bytes": len(sound)}, sound)
    return 0


if __name__ == "__main__":
    sys.exit(main())
