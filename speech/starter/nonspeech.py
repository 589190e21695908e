"""Sounds on a telephone line that are no words: what the model must hear as silence.

`make(kind, seed, split)` gives the same samples for the same arguments (one numpy version). The sounds are
computed, none is a recording. Training and testing never share a parameter: each is drawn from a range of
which `train` and `dev` get the parts 0–35 % and 55–85 %, `test` the parts 35–55 % and 85–100 %, and the seeds
of the splits are apart. Numpy only.

Television counts as no words because it is far away: talkers with no intelligible syllable, through
another room's echo and a narrow band, mixed with music. A person who speaks clearly in the background is
speech, and no sound here is that.
"""

import zlib
from collections.abc import Callable

import numpy as np

from speech.starter import mouths, waves
from speech.starter.voices import Split
from speech.starter.waves import SAMPLE_RATE, Wave

_PARTS: dict[Split, tuple[tuple[float, float], tuple[float, float]]] = {
    "train": ((0.0, 0.35), (0.55, 0.85)),
    "dev": ((0.0, 0.35), (0.55, 0.85)),
    "test": ((0.35, 0.55), (0.85, 1.0)),
}
_KEYS = (697.0, 770.0, 852.0, 941.0)
_COLUMNS = (1209.0, 1336.0, 1477.0)


class Draw:
    """Random parameters of one sound; `within` keeps to the split's share of a range."""

    def __init__(self, kind: str, seed: int, split: Split) -> None:
        self.generator = np.random.default_rng([zlib.crc32(f"{kind} {split}".encode()), seed])
        self._split = split

    def within(self, low: float, high: float) -> float:
        first, second = _PARTS[self._split]
        place = self.generator.uniform(0, first[1] - first[0] + second[1] - second[0])
        width = first[1] - first[0]
        place = first[0] + place if place < width else second[0] + place - width
        return low + place * (high - low)

    def count(self, low: int, high: int) -> int:
        """A whole number from low to high; how often something happens needs no split."""
        return int(self.generator.integers(low, high + 1))

    def chance(self, share: float) -> bool:
        return bool(self.generator.random() < share)

    def noise(self, count: int, slope: float) -> Wave:
        return waves.coloured(count, slope, self.generator)


def make(kind: str, seed: int, split: Split, seconds: float | None = None) -> Wave:
    """float32 samples at 8 kHz within ±1, at a level that fits the kind (−14 to −60 dBFS, silence below).

    `seconds` defaults to a length between 1 and 4. Raises KeyError for a kind not in KINDS.
    """
    maker = _MAKERS[kind]
    draw = Draw(kind, seed, split)
    length = draw.generator.uniform(1.0, 4.0) if seconds is None else seconds
    return np.clip(maker(draw, waves.seconds_to_samples(length)), -1, 1).astype(np.float32)


def _silence(draw: Draw, count: int) -> Wave:
    # A digital line at rest sends zeros, or the least significant step of its codec.
    if draw.chance(0.5):
        return np.zeros(count, np.float32)
    return (draw.generator.integers(-8, 9, count) / 32768).astype(np.float32)


def _line_noise(draw: Draw, count: int) -> Wave:
    return waves.at_level(draw.noise(count, draw.within(0, 2)), draw.within(-60, -22))


def _tone(count: int, hertz: float, start: float = 0.0) -> Wave:
    return np.sin(start + 2 * np.pi * hertz * np.arange(count) / SAMPLE_RATE).astype(np.float32)


def _cadence(draw: Draw, count: int, sound: Wave, on: float, off: float) -> Wave:
    """`on` and `off` in seconds, from a random moment of the first period; silence of the line in between."""
    period = waves.seconds_to_samples(on + off)
    moment = (np.arange(count) + draw.generator.integers(period)) % period
    sounding = (moment < waves.seconds_to_samples(on)).astype(np.float32)
    smooth = np.convolve(sounding, np.ones(24, np.float32) / 24)[:count].astype(np.float32)
    line = waves.at_level(draw.noise(count, 0.5), -66)
    return waves.at_level(sound, draw.within(-32, -14)) * smooth + line


def _ringback(draw: Draw, count: int) -> Wave:
    """China: 450 ± 25 Hz, 1 s on, 4 s off (YD/T 1729)."""
    tone = _tone(count, draw.within(425, 475))
    return _cadence(draw, count, tone, draw.within(0.9, 1.1), draw.within(1.0, 4.4))


def _busy(draw: Draw, count: int) -> Wave:
    """China: 450 Hz, 0.35 s on and off when busy, 0.7 s when all lines are."""
    beat = draw.within(0.32, 0.38) * (2 if draw.chance(0.3) else 1)
    return _cadence(draw, count, _tone(count, draw.within(425, 475)), beat, beat)


def _beep(draw: Draw, count: int) -> Wave:
    """The beep of an answering machine, fax calls, a test tone."""
    tone = _tone(count, draw.within(380, 2300))
    return _cadence(draw, count, tone, draw.within(0.2, 3.0), draw.within(0.1, 3.0))


