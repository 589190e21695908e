"""Trains the net: `python -m speech.starter.training …` in the training environment (see build.py), one line of
JSON on stdout for each step that is worth telling.

Two stages: frame-wise cross-entropy against the labels that came with the synthesis, then whole sequences (objective.py).
AdamW, learning rate up over the first steps, level, then down to nearly nothing. Each step draws from a generator seeded
with (seed, step): the same steps give the same net, and a run resumed from its checkpoint goes on as if it had never stopped.
"""

import argparse
import copy
import itertools
import json
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from speech.starter import netfile, objective
from speech.starter.features import fbank
from speech.starter.net import CONTEXT, STRIDE, TimeDelayNet

BATCH = 64
PARTS = 2
"""Of a batch, each worked on by a thread of its own: they wait for each other once a step. Threads inside of every
operation wait a hundred times a step, and two of them were no faster than one. The result is that of `PARTS`, not of threads.
"""
OUTPUTS = 40
"""Scores a chunk: 1.2 s of speech."""
CHUNK = 2 * CONTEXT + STRIDE * (OUTPUTS - 1) + 1
WARM_UP = 100
WEIGHT_DECAY = 1e-3
LONGEST_GRADIENT = 5.0
CHECKPOINT_EVERY = 250
HELD_OUT = 50
"""Every so many-th utterance is kept out of training, to measure the net on."""
DECIBEL = np.log(10) / 10


@dataclass(frozen=True)
class Frames:
    """Utterances end to end: features [frames, bins] (float16 to save memory) and the pdf of each frame."""

    features: NDArray[np.float16]
    labels: NDArray[np.int16]


def load(directory: Path, threads: int) -> tuple[Frames, Frames]:
    """All shards of a data set (see dataset.py): for training, and held out."""
    kept: tuple[list[Any], list[Any]] = ([], [])
    with ThreadPoolExecutor(threads) as pool:
        shards = pool.map(_shard, sorted(directory.glob("*.npz")))
        for number, utterance in enumerate(itertools.chain.from_iterable(shards)):
            kept[number % HELD_OUT == 0].append(utterance)
    if not kept[0] or not kept[1]:
        raise SystemExit(f"{directory}: no utterances to train on")
    train, held = (
        Frames(np.concatenate([f for f, _ in part]), np.concatenate([t for _, t in part])) for part in kept
    )
    return train, held


def _shard(path: Path) -> list[tuple[NDArray[np.float16], NDArray[np.int16]]]:
    """Features and labels of each utterance."""
    with np.load(path) as shard:
        audio, labels = shard["audio"], shard["labels"]
        ends, label_ends = shard["offsets"], shard["label_offsets"]
    out = []
    for number in range(len(ends) - 1):
        features = fbank(audio[ends[number] : ends[number + 1]]).astype(np.float16)
        truth = labels[label_ends[number] : label_ends[number + 1]]
        if len(features) != len(truth):
            raise SystemExit(f"{path}: utterance {number} has {len(features)} frames, {len(truth)} labels")
        out.append((features, truth))
    return out


