"""Text and voice to samples, with the place of every initial and final: what the acoustic model learns from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soxr

from speech.pronounce import espeak_text
from speech.starter import units, waves
from speech.starter.espeak_client import EspeakClient
from speech.starter.voices import Voice
from speech.starter.waves import SAMPLE_RATE, Wave

_WINDOW, _HOP = 200, 80
"""Of the features, in samples: label t stands for the middle of [80 t, 80 t + 200)."""

_SHORTEST = 3 * _HOP
"""Of a state, in samples: the decoder scores every third frame."""

_INITIAL_SHARE = 0.25
"""Of a syllable whose vowel espeak doesn't mark."""


@dataclass(frozen=True)
class Manner:
    """How something is said: `rate`, `pitch`, `span`, `gap` as espeak takes them (see `espeak_library.Order`)."""

    rate: int = 150
    pitch: int = 50
    span: int = 50
    gap: int = 0
    formants: float = 1.0
    seed: int = 0


@dataclass(frozen=True)
class Place:
    """Where a syllable sounds, in samples at 8 kHz."""

    start: int
    vowel: int
    end: int

    def moved(self, by: int) -> "Place":
        return Place(self.start + by, self.vowel + by, self.end + by)


@dataclass(frozen=True)
class Spoken:
    """float32 samples within ±1 at 8 kHz, and a place for every syllable in order."""

    wave: Wave
    places: tuple[Place, ...]


def speak(client: EspeakClient, clauses: Sequence[Sequence[str]], voice: Voice, manner: Manner) -> Spoken:
    """Raises WorkerDied, OrderRefused or VoiceUnavailable as the client does."""
    rate, sound, spans = client.say(
        {
            "text": espeak_text(clauses),
            "voice": voice.espeak,
            "rate": manner.rate,
            "pitch": manner.pitch,
            "span": manner.span,
            "gap": manner.gap,
            "seed": manner.seed,
        }
    )
    source = rate * manner.formants
    samples = np.frombuffer(sound, "<i2").astype(np.float32) / np.float32(32768)
    wave = np.asarray(soxr.resample(samples, source, SAMPLE_RATE), np.float32)
    shrink = SAMPLE_RATE / source
    syllables = [syllable for clause in clauses for syllable in clause]
    places = tuple(_place(syllable, span, shrink) for syllable, span in zip(syllables, spans, strict=True))
    return Spoken(wave, places)


def _place(syllable: str, span: tuple[int, int, int], shrink: float) -> Place:
    start, vowel, end = span
    initial, _ = units.split(syllable)
    if initial is None:
        vowel = start
    elif vowel < 0:
        vowel = start + round(_INITIAL_SHARE * (end - start))
    return Place(round(start * shrink), round(vowel * shrink), round(end * shrink))


def surround(spoken: Spoken, before: float, after: float) -> Spoken:
    """With silence around it, in seconds."""
    lead, trail = waves.seconds_to_samples(before), waves.seconds_to_samples(after)
    wave = np.concatenate([np.zeros(lead, np.float32), spoken.wave, np.zeros(trail, np.float32)])
    return Spoken(wave, tuple(place.moved(lead) for place in spoken.places))


def frame_labels(samples: int, syllables: Sequence[str], places: Sequence[Place]) -> npt.NDArray[np.int16]:
    """The pdf of every 10 ms frame, looked up at the frame's centre; everything between syllables is silence.

    As many frames as `features.frames(samples)` gives. `syllables` are those of the lexicon, which is what the
    decoder will look for; the sandhi of the sentence may have changed a tone in the sound. A state lasts at least as
    long as the decoder will ask of it: hasty voices say 二 in 50 ms, and would be taught what no path can say.
    """
    (silence,) = units.unit_pdfs(units.SILENCE)
    pdfs, least, edges = [silence], [0], list[float]()
    for syllable, place in zip(syllables, places, strict=True):
        initial, final = units.split(syllable)
        start = place.vowel if initial else place.start
        if initial:
            pdfs += units.unit_pdfs(initial)
            edges.append(place.start)
        pdfs += [*units.unit_pdfs(final), silence]
        edges += [start, (start + place.end) / 2, place.end]
        least += [_SHORTEST] * (len(pdfs) - 1 - len(least)) + [0]
    frames = max(0, (samples - _WINDOW) // _HOP + 1)
    centres = np.arange(frames) * _HOP + _WINDOW // 2
    parts = np.searchsorted(_apart(np.array(edges, float), np.array(least[:-1])), centres, side="right")
    return np.array(pdfs, np.int16)[parts]


def _apart(edges: npt.NDArray[np.float64], least: npt.NDArray[np.int_]) -> npt.NDArray[np.float64]:
    """The edges moved as little as may be (least squares) so that each lies at least `least` behind the one before.

    Isotonic regression of what is left when the least distances are taken off, by pooling adjacent violators.
    """
    taken_off = np.cumsum(least)
    pools: list[tuple[float, int]] = []
    for level in (edges - taken_off).tolist():
        size = 1
        while pools and pools[-1][0] > level:
            before, others = pools.pop()
            level = (level * size + before * others) / (size + others)
            size += others
        pools.append((level, size))
    return np.repeat([level for level, _ in pools], [size for _, size in pools]) + taken_off
