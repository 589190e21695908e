import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.errors import VoiceUnavailable
from app.settings import Settings
from speech import audio
from speech.clips import ClipStore, DemoVoice, PiperVoice, text_key

PCM = audio.to_pcm(audio.to_samples(audio.silence(0.1)) + 1000)


@dataclass
class CountingVoice:
    key: str = "counting"
    language: str = "zh"
    pcm: bytes = PCM
    spoken: list[str] = field(default_factory=list)

    def speak(self, text: str) -> bytes:
        self.spoken.append(text)
        return self.pcm


@dataclass
class MuteVoice:
    key: str = "mute"
    language: str = "zh"

    def speak(self, text: str) -> bytes:
        raise VoiceUnavailable("mute")


def record(store: ClipStore, name: str, pcm: bytes) -> None:
    store.recorded.mkdir(parents=True, exist_ok=True)
    audio.write_wav(store.recorded / f"{name}.wav", pcm)


def test_recorded_clip_wins_over_every_voice(tmp_path: Path) -> None:
    voice = CountingVoice()
    store = ClipStore(tmp_path, [voice])
    clip = audio.to_pcm(audio.to_samples(audio.silence(0.2)) + 5000)
    record(store, "您好", clip)
    assert store.audio_for("您好") == audio.mulaw_encode(clip)
    assert voice.spoken == []


def test_clip_of_an_odd_text_goes_by_its_key(tmp_path: Path) -> None:
    store = ClipStore(tmp_path)
    text = "../您的编号是/1024？" * 20
    record(store, text_key(text), PCM)
    assert store.audio_for(text) == audio.mulaw_encode(PCM)


def test_rerecorded_clip_is_heard_at_once(tmp_path: Path) -> None:
    store = ClipStore(tmp_path)
    record(store, "您好", PCM)
    store.audio_for("您好")
    record(store, "您好", PCM * 3)
    assert store.audio_for("您好") == audio.mulaw_encode(PCM * 3)


def test_first_voice_that_can_speak_is_taken(tmp_path: Path) -> None:
    assert ClipStore(tmp_path, [MuteVoice(), CountingVoice()]).audio_for("好") == audio.mulaw_encode(PCM)


def test_without_a_voice_there_is_none(tmp_path: Path) -> None:
    assert ClipStore(tmp_path).audio_for("好") is None
    assert ClipStore(tmp_path, [MuteVoice()]).audio_for("好") is None
    assert ClipStore(tmp_path, [CountingVoice()]).audio_for("  ") is None


def test_a_text_is_synthesised_once_even_by_many_threads_and_stores(tmp_path: Path) -> None:
    voice = CountingVoice()
    store = ClipStore(tmp_path, [voice])
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(store.audio_for, ["您好"] * 40)) == {audio.mulaw_encode(PCM)}
    assert ClipStore(tmp_path, [voice]).audio_for("您好") == audio.mulaw_encode(PCM)
    assert voice.spoken == ["您好"]


def test_voices_do_not_share_cached_audio(tmp_path: Path) -> None:
    ClipStore(tmp_path, [CountingVoice()]).audio_for("好")
    other = CountingVoice(key="other", pcm=PCM * 2)
    assert ClipStore(tmp_path, [other]).audio_for("好") == audio.mulaw_encode(PCM * 2)


def test_no_half_written_file_stays(tmp_path: Path) -> None:
    ClipStore(tmp_path, [CountingVoice()]).audio_for("好")
    assert [file.suffix for file in tmp_path.rglob("*") if file.is_file()] == [".ulaw"]


def test_damaged_clip_is_logged_by_name_and_a_voice_steps_in(tmp_path: Path) -> None:
    store = ClipStore(tmp_path, [CountingVoice()])
    store.recorded.mkdir(parents=True)
    (store.recorded / "您好.wav").write_bytes(b"oops")
    with capture_logs() as logs:
        assert store.audio_for("您好") == audio.mulaw_encode(PCM)
    assert "您好.wav: is not a WAV file" in logs[0]["reason"]


