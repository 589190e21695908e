"""A made voice over a made line into the gateway's own ear, with the real model."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from app.settings import load_settings
from bench.spoken import Unspeakable
from bench.telephone import Spoken, hear, hear_all, line_of
from bench.trials import Words
from ivr.flows.common import OPENING, RATING, YES_NO
from speech.audio import SAMPLE_RATE, mulaw_decode, mulaw_encode, rms_dbfs, silence, write_wav
from speech.starter.espeak_client import EspeakClient
from speech.starter.voices import BY_SPLIT
from speech.vosk_engine import VoskEngine

SATISFIED = Spoken("A1", "满意", RATING, "dev")


@pytest.fixture(scope="module")
def voice() -> Iterator[EspeakClient]:
    with EspeakClient() as client:
        yield client


def heard(line: bytes, spoken: Spoken = SATISFIED) -> Words:
    engine = VoskEngine.load(load_settings({}).speech_model)
    with ThreadPoolExecutor(1) as pool:
        return asyncio.run(hear(engine, pool, spoken.hearing, line))


def test_a_clear_answer_is_heard(voice: EspeakClient) -> None:
    words = heard(line_of(voice, SATISFIED))
    assert words.text and words.confidence > 0
    assert not words.silent


def test_an_empty_line_is_silence() -> None:
    words = heard(mulaw_encode(silence(YES_NO.no_input + 1)), replace(SATISFIED, hearing=YES_NO))
    assert words == Words("", 0.0, silent=True)


def test_noise_is_there_before_anybody_speaks(voice: EspeakClient) -> None:
    def before(spoken: Spoken) -> float:
        return rms_dbfs(mulaw_decode(line_of(voice, spoken)[: SAMPLE_RATE // 2]))

    assert before(SATISFIED) < -60
    # A hiss or a hum is there all the time, a dog isn't: the loudest of some
    assert -40 < max(before(replace(SATISFIED, id=f"A{n}", noise=10.0)) for n in range(8)) < -20


def test_silence_lies_behind_the_words_for_as_long_as_the_flow_waits(voice: EspeakClient) -> None:
    answer, opening = (line_of(voice, replace(SATISFIED, hearing=hearing)) for hearing in (RATING, OPENING))
    longer = (OPENING.closing_silence - RATING.closing_silence) * SAMPLE_RATE
    assert len(opening) - len(answer) == pytest.approx(longer, abs=SAMPLE_RATE / 50)


def test_one_utterance_has_one_voice_of_its_split() -> None:
    voices = {Spoken(f"T{n}", "好", RATING, "test").voice for n in range(200)}
    assert voices == set(BY_SPLIT["test"])
    assert SATISFIED.voice == replace(SATISFIED, noise=10.0).voice


def test_what_no_voice_can_say_is_told(voice: EspeakClient) -> None:
    with pytest.raises(Unspeakable):
        line_of(voice, replace(SATISFIED, text="？！"))


def test_all_are_heard_in_their_order_by_two_processes_also_from_a_recording(
    voice: EspeakClient, tmp_path: Path
) -> None:
    write_wav(tmp_path / "her.wav", mulaw_decode(line_of(voice, SATISFIED)))
    own, mute = replace(SATISFIED, wav=tmp_path / "her.wav"), replace(SATISFIED, text="…")
    first, second, third = hear_all([own, mute, SATISFIED], load_settings({}).speech_model)
    assert second is None
    assert first and first.text
    assert third and third.text
