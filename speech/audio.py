"""Audio as the telephone carries it: G.711 mu-law, WAV files, levels, resampling.

Everything inside the program is PCM16 little-endian, mono, 8,000 samples a second; only what a kiosk recorded is kept
at 16,000, for people's ears.
The mu-law tables are computed once from the G.711 definition (bias 33, 8 segments of 16 steps, bits
inverted), so that there is no dependency on `audioop`, which leaves the standard library in 3.13.
"""

import io
import math
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from app.errors import AudioError

SAMPLE_RATE = 8000
FRAME_SAMPLES = 160
"""Samples in the 20 ms frame that carriers send and the endpointer expects."""
FRAME_SECONDS = FRAME_SAMPLES / SAMPLE_RATE
FRAME_BYTES = FRAME_SAMPLES * 2

MIN_WAV_RATE = 8000
MAX_WAV_RATE = 48000
MAX_WAV_SECONDS = 3600
"""Longer files are refused: nothing on a hotline lasts an hour, an endless file must not fill the memory."""

MAX_WAV_BYTES = 200_000_000

_FORMAT_PCM = 1
_FORMAT_MULAW = 7
_FORMAT_EXTENSIBLE = 0xFFFE
_SILENCE_DBFS = -120.0

Samples = npt.NDArray[np.int16]


def _decode_table() -> Samples:
    codes = ~np.arange(256, dtype=np.uint8)
    exponent = (codes >> 4) & 7
    mantissa = codes & 15
    magnitude = ((mantissa.astype(np.int32) << 3) + 0x84 << exponent) - 0x84
    return np.where(codes & 0x80, -magnitude, magnitude).astype(np.int16)


def _encode_table() -> npt.NDArray[np.uint8]:
    """Indexed by the sample's bits as uint16."""
    sample = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    sign = np.where(sample < 0, 0x80, 0)
    biased = np.minimum(np.abs(sample), 32635) + 0x84
    exponent = np.floor(np.log2(biased)).astype(np.int32) - 7
    mantissa = (biased >> (exponent + 3)) & 15
    codes: npt.NDArray[np.uint8] = (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8)
    return codes


_DECODE = _decode_table()
_ENCODE = _encode_table()


def mulaw_decode(data: bytes) -> bytes:
    """One mu-law byte a sample → two PCM bytes a sample."""
    decoded: bytes = _DECODE[np.frombuffer(data, np.uint8)].astype("<i2").tobytes()
    return decoded


def mulaw_encode(pcm: bytes) -> bytes:
    """Raises AudioError on an odd number of bytes."""
    encoded: bytes = _ENCODE[to_samples(pcm).view(np.uint16)].tobytes()
    return encoded


def to_samples(pcm: bytes) -> Samples:
    """PCM16LE bytes as an int16 array. Raises AudioError on an odd number of bytes."""
    if len(pcm) % 2:
        raise AudioError(f"16-bit audio needs an even number of bytes, got {len(pcm)}")
    return np.frombuffer(pcm, "<i2").astype(np.int16, copy=False)


def to_pcm(samples: npt.NDArray[np.floating] | Samples) -> bytes:
    """Rounds and clips to 16 bits."""
    if samples.dtype != np.int16:
        samples = np.clip(np.rint(samples), -32768, 32767)
    return samples.astype("<i2").tobytes()


def resample(
    samples: npt.NDArray[np.floating] | Samples, source: int, target: int
) -> npt.NDArray[np.float32]:
    """A whole recording at once; rates in Hz. For streams use `StreamResampler`."""
    floats = samples.astype(np.float32)
    if source == target or floats.size == 0:
        return floats
    return np.asarray(soxr.resample(floats, source, target), dtype=np.float32)


class StreamResampler:
    """Resamples a stream piece by piece without clicks at the joints. Rates in Hz."""

    def __init__(self, source: int, target: int) -> None:
        # As floats: on integers soxr dithers, and the same audio would not give the same words twice.
        self._stream = soxr.ResampleStream(source, target, 1, dtype="float32")

    def feed(self, pcm: bytes, *, last: bool = False) -> bytes:
        """Output lags some milliseconds behind; `last=True` gives the rest."""
        return to_pcm(np.asarray(self._stream.resample_chunk(to_samples(pcm).astype(np.float32), last=last)))


def rms_dbfs(pcm: bytes) -> float:
    """Level against full scale (0 dBFS = a square wave at full scale); −120.0 for silence or nothing."""
    samples = to_samples(pcm)
    if samples.size == 0:
        return _SILENCE_DBFS
    rms = math.sqrt(float(np.mean(np.square(samples, dtype=np.float64))))
    return max(_SILENCE_DBFS, 20 * math.log10(rms / 32768)) if rms > 0 else _SILENCE_DBFS


