"""The model card: README.md of the built model."""

from collections.abc import Sequence
from dataclasses import dataclass

from speech.starter.acoustic import AcousticModel
from speech.starter.model_dir import Decoding
from speech.starter.scoring import KINDS, NO_SPEECH, SENTENCES, Score
from speech.starter.voices import DEV, TEST, TRAIN

_NAMES = {
    "yes_no": "yes or no, held to its phrases",
    "rating": "rating, held to its phrases",
    "category": "category, held to its phrases",
    "digits": "digits of 4 to 11, each digit",
    SENTENCES: "open sentences that the language model hasn't seen, toned syllables",
    NO_SPEECH: "sounds without speech in which no word is heard",
}


@dataclass(frozen=True)
class Facts:
    """`hours` of training audio, `utterances` in it, `steps` of training frame by frame, then by
    whole chunks; `real_time` on the machine that built it."""

    hours: float
    utterances: int
    steps: int
    sequence_steps: int
    words: int
    characters: int
    megabytes: float
    real_time: float


def card(facts: Facts, acoustic: AcousticModel, decoding: Decoding, scores: Sequence[Score]) -> str:
    """Markdown."""
    back, ahead = (10 * frames for frames in acoustic.context)
    measured = {(score.kind, score.noise): score for score in scores}
    rows = [
        f"| {_NAMES[kind]} | {_cell(measured.get((kind, None)))} | {_cell(measured.get((kind, 10.0)))} |"
        for kind in KINDS
    ]
    return f"""\
# Starter model

**For tests, demos and development.** It has heard nothing but synthetic voices: nothing is known about how it does with
human voices, and it isn't meant for real callers. They need a full Chinese model (`jiachang model fetch`), and keys on
every menu. Written by `jiachang model build`, which makes it anew from the sources in `speech/starter/`.

| | |
|---|---|
| format | Vosk 0.3.45, 8 kHz, look-ahead graph: phrase lists at run time |
| size | {facts.megabytes:.1f} MB; {acoustic.parameters / 1000:,.0f} k parameters in one byte each |
| vocabulary | {facts.words - facts.characters:,} words of a neighbourhood hotline and of daily life, and one character for each of {facts.characters:,} toned syllables, so that anything can be written down by its sound |
| net | time-delay net of {len(acoustic.layers)} layers over 40 log-mel bands, 60–3,800 Hz; sees {back} ms back and {ahead} ms ahead |
| units | 23 initials of one state, toned finals of two, silence |
| trained on | {facts.utterances:,} made recordings, {facts.hours:.1f} hours: {len(TRAIN)} variants of espeak-ng at many speeds and pitches, through rooms, noises, levels, losses and codecs of the line; sounds without speech labelled as silence; {facts.steps:,} steps frame by frame, then {facts.sequence_steps:,} by whole chunks |
| language | trigrams over what residents would say, written for this project, the development half of our labelled utterances, phrase files and templates; below them general word frequencies and an open loop of syllables |
| decoding | acoustic scale {decoding.acoustic_scale}, beam {decoding.beam:g}; {facts.real_time:.3f} s of one core for a second of audio where it was built |

## Scores: synthetic voices only
Right, on the {len(DEV)} development voices (of the espeak-ng family, not trained on), which also served to choose the
settings. In noise: speech 10 dB above music, hum, crowds, traffic and the like. `bench/speech.py` measures the
{len(TEST)} test voices, which chose nothing, with intervals: see `docs/benchmarks.md`.

| | clean | 10 dB |
|---|---|---|
{chr(10).join(rows)}

A character is often a homophone of the one that was meant: the understanding matches by sound.

## Licence
Apache-2.0, as the repository. The training audio is output of espeak-ng, a program under the GPL version 3; the output of
a program isn't covered by the program's licence, and no part of espeak-ng is in here. It was made with the wheel
espeakng-loader, voices `cmn-latn-pinyin+VARIANT`, from texts written for this project; pronunciations by pypinyin (MIT),
frequencies of general words from jieba's word list (MIT).
"""


def _cell(score: Score | None) -> str:
    return "" if score is None else f"{100 * score.share:.1f} % of {score.total:,}"
