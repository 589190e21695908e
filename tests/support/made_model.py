"""Vosk model directories made on the spot: every file real, the net random. They hear nonsense, but they hear."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from speech.starter import model_dir
from speech.starter.acoustic import AcousticModel, Layer
from speech.starter.features import TELEPHONE, Filterbank
from speech.starter.graph import Unknown, word_graph
from speech.starter.hmm import Hmm
from speech.starter.language import grammar
from speech.starter.units import PDFS, PHONE_IDS, PHONES, SIL, pdf_of, phones_of, states, word_boundary_lines

SAID = {
    "没": ("mei2",),
    "没有": ("mei2", "you3"),
    "不": ("bu4",),
    "是": ("shi4",),
    "不是": ("bu2", "shi4"),
    "对": ("dui4",),
    "的": ("de5",),
    "好": ("hao3",),
    "了": ("le5",),
    "满意": ("man3", "yi4"),
    "一": ("yi1",),
    "二": ("er4",),
    "三": ("san1",),
    "栋": ("dong4",),
    "单元": ("dan1", "yuan2"),
    "路灯": ("lu4", "deng1"),
}
ENGLISH = {"yes": ("yi1",), "no": ("nou4",), "light": ("lai4",), "street": ("si1", "zhui4")}
HMM = Hmm([(), *(tuple(pdf_of(phone, n) for n in range(states(phone))) for phone in range(1, len(PHONES)))])


def random_net(bins: int = 40, seed: int = 1) -> AcousticModel:
    random = np.random.default_rng(seed)

    def layer(offsets: tuple[int, ...], inputs: int, outputs: int, *, rectified: bool) -> Layer:
        weights = random.normal(size=(outputs, len(offsets) * inputs)) / np.sqrt(len(offsets) * inputs)
        return Layer(offsets, weights.astype(np.float32), np.zeros(outputs, np.float32), rectified)

    layers = (
        layer((-1, 0, 1), bins, 32, rectified=True),
        layer((-3, 0, 3), 32, 32, rectified=True),
        layer((0,), 32, PDFS, rectified=False),
    )
    return AcousticModel(HMM, layers, np.full(PDFS, 1 / PDFS, np.float32))


def make_model(
    directory: Path,
    *,
    bank: Filterbank = TELEPHONE,
    static: bool = False,
    said: dict[str, tuple[str, ...]] | None = None,
    sentences: Sequence[Sequence[str]] = (),
) -> Path:
    """`said`: the words with their toned syllables; `sentences`: for the grammar, else each word by itself."""
    said = said or SAID
    initials = [number for name, number in PHONE_IDS.items() if name.endswith("_B")]
    finals = [number for name, number in PHONE_IDS.items() if name.endswith("_E")]
    singles = [number for name, number in PHONE_IDS.items() if name.endswith("_S")]
    words = word_graph(
        HMM,
        [(word, phones_of(syllables)) for word, syllables in said.items()],
        SIL,
        None if static else Unknown(initials, finals, singles),
    )
    spoken = sentences or [(word,) for word in said]
    known = [word for word in words.words if word != "[unk]"]
    model_dir.write(
        directory,
        random_net(bank.bins),
        words,
        grammar([(sentence, 1.0) for sentence in spoken], known, {next(iter(said)): 1.0}),
        word_boundary_lines(),
        SIL,
        bank=bank,
        static=static,
    )
    return directory