def _dtmf(draw: Draw, count: int) -> Wave:
    out = np.zeros(count, np.float32)
    place = draw.count(0, count // 4)
    level = draw.within(-26, -12)
    length = waves.seconds_to_samples(draw.within(0.06, 0.25))
    gap = waves.seconds_to_samples(draw.within(0.06, 0.5))
    while place + length < count:
        row, column = draw.generator.choice(_KEYS), draw.generator.choice(_COLUMNS)
        key = _tone(length, row * draw.within(0.985, 1.015)) + _tone(
            length, column * draw.within(0.985, 1.015)
        )
        out[place : place + length] = waves.fade(waves.at_level(key, level), 16)
        place += length + gap
    return out + waves.at_level(draw.noise(count, 0.5), -66)


def _hum(draw: Draw, count: int) -> Wave:
    """Mains at 50 Hz with harmonics; a telephone line passes the upper ones best."""
    base = draw.within(49.5, 50.5) * (2 if draw.chance(0.4) else 1)
    out = np.zeros(count, np.float32)
    for harmonic in range(1, draw.count(2, 12)):
        weight = draw.generator.uniform(0.2, 1) / harmonic
        out += np.float32(weight) * _tone(count, base * harmonic, draw.generator.uniform(0, 6.28))
    return waves.at_level(out, draw.within(-45, -16)) + waves.at_level(draw.noise(count, 1), -62)


def _chord(draw: Draw, count: int, hertz: list[float], decay: float, partials: int) -> Wave:
    time = np.arange(count) / SAMPLE_RATE
    out = np.zeros(count)
    for note in hertz:
        for partial in range(1, partials + 1):
            if note * partial < 3900:
                out += np.sin(2 * np.pi * note * partial * time) / partial**1.3
    return (out * np.exp(-decay * time)).astype(np.float32)


def _music(draw: Draw, count: int) -> Wave:
    """Chords or a melody on a scale, plucked or held, now and then with a beat."""
    steps = (0, 2, 4, 5, 7, 9, 11) if draw.chance(0.5) else (0, 2, 4, 7, 9)
    root, decay = draw.within(110, 420), draw.within(0.2, 7)
    note = waves.seconds_to_samples(draw.within(0.15, 0.8))
    voices, partials = draw.count(1, 4), draw.count(1, 8)
    out = np.zeros(count, np.float32)
    for place in range(0, count, note):
        length = min(count - place, round(note * 1.3))
        degrees = draw.generator.choice(len(steps) * 2, voices, replace=False)
        hertz = [root * 2 ** ((steps[d % len(steps)] + 12 * (d // len(steps))) / 12) for d in degrees]
        out[place : place + length] += waves.fade(_chord(draw, length, hertz, decay, partials), 60)
        if draw.chance(0.3):
            beat = draw.noise(min(length, 500), 0) * np.exp(-np.arange(min(length, 500)) / 90)
            out[place : place + beat.size] += 0.6 * beat.astype(np.float32)
    return waves.at_level(out, draw.within(-38, -14))


def _talkers(draw: Draw, count: int, number: int) -> Wave:
    out = np.zeros(count, np.float32)
    for _ in range(number):
        pitch = draw.within(80, 260)
        out += waves.at_level(mouths.mumble(count, pitch, draw.within(2.5, 7), draw.generator), -20)
    return out


def _far(draw: Draw, wave: Wave) -> Wave:
    echo = waves.room(draw.within(0.25, 0.9), draw.within(1.0, 6.0), draw.generator)
    return waves.band_pass(waves.convolve(wave, echo), draw.within(150, 450), draw.within(900, 2600))


def _television(draw: Draw, count: int) -> Wave:
    talk = _talkers(draw, count, draw.count(1, 2))
    mixed = talk + waves.at_level(_music(draw, count), waves.dbfs(talk) + draw.within(-18, 6))
    return waves.at_level(_far(draw, mixed), draw.within(-58, -32))


def _babble(draw: Draw, count: int) -> Wave:
    """A crowd: so many talkers that nobody is understood."""
    return waves.at_level(_far(draw, _talkers(draw, count, draw.count(3, 7))), draw.within(-52, -26))


def _scattered(draw: Draw, count: int, sound: Callable[[], Wave], most: int, quiet: float = -62) -> Wave:
    """One to `most` single sounds at random places over the noise of the line."""
    out = waves.at_level(draw.noise(count, 1), quiet).copy()
    for _ in range(draw.count(1, most)):
        one = sound()[:count]
        place = draw.count(0, count - one.size)
        out[place : place + one.size] += one
    return out


def _dog(draw: Draw, count: int) -> Wave:
    top, level = draw.within(350, 1100), draw.within(-34, -13)
    length = waves.seconds_to_samples(draw.within(0.12, 0.4))

    def bark() -> Wave:
        pitch = waves.glide([top * 0.6, top, top * draw.generator.uniform(0.4, 0.8)], length)
        body = mouths.voiced(pitch, [(700, 300), (1500, 500), (2600, 700)])
        rough = body + 0.5 * waves.rms(body) * draw.noise(length, 0.5)
        shape = waves.glide([0, 1, 0.7, 0.3, 0], length)
        return waves.at_level((rough * shape).astype(np.float32), level)

    return _scattered(draw, count, bark, 5)


def _cough(draw: Draw, count: int) -> Wave:
    level = draw.within(-34, -12)

    def cough() -> Wave:
        length = waves.seconds_to_samples(draw.within(0.18, 0.55))
        burst = waves.band_pass(draw.noise(length, 0.3), draw.within(250, 700), draw.within(1800, 3600))
        tail = mouths.voiced(waves.glide([draw.within(90, 260), 80], length), [(600, 250), (1300, 400)])
        shape = waves.glide([0, 1, 0.35, 0.5, 0.25, 0.1, 0], length)
        voiced = 0.6 * tail / (waves.rms(tail) + 1e-9) * waves.glide([0, 0, 1, 1, 0], length)
        return waves.at_level(
            ((burst / (waves.rms(burst) + 1e-9) + voiced) * shape).astype(np.float32), level
        )

    return _scattered(draw, count, cough, 3)


def _breath(draw: Draw, count: int) -> Wave:
    level = draw.within(-54, -26)

    def breath() -> Wave:
        length = waves.seconds_to_samples(draw.within(0.5, 1.8))
        air = waves.band_pass(draw.noise(length, 0.5), draw.within(200, 900), draw.within(1500, 3600))
        return waves.at_level((air * waves.glide([0, 0.6, 1, 0.5, 0], length)).astype(np.float32), level)

    return _scattered(draw, count, breath, 3)


def _door(draw: Draw, count: int) -> Wave:
    level = draw.within(-32, -12)

    def slam() -> Wave:
        length = waves.seconds_to_samples(draw.within(0.2, 0.7))
        time = np.arange(length) / SAMPLE_RATE
        blow = draw.noise(length, 1) * np.exp(-time * draw.within(25, 90))
        for _ in range(3):
            hertz, decay = draw.within(60, 700), draw.within(8, 40)
            blow = blow + np.sin(2 * np.pi * hertz * time) * np.exp(-decay * time)
        return waves.at_level(waves.fade(blow.astype(np.float32), 8), level)

    return _scattered(draw, count, slam, 3)


def _fan(draw: Draw, count: int) -> Wave:
    turn = 1 + 0.3 * _tone(count, draw.within(3, 30))
    air = draw.noise(count, draw.within(0.5, 1.8)) * turn
    blades = _tone(count, draw.within(80, 320)) * draw.within(0, 0.8)
    return waves.at_level((air + blades).astype(np.float32), draw.within(-52, -22))


def _traffic(draw: Draw, count: int) -> Wave:
    swell = waves.glide(draw.generator.uniform(0.2, 1, draw.count(3, 7)), count)
    road = draw.noise(count, draw.within(0.8, 2)) * swell
    engine = mouths.voiced(
        waves.glide([draw.within(40, 130), draw.within(40, 130)], count), [(200, 200), (500, 300)]
    )
    out = (road + 0.5 * engine / (waves.rms(engine) + 1e-9) * swell).astype(np.float32)
    if draw.chance(0.25):
        horn = _chord(draw, min(count, 4000), [draw.within(300, 500), draw.within(350, 600)], 0.1, 6)
        place = draw.count(0, count - horn.size)
        out[place : place + horn.size] += waves.fade(horn, 200)
    return waves.at_level(out, draw.within(-50, -20))


def _clicks(draw: Draw, count: int) -> Wave:
    level = draw.within(-28, -6)

    def click() -> Wave:
        length = draw.count(4, 160)
        time = np.arange(length) / SAMPLE_RATE
        ring = np.sin(2 * np.pi * draw.within(300, 3500) * time) * np.exp(-time * draw.within(150, 1500))
        peak = 10 ** (level / 20) * draw.generator.choice([-1.0, 1.0])
        return np.asarray(ring / (np.abs(ring).max() + 1e-9) * peak, np.float32)

    return _scattered(draw, count, click, 25)


def _rain(draw: Draw, count: int) -> Wave:
    """Rain, a running tap, frying: noise with drops."""
    drops = draw.noise(count, 0) * (draw.generator.random(count) < draw.within(0.01, 0.2))
    steady = 0.3 * draw.noise(count, draw.within(0, 0.8))
    return waves.at_level((drops + steady).astype(np.float32), draw.within(-50, -22))


_MAKERS: dict[str, Callable[[Draw, int], Wave]] = {
    "silence": _silence,
    "line noise": _line_noise,
    "ringback": _ringback,
    "busy": _busy,
    "beep": _beep,
    "dtmf": _dtmf,
    "hum": _hum,
    "music": _music,
    "television": _television,
    "babble": _babble,
    "dog": _dog,
    "cough": _cough,
    "breath": _breath,
    "door": _door,
    "fan": _fan,
    "traffic": _traffic,
    "clicks": _clicks,
    "rain": _rain,
}
KINDS: tuple[str, ...] = tuple(_MAKERS)
