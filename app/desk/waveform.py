"""How loud a recording is from one moment to the next, to be drawn; read once and remembered."""

import functools
from pathlib import Path

import numpy as np

from app.errors import AudioError
from speech.audio import read_wav, to_samples

BARS = 120
_LEAST = 4  # per cent: silence is drawn as a thin line


def waveform(path: Path) -> tuple[int, ...]:
    """`BARS` peaks, per cent of the loudest one; a flat line where the file cannot be read."""
    try:
        known = path.stat()
        return _peaks(path, known.st_mtime_ns, known.st_size)
    except (OSError, AudioError):
        return (_LEAST,) * BARS


@functools.lru_cache(maxsize=2000)
def _peaks(path: Path, _changed: int, _size: int) -> tuple[int, ...]:
    samples = np.abs(to_samples(read_wav(path)).astype(np.int32))
    parts = [part.max() if part.size else 0 for part in np.array_split(samples, BARS)]
    loudest = max(*parts, 1)
    return tuple(max(_LEAST, round(100 * int(part) / int(loudest))) for part in parts)
