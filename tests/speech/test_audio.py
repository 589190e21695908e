import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import AudioError
from speech import audio


def sine(seconds: float, rate: int, frequency: float = 400.0) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * np.arange(int(seconds * rate)) / rate) * 10000


def dominant_frequency(pcm: bytes) -> float:
    samples = audio.to_samples(pcm).astype(float)
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * audio.SAMPLE_RATE / len(samples))


# Reference values of ITU-T G.711 mu-law, table 2a/2b (16-bit scale).
@pytest.mark.parametrize(
    ("code", "sample"),
    [
        (0x00, -32124),
        (0x80, 32124),
        (0x7F, 0),
        (0xFF, 0),
        (0x0F, -16764),
        (0x8F, 16764),
        (0xFE, 8),
        (0x7E, -8),
    ],
)
def test_mulaw_codes_stand_for_the_samples_of_g711(code: int, sample: int) -> None:
    assert struct.unpack("<h", audio.mulaw_decode(bytes([code])))[0] == sample


def test_every_mulaw_code_survives_decoding_and_encoding() -> None:
    codes = bytes(code for code in range(256) if code != 0x7F)  # two codes mean zero
    assert audio.mulaw_encode(audio.mulaw_decode(codes)) == codes


def test_mulaw_never_strays_further_than_half_a_step_unless_it_clips() -> None:
    samples = np.arange(-32635, 32636, dtype=np.int16)
    back = audio.to_samples(audio.mulaw_decode(audio.mulaw_encode(audio.to_pcm(samples)))).astype(int)
    error = np.abs(back - samples)
    assert np.all(error <= np.maximum(8, np.abs(samples.astype(int)) / 16))


def test_silence_is_the_code_ff() -> None:
    assert audio.mulaw_encode(audio.silence(0.02)) == b"\xff" * 160


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100, 48000])
@pytest.mark.parametrize("channels", [1, 2])
def test_wav_of_any_usual_rate_keeps_pitch_and_length(tmp_path: Path, rate: int, channels: int) -> None:
    mono = sine(1.0, rate).astype("<i2")
    samples = np.repeat(mono, channels)
    data = audio.encode_wav(samples.tobytes(), rate)
    data = data[:22] + struct.pack("<HIIH", channels, rate, rate * 2 * channels, 2 * channels) + data[34:]
    file = tmp_path / "a.wav"
    file.write_bytes(data)
    pcm = audio.read_wav(file)
    assert audio.seconds_of(pcm) == pytest.approx(1.0, abs=0.01)
    assert dominant_frequency(pcm) == pytest.approx(400, abs=2)


def test_written_wav_reads_back_bit_for_bit(tmp_path: Path) -> None:
    pcm = audio.to_pcm(sine(0.3, 8000))
    audio.write_wav(tmp_path / "a.wav", pcm)
    assert audio.read_wav(tmp_path / "a.wav") == pcm


def test_mulaw_wav_is_read() -> None:
    codes = audio.mulaw_encode(audio.to_pcm(sine(0.5, 8000)))
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + len(codes),
        b"WAVE",
        b"fmt ",
        16,
        7,
        1,
        8000,
        8000,
        1,
        8,
        b"data",
        len(codes),
    )
    assert audio.decode_wav(header + codes) == audio.mulaw_decode(codes)


def test_wav_of_a_recorder_that_was_cut_off_is_read() -> None:
    pcm = audio.to_pcm(sine(0.5, 8000))
    data = bytearray(audio.encode_wav(pcm))
    struct.pack_into("<I", data, 40, 0xFFFFFFFF)
    assert audio.decode_wav(bytes(data)) == pcm


def wav(
    codec: int = 1, channels: int = 1, rate: int = 8000, bits: int = 16, body: bytes = bytes(320)
) -> bytes:
    return (
        struct.pack(
            "<4sI4s4sIHHIIHH4sI",
            b"RIFF",
            36 + len(body),
            b"WAVE",
            b"fmt ",
            16,
            codec,
            channels,
            rate,
            rate * 2,
            2,
            bits,
            b"data",
            len(body),
        )
        + body
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"ID3 not a wav at all", "not a WAV"),
        (wav()[:40], "no sound in it"),
        (wav()[:30], "damaged"),
        (wav()[:200], "cut short"),
        (wav(body=b""), "no sound"),
        (wav(codec=3, bits=32), "format 3 with 32 bits"),
        (wav(bits=24), "24 bits"),
        (wav(rate=4000), "4000 samples"),
        (wav(rate=96000), "96000 samples"),
        (wav(channels=6), "6 channels"),
    ],
)
def test_unusable_wav_is_refused_with_file_and_reason(tmp_path: Path, data: bytes, reason: str) -> None:
    file = tmp_path / "bad.wav"
    file.write_bytes(data)
    with pytest.raises(AudioError, match=reason) as caught:
        audio.read_wav(file)
    assert "bad.wav" in str(caught.value)


def test_missing_wav_is_an_audio_error(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="cannot be read"):
        audio.read_wav(tmp_path / "none.wav")


def test_endless_and_overlong_audio_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio, "MAX_WAV_BYTES", 1_000_000)
    with pytest.raises(AudioError, match="larger than 1 MB"):
        audio.read_wav(Path("/dev/zero"))
    monkeypatch.setattr(audio, "MAX_WAV_SECONDS", 1)
    with pytest.raises(AudioError, match="longer than 1 seconds"):
        audio.decode_wav(audio.encode_wav(audio.silence(1.1)))


@given(st.binary(max_size=300))
def test_no_bytes_make_the_wav_reader_crash(data: bytes) -> None:
    for candidate in (data, wav()[:36] + data, wav()[:12] + data):
        try:
            audio.decode_wav(candidate)
        except AudioError:
            continue


@pytest.mark.parametrize("call", [audio.mulaw_encode, audio.rms_dbfs])
def test_odd_number_of_bytes_is_an_audio_error(call: object) -> None:
    with pytest.raises(AudioError, match="even number"):
        call(b"abc")  # type: ignore[operator]


def test_level_is_measured_against_full_scale() -> None:
    assert audio.rms_dbfs(audio.to_pcm(np.full(800, 16384))) == pytest.approx(-6.02, abs=0.01)
    assert audio.rms_dbfs(audio.silence(1)) == audio.rms_dbfs(b"") == -120.0


def test_set_level_reaches_the_level_without_clipping() -> None:
    quiet = audio.to_pcm(sine(0.5, 8000) / 50)
    assert audio.rms_dbfs(audio.set_level(quiet, -18)) == pytest.approx(-18, abs=0.1)
    loud = audio.to_samples(audio.set_level(quiet, 20))
    assert int(np.max(np.abs(loud))) <= 32000
    assert audio.set_level(audio.silence(0.1), -18) == audio.silence(0.1)


def test_stream_resampled_in_pieces_equals_the_whole() -> None:
    pcm = audio.to_pcm(sine(1.0, 8000))
    whole = audio.StreamResampler(8000, 16000)
    pieces = audio.StreamResampler(8000, 16000)
    out = b"".join(pieces.feed(pcm[start : start + 320]) for start in range(0, len(pcm), 320)) + pieces.feed(
        b"", last=True
    )
    assert out == whole.feed(pcm, last=True)
    assert len(out) == pytest.approx(2 * len(pcm), abs=4)
