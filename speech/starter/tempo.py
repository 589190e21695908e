"""People don't speak as evenly as espeak: syllables swallowed or drawn out, and pauses in the middle.

Samples are cut out or repeated inside vowels, at a place where the wave fits (WSOLA, Verhelst and Roelands 1993),
so that the pitch stays.
"""

from dataclasses import replace

import numpy as np

from speech.starter import waves
from speech.starter.synthesis import Spoken
from speech.starter.waves import Wave

_FADE = 48
"""Samples over which two pieces are blended: 6 ms."""

_SEARCH = 64
"""How far the joint may move to fit: 8 ms, a period of a low voice."""

_SHORTEST = 4 * _FADE
_LOOP = 320
"""Samples repeated at once when a vowel is drawn out."""


def stretch(spoken: Spoken, index: int, factor: float) -> Spoken:
    """Syllable `index` about `factor` times as long; unchanged when its vowel is too short for that."""
    place = spoken.places[index]
    vowel = place.end - place.vowel
    extra = round((factor - 1) * (place.end - place.start))
    if extra < 0:
        cut = min(-extra, vowel - _SHORTEST)
        if cut < _FADE:
            return spoken
        start = place.vowel + (vowel - cut) // 2
        return _joined(spoken, index, start, start + cut)
    while extra >= _FADE and vowel >= _SHORTEST + _SEARCH:
        loop = min(_LOOP, extra, vowel // 2)
        end = spoken.places[index].vowel + vowel * 2 // 3
        before = spoken.places[index].end
        spoken = _joined(spoken, index, end, end - loop)
        grown = spoken.places[index].end - before
        if grown <= 0:
            return spoken
        extra -= grown
    return spoken


def pause(spoken: Spoken, index: int, seconds: float) -> Spoken:
    """Silence after syllable `index`."""
    at = spoken.places[index].end
    gap = waves.seconds_to_samples(seconds)
    before, after = spoken.wave[:at], spoken.wave[at:]
    wave = np.concatenate([_softened(before, -1), np.zeros(gap, np.float32), _softened(after, 1)])
    places = tuple(place.moved(gap) if n > index else place for n, place in enumerate(spoken.places))
    return Spoken(wave, places)


def _softened(wave: Wave, direction: int) -> Wave:
    size = min(_FADE, wave.size)
    if size == 0:
        return wave
    out = wave.copy()
    ramp = np.linspace(0, 1, size, dtype=np.float32)
    if direction > 0:
        out[:size] *= ramp
    else:
        out[-size:] *= ramp[::-1]
    return out


def _joined(spoken: Spoken, index: int, leave: int, enter: int) -> Spoken:
    """The wave up to `leave`, going on from about `enter`; all places behind move along."""
    wave = spoken.wave
    if leave < _FADE or enter < _FADE + _SEARCH or enter + _SEARCH >= wave.size:
        return spoken
    enter = _fitting(wave, leave, enter)
    ramp = np.linspace(0, 1, _FADE, dtype=np.float32)
    blend = wave[leave - _FADE : leave] * (1 - ramp) + wave[enter - _FADE : enter] * ramp
    joined = np.concatenate([wave[: leave - _FADE], blend, wave[enter:]])
    by = leave - enter
    places = [*spoken.places[:index], replace(spoken.places[index], end=spoken.places[index].end + by)]
    places += [place.moved(by) for place in spoken.places[index + 1 :]]
    return Spoken(joined, tuple(places))


def _fitting(wave: Wave, leave: int, enter: int) -> int:
    """The place within 8 ms of `enter` whose past looks most like the past of `leave`."""
    past = wave[leave - _FADE : leave]
    field = wave[enter - _FADE - _SEARCH : enter + _SEARCH]
    windows = np.lib.stride_tricks.sliding_window_view(field, _FADE)
    fit = windows @ past / (np.sqrt(np.square(windows).sum(axis=1)) + 1e-6)
    return enter - _SEARCH + int(np.argmax(fit))
