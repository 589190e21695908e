"""Shards of labelled training audio, two processes at a time, resumable and repeatable.

A shard is an .npz: `audio` int16 at 8 kHz, all utterances after each other; `offsets` int64 [n + 1] in samples;
`labels` int16, the pdf of every 10 ms frame; `label_offsets` int64 [n + 1]; `texts`, the words of each utterance
(empty for what is no speech); `recipe`, what it was made from. The same seed, code and libraries give the same
bytes: every shard starts a fresh espeak-ng, whose sound depends on what the process said before. Only a crash
of espeak-ng in the middle of a shard changes the breath and flutter of the utterances that follow.
"""

import functools
import hashlib
import io
import multiprocessing
import random
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.errors import VoiceUnavailable
from speech.starter import augmentation, nonspeech, synthesis, tempo
from speech.starter.espeak_client import EspeakClient, OrderRefused, WorkerDied
from speech.starter.lexicon import Lexicon, lexicon, phrases
from speech.starter.sentences import Line, Writer, dev_texts
from speech.starter.synthesis import Manner, Spoken
from speech.starter.voices import BY_SPLIT, FORMANTS_TRAIN, HASTY, RARE, Split, Voice
from speech.starter.waves import Wave

NONSPEECH_SHARE = 0.12
SHARD_UTTERANCES = 500
_TRIES = 8
_RARE_WEIGHT = 0.25
_HASTY_WEIGHT = 1.5
_HASTY_RATE = 0.68
_LONGEST_PAUSE = 1.2
_OFTEN = {
    "beep": 3,
    "music": 3,
    "television": 3,
    "traffic": 3,
    "babble": 2,
    "dog": 2,
    "cough": 2,
    "breath": 2,
}
_KIND_WEIGHTS = [_OFTEN.get(kind, 1) for kind in nonspeech.KINDS]
_INTERRUPTIONS = ("cough", "door", "dog", "clicks", "breath", "dtmf", "beep", "ringback", "music")
DATA_SOURCES = (
    "augmentation.py",
    "dataset.py",
    "espeak_client.py",
    "espeak_library.py",
    "lexicon.py",
    "mouths.py",
    "nonspeech.py",
    "sentences.py",
    "sentences.toml",
    "synthesis.py",
    "tempo.py",
    "units.py",
    "voices.py",
    "waves.py",
    "words.toml",
)


@dataclass(frozen=True)
class Example:
    """One utterance: int16 samples at 8 kHz, a pdf a frame, the words said."""

    samples: npt.NDArray[np.int16]
    labels: npt.NDArray[np.int16]
    text: str


def recipe(seed: int, count: int, split: Split) -> str:
    """A hash over all that shapes a shard: code, word lists, phrase files, dev texts and the arguments."""
    return hashlib.sha256(f"{seed} {count} {split} {_sources()}".encode()).hexdigest()


@functools.cache
def _sources() -> str:
    # Once a process, as the lexicon is read once: a file changed meanwhile doesn't shape what is being made.
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for name in DATA_SOURCES:
        digest.update((here / name).read_bytes())
    # Not the files it is made of: pypinyin's dictionary and the phrase files shape it as well.
    digest.update(repr((lexicon().words, phrases())).encode())
    digest.update("\n".join(dev_texts()).encode())
    return digest.hexdigest()


def make_shard(path: Path, seed: int, count: int, split: Split = "train") -> None:
    """Writes one shard; the file appears only when it is complete. Raises VoiceUnavailable without espeak-ng."""
    studio = Studio(split, lexicon())
    with EspeakClient() as client:
        examples = [studio.example(client, f"{split} {seed} {index}") for index in range(count)]
    _write(path, examples, recipe(seed, count, split))


