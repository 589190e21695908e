"""How well the model hears, alone: on voices that it was never trained on, by voice, speed, noise and codec.

Measures: yes/no, fact and rating answers as the calls take them (held to their phrase list, understood; a rejection is
wrong); digits one by one and as whole strings; errors a character and a syllable in open sentences of the test split
(the small model writes one character for each sound, so syllables say more); sentences said where yes or no was asked,
which must be rejected; words heard where nobody speaks. The understanding of what is heard is `bench.understanding`.
Bars: yes/no and per digit ≥ 98 % clean, ≥ 93 % at 10 dB; words in non-speech ≤ 1 %.
"""

import itertools
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from app.settings import load_settings
from bench import machine, results
from bench.hearing import CHOICES, DIGITS, FOREIGN, NO_SPEECH, SENTENCES, Judged, Order, judge
from bench.labelled import read_answers, read_utterances
from bench.progress import Progress
from bench.spoken import CODECS, Line
from bench.table import render
from bench.tsv import sha256_of
from bench.wilson import wilson
from speech.phrasebook import phrasebook
from speech.starter import nonspeech
from speech.starter.voices import BY_SPLIT, Split, Voice

DATA = Path(__file__).with_name("data")
DIMENSIONS = ("voice", "speed", "noise", "codec")
CELL = 200  # recordings of each kind in each cell
_SENTENCES_A_CELL = 40  # some 400 syllables
_LONGEST = 26  # characters of a sentence
_VOICES_MAKE_CLEAN = 10  # at least
_SPEEDS = (80, 110, 190, 230)
_NOISES = (20.0, 10.0, 5.0)
_PLAIN_DIGITS = frozenset("零幺一二两三四五六七八九")
_ERRORS = ("characters", "syllables")
_MEASURES = (*CHOICES, "per digit", "whole string", *_ERRORS, FOREIGN)
_BARS = {("noise", "clean"): 0.98, ("noise", "10 dB"): 0.93}
_BARRED = ("yes_no", "per digit")
_NO_WORDS_BAR = 0.01


@dataclass(frozen=True)
class Cell:
    """One row of a table: everything but its dimension is the usual."""

    dimension: str
    label: str
    lines: tuple[Line, ...]  # taken in turn


def cells(voices: Sequence[Voice], dimensions: Sequence[str] = DIMENSIONS) -> list[Cell]:
    """ "clean" is not made again where the voices are measured one by one: it is all of them together."""
    clean = [] if "voice" in dimensions else [Cell("noise", "clean", tuple(Line(v) for v in voices))]
    made = [
        *clean,
        *(Cell("voice", voice.name, (Line(voice),)) for voice in voices),
        *(Cell("speed", f"{r} a minute", tuple(Line(v, rate=r) for v in voices)) for r in _SPEEDS),
        *(Cell("noise", f"{n:g} dB", tuple(Line(v, noise=n) for v in voices)) for n in _NOISES),
    ]
    codecs = (name for name in CODECS if name != Line(voices[0]).codec)
    made += [Cell("codec", c, tuple(Line(v, codec=c) for v in voices)) for c in codecs]
    return [cell for cell in made if cell.dimension in dimensions]


class Texts:
    """What is said: answers as our lists have them, digits and sentences of the split."""

    def __init__(self, split: Split) -> None:
        answers, requests = DATA / f"answers_{split}.tsv", DATA / f"requests_{split}.tsv"
        self.hashes = {path.name: sha256_of(path) for path in (answers, requests)}
        self.said: dict[str, list[tuple[str, str]]] = {
            kind: [(p, value) for value, spoken in phrasebook().choices.said[kind].items() for p in spoken]
            for kind in CHOICES
        }
        self.said[DIGITS] = [
            (answer.text, answer.value)
            for answer in read_answers(answers)
            if answer.kind == "number" and answer.value and _PLAIN_DIGITS.issuperset(answer.text)
        ]
        short = [u.text for u in read_utterances(requests) if 6 <= len(u.text) <= _LONGEST]
        self.said[SENTENCES] = [(text, "") for text in short[::2]]
        self.said[FOREIGN] = [(text, "") for text in short[1::2]]

    def take(self, kind: str, count: int, first: int) -> Iterator[tuple[str, str]]:
        """`count` of them from the `first` on, around and around; a stride mixes values that stand together."""
        said = self.said[kind]
        stride = next(s for s in (7, 11, 13, 17) if len(said) % s)
        return (said[(first + n) * stride % len(said)] for n in range(count))


