"""How well a model hears made voices that it wasn't trained on. For choosing between models and for the model card.

The figures that count are those of bench/speech.py, on the test voices; here it is quick.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from speech import audio
from speech.engine import Engine
from speech.phrasebook import phrasebook, phrases
from speech.starter import augmentation, nonspeech, waves
from speech.starter.espeak_client import EspeakClient, OrderRefused, WorkerDied
from speech.starter.lexicon import Lexicon
from speech.starter.synthesis import Manner, speak, surround
from speech.starter.voices import BY_SPLIT, Split, Voice
from speech.starter.waves import Wave

CHOICES = ("yes_no", "rating", "category")
DIGITS, SENTENCES, NO_SPEECH = "digits", "sentences", "no speech"
KINDS = (*CHOICES, DIGITS, SENTENCES, NO_SPEECH)
_DIGITS = "零一二三四五六七八九"
_ONE_AS_SAID = {"幺": "一"}
_TRIES = 5


@dataclass(frozen=True)
class Sample:
    """A recording and what is said in it; `text` is empty where nobody speaks. `noise`: dB of SNR, None = clean."""

    kind: str
    text: str
    noise: float | None
    pcm: bytes


@dataclass(frozen=True)
class Score:
    """`right` of `total`: recordings; digits for digits; syllables less errors for sentences."""

    kind: str
    noise: float | None
    right: int
    total: int

    @property
    def share(self) -> float:
        return self.right / self.total

    def line(self) -> str:
        where = "clean" if self.noise is None else f"{self.noise:g} dB"
        return f"{self.kind:<10} {where:<6} {self.share:7.1%}  ({self.right}/{self.total})"


def made_samples(
    lexicon: Lexicon,
    sentences: Sequence[str],
    count: int,
    *,
    split: Split,
    noises: Sequence[float | None] = (None, 10.0),
    seed: int = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Sample]:
    """`count` recordings of each kind and noise, by the voices of the split in turn; the same for the same arguments."""
    rng = np.random.default_rng(seed)
    wanted = [(kind, text) for kind in KINDS for text in _texts(kind, sentences, count, rng)]
    voices, out = BY_SPLIT[split], []
    with EspeakClient() as client:
        for number, (kind, text) in enumerate(wanted):
            if kind == NO_SPEECH:
                wave = nonspeech.make(text, number, split, 3.0)
                out.append(Sample(kind, "", None, _pcm(wave)))
            else:
                wave = _said(client, lexicon, text, voices[number % len(voices)])
                for noise in noises:
                    out.append(Sample(kind, text, noise, _pcm(_noisy(wave, noise, split, rng))))
            progress(number + 1, len(wanted))
    return out


def score(
    engine: Engine, samples: Iterable[Sample], syllables: Callable[[str], Sequence[str]]
) -> tuple[list[Score], float]:
    """The scores, and seconds of processor time for a second of audio.

    `syllables`: see `sounds`; sentences are compared by sound, since the right character isn't asked of this model.
    """
    right: dict[tuple[str, float | None], list[int]] = {}
    spent = heard_seconds = 0.0
    for sample in samples:
        started = time.process_time()
        text = _heard(engine, sample)
        spent += time.process_time() - started
        heard_seconds += audio.seconds_of(sample.pcm)
        counts = right.setdefault((sample.kind, sample.noise), [0, 0])
        good, total = _judge(sample, text, syllables)
        counts[0] += good
        counts[1] += total
    return [Score(*key, *counts) for key, counts in right.items()], spent / heard_seconds


def sounds(lexicon: Lexicon) -> Callable[[str], list[str]]:
    """Text to its toned syllables as the lexicon says its words."""
    return lambda text: [
        syllable for clause in lexicon.clauses(text) for word in clause for syllable in lexicon.words[word]
    ]


def errors(heard: Sequence[str], said: Sequence[str]) -> int:
    """Edit distance: insertions, deletions and substitutions."""
    row = list(range(len(said) + 1))
    for number, mine in enumerate(heard, 1):
        before, row[0] = row[0], number
        for place, theirs in enumerate(said, 1):
            before, row[place] = (
                row[place],
                min(row[place] + 1, row[place - 1] + 1, before + (mine != theirs)),
            )
    return row[-1]


def _judge(sample: Sample, text: str, syllables: Callable[[str], Sequence[str]]) -> tuple[int, int]:
    if sample.kind == NO_SPEECH:
        return int(not text), 1
    if sample.kind in CHOICES:
        value = _values(sample.kind)
        return int(value.get(text) == value[sample.text]), 1
    if sample.kind == DIGITS:
        plain = "".join(_ONE_AS_SAID.get(digit, digit) for digit in text)
        return max(0, len(sample.text) - errors(plain, sample.text)), len(sample.text)
    said = syllables(sample.text)
    return max(0, len(said) - errors(syllables(text), said)), len(said)


def _texts(kind: str, sentences: Sequence[str], count: int, rng: np.random.Generator) -> list[str]:
    if kind == NO_SPEECH:
        return [nonspeech.KINDS[number % len(nonspeech.KINDS)] for number in range(count)]
    if kind == DIGITS:
        lengths = rng.choice([4, 4, 6, 11], count)
        return ["".join(_DIGITS[d] for d in rng.integers(0, 10, length)) for length in lengths]
    source = list(sentences) if kind == SENTENCES else list(_values(kind))
    return [source[int(place)] for place in rng.permutation(max(count, len(source)))[:count] % len(source)]


def _values(kind: str) -> dict[str, str]:
    """Phrase → the value it stands for."""
    said = phrasebook().choices.said[kind]
    return {phrase: value for value, spoken in said.items() for phrase in spoken}


def _said(client: EspeakClient, lexicon: Lexicon, text: str, voice: Voice) -> Wave:
    clauses = [
        [syllable for word in clause for syllable in lexicon.words[word]] for clause in lexicon.clauses(text)
    ]
    for attempt in range(_TRIES):
        manner = Manner(voice.rate + attempt, voice.pitch, formants=voice.formants)
        try:
            return surround(speak(client, clauses, voice, manner), 0.3, 0.6).wave
        except (WorkerDied, OrderRefused) as error:
            reason = error
    raise RuntimeError(f"{voice.name} cannot say {text!r}: {reason}")


def _noisy(wave: Wave, snr: float | None, split: Split, rng: np.random.Generator) -> Wave:
    if snr is not None:
        kinds = augmentation.BACKGROUNDS
        kind = kinds[int(rng.integers(len(kinds)))]
        seconds = wave.size / waves.SAMPLE_RATE
        noise = nonspeech.make(kind, int(rng.integers(2**31)), split, seconds)
        if rng.random() < 0.5:
            noise = waves.coloured(wave.size, float(rng.choice([0, 1, 2])), rng)
        wave = augmentation.add_noise(wave, noise, snr)
    return augmentation.mulaw(np.clip(augmentation.at_active_level(wave, -20), -1, 1))


def _pcm(wave: Wave) -> bytes:
    return audio.to_pcm(np.asarray(wave, np.float64) * 32768)


def _heard(engine: Engine, sample: Sample) -> str:
    held = phrases(sample.kind) if sample.kind in (*CHOICES, DIGITS) else None
    recogniser = engine.recogniser(held)
    recogniser.accept(sample.pcm)
    found = recogniser.finish()
    return "" if held and found.rejected and sample.kind != DIGITS else found.text
