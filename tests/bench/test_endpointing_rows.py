"""How the endpointing table counts, and one recording of each sort through the real endpointer."""

import pytest

from bench.endpointed import Found, Said, Sound, judge
from bench.endpointing import speech_row
from bench.spoken import Line
from speech.starter.voices import DEV


def test_errors_are_of_what_was_found_and_not_cut_off() -> None:
    cases = [
        Found(50.0, 1.1, 3.0, 1.0, 3.2),
        Found(50.0, 0.9, 3.1, 1.0, 3.0),
        Found(50.0, 1.0, 2.0, 1.0, 9.0, cut=True),
        Found(50.0, None, None, 1.0, 3.0),
    ]
    name, count, found, _, start, start95, end, end95, cut, _ = speech_row("clean", cases)
    assert (name, count, found, cut) == ("clean", 4, "75.0", "25.0")
    assert (start, start95) == (pytest.approx(0.0, abs=0.01), pytest.approx(0.1))
    assert (end, end95) == (pytest.approx(-0.05, abs=0.01), pytest.approx(0.2))


def test_nothing_found_has_no_errors() -> None:
    assert speech_row("5 dB", [Found(50.0)])[4:8] == (None, None, None, None)


def test_a_sound_is_no_speech_and_a_sentence_is_found_where_it_is() -> None:
    assert judge(Sound("ringback", 3, "dev")).started is None
    said = judge(Said(("路灯不亮", "在三栋"), Line(DEV[0], 20.0), 4, "dev", closing=2.0, pause=1.0))
    assert said.started == pytest.approx(said.begins, abs=0.2)
    assert said.ended == pytest.approx(said.ends, abs=0.2)
    assert not said.cut and said.frame_us > 0
