"""The whole way from word lists to a model directory, in steps whose results are kept (steps.py).

The steps are fixed in number and seeded, not timed: the same sources give the same model, but for the rounding of
another processor.
"""

import functools
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from app.errors import BadInput
from speech.starter import corpus, dataset, scoring, training_environment, units
from speech.starter.card import Facts, card
from speech.starter.dictionary import FREQUENT_WORDS, dictionary
from speech.starter.export import Tuning, acoustic_model, export
from speech.starter.lexicon import WORDS_FILE, lexicon, phrases
from speech.starter.scoring import Score
from speech.starter.sentences import SENTENCES_FILE
from speech.starter.steps import Workshop, fingerprint
from speech.starter.waves import SAMPLE_RATE
from speech.vosk_engine import VoskEngine

Progress = Callable[[str, int, int], None]
"""Step ("environment", "data", "training", "export" or "scores"), done, total."""

_HERE = Path(__file__).parent
_TRAINS = ("acoustic", "features", "net", "netfile", "objective", "training", "units")
_WRITES = (
    "acoustic", "corpus", "dictionary", "export", "features", "fst", "graph", "hmm", "kaldi_io", "language", "lexicon",
    "model_dir", "netfile", "sentences", "units",
)  # fmt: skip
_MODEL = frozenset({"README.md", "am", "conf", "graph"})
"""All that a built model holds."""
_SENTENCE_LENGTHS = range(4, 26)


@dataclass(frozen=True)
class Recipe:
    """Sizes and the seed; the default is the model in the repository. A shard is 500 utterances."""

    shards: int = 64
    shard_utterances: int = dataset.SHARD_UTTERANCES
    hidden: int = 256
    steps: int = 4_000
    sequence_steps: int = 6_000
    lines: int = corpus.LINES
    seed: int = 1
    score_of_each: int = 120


def build(
    work: Path,
    out: Path,
    progress: Progress,
    *,
    threads: int = 2,
    recipe: Recipe | None = None,
    tuning: Tuning | None = None,
    keep_training: bool = False,
) -> list[str]:
    """Writes the model and its card to `out`, over a model that is there; gives the scores, a line each.

    Raises JiachangError subclasses, BadInput for an `out` that holds anything but a model. `work` keeps the steps'
    results, about 3 GB. `threads`: processor cores to use. `keep_training`: words and sentences may have changed since
    the net in `work` was trained; it is used all the same, if there is one.
    """
    refuse_what_is_no_model(out)
    recipe, tuning = recipe or Recipe(), tuning or Tuning()
    shop = Workshop(work, kept=("environment", "data", "training") if keep_training else ())
    steps = _Steps(shop, recipe, tuning, progress, threads)
    environment = steps.environment()
    data, spoken = steps.data()
    net, trained = steps.training(environment, data, spoken)
    model, written = steps.export(net, trained)
    scores, real_time = steps.scores(model, written)
    hours, utterances = _size(data)
    facts = Facts(
        hours,
        utterances,
        recipe.steps,
        recipe.sequence_steps,
        len(dictionary().sounds),
        len(lexicon().characters),
        sum(path.stat().st_size for path in model.rglob("*") if path.is_file()) / 1e6,
        real_time,
    )
    text = card(facts, acoustic_model(net), tuning.decoding, scores)
    if out.exists():
        shutil.rmtree(out)
    shutil.copytree(model, out)
    (out / "README.md").write_text(text, encoding="utf-8")
    return [score.line() for score in scores]


