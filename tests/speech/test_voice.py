import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.errors import VoiceUnavailable
from speech import audio, say, voice


def alive(pid: int) -> bool:
    """A dead child that nobody has collected yet does not count."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_sentence_is_spoken_at_telephone_rate_and_level() -> None:
    pcm = voice.synthesise("三栋二单元路灯不亮了")
    assert 2.0 < audio.seconds_of(pcm) < 4.0
    assert audio.rms_dbfs(pcm) == pytest.approx(-18, abs=0.5)


def test_faster_rate_is_shorter_and_another_voice_sounds_different() -> None:
    slow, fast = voice.synthesise("路灯坏了", rate=110), voice.synthesise("路灯坏了", rate=220)
    assert len(fast) < 0.8 * len(slow)
    assert voice.synthesise("路灯坏了", voice="f2") != voice.synthesise("路灯坏了", voice="m3")


def test_unspeakable_text_and_unknown_voice_are_errors() -> None:
    with pytest.raises(VoiceUnavailable, match="no Chinese"):
        voice.synthesise("hello 😀")
    with pytest.raises(VoiceUnavailable, match="no voice"):
        voice.synthesise("好", voice="nobody")


def test_child_that_was_killed_is_started_again() -> None:
    speaker = voice.EspeakVoice()
    try:
        first = speaker.sound("hao3", voice="cmn-latn-pinyin", rate=150, pitch=50, span=50)
        pid = speaker.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert speaker.sound("hao3", voice="cmn-latn-pinyin", rate=150, pitch=50, span=50) == first
        assert speaker.pid != pid
    finally:
        speaker.close()


def test_closing_leaves_no_process() -> None:
    speaker = voice.EspeakVoice()
    speaker.sound("hao3", voice="cmn-latn-pinyin", rate=150, pitch=50, span=50)
    pid = speaker.pid
    assert pid is not None
    assert alive(pid)
    speaker.close()
    assert not alive(pid)


def test_child_is_renewed_before_its_heap_wears_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice, "RENEW_AFTER", 2)
    speaker = voice.EspeakVoice()
    pids = set()
    try:
        for _ in range(5):
            speaker.sound("hao3", voice="cmn-latn-pinyin", rate=150, pitch=50, span=50)
            pids.add(speaker.pid)
    finally:
        speaker.close()
    assert len(pids) == 3


def test_threads_share_one_child_and_get_their_own_sentences() -> None:
    texts = ["好了", "没好", "三栋路灯不亮", "一般"] * 4
    alone = {text: audio.seconds_of(voice.synthesise(text)) for text in set(texts)}
    with ThreadPoolExecutor(4) as pool:
        spoken = list(pool.map(voice.synthesise, texts))
    # espeak carries the phase of its pitch from one sentence to the next: same length, other samples.
    assert [audio.seconds_of(pcm) for pcm in spoken] == pytest.approx(
        [alone[text] for text in texts], abs=0.03
    )


def test_no_process_stays_behind_a_program_that_spoke() -> None:
    script = (
        "from speech import voice\n"
        "voice.synthesise('好了')\n"
        "print(voice._shared().pid)\n"  # the pid is nobody's business but this test's
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not alive(int(done.stdout))


def test_no_process_stays_behind_a_program_that_was_killed() -> None:
    script = (
        "from speech import voice\nvoice.synthesise('好了')\nprint(voice._shared().pid, flush=True)\ninput()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert alive(child)
        parent.kill()
    deadline = time.monotonic() + 10
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(child)


def test_child_answers_nonsense_with_an_error_and_goes_on() -> None:
    orders = b'not json\n{"text": 3}\n'
    done = subprocess.run([sys.executable, str(voice._CHILD)], input=orders, capture_output=True, check=True)
    lines = done.stdout.splitlines()
    assert b"ready" in lines[0]
    assert len(lines) == 3
    assert all(b"error" in line for line in lines[1:])


def test_command_writes_a_wav(tmp_path: Path) -> None:
    out = tmp_path / "a.wav"
    done = CliRunner().invoke(say.main, ["路灯坏了", str(out), "--voice", "f2"])
    assert done.exit_code == 0
    assert audio.seconds_of(audio.read_wav(out)) > 0.5
    failed = CliRunner().invoke(say.main, ["abc", str(out)])
    assert failed.exit_code == 1
    assert "no Chinese" in failed.output
