"""Swallowed and drawn-out syllables and pauses keep their places and their pitch."""

import numpy as np
import pytest

from speech.starter import tempo
from speech.starter.synthesis import Place, Spoken

_PITCH = 120.0


def hummed() -> Spoken:
    """Three syllables of a steady hum, 0.3 s each."""
    wave = np.sin(2 * np.pi * _PITCH * np.arange(7200) / 8000).astype(np.float32)
    return Spoken(wave, tuple(Place(start, start + 400, start + 2400) for start in (0, 2400, 4800)))


def pitch_of(wave: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(wave.size), 65536))
    return float(np.argmax(spectrum)) * 8000 / 65536


@pytest.mark.parametrize("factor", [0.5, 0.7, 1.4, 2.0])
def test_a_stretched_syllable_has_about_the_length_asked_for_at_the_same_pitch(factor: float) -> None:
    spoken = tempo.stretch(hummed(), 1, factor)
    place = spoken.places[1]
    assert (place.end - place.start) / 2400 == pytest.approx(factor, abs=0.12)
    assert spoken.wave.size - 7200 == place.end - place.start - 2400
    assert pitch_of(spoken.wave) == pytest.approx(_PITCH, abs=2)


def test_what_lies_behind_moves_along_and_what_lies_before_stays() -> None:
    before, after = hummed(), tempo.stretch(hummed(), 1, 0.5)
    by = after.wave.size - before.wave.size
    assert by < 0
    assert after.places[0] == before.places[0]
    assert after.places[2] == before.places[2].moved(by)
    np.testing.assert_array_equal(after.wave[after.places[2].start :], before.wave[4800:])


def test_joints_do_not_click() -> None:
    spoken = tempo.stretch(tempo.stretch(hummed(), 1, 0.6), 0, 1.6)
    steady = np.abs(np.diff(hummed().wave)).max()
    assert np.abs(np.diff(spoken.wave)).max() < 1.5 * steady


def test_a_vowel_too_short_to_cut_is_left_alone() -> None:
    short = Spoken(hummed().wave[:500], (Place(0, 350, 500),))
    assert tempo.stretch(short, 0, 0.5) is short


def test_a_pause_is_silent_and_moves_what_follows() -> None:
    spoken = tempo.pause(hummed(), 0, 0.5)
    assert spoken.wave.size == 7200 + 4000
    assert not spoken.wave[2400:6400].any()
    assert spoken.places == (
        hummed().places[0],
        hummed().places[1].moved(4000),
        hummed().places[2].moved(4000),
    )
