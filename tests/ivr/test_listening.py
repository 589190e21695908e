"""One turn's listening, frame by frame, on made speech; time is audio time."""

from functools import cache

import numpy as np
import pytest

from ivr.listening import KEY_PAUSE, Ended, Listening, ListenSpec
from speech.voice import synthesise

FRAME = 320  # bytes of 20 ms PCM16
OPENING = ListenSpec(keys="0123456", num_digits=1, closing_silence=2.0, no_input=8.0, max_length=30.0)
YES_NO = ListenSpec(keys="012", num_digits=1, closing_silence=1.0, no_input=8.0, max_length=10.0)
NUMBER = ListenSpec(keys="0123456789", num_digits=4, closing_silence=1.0, no_input=8.0, max_length=10.0)
SILENCE = bytes(FRAME)


@cache
def said(text: str) -> bytes:
    return synthesise(text)


def seconds(listening: Listening) -> float:
    return listening.frames * 0.02


def feed(listening: Listening, pcm: bytes) -> Ended | None:
    for at in range(0, len(pcm) - FRAME + 1, FRAME):
        if listening.audio(pcm[at : at + FRAME]):
            break
    return listening.ended


def silence(length: float) -> bytes:
    return SILENCE * round(length / 0.02)


def test_speech_ends_after_its_closing_silence() -> None:
    listening = Listening(OPENING, 0.0)
    speech = said("三栋二单元路灯不亮了")
    assert feed(listening, silence(1) + speech + silence(5)) is Ended.SPEECH
    assert 1 + len(speech) / 16000 + 1.5 < seconds(listening) < 1 + len(speech) / 16000 + 2.2
    assert listening.spoke and listening.speech_seconds > 1


def test_silence_is_counted_from_the_end_of_the_prompt() -> None:
    listening = Listening(YES_NO, 3.0)
    feed(listening, silence(3))
    listening.prompt_done()
    assert feed(listening, silence(20)) is Ended.SILENCE
    assert seconds(listening) == pytest.approx(3 + 8.0, abs=0.1)


def test_a_mark_that_never_returns_does_not_hold_the_turn() -> None:
    listening = Listening(YES_NO, 3.0)
    assert feed(listening, silence(30)) is Ended.SILENCE
    assert seconds(listening) < 3 + 2 + 8.2


def test_what_is_said_during_the_prompt_counts() -> None:
    listening = Listening(YES_NO, 6.0)
    assert feed(listening, silence(0.5) + said("对") + silence(3)) is Ended.SPEECH
    assert listening.prompting


@pytest.mark.parametrize("after", [0.06, 0.12, 0.2])
def test_a_short_answer_across_the_end_of_the_prompt_counts(after: float) -> None:
    listening = Listening(YES_NO, 6.0)
    word = said("对").lstrip(b"\0")
    word = word[len(word) % 2 :]
    cut = round(after / 0.02) * FRAME
    feed(listening, silence(2) + word[:cut])
    listening.prompt_done()
    assert feed(listening, word[cut:] + silence(9)) is Ended.SPEECH
    assert seconds(listening) < 4


def test_a_key_wins_over_speech_and_over_the_prompt() -> None:
    listening = Listening(YES_NO, 6.0)
    feed(listening, said("三栋")[: FRAME * 10])
    assert listening.key("1") is Ended.KEYS
    assert listening.keys == "1" and not listening.prompting


def test_a_key_that_means_nothing_here_is_ignored() -> None:
    listening = Listening(YES_NO, 0.0)
    assert listening.key("9") is None and listening.keys == ""


def test_a_longer_entry_ends_with_its_last_digit_with_hash_or_with_a_pause() -> None:
    full = Listening(NUMBER, 0.0)
    assert [full.key(d) for d in "1024"] == [None, None, None, Ended.KEYS]
    hashed = Listening(NUMBER, 0.0)
    assert [hashed.key(d) for d in "10#"] == [None, None, Ended.KEYS]
    paused = Listening(NUMBER, 0.0)
    paused.key("0")
    assert feed(paused, silence(KEY_PAUSE + 0.1)) is Ended.KEYS and paused.keys == "0"


def test_hash_alone_is_no_entry() -> None:
    assert Listening(NUMBER, 0.0).key("#") is None


def test_hang_up_keeps_what_was_heard() -> None:
    listening = Listening(OPENING, 0.0)
    feed(listening, silence(0.5) + said("三栋二单元路灯")[: FRAME * 50])
    assert listening.hang_up() is Ended.HANGUP and listening.spoke