def make_dataset(
    directory: Path,
    shards: int,
    *,
    seed: int,
    split: Split = "train",
    count: int = SHARD_UTTERANCES,
    processes: int = 2,
    progress: Callable[[int], None] | None = None,
) -> list[Path]:
    """`shards` files of `count` utterances; those already there from the same recipe are kept.

    `progress` is called with the number of utterances finished since the last call. Raises as `make_shard`;
    what is complete by then stays and is used the next time.
    """
    directory.mkdir(parents=True, exist_ok=True)
    wanted = {directory / f"{split}-{seed}-{index:03d}.npz": seed * 1000 + index for index in range(shards)}
    missing = {path: own for path, own in wanted.items() if not is_current(path, recipe(own, count, split))}
    if progress and len(wanted) > len(missing):
        progress((len(wanted) - len(missing)) * count)
    if missing:
        # Not forked: the parent may hold threads, and a fork of those can hang.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(processes, mp_context=context) as pool:
            jobs = [pool.submit(make_shard, path, own, count, split) for path, own in missing.items()]
            try:
                for job in as_completed(jobs):
                    job.result()
                    if progress:
                        progress(count)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    return list(wanted)


def is_current(path: Path, expected: str) -> bool:
    """Whether a shard is there, whole, and of this recipe."""
    try:
        # Opened here: numpy leaves the file open when it isn't a whole archive.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as shard:
            return bool(str(shard["recipe"]) == expected)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return False


class Studio:
    """Makes utterances one after the other; keeps earlier ones as babble for those that follow."""

    def __init__(self, split: Split, words: Lexicon) -> None:
        self._split = split
        self._lexicon = words
        self._writer = Writer(words)
        self._babble = augmentation.Babble([])
        voices = BY_SPLIT[split]
        self._voices = voices
        self._weights = [_weight(voice) for voice in voices]

    def example(self, client: EspeakClient, seed: str) -> Example:
        """The utterance of this seed; another text and voice when espeak-ng fails at it."""
        for attempt in range(_TRIES):
            draw = random.Random(f"{seed} {attempt}")
            noise = np.random.default_rng(draw.getrandbits(64))
            if draw.random() < NONSPEECH_SHARE:
                return self._nonspeech(draw, noise)
            try:
                return self._speech(client, draw, noise)
            except (WorkerDied, OrderRefused):
                continue
        raise VoiceUnavailable(f"espeak-ng failed {_TRIES} times in a row; try another seed than {seed!r}")

    def _nonspeech(self, draw: random.Random, noise: np.random.Generator) -> Example:
        kind = draw.choices(nonspeech.KINDS, _KIND_WEIGHTS)[0]
        wave = nonspeech.make(kind, draw.getrandbits(31), self._split)
        if draw.random() < 0.25:
            other = nonspeech.make(draw.choice(nonspeech.KINDS), draw.getrandbits(31), self._split)
            wave = np.clip(wave + np.resize(other, wave.size), -1, 1).astype(np.float32)
        return _example(augmentation.bad_noise(wave, noise), [], Spoken(wave, ()), "")

    def _speech(self, client: EspeakClient, draw: random.Random, noise: np.random.Generator) -> Example:
        line = self._writer.next_line(draw)
        voice = draw.choices(self._voices, self._weights)[0]
        spoken = synthesis.speak(client, self._spoken(line, draw), voice, self._manner(voice, draw))
        if draw.random() < 0.4:
            spoken = uneven(spoken, line, self._lexicon, draw)
        spoken = self._surrounded(spoken, draw)
        heard = augmentation.bad_line(spoken.wave, noise, self._split, self._babble)
        self._babble.add(spoken.wave, noise)
        syllables = [syllable for word in line.words for syllable in self._lexicon.words[word]]
        return _example(heard, syllables, spoken, " ".join(line.words))

    def _surrounded(self, spoken: Spoken, draw: random.Random) -> Spoken:
        """Silence before and after, now and then long, or filled with a cough, a door, a dog …"""
        lead, trail = draw.uniform(0.05, 0.7), draw.uniform(0.05, 0.8)
        loud = draw.random() < 0.08
        if loud or draw.random() < 0.05:
            lead, trail = draw.uniform(0.3, 2.0), draw.uniform(0.3, 2.0)
        out = synthesis.surround(spoken, lead, trail)
        if not loud:
            return out
        before = draw.random() < 0.5
        sound = nonspeech.make(
            draw.choice(_INTERRUPTIONS), draw.getrandbits(31), self._split, lead if before else trail
        )
        start = 0 if before else out.wave.size - sound.size
        return Spoken(augmentation.lay_in(out.wave, sound, start, draw.uniform(-20, 3)), out.places)

    def _spoken(self, line: Line, draw: random.Random) -> list[list[str]]:
        """What espeak is told: the lexicon's syllables with 不 before a fourth tone as bú, now and then a pause."""
        clauses: list[list[str]] = []
        for clause in line.clauses:
            clauses.append([])
            for word in clause:
                if clauses[-1] and draw.random() < 0.06:
                    clauses.append([])
                clauses[-1] += self._lexicon.words[word]
        return [_sandhi(clause) for clause in clauses]

    @staticmethod
    def _manner(voice: Voice, draw: random.Random) -> Manner:
        # Old people speak slowly, but a good part of the errors comes from those who speak fast.
        choice = draw.random()
        low, high = (80, 130) if choice < 0.3 else (125, 200) if choice < 0.75 else (190, 280)
        formants = draw.uniform(*FORMANTS_TRAIN) if draw.random() < 0.8 else 1.0
        return Manner(
            rate=round(draw.randint(low, high) * (_HASTY_RATE if voice.variant in HASTY else 1)),
            pitch=draw.randint(5, 95),
            span=draw.randint(10, 95),
            gap=draw.choice((0, 0, 0, 0, 0, 1, 3)),
            formants=formants * voice.formants,
            seed=draw.getrandbits(31),
        )


