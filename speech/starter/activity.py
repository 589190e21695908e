"""Trains the net of `speech.voice_activity`: `python -m speech.starter.activity [--work DIR]`, some ten minutes, numpy only.

Heard are streams of several pieces, as calls are: utterances of the training set (its augmentation included), sounds
without words, and silence or line noise, one after the other. A frame is speech where a syllable is. Sources, sizes and
seeds are fixed: the same code gives the same weights, but for the rounding of another processor.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt

from speech.audio import FRAME_SAMPLES
from speech.starter import augmentation, dataset, nonspeech, units, waves
from speech.starter.waves import SAMPLE_RATE, Wave
from speech.voice_activity import BANDS, CONTEXT, DELAY, INPUTS, WEIGHTS, Features, Floats, Net

SHARDS, SEED = 14, 71
STEPS, BATCH, RATE = 24_000, 512, 3e-3
HIDDEN = (32, 12)
_KEPT = 0.5  # share of the frames: neighbours are alike

_HARD = {"music": 4.0, "television": 4.0, "babble": 3.0, "dog": 2.5, "hum": 2.0, "door": 2.0, "cough": 2.0}
_EASY = {"silence": 0.3, "ringback": 0.7, "busy": 0.7, "dtmf": 0.7, "line noise": 0.7, "rain": 0.7}
_WEIGHTS = np.array([_HARD.get(kind) or _EASY.get(kind) or 1.0 for kind in nonspeech.KINDS])

_LABEL_STEP, _LABEL_MIDDLE = 80, 100  # samples: label t stands for 80 t + 100 (synthesis.frame_labels)
_CLIPPED, _QUIET = 0.06, 0.10
_TILT, _BLUR = 0.10, 0.06  # in units of the inputs, so 2 dB and 1.2 dB: no microphone is like another

Bools = npt.NDArray[np.bool_]
Piece = tuple[Wave, Bools]


def utterances(shards: Sequence[Path], rng: np.random.Generator) -> Iterator[Piece]:
    """Each once, shard by shard in random order, with a yes or no a sample."""
    silence = units.unit_pdfs(units.SILENCE)[0]
    for path in shards:
        with np.load(path, allow_pickle=False) as shard:
            audio, offsets = shard["audio"], shard["offsets"]
            labels, label_offsets = shard["labels"], shard["label_offsets"]
        for n in rng.permutation(len(offsets) - 1):
            wave = audio[offsets[n] : offsets[n + 1]].astype(np.float32) / np.float32(32768)
            spoken = labels[label_offsets[n] : label_offsets[n + 1]] != silence
            yield _on_the_line(wave, rng), _by_sample(spoken, wave.size)


def _by_sample(spoken: Bools, size: int) -> Bools:
    start = _LABEL_MIDDLE - _LABEL_STEP // 2
    out = np.zeros(size, bool)
    piece = np.repeat(spoken, _LABEL_STEP)[: max(0, size - start)]
    out[start : start + piece.size] = piece
    return out


def _on_the_line(wave: Wave, rng: np.random.Generator) -> Wave:
    """Now and then overdriven until it clips, or fainter than the model's training makes it."""
    chance = rng.random()
    if chance < _CLIPPED:
        return augmentation.mulaw(
            np.clip(wave * 10 ** (rng.uniform(6, 24) / 20), -0.99, 0.99).astype(np.float32)
        )
    if chance < _CLIPPED + _QUIET:
        return augmentation.mulaw((wave * 10 ** (rng.uniform(-16, -6) / 20)).astype(np.float32))
    return wave


def _sound(rng: np.random.Generator) -> Wave:
    kind = nonspeech.KINDS[int(rng.choice(len(_WEIGHTS), p=_WEIGHTS / _WEIGHTS.sum()))]
    wave = nonspeech.make(kind, int(rng.integers(2**31)), "train", float(rng.uniform(0.6, 4)))
    if rng.random() < 0.25:
        wave = np.clip(wave * np.float32(10 ** (rng.uniform(-12, 6) / 20)), -1, 1)
    return augmentation.bad_noise(wave, rng)


def _pause(rng: np.random.Generator) -> Wave:
    size = waves.seconds_to_samples(rng.uniform(0.1, 2.0))
    if rng.random() < 0.4:
        return np.zeros(size, np.float32)
    noise = waves.coloured(size, float(rng.choice([0, 1, 2])), rng)
    return augmentation.mulaw(waves.at_level(noise, rng.uniform(-70, -30)))


def streams(spoken: Iterator[Piece], rng: np.random.Generator) -> Iterator[Piece]:
    """Until the utterances are used up; some begin in the middle of a word or a sound."""
    following = next(spoken, None)
    while following is not None:
        pieces: list[Piece] = []
        for _ in range(int(rng.integers(1, 5))):
            chance = rng.random()
            if chance < 0.5 and following is not None:
                pieces.append(following)
                following = next(spoken, None)
            else:
                wave = _sound(rng) if chance < 0.85 else _pause(rng)
                pieces.append((wave, np.zeros(wave.size, bool)))
        wave, speech = np.concatenate([w for w, _ in pieces]), np.concatenate([s for _, s in pieces])
        cut = int(rng.integers(0, SAMPLE_RATE)) if rng.random() < 0.3 else 0
        yield wave[cut:], speech[cut:]


