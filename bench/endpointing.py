"""Where speech begins and ends in made recordings, and what is taken for it. Synthetic voices only.

Sounds: six seconds between silences, a false start = the endpointer took it for speech. Speech: short answers
(closing silence 1.0 s) and sentences from the labelled requests (2.0 s), every row n ≥ 200: by noise over all voices, by
voice over all noises, and the hard cases. Start and end errors are against where espeak-ng says the syllables are.
"""

import multiprocessing
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

from bench import labelled, machine, results
from bench.endpointed import Found, Said, Sound, judge
from bench.figures import percentile
from bench.progress import Progress
from bench.score import interval, percent
from bench.spoken import Line
from bench.table import Row, render
from speech.starter.nonspeech import KINDS
from speech.starter.voices import BY_SPLIT, Split

SOUNDS = 200
BAR_FOUND, BAR_CUT, BAR_FALSE, BAR_US = 0.98, 0.01, 0.05, 100.0
HARD_SOUNDS = ("music", "television", "babble", "traffic")
"""Speech of its kind, or made with a voice's means (engines and horns too): shown, and held to no bar."""
_DATA = Path(__file__).with_name("data")
_PROCESSES = 2
_NOISES = (None, 20.0, 10.0, 5.0)
_SHORT = (
    "对",
    "嗯",
    "四",
    "是",
    "不是",
    "八",
    "没有",
    "好了",
    "一般",
    "人工",
    "不对",
    "二",
    "满意",
    "是的",
    "没好",
)
_SENTENCES = 35
_LONGEST = 22  # characters
_SLOW = ("我家", "嗯", "那个", "路灯不亮")
_PAUSE = 1.5
SPEECH_HEAD = (
    "speech", "n", "found %", "interval", "start p50 s", "start p95", "end p50 s", "end p95", "cut off %", "interval ",
)  # fmt: skip


def run(split: Split = "test") -> bool:
    """Print the tables, keep the result; False if a bar was missed. Raises VoiceUnavailable."""
    described = machine.describe(Path.cwd())
    sounds = [Sound(kind, seed, split) for kind, seed in product(KINDS, range(SOUNDS))]
    speech = list(_speech(split))
    orders: list[Sound | Said] = [*sounds, *(order for _, orders in speech for order in orders)]
    found = dict(zip(map(id, orders), _judged(orders), strict=True))
    false = [(k, [found[id(o)].started is not None for o in sounds if o.kind == k]) for k in KINDS]
    print(machine.sentence(described))
    print(f"\nSynthetic voices and sounds only ({split} split). Taken for speech, of {SOUNDS} each")
    print(
        render(["sound", "n", "false starts %", "interval"], [_false_row(k, starts) for k, starts in false])
    )
    print("\nSynthetic voices only. Where speech was found; start and end: seconds too late (+) or early (−)")
    rows = [(name, [found[id(o)] for o in orders]) for name, orders in speech]
    print(render(SPEECH_HEAD, [speech_row(name, cases) for name, cases in rows]))
    cost = median(case.frame_us for case in found.values())
    print(f"\n{cost:.0f} µs of processor a frame of 20 ms (median of {len(found)} recordings)")
    noisy = [case for name, cases in rows if name in ("clean", "20 dB", "10 dB") for case in cases]
    everyone = [case for _, cases in rows for case in cases]
    steady = [start for kind, starts in false if kind not in HARD_SOUNDS for start in starts]
    passed = {
        f"found ≥ {BAR_FOUND:.0%} down to 10 dB": share(c.started is not None for c in noisy) >= BAR_FOUND,
        f"cut off ≤ {BAR_CUT:.0%}": share(c.cut for c in everyone) <= BAR_CUT,
        f"false starts ≤ {BAR_FALSE:.0%} but for {', '.join(HARD_SOUNDS)}": share(steady) <= BAR_FALSE,
        f"≤ {BAR_US:.0f} µs a frame": cost <= BAR_US,
    }
    for bar, met in passed.items():
        print(f"{bar}: {'met' if met else 'MISSED'}")
    cases: list[dict[str, Any]] = [{"sound": k, "n": len(s), "false": sum(s)} for k, s in false]
    cases += [dict(zip(SPEECH_HEAD, speech_row(name, cs), strict=True)) for name, cs in rows]
    path = results.write("endpointing", described, {"passed": passed, "frame_us": round(cost, 1)}, cases)
    print(path.relative_to(machine.ROOT))
    return all(passed.values())


