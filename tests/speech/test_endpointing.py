from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from app.errors import AudioError
from speech import audio
from speech.endpointing import Endpointer, Verdict

Sound = npt.NDArray[np.float64]
SENTENCE = "三栋二单元路灯不亮了"


def silence(seconds: float) -> Sound:
    return np.zeros(int(seconds * 8000))


def noise(seconds: float, dbfs: float) -> Sound:
    return np.random.default_rng(7).normal(size=int(seconds * 8000)) * 10 ** (dbfs / 20)


def hum(seconds: float, dbfs: float) -> Sound:
    """Mains hum with its harmonics up to 600 Hz."""
    time = np.arange(int(seconds * 8000)) / 8000
    sound = sum((np.sin(2 * np.pi * 50 * n * time) / n for n in range(1, 13)), np.zeros(len(time)))
    return sound / sound.std() * 10 ** (dbfs / 20)


def tone(seconds: float, dbfs: float, *frequencies: float) -> Sound:
    time = np.arange(int(seconds * 8000)) / 8000
    sound = sum((np.sin(2 * np.pi * f * time) for f in frequencies), np.zeros(len(time)))
    return sound / sound.std() * 10 ** (dbfs / 20)


def mixed(sound: Sound, background: Sound) -> Sound:
    return sound + np.resize(background, len(sound))


def run(*sounds: Sound, closing: float = 1.0, no_input: float = 8.0, longest: float = 60.0) -> Endpointer:
    """The sounds one after another through a mu-law line, frame by frame, until the verdict is final."""
    pcm = audio.mulaw_decode(audio.mulaw_encode(audio.to_pcm(np.concatenate(sounds) * 32768)))
    endpointer = Endpointer(closing, no_input, longest)
    for start in range(0, len(pcm), audio.FRAME_BYTES):
        if endpointer.feed(pcm[start : start + audio.FRAME_BYTES]).final:
            break
    return endpointer


@pytest.fixture
def spoken(say: Callable[..., bytes]) -> Callable[..., Sound]:
    def make(text: str, dbfs: float = -18.0, **voice: object) -> Sound:
        return audio.to_samples(audio.set_level(say(text, **voice), dbfs)).astype(np.float64) / 32768

    return make


BACKGROUNDS = {
    "clean": silence(1),
    "line noise": noise(3, -50),
    "loud noise": noise(3, -35),
    "hum": hum(3, -30),
}


@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("text", [SENTENCE, "对", "嗯", "不是", "四"])
@pytest.mark.parametrize("before", [0.0, 0.5, 3.0])
def test_end_of_speech_is_found_where_it_is(
    spoken: Callable[..., Sound], background: str, text: str, before: float
) -> None:
    sound = spoken(text)
    heard = run(mixed(np.concatenate((silence(before), sound, silence(4))), BACKGROUNDS[background]))
    assert heard.verdict is Verdict.ENDED
    assert heard.speech_started is not None
    assert heard.speech_ended is not None
    assert heard.speech_started == pytest.approx(before, abs=0.16)
    assert heard.speech_ended == pytest.approx(before + len(sound) / 8000, abs=0.16)
    assert heard.seconds == pytest.approx(heard.speech_ended + 1.0, abs=0.03)


@pytest.mark.parametrize("dbfs", [-35.0, -45.0, -50.0])
def test_very_quiet_voice_is_heard(spoken: Callable[..., Sound], dbfs: float) -> None:
    sound = spoken(SENTENCE, dbfs)
    heard = run(silence(0.5), sound, silence(3))
    assert heard.verdict is Verdict.ENDED
    assert heard.speech_ended == pytest.approx(0.5 + len(sound) / 8000, abs=0.12)


def test_clipped_voice_is_heard(spoken: Callable[..., Sound]) -> None:
    heard = run(silence(0.5), np.clip(spoken(SENTENCE, -6) * 6, -0.99, 0.99), silence(3))
    assert heard.verdict is Verdict.ENDED


