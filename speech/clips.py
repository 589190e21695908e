"""Audio for prompts: recorded human clip → Piper voice → demo voice → none, then the carrier speaks (`<Say>`)."""

import contextlib
import hashlib
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import structlog

from app.errors import AudioError, VoiceUnavailable
from app.settings import Settings
from speech import audio, voice
from speech.voice import DEFAULT_RATE, synthesise, synthesise_english

log = structlog.get_logger(__name__)

_VERSION = 1
"""Part of every cache key: raise it when voices sound different for the same text."""
_TRIAL = {"zh": "您好", "en": "Hello"}
"""By language, as voices are named after: what each is tried with."""
_FORBIDDEN = '/\\:*?"<>|\x00\n\r\t'


class Voice(Protocol):
    """Turns a text into sound, or raises VoiceUnavailable."""

    @property
    def key(self) -> str:
        """Distinguishes cached audio of different voices and settings."""

    @property
    def language(self) -> str:
        """`zh` or `en`."""

    def speak(self, text: str) -> bytes:
        """PCM16 8 kHz."""


@dataclass(frozen=True)
class DemoVoice:
    """espeak-ng in a process of its own; never for real residents. `rate` in espeak's words a minute."""

    variant: str = ""
    rate: int = DEFAULT_RATE
    language: str = "zh"

    @property
    def key(self) -> str:
        name = self.variant if self.language == "zh" else self.language
        return f"demo-{name}-{self.rate}"

    def speak(self, text: str) -> bytes:
        # A letter alone (of a number like A017) is said as in English
        if self.language == "en" or (text.isascii() and text.isalpha()):
            return synthesise_english(text, rate=self.rate)
        return synthesise(text, voice=self.variant, rate=self.rate)


@dataclass(frozen=True)
class PiperVoice:
    """The `piper` program (GPL, a separate process) with a voice file that an administrator fetched."""

    program: Path
    model: Path
    timeout: float = 30.0
    language: str = "zh"

    @property
    def key(self) -> str:
        return f"piper-{self.model.name}"

    def speak(self, text: str) -> bytes:
        with tempfile.TemporaryDirectory(prefix="jiachang-piper-") as directory:
            out = Path(directory) / "out.wav"
            command = [str(self.program), "--model", str(self.model), "--output_file", str(out)]
            try:
                done = subprocess.run(
                    command,
                    input=(text + "\n").encode(),
                    capture_output=True,
                    timeout=self.timeout,
                    check=False,
                )
                if done.returncode:
                    raise VoiceUnavailable(f"piper: {done.stderr.decode(errors='replace').strip()[-200:]}")
                return audio.set_level(audio.read_wav(out), -18.0)
            except (OSError, subprocess.TimeoutExpired, AudioError) as error:
                raise VoiceUnavailable(f"piper: {error}") from error