def inputs_of(wave: Wave, speech: Bools) -> tuple[Floats, Bools]:
    """What the net is given after each frame of a stream, and whether the frame that it judges then was speech."""
    count = wave.size // FRAME_SAMPLES
    frames = wave[: count * FRAME_SAMPLES].astype(np.float64).reshape(count, FRAME_SAMPLES)
    inputs = Features().feed(frames).inputs if count else np.empty((0, INPUTS), np.float32)
    # A frame looks at itself and the one before: its middle is where it begins.
    middles = np.arange(-DELAY, count - DELAY) * FRAME_SAMPLES
    return inputs, np.where(middles >= 0, speech[np.maximum(middles, 0)], False)


def _examples(shards: Sequence[Path], rng: np.random.Generator) -> tuple[npt.NDArray[np.float16], Floats]:
    inputs, wanted = [], []
    total = len(shards) * dataset.SHARD_UTTERANCES
    with click.progressbar(utterances(shards, rng), length=total, label="listening") as spoken:
        for wave, speech in streams(iter(spoken), rng):
            given, answer = inputs_of(wave, speech)
            kept = rng.random(len(given)) < _KEPT
            inputs.append(given[kept].astype(np.float16))
            wanted.append(answer[kept].astype(np.float32))
    return np.concatenate(inputs), np.concatenate(wanted)


def train(
    inputs: npt.NDArray[np.floating], wanted: Floats, rng: np.random.Generator, steps: int = STEPS
) -> Net:
    """Adam (Kingma, Ba 2015) on the cross entropy, its rate falling in a line to nothing."""
    sizes = (INPUTS, *HIDDEN, 1)
    net = Net(
        [
            (rng.normal(size=(a, b)).astype(np.float32) * np.float32((2 / a) ** 0.5), np.zeros(b, np.float32))
            for a, b in pairwise(sizes)
        ]
    )
    moments = [[(np.zeros_like(p), np.zeros_like(p)) for p in layer] for layer in net.layers]
    with click.progressbar(range(1, steps + 1), label="training") as counted:
        for step in counted:
            chosen = rng.integers(len(inputs), size=BATCH)
            given = _coloured(inputs[chosen].astype(np.float32), rng)
            rate = RATE * (1 - (step - 1) / steps)
            for n, slopes in enumerate(_slopes(net, given, wanted[chosen])):
                for m, slope in enumerate(slopes):
                    first, second = moments[n][m]
                    first += 0.1 * (slope - first)
                    second += 0.001 * (slope * slope - second)
                    stride = first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
                    net.layers[n][m][...] -= rate * stride
    return net


def _coloured(inputs: Floats, rng: np.random.Generator) -> Floats:
    """Through a microphone of its own."""
    count, rows = len(inputs), CONTEXT // 2
    tilt = _TILT * rng.standard_normal((count, BANDS), np.float32)
    recent = inputs[:, : rows * (BANDS + 1)].reshape(count, rows, BANDS + 1)
    recent[:, :, :BANDS] += tilt[:, None] + _BLUR * rng.standard_normal((count, rows, BANDS), np.float32)
    past = inputs[:, recent[0].size : -1].reshape(count, 2, BANDS)
    past += tilt[:, None]
    return inputs


def _slopes(net: Net, inputs: Floats, wanted: Floats) -> list[tuple[Floats, Floats]]:
    """Of the mean cross entropy, by layer, as (weights, biases)."""
    outs = [inputs]
    for weights, biases in net.layers[:-1]:
        outs.append(np.maximum(outs[-1] @ weights + biases, 0))
    weights, biases = net.layers[-1]
    odds = (outs[-1] @ weights + biases)[:, 0]
    slope = ((1 / (1 + np.exp(-odds)) - wanted) / len(wanted))[:, None].astype(np.float32)
    slopes: list[tuple[Floats, Floats]] = []
    for (weights, _), out in zip(reversed(net.layers), reversed(outs), strict=True):
        slopes.append((out.T @ slope, slope.sum(axis=0)))
        slope = slope @ weights.T * (out > 0)
    return slopes[::-1]


def write(net: Net, path: Path) -> None:
    """Half precision is enough, and half the size."""
    arrays: dict[str, npt.NDArray[np.float16]] = {}
    for n, (weights, biases) in enumerate(net.layers, 1):
        arrays |= {f"w{n}": weights.astype(np.float16), f"b{n}": biases.astype(np.float16)}
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


@click.command()
@click.option(
    "--work", type=click.Path(file_okay=False, path_type=Path), default="var/activity", show_default=True,
    help="where the made utterances are kept, 300 MB",
)  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=WEIGHTS)
def main(work: Path, out: Path) -> None:
    """Make utterances and sounds, train the net, write its weights."""
    with click.progressbar(length=SHARDS * dataset.SHARD_UTTERANCES, label="speaking") as bar:
        shards = dataset.make_dataset(work, SHARDS, seed=SEED, progress=bar.update)
    rng = np.random.default_rng(SEED)
    inputs, wanted = _examples(shards, rng)
    write(train(inputs, wanted, rng), out)
    click.echo(f"{len(inputs)} frames, {wanted.mean():.0%} of them speech → {out}")


if __name__ == "__main__":
    main()
