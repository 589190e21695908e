"""Audio as it must not be: the engine answers something sensible and goes on."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.errors import AudioError
from ivr.flow import Heard
from ivr.hearing import interpret
from speech import audio
from speech.engine import Recognition
from speech.phrasebook import phrases
from speech.vosk_engine import VoskEngine
from tests.speech.conftest import hear, over_the_line

RANDOM = np.random.default_rng(7)
FULL = 32767
BAD = {
    "nothing": b"",
    "one sample": b"\1\0",
    "less than a window of the features": bytes(2 * 100),
    "all bytes alike": b"\xff" * 32000,
    "noise at full scale": audio.to_pcm(RANDOM.uniform(-FULL, FULL, 16000)),
    "bytes of a picture": RANDOM.bytes(32000),
    "stuck at the top": audio.to_pcm(np.full(16000, FULL)),
    "stuck at the bottom": audio.to_pcm(np.full(16000, -FULL - 1)),
    "a square wave": audio.to_pcm(np.where(np.arange(16000) % 2, FULL, -FULL - 1)),
    "single clicks": audio.to_pcm(np.where(np.arange(16000) % 4000, 0, FULL)),
    "half of it missing": audio.to_pcm(np.repeat(RANDOM.normal(size=100) * 3000, 160) * (np.arange(16000) % 320 < 160)),
}  # fmt: skip


def answers(heard: Recognition, kind: str) -> bool:
    """As a call would take it."""
    saved = {"kind": "speech", "text": heard.text, "confidence": heard.confidence, "rejected": heard.rejected}
    return isinstance(interpret(kind, saved), Heard)


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("kind", [None, "yes_no"])
def test_bad_audio_neither_crashes_nor_passes_for_an_answer(
    vosk_engine: VoskEngine, name: str, kind: str | None
) -> None:
    heard = hear(vosk_engine, BAD[name], phrases(kind) if kind else None)
    length = audio.seconds_of(BAD[name])
    assert all(0 <= word.start <= word.end <= length + 0.1 for word in heard.words)
    assert kind is None or not answers(heard, kind)


def test_good_audio_after_bad_is_understood(vosk_engine: VoskEngine, say: Callable[..., bytes]) -> None:
    for bad in BAD.values():
        hear(vosk_engine, bad)
    assert hear(vosk_engine, over_the_line(say("没有")), phrases("yes_no")).text == "没有"


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_endless_speech_keeps_its_words_and_not_the_memory(
    vosk_engine: VoskEngine, say: Callable[..., bytes]
) -> None:
    """Two minutes without a pause long enough for the library's own endpoint: its lattices must not pile up."""
    sentence = say("三栋二单元路灯不亮了")
    times = int(120 / audio.seconds_of(sentence))
    recogniser = vosk_engine.recogniser()
    for _ in range(10):
        recogniser.accept(sentence)
    before = _resident()
    for _ in range(times - 10):
        recogniser.accept(sentence)
    heard = recogniser.finish()
    assert _resident() - before < 10_000_000
    assert heard.text.count("路灯") > 0.8 * times
    ends = [word.end for word in heard.words]
    assert ends == sorted(ends) and ends[-1] > 100


def test_endless_silence_is_nothing_heard(vosk_engine: VoskEngine) -> None:
    recogniser = vosk_engine.recogniser(phrases("yes_no"))
    for _ in range(8):
        recogniser.accept(audio.silence(1.0))
    assert recogniser.finish().words == ()


@pytest.mark.parametrize("rate", [11025, 16000, 22050, 44100, 48000])
def test_recording_of_another_rate_is_heard_like_one_of_the_line(
    vosk_engine: VoskEngine, say: Callable[..., bytes], tmp_path: Path, rate: int
) -> None:
    wide = audio.resample(audio.to_samples(over_the_line(say("不满意"))), audio.SAMPLE_RATE, rate)
    audio.write_wav(tmp_path / "a.wav", audio.to_pcm(wide), rate)
    assert hear(vosk_engine, audio.read_wav(tmp_path / "a.wav"), phrases("rating")).text == "不满意"


@pytest.mark.parametrize("labelled", [16000, 48000])
def test_recording_with_a_wrong_label_of_its_rate_is_not_taken_for_an_answer(
    vosk_engine: VoskEngine, say: Callable[..., bytes], labelled: int
) -> None:
    """Played two or six times too fast: nobody's words any more."""
    pcm = audio.decode_wav(audio.encode_wav(over_the_line(say("我想咨询一下医保怎么办理")), labelled))
    heard = hear(vosk_engine, pcm, phrases("yes_no"))
    assert not answers(heard, "yes_no")


@pytest.mark.parametrize("size", [1, 3, 321])
def test_half_a_sample_is_refused_and_the_rest_of_the_call_goes_on(
    vosk_engine: VoskEngine, say: Callable[..., bytes], size: int
) -> None:
    recogniser = vosk_engine.recogniser(phrases("yes_no"))
    with pytest.raises(AudioError):
        recogniser.accept(bytes(size))
    recogniser.accept(over_the_line(say("没有")))
    assert recogniser.finish().text == "没有"
