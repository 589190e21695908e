"""Made recordings: a text in a synthetic voice, on a telephone line. Deterministic by its arguments, as far as espeak is."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from speech import audio
from speech.pronounce import clauses
from speech.starter import augmentation, nonspeech, waves
from speech.starter.espeak_client import EspeakClient, OrderRefused, WorkerDied
from speech.starter.synthesis import Manner, Spoken, speak, surround
from speech.starter.voices import Split, Voice
from speech.starter.waves import Wave

_LEVEL = -20.0  # dBFS of the loud parts
_TRIES = 5
_LOSS = 0.03


@dataclass(frozen=True)
class Line:
    """`noise`: dB between voice and background, None = clean; `codec`: a key of CODECS; `rate` None: the voice's own."""

    voice: Voice
    noise: float | None = None
    codec: str = "mu-law"
    rate: int | None = None


class Unspeakable(ValueError):
    """The text holds nothing that can be said."""


def recording(
    client: EspeakClient,
    text: str,
    line: Line,
    seed: int,
    split: Split = "test",
    *,
    before: float = 0.4,
    after: float = 0.8,
) -> bytes:
    """PCM16 8 kHz with `before` and `after` seconds around the words. Raises Unspeakable; VoiceUnavailable without
    espeak-ng.

    The background is of a kind and at a place drawn by `seed`, from the parameters of `split`.
    """
    wave = surround(_said(client, text, line), before, after).wave
    rng = np.random.default_rng([seed, 77])
    if line.noise is not None:
        wave = augmentation.add_noise(wave, background(wave.size, rng, split), line.noise)
    wave = np.clip(augmentation.at_active_level(wave, _LEVEL), -1, 1)
    return audio.to_pcm(np.asarray(CODECS[line.codec](wave, rng), np.float64) * 32768)


def no_speech(kind: str, seed: int, seconds: float, split: Split = "test") -> bytes:
    """PCM16 8 kHz of a sound without words, through a mu-law line; `kind` of `nonspeech.KINDS`."""
    wave = augmentation.mulaw(nonspeech.make(kind, seed, split, seconds))
    return audio.to_pcm(np.asarray(wave, np.float64) * 32768)


def _said(client: EspeakClient, text: str, line: Line) -> Spoken:
    spoken = clauses(text)
    if not spoken:
        raise Unspeakable(f"nothing to say in {text!r}")
    reason: Exception | None = None
    for attempt in range(_TRIES):
        rate = (
            line.rate or line.voice.rate
        ) + attempt  # another try must differ: espeak dies of the same again
        manner = Manner(rate, line.voice.pitch, formants=line.voice.formants)
        try:
            return speak(client, spoken, line.voice, manner)
        except (WorkerDied, OrderRefused) as error:
            reason = error
    raise Unspeakable(f"{line.voice.name} cannot say {text!r}: {reason}")


def background(count: int, rng: np.random.Generator, split: Split) -> Wave:
    """Noise of one colour, or a sound that may go on while somebody speaks."""
    if rng.random() < 0.5:
        return waves.coloured(count, float(rng.choice([0, 1, 2])), rng)
    kind = augmentation.BACKGROUNDS[int(rng.integers(len(augmentation.BACKGROUNDS)))]
    return nonspeech.make(kind, int(rng.integers(2**31)), split, count / waves.SAMPLE_RATE)


def _lossy(wave: Wave, rng: np.random.Generator) -> Wave:
    return augmentation.mulaw(augmentation.lose_packets(wave, _LOSS, rng, conceal=True))


CODECS: dict[str, Callable[[Wave, np.random.Generator], Wave]] = {
    "mu-law": lambda wave, rng: augmentation.mulaw(wave),
    "A-law": lambda wave, rng: augmentation.alaw(wave),
    "mobile-like": lambda wave, rng: augmentation.mulaw(augmentation.low_bitrate(wave)),
    "3 % packets lost": _lossy,
}