class ClipStore:
    """`directory` holds what people put there, `recorded/` (human clips) and `piper/` (a voice file), and
    `cache/`, which is ours and may be deleted.

    A recorded clip is a WAV file named by the text (`您好.wav`) or by `text_key(text)`. Safe to use from
    several threads and processes: files appear whole or not at all.
    """

    def __init__(self, directory: Path, voices: Sequence[Voice] = ()) -> None:
        self.recorded = Path(directory) / "recorded"
        self.cache = Path(directory) / "cache"
        self._voices = tuple(voices)
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()
        self._works: dict[str, bool] = {}

    @classmethod
    def from_settings(cls, settings: Settings) -> "ClipStore":
        """Piper if an administrator put a voice (`*.onnx`) into `clips/piper/` and `piper` is on the PATH: English with
        one whose name begins with `en`, as Piper's own do, Chinese with any other."""
        directory = settings.data_dir / "clips"
        voices: list[Voice] = []
        program = shutil.which("piper")
        if program is not None:
            for model in sorted(directory.glob("piper/*.onnx")):
                language = "en" if model.name.startswith("en") else "zh"
                if all(voice.language != language for voice in voices):
                    voices.append(PiperVoice(Path(program), model, language=language))
        if settings.demo_voice:
            voices += (DemoVoice(language=language) for language in _TRIAL)
        return cls(directory, voices)

    def close(self) -> None:
        """Ends the demo voice's process."""
        voice.close()

    def audio_for(self, text: str, language: str = "zh", *, keep: bool = True) -> bytes | None:
        """mu-law 8 kHz for the whole text; None if nobody here can speak it. `keep` False: somebody's own words,
        which the cache must not hold."""
        text = text.strip()
        if not text:
            return None
        if clip := self._human_clip(text):
            try:
                stat = clip.stat()
                return self._cached(
                    f"clip-{stat.st_mtime_ns}-{stat.st_size}", clip.name, lambda: audio.read_wav(clip)
                )
            except (AudioError, FileNotFoundError) as error:
                # A voice says the same sentence: no caller should pay for a bad recording.
                log.error("recorded_clip_unusable", reason=str(error))
        for speaker in self._speakers(language):
            with contextlib.suppress(VoiceUnavailable):
                if sound := self._cached(speaker.key, text, partial(speaker.speak, text), keep=keep):
                    return sound
        return None

    def can_play(self, text: str, language: str = "zh") -> bool:
        """Will `audio_for` have audio? Quick, for whoever holds a lock: nothing is spoken but one trial a process."""
        text = text.strip()
        return bool(text) and (self._human_clip(text) is not None or self._voice_works(language))

    def is_ready(self, text: str, language: str = "zh") -> bool:
        """Would `audio_for` take it from the disk, with nobody having to speak?"""
        text = text.strip()
        return self.is_recorded(text) or any(
            self._cache_file(speaker.key, text).is_file() for speaker in self._speakers(language)
        )

    def is_recorded(self, text: str) -> bool:
        """Does a human clip speak it?"""
        return self._human_clip(text.strip()) is not None

    def record(self, text: str, wav: bytes) -> None:
        """Put a human clip in the place of any voice. The one before is kept until the next: `restore`.

        Raises AudioError for what is no WAV that we can play.
        """
        audio.decode_wav(wav)
        self._put_aside(text)
        _write_whole(self.recorded / f"{text_key(text)}.wav", wav)

    def remove(self, text: str) -> None:
        """The voices speak it again."""
        self._put_aside(text)

    def restore(self, text: str) -> bool:
        """What `record` or `remove` put aside counts again, and the present clip is put aside; False if there is none."""
        before = self._aside(text)
        if not before.is_file():
            return False
        wav = before.read_bytes()
        before.unlink()
        self._put_aside(text)
        _write_whole(self.recorded / f"{text_key(text)}.wav", wav)
        return True

    def can_restore(self, text: str) -> bool:
        return self._aside(text).is_file()

    def _aside(self, text: str) -> Path:
        return self.recorded / f"{text_key(text)}.before"

    def _put_aside(self, text: str) -> None:
        clip = self._human_clip(text.strip())
        if clip is not None:
            clip.replace(self._aside(text))

    def _speakers(self, language: str) -> list[Voice]:
        return [voice for voice in self._voices if voice.language == language]

    def _voice_works(self, language: str) -> bool:
        if language not in self._works:
            self._works[language] = self.audio_for(_TRIAL[language], language) is not None
        return self._works[language]

    def _human_clip(self, text: str) -> Path | None:
        names = [text_key(text)]
        if len(text) <= 60 and not text.startswith(".") and not set(text) & set(_FORBIDDEN):
            names.insert(0, text)
        return next((file for name in names if (file := self.recorded / f"{name}.wav").is_file()), None)

    def _cached(self, key: str, text: str, make: Callable[[], bytes], *, keep: bool = True) -> bytes:
        """Raises what `make` raises, which gives PCM16."""
        file = self._cache_file(key, text)
        with self._lock(file.name):
            with contextlib.suppress(FileNotFoundError):
                if sound := file.read_bytes():
                    return sound
            sound = audio.mulaw_encode(make())
            if sound and keep:
                _write_whole(file, sound)
            return sound

    def _cache_file(self, key: str, text: str) -> Path:
        name = hashlib.sha256(f"{_VERSION}\n{key}\n{text}".encode(errors="replace")).hexdigest()
        return self.cache / name[:2] / f"{name}.ulaw"

    def _lock(self, name: str) -> threading.Lock:
        # One synthesis a text in this process; two processes may both do it, the last rename wins.
        with self._guard:
            return self._locks.setdefault(name[:3], threading.Lock())


def text_key(text: str) -> str:
    """Name of a recorded clip whose text is too long or odd for a file name: 16 hex digits."""
    return hashlib.sha256(text.strip().encode(errors="replace")).hexdigest()[:16]


def _write_whole(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
