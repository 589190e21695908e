"""What a telephone line, a room and a bad microphone do to a voice; numpy only.

Every function takes and gives float32 samples around ±1 at 8 kHz and is repeatable by its generator.
Signal-to-noise ratios and levels are measured on the parts of the voice that are loud (`active_rms`), so
that pauses don't count as a quiet voice.
"""

from dataclasses import dataclass

import numpy as np

from speech import audio
from speech.starter import nonspeech, waves
from speech.starter.voices import Split
from speech.starter.waves import SAMPLE_RATE, Wave

_FRAME = SAMPLE_RATE // 50
_ACTIVE_DB = 25.0
"""Frames this far below the loudest don't count as voice."""

_A = 87.6
"""Of the A-law, ITU-T G.711."""

BACKGROUNDS = ("hum", "music", "television", "babble", "fan", "traffic", "rain", "breath", "clicks", "dog")
"""Kinds of `nonspeech` that may go on while somebody speaks."""


def active_rms(wave: Wave) -> float:
    """RMS of the 20 ms frames within 25 dB of the loudest; 0 for silence."""
    if wave.size < _FRAME:
        return waves.rms(wave)
    frames = wave[: wave.size // _FRAME * _FRAME].reshape(-1, _FRAME)
    power = np.square(frames, dtype=np.float64).mean(axis=1)
    loud = power[power >= power.max() * 10 ** (-_ACTIVE_DB / 10)]
    return float(np.sqrt(loud.mean()))


def at_active_level(wave: Wave, level: float) -> Wave:
    """The loud parts scaled to `level` dBFS; silence stays silence."""
    now = active_rms(wave)
    return wave if now == 0 else (wave * np.float32(10 ** (level / 20) / now)).astype(np.float32)


def add_noise(wave: Wave, noise: Wave, snr: float) -> Wave:
    """`noise`, repeated or cut to the length of `wave`, `snr` dB below its loud parts."""
    level, loud = waves.rms(noise), active_rms(wave)
    if level == 0 or loud == 0:
        return wave
    fitted = np.resize(noise, wave.size)
    return (wave + fitted * np.float32(loud / level * 10 ** (-snr / 20))).astype(np.float32)


def mulaw(wave: Wave) -> Wave:
    """Through G.711 mu-law and back."""
    pcm = audio.to_pcm(np.asarray(wave, np.float64) * 32768)
    decoded = audio.to_samples(audio.mulaw_decode(audio.mulaw_encode(pcm)))
    return np.asarray(decoded / 32768, np.float32)


def alaw(wave: Wave) -> Wave:
    """Through 8-bit A-law companding and back (the continuous curve of G.711)."""
    clipped = np.clip(wave.astype(np.float64), -1, 1)
    size = np.abs(clipped)
    scale = 1 + np.log(_A)
    bent = np.where(size < 1 / _A, _A * size, 1 + np.log(np.maximum(_A * size, 1))) / scale
    steps = (np.floor(np.minimum(bent, 1 - 1e-9) * 128) + 0.5) / 128
    back = np.where(steps < 1 / scale, steps * scale / _A, np.exp(steps * scale - 1) / _A)
    return np.asarray(np.sign(clipped) * back, np.float32)


def low_bitrate(wave: Wave, step: float = 3.0, floor: float = 30.0) -> Wave:
    """As through a mobile telephone's codec: magnitudes of 20 ms pieces in coarse steps, the faint parts dropped.

    `step` in dB; what lies `floor` dB below the strongest part of a piece is lost. Not GSM itself: the same
    kind of damage (burbling, no fine structure) without a codec's library.
    """
    size, hop = 2 * _FRAME, _FRAME
    padded = np.pad(wave, (hop, size))
    count = (padded.size - size) // hop + 1
    window = np.sin(np.pi * (np.arange(size) + 0.5) / size)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop][:count] * window
    spectrum = np.fft.rfft(frames, axis=1)
    loud = np.abs(spectrum)
    decibels = 20 * np.log10(loud + 1e-9)
    coarse = 10 ** (np.round(decibels / step) * step / 20)
    coarse[decibels < decibels.max(axis=1, keepdims=True) - floor] = 0
    pieces = np.fft.irfft(spectrum / (loud + 1e-9) * coarse, size, axis=1) * window
    out = np.zeros(padded.size)
    for index in range(count):
        out[index * hop : index * hop + size] += pieces[index]
    return out[hop : hop + wave.size].astype(np.float32)