def _weight(voice: Voice) -> float:
    return _RARE_WEIGHT if voice.variant in RARE else _HASTY_WEIGHT if voice.variant in HASTY else 1.0


def _sandhi(clause: Sequence[str]) -> list[str]:
    return [
        "bu2" if syllable == "bu4" and following.endswith("4") else syllable
        for syllable, following in zip(clause, [*clause[1:], ""], strict=True)
    ]


_SWALLOWED = frozenset(
    {"bu2", "bu4", "shi2", "shi4", "yi1", "si4", "le5", "de5", "ge4", "mei2", "you3", "ling2"}
)


def uneven(spoken: Spoken, line: Line, words: Lexicon, draw: random.Random) -> Spoken:
    """Some syllables swallowed, some drawn out, pauses between words: how people speak and espeak doesn't."""
    lengths = [len(words.words[word]) for word in line.words]
    word_ends = set(np.cumsum(lengths)[:-1] - 1)
    syllables = [syllable for word in line.words for syllable in words.words[word]]
    for index, syllable in enumerate(syllables):
        chance = draw.random()
        if chance < (0.35 if syllable in _SWALLOWED else 0.12):
            spoken = tempo.stretch(spoken, index, draw.uniform(0.45, 0.85))
        elif chance > 0.93:
            spoken = tempo.stretch(spoken, index, draw.uniform(1.2, 2.0))
        if index in word_ends and draw.random() < 0.06:
            spoken = tempo.pause(spoken, index, draw.uniform(0.1, _LONGEST_PAUSE))
    return spoken


def _example(heard: Wave, syllables: Sequence[str], spoken: Spoken, text: str) -> Example:
    samples = np.clip(np.rint(heard * 32768), -32768, 32767).astype(np.int16)
    return Example(samples, synthesis.frame_labels(samples.size, syllables, spoken.places), text)


def _write(path: Path, examples: Sequence[Example], made_from: str) -> None:
    buffer = io.BytesIO()
    np.savez(
        buffer,
        audio=np.concatenate([example.samples for example in examples]),
        offsets=_offsets([example.samples.size for example in examples]),
        labels=np.concatenate([example.labels for example in examples]),
        label_offsets=_offsets([example.labels.size for example in examples]),
        texts=np.array([example.text for example in examples]),
        recipe=np.array(made_from),
    )
    partial = path.with_suffix(".partial")
    partial.write_bytes(buffer.getvalue())
    partial.replace(path)


def _offsets(sizes: Sequence[int]) -> npt.NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