def chunks(frames: Frames, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """A part of a batch, cut at random places: [count, CHUNK, bins] and labels [count, OUTPUTS]."""
    starts = rng.integers(0, len(frames.labels) - CHUNK, BATCH // PARTS)
    features = np.stack([frames.features[start : start + CHUNK] for start in starts]).astype(np.float32)
    middle = [frames.labels[start + CONTEXT : start + CHUNK - CONTEXT : STRIDE] for start in starts]
    return torch.from_numpy(features), torch.from_numpy(np.stack(middle).astype(np.int64))


def disturbed(features: Tensor, draw: torch.Generator) -> Tensor:
    """Other levels, lines and noises, drawn anew for every chunk."""
    batch, count, bins = features.shape
    normal, even = partial(torch.randn, generator=draw), partial(torch.rand, generator=draw)
    across = torch.linspace(-1, 1, bins)[None, None]
    line = (
        normal(batch, 1, 1)
        + normal(batch, 1, 1) * 0.6 * across
        + normal(batch, 1, 1) * 0.4 * (across**2 - 1 / 3)
        + functional.interpolate(normal(batch, 1, 7) * 0.5, bins, mode="linear", align_corners=True)
    )
    # Powers add up: a steady noise of random colour, 0–30 dB below the chunk's mean, on three chunks of five.
    colour = functional.interpolate(normal(batch, 1, 6), bins, mode="linear", align_corners=True)
    loudness = torch.logsumexp(features, (1, 2), keepdim=True) - np.log(count * bins)
    below = 30 * even(batch, 1, 1) * DECIBEL
    off = (even(batch, 1, 1) > 0.6) * 50.0
    noise = loudness - below - off + colour + 0.7 * normal(batch, count, bins)
    return torch.logaddexp(features, noise) + line


def masked(features: Tensor, mean: Tensor, draw: torch.Generator) -> Tensor:
    """In half of the chunks a band of up to six bins says nothing."""
    batch, _, bins = features.shape
    even = partial(torch.rand, batch, 1, 1, generator=draw)
    width = torch.randint(1, 7, (batch, 1, 1), generator=draw) * (even() < 0.5)
    first = (even() * (bins - width)).long()
    place = torch.arange(bins)[None, None]
    return torch.where((place >= first) & (place < first + width), mean, features)


@dataclass(frozen=True)
class Stage:
    """`loss(scores, labels)`, scores [batch, pdfs, outputs]; `peak`: highest learning rate, kept for the first share
    `level` of the steps."""

    steps: int
    loss: Callable[[Tensor, Tensor], Tensor]
    peak: float
    level: float

    def rate(self, step: int) -> float:
        done = step / self.steps
        falling = 1.0 if done < self.level else max(0.005, (1 - done) / (1 - self.level))
        return self.peak * min(1.0, (step + 1) / WARM_UP) * falling


@dataclass
class Trainer:
    """`half`: multiply in bfloat16 (weights stay float32): twice as fast where the processor can."""

    net: TimeDelayNet
    stages: Sequence[Stage]
    seed: int
    half: bool
    threads: int

    def __post_init__(self) -> None:
        self.nets = [self.net, *(_twin(self.net) for _ in range(PARTS - 1))]
        self.pool = ThreadPoolExecutor(self.threads, initializer=torch.set_num_threads, initargs=(1,))
        self.begins = list(itertools.accumulate((stage.steps for stage in self.stages), initial=0))
        self.optimizer = self._optimizer()
        self.done = 0

    @property
    def steps(self) -> int:
        return self.begins[-1]

    @property
    def stage(self) -> int:
        """Number of the stage that the next step belongs to; the last one when all is done."""
        return sum(self.done >= begin for begin in self.begins[1:-1])

    def _optimizer(self) -> torch.optim.Optimizer:
        return torch.optim.AdamW(self.net.parameters(), weight_decay=WEIGHT_DECAY)

    def resume(self, path: Path) -> None:
        if path.is_file():
            state = torch.load(path, weights_only=True)
            if (state["steps"], state["seed"]) == (self.steps, self.seed):
                self.net.load_state_dict(state["net"])
                self.optimizer.load_state_dict(state["optimizer"])
                self.done = state["done"]

    def save(self, path: Path) -> None:
        partial = path.with_suffix(".part")
        state = {"net": self.net.state_dict(), "optimizer": self.optimizer.state_dict()}
        torch.save(state | {"done": self.done, "steps": self.steps, "seed": self.seed}, partial)
        partial.replace(path)

    def step(self, frames: Frames) -> float:
        """One batch; its loss."""
        if (
            self.done in self.begins
        ):  # another loss: what was remembered of the gradients does not hold for it
            self.optimizer = self._optimizer()
        for group in self.optimizer.param_groups:
            group["lr"] = self.stages[self.stage].rate(self.done - self.begins[self.stage])
        losses, gradients = zip(*self.pool.map(partial(self._part, frames), range(PARTS)), strict=True)
        for parameter, *own in zip(self.net.parameters(), *gradients, strict=True):
            parameter.grad = sum(own) / PARTS
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), LONGEST_GRADIENT)
        self.optimizer.step()
        self.done += 1
        return sum(losses) / PARTS

    def _part(self, frames: Frames, number: int) -> tuple[float, tuple[Tensor, ...]]:
        """The loss of a part of the batch, and its gradients. Generators of its own: parts run at the same time."""
        seed, net = (self.seed, self.done, number), self.nets[number].train()
        features, labels = chunks(frames, np.random.default_rng(seed))
        draw = torch.Generator().manual_seed((self.seed * 1_000_003 + self.done) * PARTS + number)
        features = masked(disturbed(features, draw), net.mean, draw)
        loss = self.stages[self.stage].loss(self._scores(net, features), labels)
        return float(loss.item()), torch.autograd.grad(loss, list(net.parameters()))

    def measure(self, held: Frames) -> tuple[float, float]:
        """The stage's loss and the share of right frames on held-out utterances, undisturbed."""
        self.net.eval()
        losses, right = [], []
        with torch.no_grad():
            for number in range(8):
                features, labels = chunks(held, np.random.default_rng((self.seed, number)))
                scores = self._scores(self.net, features)
                losses.append(float(self.stages[self.stage].loss(scores, labels)))
                right.append(float((scores.argmax(1) == labels).float().mean()))
        return float(np.mean(losses)), float(np.mean(right))

    def _scores(self, net: TimeDelayNet, features: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=self.half):
            scores: Tensor = net(features)
        return scores.float()