def test_slow_speaker_is_not_cut_off_in_her_pauses(spoken: Callable[..., Sound]) -> None:
    parts = [
        silence(0.5),
        spoken("我家"),
        silence(1.5),
        spoken("嗯"),
        silence(1.6),
        spoken("三栋路灯不亮"),
        silence(4),
    ]
    heard = run(*parts, closing=2.0)
    assert heard.verdict is Verdict.ENDED
    assert heard.speech_ended == pytest.approx(sum(map(len, parts[:-1])) / 8000, abs=0.16)


def test_longer_pause_than_the_closing_silence_ends_the_turn(spoken: Callable[..., Sound]) -> None:
    first = spoken("我家")
    heard = run(silence(0.5), first, silence(1.5), spoken("路灯不亮"), silence(2), closing=1.0)
    assert heard.speech_ended == pytest.approx(0.5 + len(first) / 8000, abs=0.12)


@pytest.mark.parametrize(
    "sound",
    [
        silence(9),
        noise(9, -50),
        noise(9, -25),
        hum(9, -20),
        np.concatenate((silence(2), hum(7, -25))),
        np.concatenate((hum(3, -20), silence(6))),
        tone(9, -15, 450),
        np.concatenate((tone(1, -15, 450), silence(4), tone(1, -15, 450), silence(4))),
        np.concatenate((silence(1), tone(0.2, -12, 697, 1209), silence(8))),
        np.concatenate((silence(1), [0.9, -0.9], silence(8))),
        np.concatenate((silence(1), noise(0.3, -14) * np.exp(-np.arange(2400) / 600), silence(8))),
    ],
    ids=[
        "silence",
        "noise",
        "loud noise",
        "hum",
        "hum comes",
        "hum goes",
        "tone",
        "ringback",
        "key tone",
        "click",
        "cough",
    ],
)
def test_what_is_no_speech_is_no_input(sound: Sound) -> None:
    heard = run(sound)
    assert heard.verdict is Verdict.NO_INPUT
    assert heard.seconds == pytest.approx(8.0)
    assert heard.speech_started is None


def test_television_in_the_background_does_not_hold_the_line(spoken: Callable[..., Sound]) -> None:
    television = spoken("社区文化活动报名参加讲座合唱体检", -46, voice="m3")
    sound = spoken(SENTENCE, -14)
    heard = run(mixed(np.concatenate((silence(0.3), sound, silence(4))), television))
    assert heard.verdict is Verdict.ENDED
    assert heard.speech_ended == pytest.approx(0.3 + len(sound) / 8000, abs=0.3)


def test_endless_speech_is_cut_at_the_longest(spoken: Callable[..., Sound]) -> None:
    heard = run(np.tile(spoken(SENTENCE), 4), longest=5.0)
    assert heard.verdict is Verdict.TOO_LONG
    assert heard.speech_started is not None
    assert heard.seconds == pytest.approx(heard.speech_started + 5.0, abs=0.03)


def test_frames_of_any_length_give_the_same_verdict(spoken: Callable[..., Sound]) -> None:
    sound = np.concatenate((silence(0.5), spoken(SENTENCE), silence(1.5)))
    pcm = audio.to_pcm(sound * 32768)
    whole, portions = Endpointer(1.0, 8.0, 60.0), Endpointer(1.0, 8.0, 60.0)
    whole.feed(pcm)
    for start in range(0, len(pcm), 1234):
        portions.feed(pcm[start : start + 1234])
    assert whole.verdict is portions.verdict is Verdict.ENDED
    assert (whole.speech_started, whole.speech_ended) == (portions.speech_started, portions.speech_ended)


def test_nothing_changes_after_the_final_verdict(spoken: Callable[..., Sound]) -> None:
    heard = run(silence(9))
    assert heard.feed(audio.to_pcm(spoken(SENTENCE) * 32768)) is Verdict.NO_INPUT
    assert heard.speech_started is None


def test_half_a_sample_and_senseless_limits_are_refused() -> None:
    with pytest.raises(AudioError):
        Endpointer(1, 8, 60).feed(b"\0")
    with pytest.raises(ValueError, match="above zero"):
        Endpointer(0, 8, 60)