def set_level(pcm: bytes, dbfs: float) -> bytes:
    """Scales to the given RMS level, never beyond clipping of the loudest sample; silence stays silence."""
    samples = to_samples(pcm).astype(np.float64)
    peak = float(np.max(np.abs(samples))) if samples.size else 0.0
    if peak == 0:
        return pcm
    gain = min(10 ** ((dbfs - rms_dbfs(pcm)) / 20), 32000 / peak)
    return to_pcm(samples * gain)


def silence(seconds: float) -> bytes:
    return bytes(2 * round(seconds * SAMPLE_RATE))


def seconds_of(pcm: bytes) -> float:
    """Length of 8 kHz PCM16."""
    return len(pcm) / (2 * SAMPLE_RATE)


@dataclass(frozen=True)
class _WavFormat:
    codec: int
    channels: int
    rate: int
    bits: int


def read_wav(path: Path) -> bytes:
    """PCM16 8 kHz mono of a WAV file (PCM 16 bit or mu-law, 8–48 kHz, one or two channels).

    Raises AudioError that names the file and the reason.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_WAV_BYTES + 1)
    except OSError as error:
        raise AudioError(f"{path}: cannot be read: {error.strerror or error}") from error
    if len(data) > MAX_WAV_BYTES:
        raise AudioError(f"{path}: larger than {MAX_WAV_BYTES // 1_000_000} MB")
    try:
        return decode_wav(data)
    except AudioError as error:
        raise AudioError(f"{path}: {error}") from error


def decode_wav(data: bytes, *, rate: int = SAMPLE_RATE) -> bytes:
    """As `read_wav`, from the file's bytes, at `rate` Hz."""
    form, body = _parse_riff(data)
    if form.codec == _FORMAT_MULAW and form.bits == 8:
        samples = to_samples(mulaw_decode(body))
    elif form.codec == _FORMAT_PCM and form.bits == 16:
        samples = to_samples(body[: len(body) // 2 * 2])
    else:
        raise AudioError(f"format {form.codec} with {form.bits} bits; need 16-bit PCM or 8-bit mu-law")
    if not MIN_WAV_RATE <= form.rate <= MAX_WAV_RATE:
        raise AudioError(f"{form.rate} samples a second; need {MIN_WAV_RATE} to {MAX_WAV_RATE}")
    if form.channels not in (1, 2):
        raise AudioError(f"{form.channels} channels; need one or two")
    if samples.size < form.channels:
        raise AudioError("holds no sound")
    if samples.size / form.channels / form.rate > MAX_WAV_SECONDS:
        raise AudioError(f"longer than {MAX_WAV_SECONDS} seconds")
    if form.channels == 2:
        frames = samples[: samples.size // 2 * 2].reshape(-1, 2)
        return to_pcm(resample(frames.astype(np.float32).mean(axis=1), form.rate, rate))
    if form.rate == rate:
        return to_pcm(samples)
    return to_pcm(resample(samples, form.rate, rate))


def _parse_riff(data: bytes) -> tuple[_WavFormat, bytes]:
    # Read by hand: the standard library's `wave` refuses mu-law and the EXTENSIBLE header of many recorders.
    if len(data) == 0:
        raise AudioError("is empty")
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise AudioError("is not a WAV file")
    form: _WavFormat | None = None
    position = 12
    while position + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, position)
        start = position + 8
        if kind == b"fmt ":
            if size < 16 or start + 16 > len(data):
                raise AudioError("is damaged: its format header is cut short")
            codec, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", data, start)
            if codec == _FORMAT_EXTENSIBLE and size >= 40 and start + 26 <= len(data):
                (codec,) = struct.unpack_from("<H", data, start + 24)
            form = _WavFormat(codec, channels, rate, bits)
        elif kind == b"data":
            if form is None:
                raise AudioError("is damaged: sound comes before its format header")
            # A recorder that was cut off leaves a size of 0 or 0xFFFFFFFF: take what is there.
            end = len(data) if size in (0, 0xFFFFFFFF) else start + size
            if end > len(data):
                raise AudioError(f"is cut short: {len(data) - start} of {size} bytes of sound")
            return form, data[start:end]
        position = start + size + size % 2
    raise AudioError("is damaged: no sound in it" if form else "is damaged: no format header")


def write_wav(path: Path, pcm: bytes, rate: int = SAMPLE_RATE) -> None:
    """PCM16 mono; `rate` in Hz only labels the file, nothing is resampled."""
    Path(path).write_bytes(encode_wav(pcm, rate))


def encode_wav(pcm: bytes, rate: int = SAMPLE_RATE) -> bytes:
    """A whole PCM16 mono WAV file as bytes."""
    to_samples(pcm)
    out = io.BytesIO()
    out.write(struct.pack("<4sI4s", b"RIFF", 36 + len(pcm), b"WAVE"))
    out.write(struct.pack("<4sIHHIIHH", b"fmt ", 16, _FORMAT_PCM, 1, rate, rate * 2, 2, 16))
    out.write(struct.pack("<4sI", b"data", len(pcm)))
    out.write(pcm)
    return out.getvalue()