def _speech(split: Split) -> Iterator[tuple[str, list[Said]]]:
    """Rows of the table: a name, and what is said for it."""
    voices = BY_SPLIT[split]
    texts = [*_SHORT, *_sentences(split)]
    mixed = [
        Said((text,), Line(voice, noise), seed, split, _closing(text))
        for seed, (voice, text) in enumerate(product(voices, texts))
        for noise in _NOISES
    ]
    for noise in _NOISES:
        name = "clean" if noise is None else f"{noise:.0f} dB"
        yield name, [said for said in mixed if said.line.noise == noise]
    for voice in voices:
        yield voice.name, [said for said in mixed if said.line.voice == voice]
    few = list(product(voices, range(-(-200 // len(voices)))))
    plain = [(voice, texts[n % len(texts)], 900 + n) for voice, n in few]
    yield "−50 dBFS", [Said((t,), Line(v), n, split, _closing(t), level=-50.0) for v, t, n in plain]
    yield "clipped", [Said((t,), Line(v), n, split, _closing(t), level=None) for v, t, n in plain]
    yield (
        "slow, pauses of 1.5 s",
        [
            Said(_SLOW, Line(voice, _NOISES[n % 3], rate=90), n, split, closing=2.0, pause=_PAUSE)
            for voice, n in few
        ],
    )


def _sentences(split: Split) -> list[str]:
    name = "requests_test.tsv" if split == "test" else "requests_dev.tsv"
    texts = [u.text for u in labelled.read_utterances(_DATA / name) if len(u.text) <= _LONGEST]
    return texts[:: max(1, len(texts) // _SENTENCES)][:_SENTENCES]


def _closing(text: str) -> float:
    return 1.0 if text in _SHORT else 2.0


def _judged(orders: Sequence[Sound | Said]) -> Iterator[Found]:
    # Not forked: the voice's process and threads don't survive that.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(_PROCESSES, context) as pool, Progress("endpointing", len(orders)) as progress:
        for found in pool.map(judge, orders, chunksize=20):
            progress.step()
            yield found


def _false_row(kind: str, starts: Sequence[bool]) -> Row:
    return kind, len(starts), percent(share(starts)), interval(sum(starts), len(starts))


def speech_row(name: str, cases: Sequence[Found]) -> Row:
    """See SPEECH_HEAD; errors only of what was found and not cut off, p95 of their size."""
    hits, cuts = sum(c.started is not None for c in cases), sum(c.cut for c in cases)
    whole = [c for c in cases if c.started is not None and c.ended is not None and not c.cut]
    starts = [(c.started or 0.0) - c.begins for c in whole]
    ends = [(c.ended or 0.0) - c.ends for c in whole]
    return (
        name,
        len(cases),
        percent(hits / len(cases)),
        interval(hits, len(cases)),
        *(x for errors in (starts, ends) for x in _middle_and_worst(errors)),
        percent(cuts / len(cases)),
        interval(cuts, len(cases)),
    )


def _middle_and_worst(errors: Sequence[float]) -> tuple[float | None, float | None]:
    if not errors:
        return None, None
    return round(median(errors), 2), round(percentile([abs(error) for error in errors], 0.95), 2)


def share(outcomes: Iterable[bool]) -> float:
    """0 of nothing."""
    seen = list(outcomes)
    return sum(seen) / len(seen) if seen else 0.0