def test_nothing_changes_after_the_end() -> None:
    listening = Listening(YES_NO, 0.0)
    listening.key("1")
    frames = listening.frames
    feed(listening, said("不对"))
    assert (listening.key("2"), listening.keys, listening.frames) == (Ended.KEYS, "1", frames)


def noise(rms: float) -> bytes:
    return (np.random.default_rng(1).normal(size=8000 * 12) * rms).astype("<i2").tobytes()


def test_the_noise_of_a_line_is_silence() -> None:
    listening = Listening(YES_NO, 0.0)
    assert feed(listening, noise(100)) is Ended.SILENCE and not listening.spoke


def test_a_loud_noise_is_something_to_listen_to() -> None:
    listening = Listening(YES_NO, 0.0)
    assert feed(listening, noise(1500)) is Ended.SPEECH
    assert listening.spoke and listening.speech_seconds > 5


def short_sound() -> bytes:
    """Too short to be sure about: a word, for the endpointer."""
    return said("对")


def test_after_a_short_sound_without_words_the_turn_goes_on_and_hears_her() -> None:
    listening = Listening(YES_NO, 0.0)
    assert feed(listening, silence(0.5) + short_sound() + silence(2)) is Ended.SPEECH
    assert listening.may_go_on
    listening.go_on()
    assert listening.ended is None and not listening.speaking
    assert feed(listening, silence(1) + said("三栋二单元路灯不亮了") + silence(2)) is Ended.SPEECH
    assert listening.speech_seconds > 1 and not listening.may_go_on


def test_going_on_waits_no_longer_than_without_the_sound_and_keeps_what_was_heard() -> None:
    listening = Listening(YES_NO, 0.0)
    feed(listening, silence(3) + short_sound() + silence(2))
    listening.go_on()
    assert feed(listening, silence(20)) is Ended.SPEECH
    assert seconds(listening) == pytest.approx(YES_NO.no_input, abs=0.1)
    assert listening.spoke and 0 < listening.speech_seconds < 0.6


def test_a_third_short_sound_ends_the_turn() -> None:
    listening = Listening(YES_NO, 0.0)
    for _ in range(2):
        assert feed(listening, silence(0.3) + short_sound() + silence(2)) is Ended.SPEECH
        listening.go_on()
    assert feed(listening, silence(0.3) + short_sound() + silence(2)) is Ended.SPEECH
    assert not listening.may_go_on
    with pytest.raises(ValueError, match="short sound"):
        listening.go_on()


def test_what_is_no_short_sound_ends_the_turn() -> None:
    long, keys, gone, late = (Listening(YES_NO, 0.0) for _ in range(4))
    feed(long, silence(0.3) + said("三栋二单元路灯不亮了") + silence(2))
    keys.key("1")
    feed(gone, silence(0.3) + short_sound())
    gone.hang_up()
    feed(late, silence(7.3) + short_sound() + silence(2))
    assert late.ended is Ended.SPEECH
    assert not any(listening.may_go_on for listening in (long, keys, gone, late))


def test_a_sound_during_the_prompt_does_not_use_up_her_time() -> None:
    listening = Listening(YES_NO, 6.0)
    feed(listening, silence(0.5) + short_sound() + silence(2))
    listening.go_on()
    feed(listening, silence(2))
    listening.prompt_done()
    before = seconds(listening)
    feed(listening, silence(20))
    assert seconds(listening) - before == pytest.approx(YES_NO.no_input, abs=0.1)


@pytest.mark.parametrize("prompt", [0.0, 3.0])
@pytest.mark.parametrize("text", ["对", "三栋二单元路灯不亮了", ""])
def test_all_at_once_is_as_frame_by_frame(text: str, prompt: float) -> None:
    words = said(text)[: len(said(text)) // FRAME * FRAME] if text else b""
    pcm = silence(1.3) + words + silence(16)
    together, singly = Listening(YES_NO, prompt), Listening(YES_NO, prompt)
    together.audio(pcm)
    feed(singly, pcm)
    assert together.ended is singly.ended is not None
    assert (together.frames, together.speech_seconds) == (singly.frames, singly.speech_seconds)


def test_frames_that_can_decide_nothing_are_counted() -> None:
    listening = Listening(YES_NO, 0.0)
    assert listening.undecided == YES_NO.no_input / 0.02 - 1
    listening.audio(silence(listening.undecided * 0.02))
    assert listening.ended is None and listening.undecided == 0
    assert listening.audio(SILENCE) is Ended.SILENCE
    pressed = Listening(NUMBER, 0.0)
    pressed.key("1")
    pressed.audio(silence(pressed.undecided * 0.02))
    assert pressed.ended is None
    assert pressed.audio(SILENCE) is Ended.KEYS