@dataclass(frozen=True)
class _Steps:
    """Each gives what it made and, where later steps depend on it, the fingerprint of what that was made from."""

    shop: Workshop
    recipe: Recipe
    tuning: Tuning
    progress: Progress
    threads: int

    def environment(self) -> Path:
        made_from = fingerprint(training_environment.requirements(), sys.version)
        self.progress("environment", 0, 1)
        folder = self.shop.run("environment", made_from, training_environment.make)
        self.progress("environment", 1, 1)
        return folder

    def data(self) -> tuple[Path, str]:
        shards, size, seed = self.recipe.shards, self.recipe.shard_utterances, self.recipe.seed
        made_from = fingerprint(dataset.recipe(seed, size, "train"), shards)
        total, done = shards * size, 0

        def more(count: int) -> None:
            nonlocal done
            done += count
            self.progress("data", done, total)

        def work(folder: Path) -> None:
            dataset.make_dataset(folder, shards, seed=seed, count=size, processes=self.threads, progress=more)

        self.progress("data", 0, total)
        folder = self.shop.run("data", made_from, work)
        self.progress("data", total, total)
        return folder, made_from

    def training(self, environment: Path, data: Path, spoken: str) -> tuple[Path, str]:
        recipe = self.recipe
        total = recipe.steps + recipe.sequence_steps
        sizes = (recipe.hidden, recipe.steps, recipe.sequence_steps, recipe.seed)
        made_from = fingerprint(spoken, *_sources(_TRAINS), *sizes)

        def work(folder: Path) -> None:
            options = {
                "shards": data,
                "out": folder / "net.npz",
                "checkpoint": folder / "checkpoint.pt",
                "pdfs": units.PDFS,
                "hidden": recipe.hidden,
                "steps": recipe.steps,
                "sequence-steps": recipe.sequence_steps,
                "seed": recipe.seed,
                "threads": self.threads,
            }
            arguments = [f"--{name}={value}" for name, value in options.items()]
            with (folder / "log.jsonl").open("a") as log:
                for message in training_environment.train(environment, arguments):
                    self.progress("training", message["done"], total)
                    if len(message) > 1:
                        log.write(json.dumps(message) + "\n")
                        log.flush()

        self.progress("training", 0, total)
        folder = self.shop.run("training", made_from, work)
        self.progress("training", total, total)
        return folder / "net.npz", made_from

    def export(self, net: Path, trained: str) -> tuple[Path, str]:
        texts = "\n".join((*phrases(), *corpus.written_texts()))
        lists = (FREQUENT_WORDS, WORDS_FILE, SENTENCES_FILE)
        made_from = fingerprint(
            trained, texts, *lists, *_sources(_WRITES), repr(self.tuning), self.recipe.lines
        )
        total = self.recipe.lines

        def work(folder: Path) -> None:
            said = corpus.said(
                dictionary(), lexicon(), self.recipe.seed, total, functools.partial(self.progress, "export")
            )
            characters = corpus.character_weights(lexicon())
            export(folder / "model", net, dictionary(), said, characters, self.tuning)

        self.progress("export", 0, total)
        folder = self.shop.run("export", made_from, work)
        self.progress("export", total, total)
        return folder / "model", made_from

    def scores(self, model: Path, written: str) -> tuple[list[Score], float]:
        count = self.recipe.score_of_each
        made_from = fingerprint(written, *_sources(("scoring",)), count)

        def work(folder: Path) -> None:
            held_out = [text for text in corpus.held_out() if len(text) in _SENTENCE_LENGTHS]
            texts = [text for text in held_out if lexicon().cut(text)]  # not what is all foreign letters
            samples = scoring.made_samples(
                lexicon(), texts or phrases(), count, split="dev", progress=self._scoring
            )
            results, real_time = scoring.score(VoskEngine.load(model), samples, scoring.sounds(lexicon()))
            found = {"scores": [asdict(result) for result in results], "real_time": real_time}
            (folder / "scores.json").write_text(json.dumps(found, indent=1))

        total = len(scoring.KINDS) * count
        self._scoring(0, total)
        folder = self.shop.run("scores", made_from, work)
        self._scoring(total, total)
        found = json.loads((folder / "scores.json").read_text())
        return [Score(**result) for result in found["scores"]], found["real_time"]

    def _scoring(self, done: int, total: int) -> None:
        self.progress("scores", done, total)


def refuse_what_is_no_model(out: Path) -> None:
    """What is there will be deleted: a mistyped --out must not cost somebody's files. Asked before the long work."""
    there = {path.name for path in out.iterdir()} if out.is_dir() else set()
    if (out.exists() and not out.is_dir()) or (
        there and not (there <= _MODEL and (out / "am" / "final.mdl").is_file())
    ):
        raise BadInput(
            f"{out} holds other things than a speech model: name an empty or new directory with --out"
        )


def _sources(modules: Sequence[str]) -> list[Path]:
    return [_HERE / f"{module}.py" for module in modules]


def _size(data: Path) -> tuple[float, int]:
    """Hours of audio and number of utterances."""
    samples = utterances = 0
    for path in sorted(data.glob("*.npz")):
        with np.load(path) as shard:
            offsets = shard["offsets"]
        samples += int(offsets[-1])
        utterances += len(offsets) - 1
    return samples / SAMPLE_RATE / 3600, utterances