def orders(cell: Cell, texts: Texts, count: int, seeds: Iterator[int], first: int) -> Iterator[Order]:
    lines = itertools.cycle(cell.lines)
    sizes = dict.fromkeys((*CHOICES, DIGITS), count) | {SENTENCES: min(count, _SENTENCES_A_CELL)}
    # Rejection costs the most and is asked by noise alone; a share from every voice makes up "clean"
    if cell.dimension in ("noise", "voice"):
        sizes[FOREIGN] = count if cell.dimension == "noise" else -(-count // _VOICES_MAKE_CLEAN)
    for kind, size in sizes.items():
        for text, value in texts.take(kind, size, first):
            yield Order(kind, text, value, next(lines), next(seeds))


def run(
    count: int = CELL,
    split: Split = "test",
    model: Path | None = None,
    dimensions: Sequence[str] = DIMENSIONS,
) -> bool:
    """Print the tables, keep the result; False if a bar was missed. `count`: recordings of each kind a cell."""
    path = (model or load_settings({}).speech_model).resolve()
    texts, made = Texts(split), cells(BY_SPLIT[split], dimensions)
    described = machine.describe(Path("/var/tmp"), model=path.name, split=split)
    seeds = itertools.count(1)
    wanted = [(cell, o) for n, cell in enumerate(made) for o in orders(cell, texts, count, seeds, n * 31)]
    silent = [
        Order(NO_SPEECH, kind, "", made[0].lines[0], seed)
        for kind in nonspeech.KINDS
        for seed in range(max(4, count // 6))
    ]
    found = _judged(path, [order for _, order in wanted] + silent)
    table = tally(
        (cell.dimension, cell.label, judged) for (cell, _), judged in zip(wanted, found, strict=False)
    )
    cases = _cases(table)
    noise = found[len(wanted) :]
    cases += _noise_cases(noise)
    factor = sum(j.spent for j in found) / sum(j.audio for j in found if j.spent)
    _print(described, texts.hashes, cases, noise, factor)
    described |= {"hashes": texts.hashes, "real_time_factor": round(factor, 4)}
    bars = {"yes_no, per digit": {"clean": 0.98, "10 dB": 0.93}, "no_speech": _NO_WORDS_BAR}
    print(results.write("speech", described, bars, cases).relative_to(machine.ROOT))
    return all(case["met"] for case in cases if case["met"] is not None)


def _judged(model: Path, wanted: Sequence[Order]) -> list[Judged]:
    found = []
    with ProcessPoolExecutor(os.cpu_count()) as pool, Progress("made recordings", len(wanted)) as progress:
        for one in pool.map(partial(judge, model), wanted, chunksize=32):
            found.append(one)
            progress.step()
    return found


Tally = dict[tuple[str, str, str], tuple[int, int]]


def tally(judged: Iterable[tuple[str, str, Judged]]) -> Tally:
    """(dimension, label, measure) → (right, of how many); every voice counts for "clean" as well."""
    right: Counter[tuple[str, str, str]] = Counter()
    count: Counter[tuple[str, str, str]] = Counter()
    for dimension, label, one in judged:
        places = [(dimension, label)] + ([("noise", "clean")] if dimension == "voice" else [])
        for measure, (good, of) in one.counts.items():
            for place in places:
                right[*place, measure] += good
                count[*place, measure] += of
    return {key: (right[key], count[key]) for key in count}


def _cases(table: Tally) -> list[dict[str, Any]]:
    found = []
    for (dimension, label, measure), (right, count) in table.items():
        # Errors may outnumber what was said: the interval is that of a share
        low, high = wilson(min(right, count), count)
        bar = _BARS.get((dimension, label)) if measure in _BARRED else None
        found.append(
            {
                "dimension": dimension,
                "label": label,
                "measure": measure,
                "right": right,
                "n": count,
                "share": round(right / count, 4),
                "low": round(low, 4),
                "high": round(high, 4),
                "bar": bar,
                "met": None if bar is None else right / count >= bar,
            }
        )
    return found


def _noise_cases(noise: Sequence[Judged]) -> list[dict[str, Any]]:
    found = _cases(tally(("no speech", "all sounds", one) for one in noise))
    for case in found:
        if case["measure"] in ("open", "as the gateway hears it"):
            case |= {"bar": _NO_WORDS_BAR, "met": case["share"] <= _NO_WORDS_BAR}
    return found


def _print(
    described: dict[str, Any],
    hashes: dict[str, str],
    cases: Sequence[dict[str, Any]],
    noise: Sequence[Judged],
    factor: float,
) -> None:
    print(f"\n{machine.sentence(described)}\n")
    for name, value in hashes.items():
        print(f"{name} sha256 {value}")
    print(f"\nReal-time factor of recognition: {factor:.4f}")
    print(
        "\n**Synthetic voices only** (espeak-ng family, none of them trained on): nothing is known about human voices."
    )
    print("Share right in % [95 % Wilson interval] (n); characters, syllables: share of errors.\n")
    by_place = {(c["dimension"], c["label"]): {} for c in cases if c["dimension"] != "no speech"}  # type: ignore[var-annotated]
    for case in cases:
        if case["dimension"] != "no speech" and (case["dimension"], case["measure"]) != ("voice", FOREIGN):
            by_place[case["dimension"], case["label"]][case["measure"]] = _cell(case)
    order = {"noise": 0, "voice": 1, "speed": 2, "codec": 3}
    rows = [
        (*place, *(measured.get(measure) for measure in _MEASURES))
        for place, measured in sorted(by_place.items(), key=lambda item: order[item[0][0]])
    ]
    print(render(("by", "", *_MEASURES), rows))
    print("\nSounds without words: share of recordings in which words were heard\n")
    print(
        render(("heard", "share"), [(c["measure"], _cell(c)) for c in cases if c["dimension"] == "no speech"])
    )
    loud = Counter(one.order.text for one in noise if one.counts["open"][0])
    print(
        f"\nSounds taken for words: {', '.join(f'{kind} {n}' for kind, n in loud.most_common()) or 'none'}\n"
    )
    for case in cases:
        if case["bar"] is not None:
            verdict = "met" if case["met"] else "MISSED"
            print(
                f"{case['measure']}, {case['label']}: {case['share']:.1%}, bar {case['bar']:.0%}: {verdict}"
            )


def _cell(case: dict[str, Any]) -> str:
    return f"{case['share']:.1%} [{case['low'] * 100:.1f}–{case['high'] * 100:.1f}] ({case['n']})"