def _twin(net: TimeDelayNet) -> TimeDelayNet:
    """The same parameters, but statistics of its own for the normalization, which change in training."""
    twin = copy.deepcopy(net)
    for mine, its in zip(net.modules(), twin.modules(), strict=True):
        for name, parameter in mine.named_parameters(recurse=False):
            setattr(its, name, parameter)
    return twin


def fast_half() -> bool:
    """Without the instructions bfloat16 works too, but much slower than float32."""
    return bool(torch.cpu.get_capabilities().get("avx512_bf16", False))


def main() -> int:
    parser = argparse.ArgumentParser(description="train the starter model's net")
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="the trained net (.npz)")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--pdfs", type=int, required=True)
    parser.add_argument("--hidden", type=int, required=True)
    parser.add_argument("--steps", type=int, required=True, help="frame by frame")
    parser.add_argument("--sequence-steps", type=int, required=True, help="then, by whole chunks")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    train, held = load(options.shards, options.threads)
    sample = train.features[::10].astype(np.float32)
    net = TimeDelayNet(options.hidden, options.pdfs, sample.mean(0), sample.std(0))
    whole = objective.Sequence.counted(train.labels, options.pdfs, STRIDE)
    stages = (
        Stage(options.steps, functional.cross_entropy, peak=2e-3, level=0.3),
        Stage(options.sequence_steps, whole, peak=1e-3, level=0.2),
    )
    trainer = Trainer(net, stages, options.seed, fast_half(), options.threads)
    trainer.resume(options.checkpoint)
    tell({"done": trainer.done, "hours": round(len(train.labels) / 360_000, 2), "half": trainer.half})
    recent: list[float] = []
    while trainer.done < trainer.steps:
        recent.append(trainer.step(train))
        if trainer.done % CHECKPOINT_EVERY == 0 or trainer.done == trainer.steps:
            trainer.save(options.checkpoint)
            loss, right = trainer.measure(held)
            average = sum(recent) / len(recent)
            tell({"done": trainer.done, "loss": average, "held_out_loss": loss, "held_out_right": right})
            recent.clear()
        elif trainer.done % 10 == 0:
            tell({"done": trainer.done})
    counts = np.bincount(train.labels, minlength=options.pdfs).astype(np.float64)
    netfile.save(options.out, net.layers(), counts)
    return 0


def tell(message: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