def test_whether_a_text_can_be_played_is_known_without_speaking_it(tmp_path: Path) -> None:
    voice = CountingVoice()
    store = ClipStore(tmp_path, [voice])
    assert store.can_play("您的编号是一千零二十四")
    assert "您的编号是一千零二十四" not in voice.spoken
    assert not ClipStore(tmp_path / "mute", [MuteVoice()]).can_play("好")
    assert not store.can_play(" ")


def test_demo_voice_speaks_only_when_enabled(tmp_path: Path) -> None:
    silent = ClipStore.from_settings(Settings(data_dir=tmp_path))
    assert silent.audio_for("请直接说您的事") is None
    speaking = ClipStore.from_settings(Settings(data_dir=tmp_path, demo_voice=True))
    sound = speaking.audio_for("请直接说您的事")
    speaking.close()
    assert sound is not None
    assert 8000 < len(sound) < 40000
    assert DemoVoice().key != DemoVoice(rate=120).key


def test_piper_is_a_program_of_its_own_that_is_found_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in program keeps piper's command line: text on stdin, WAV to --output_file."""
    audio.write_wav(tmp_path / "spoken.wav", PCM * 5)
    program = tmp_path / "bin" / "piper"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\ncat >/dev/null\ntest -f "$2" && cp "{tmp_path}/spoken.wav" "$4"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    store = ClipStore.from_settings(Settings(data_dir=tmp_path))
    assert store.audio_for("好") is None
    voice = tmp_path / "clips" / "piper" / "zh.onnx"
    voice.parent.mkdir(parents=True)
    voice.write_bytes(b"voice")
    sound = ClipStore.from_settings(Settings(data_dir=tmp_path)).audio_for("好")
    assert sound is not None
    assert len(sound) == len(PCM * 5) // 2
    with pytest.raises(VoiceUnavailable, match="piper"):
        PiperVoice(program, tmp_path / "missing.onnx").speak("好")


def test_each_language_is_spoken_by_its_own_voice(tmp_path: Path) -> None:
    chinese, english = CountingVoice(), CountingVoice(key="english", language="en", pcm=PCM * 2)
    store = ClipStore(tmp_path, [chinese, english])
    assert store.audio_for("Hello", "en") == audio.mulaw_encode(PCM * 2)
    assert store.audio_for("好") == audio.mulaw_encode(PCM) and chinese.spoken == ["好"]
    assert store.can_play("Hello", "en") and not ClipStore(tmp_path / "zh", [chinese]).can_play("Hello", "en")


def test_somebodys_own_words_are_spoken_anew_each_time(tmp_path: Path) -> None:
    voice = CountingVoice()
    store = ClipStore(tmp_path, [voice])
    for _ in range(2):
        assert store.audio_for("王秀英", keep=False) == audio.mulaw_encode(PCM)
    assert voice.spoken == ["王秀英"] * 2 and not store.is_ready("王秀英")
    store.audio_for("好")
    assert store.is_ready("好")


def test_a_voice_of_piper_speaks_the_language_it_is_named_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in program says the name of its voice by how long it speaks."""
    for name, length in (("en_US-x.onnx", 2), ("zh_CN-x.onnx", 3)):
        audio.write_wav(tmp_path / f"{name}.wav", PCM * length)
        model = tmp_path / "clips" / "piper" / name
        model.parent.mkdir(parents=True, exist_ok=True)
        model.write_bytes(b"voice")
    program = tmp_path / "bin" / "piper"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\ncat >/dev/null\ncp "{tmp_path}/$(basename "$2").wav" "$4"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    store = ClipStore.from_settings(Settings(data_dir=tmp_path))
    english, chinese = store.audio_for("Hello", "en"), store.audio_for("好")
    assert english is not None and chinese is not None
    assert (len(english), len(chinese)) == (len(PCM), len(PCM) * 3 // 2)
