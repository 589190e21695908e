"""From a trained net, the lexicon and sentences to a model directory that the engine opens."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from speech.starter import model_dir, netfile, units
from speech.starter.acoustic import AcousticModel
from speech.starter.dictionary import Dictionary
from speech.starter.graph import UNKNOWN, Costs, Unknown, word_graph
from speech.starter.hmm import Hmm
from speech.starter.language import Sentence, Smoothing, grammar
from speech.starter.model_dir import Decoding

_ADDED_FRAMES = 50.0
_LEAST_PRIOR = 1e-5
"""So that a unit which the data hardly has doesn't win by its rarity."""


@dataclass(frozen=True)
class Tuning:
    """Chosen on the development voices. `silence_prior`: below 1 what isn't speech is more readily heard as silence.

    `rewards`: of words, with phrase lists only. There digits follow each other in any order and each costs some ln 15, in
    units of sound four times as much: without a reward they went unheard (二二 as 二) much more often than they were made
    up, most of all 二, which is over before much speaks for it. Not 一, which also begins answers
    (一般). Rewards for all syllables made answers worse in noise.
    """

    decoding: Decoding = field(default_factory=Decoding)
    costs: Costs = field(default_factory=Costs)
    smoothing: Smoothing = field(default_factory=Smoothing)
    unknown_cost: float = 10.0
    silence_prior: float = 0.5
    rewards: Mapping[str, float] = field(
        default_factory=lambda: dict.fromkeys("零幺两三四五六七八九", 2.0) | {"二": 4.0}
    )


def export(
    directory: Path,
    net: Path,
    dictionary: Dictionary,
    sentences: Iterable[Sentence],
    characters: Mapping[str, float],
    tuning: Tuning | None = None,
) -> AcousticModel:
    """`net`: as netfile.py; `sentences` in words of the dictionary; `characters`: how often each open syllable is met."""
    tuning = tuning or Tuning()
    acoustic = acoustic_model(net, tuning.silence_prior)
    unknown = any_syllable(tuning.unknown_cost)
    words = word_graph(acoustic.hmm, dictionary.entries(), units.SIL, unknown, tuning.costs, tuning.rewards)
    known = [word for word in words.words if word != UNKNOWN]
    said = grammar(sentences, known, characters, tuning.smoothing, dictionary.frequencies(), tuning.rewards)
    model_dir.write(
        directory,
        acoustic,
        words,
        said,
        units.word_boundary_lines(),
        units.SIL,
        decoding=tuning.decoding,
    )
    return acoustic


def acoustic_model(net: Path, silence_prior: float = 1.0) -> AcousticModel:
    layers, counts = netfile.load(net)
    priors = (counts + _ADDED_FRAMES) / (counts + _ADDED_FRAMES).sum()
    priors[units.pdf_of(units.SIL, 0)] *= silence_prior
    phones = range(1, len(units.PHONES))
    pdfs = [tuple(units.pdf_of(phone, state) for state in range(units.states(phone))) for phone in phones]
    return AcousticModel(Hmm([(), *pdfs]), layers, np.maximum(priors, _LEAST_PRIOR).astype(np.float32))


def any_syllable(cost: float) -> Unknown:
    """`[unk]`: any initial and any final, or a final that makes a syllable by itself."""
    return Unknown(
        begins=[units.PHONE_IDS[f"{initial}_B"] for initial in units.INITIALS],
        ends=[units.PHONE_IDS[f"{final}_E"] for final in units.TONED_FINALS],
        singles=[units.PHONE_IDS[f"{final}_S"] for final in units.TONED_FINALS if final[:-1] in _ALONE],
        cost=cost,
    )


_ALONE = ("a", "ai", "an", "ang", "ao", "e", "ei", "en", "eng", "er", "o", "ou")
