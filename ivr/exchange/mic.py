"""What the person at the phone sends: speech and noise placed on the call's time line, silence in between."""

import random
from array import array
from collections import deque
from dataclasses import dataclass

from speech.audio import FRAME_SAMPLES, SAMPLE_RATE, mulaw_encode

SILENT_FRAME = b"\xff" * FRAME_SAMPLES
FORGOTTEN_AFTER = 500  # frames: nobody reads further back


def white_noise(seconds: float, dbfs: float, seed: int = 1) -> bytes:
    """Mu-law white noise of the given level, the same bytes every time."""
    source = random.Random(seed)
    sigma = 32768 * 10 ** (dbfs / 20)
    samples = (round(source.gauss(0, sigma)) for _ in range(int(seconds * SAMPLE_RATE)))
    return mulaw_encode(array("h", (max(-32768, min(32767, s)) for s in samples)).tobytes())


@dataclass(frozen=True)
class _Sound:
    first: int  # frame index
    audio: bytes

    @property
    def end(self) -> int:
        return self.first + -(-len(self.audio) // FRAME_SAMPLES)


class Mic:
    """Time runs whether or not anybody listens: audio spoken into a keypad menu is simply lost."""

    def __init__(self, line_noise_dbfs: float | None = None) -> None:
        self._sounds: deque[_Sound] = deque()
        self._noise = b"" if line_noise_dbfs is None else white_noise(1.0, line_noise_dbfs)

    def speak(self, frame: int, mulaw: bytes) -> float:
        """Put audio on the line from this frame on; returns its length in seconds."""
        while self._sounds and self._sounds[0].end < frame - FORGOTTEN_AFTER:
            self._sounds.popleft()
        sound = _Sound(frame, mulaw)
        self._sounds.append(sound)
        return (sound.end - sound.first) * FRAME_SAMPLES / SAMPLE_RATE

    def frame(self, index: int) -> bytes:
        """The 20 ms of mu-law on the line at this index."""
        for sound in reversed(self._sounds):
            if sound.first <= index < sound.end:
                start = (index - sound.first) * FRAME_SAMPLES
                return sound.audio[start : start + FRAME_SAMPLES].ljust(FRAME_SAMPLES, b"\xff")
        if self._noise:
            start = index * FRAME_SAMPLES % len(self._noise)
            return self._noise[start : start + FRAME_SAMPLES]
        return SILENT_FRAME