def lose_packets(wave: Wave, share: float, generator: np.random.Generator, *, conceal: bool) -> Wave:
    """A `share` of the 20 ms packets is lost: silence, or (`conceal`) the one before at half its strength."""
    out = wave.copy()
    for index in np.flatnonzero(generator.random(wave.size // _FRAME) < share):
        place = int(index) * _FRAME
        before = out[place - _FRAME : place]
        out[place : place + _FRAME] = 0.5 * before if conceal and before.size == _FRAME else 0
    return out


def clip(wave: Wave, drive: float) -> Wave:
    """Overdriven: peaks squashed as by a microphone too close; `drive` = how many times the RMS still passes."""
    level = active_rms(wave) * drive
    return wave if level == 0 else (np.tanh(wave / level) * level).astype(np.float32)


def tremble(wave: Wave, hertz: float, depth: float) -> Wave:
    """The wavering strength of an old voice; `depth` 0–1 at `hertz`, 4 to 8 in people."""
    time = np.arange(wave.size) / SAMPLE_RATE
    return (wave * (1 - depth / 2 + depth / 2 * np.sin(2 * np.pi * hertz * time))).astype(np.float32)


def lay_in(wave: Wave, sound: Wave, start: int, level: float) -> Wave:
    """`sound` from sample `start` on, cut at the end; `level` in dB against the loud parts of `wave`."""
    room, loud, own = wave.size - start, active_rms(wave), active_rms(sound)
    if room <= 0 or own == 0:
        return wave
    out = wave.copy()
    piece = sound[:room]
    out[start : start + piece.size] += piece * np.float32((loud or 1.0) / own * 10 ** (level / 20))
    return out


def reverberate(wave: Wave, seconds: float, share: float, generator: np.random.Generator) -> Wave:
    """See `waves.room`."""
    return waves.convolve(wave, waves.room(seconds, share, generator))


@dataclass(frozen=True)
class Babble:
    """Other utterances of the same shard, to be heard behind this one. Grows up to `most`, then replaces."""

    voices: list[Wave]
    most: int = 40

    def add(self, wave: Wave, generator: np.random.Generator) -> None:
        if len(self.voices) < self.most:
            self.voices.append(wave)
        else:
            self.voices[int(generator.integers(self.most))] = wave

    def mix(self, count: int, generator: np.random.Generator) -> Wave:
        """Two to six voices at once. Raises ValueError when none was added yet."""
        out = np.zeros(count, np.float32)
        for _ in range(int(generator.integers(2, 7))):
            voice = self.voices[int(generator.integers(len(self.voices)))]
            turned = np.roll(np.resize(voice, count), int(generator.integers(count)))
            out += turned / np.float32(waves.rms(voice) + 1e-9)
        return out


def bad_line(
    wave: Wave, generator: np.random.Generator, split: Split = "train", babble: Babble | None = None
) -> Wave:
    """A voice, with the silence around it, as it may arrive: room, noise, band, overdrive, level, codec, losses.

    Not every step every time; in one call of ten hardly any. The result is clipped to ±1.
    """
    uniform = generator.uniform

    def chance(share: float) -> bool:
        return bool(generator.random() < share)

    if chance(0.08):
        wave = tremble(wave, uniform(4, 8), uniform(0.2, 0.7))
    if chance(0.35):
        wave = reverberate(wave, uniform(0.05, 0.4), uniform(0.02, 0.5), generator)
    if chance(0.85):
        # Half of it as loud as it gets in the street: there the errors are.
        snr = uniform(3, 15) if chance(0.5) else uniform(10, 35)
        wave = add_noise(wave, _noise(wave.size, generator, split, babble), snr)
    if chance(0.75):
        wave = waves.band_pass(wave, uniform(120, 350), uniform(3200, 3800), int(generator.integers(1, 4)))
    if chance(0.2):
        wave = _microphone(wave, uniform(-6, 6))
    if chance(0.15):
        wave = clip(wave, uniform(1.0, 4.0))
    if chance(0.15):
        wave = (wave * waves.glide(10 ** (uniform(-8, 0, 5) / 20), wave.size)).astype(np.float32)
    wave = np.clip(at_active_level(wave, uniform(-40, -12)), -1, 1)
    if chance(0.08):
        wave = lose_packets(wave, uniform(0.005, 0.06), generator, conceal=chance(0.6))
    choice = generator.random()
    if choice < 0.5:
        return mulaw(wave)
    if choice < 0.7:
        return alaw(wave)
    if choice < 0.8:
        return mulaw(low_bitrate(wave, uniform(1.5, 4), uniform(25, 40)))
    return wave


def bad_noise(wave: Wave, generator: np.random.Generator) -> Wave:
    """The same line for a sound that is no voice: its own level is kept."""
    if generator.random() < 0.5:
        wave = waves.band_pass(wave, generator.uniform(120, 350), generator.uniform(3200, 3800), 2)
    choice = generator.random()
    return mulaw(wave) if choice < 0.5 else alaw(wave) if choice < 0.7 else wave


def _noise(count: int, generator: np.random.Generator, split: Split, babble: Babble | None) -> Wave:
    choice = generator.random()
    if choice < 0.2 and babble is not None and babble.voices:
        return babble.mix(count, generator)
    if choice < 0.6:
        kind = BACKGROUNDS[int(generator.integers(len(BACKGROUNDS)))]
        return nonspeech.make(kind, int(generator.integers(2**31)), split, count / SAMPLE_RATE)
    return waves.coloured(count, float(generator.choice([0, 0.5, 1, 1.5, 2])), generator)


def _microphone(wave: Wave, tilt: float) -> Wave:
    """`tilt` in dB from the lowest to the highest frequency."""
    spectrum = np.fft.rfft(wave)
    spectrum *= 10 ** (np.linspace(-tilt / 2, tilt / 2, spectrum.size) / 20)
    return np.fft.irfft(spectrum, wave.size).astype(np.float32)
