"""A model as it would be if some texts had never been written: its grammar made anew without them, all else the same.

A recogniser hears best what its language model was made from. What is learned from its errors must not be learned from
sentences that it knows by heart.
"""

import shutil
from collections.abc import Container
from pathlib import Path

from speech.starter import corpus
from speech.starter.build import Recipe
from speech.starter.dictionary import dictionary
from speech.starter.fst import ACCEPTOR, INPUT_SORTED, OUTPUT_SORTED, const_file
from speech.starter.graph import UNKNOWN
from speech.starter.language import grammar
from speech.starter.lexicon import lexicon

_GRAMMAR = Path("graph", "Gr.fst")
_WORDS = Path("graph", "words.txt")
_DISAMBIGUATION = "#0"


def without(model: Path, texts: Container[str], out: Path) -> None:
    """`model`: a starter model; `out` is made. Sentences with words that came after the model are left out."""
    shutil.copytree(model, out)
    lines = (out / _WORDS).read_text(encoding="utf-8").splitlines()
    labelled = [line.split()[0] for line in lines]
    words = [word for word in labelled if word not in (UNKNOWN, _DISAMBIGUATION)]
    known, recipe = set(words), Recipe()
    said = corpus.said(dictionary(), lexicon(), recipe.seed, recipe.lines, without=texts)
    sayable = (sentence for sentence in said if known.issuperset(sentence[0]))
    loop, general = (
        {word: often for word, often in found.items() if word in known}
        for found in (corpus.character_weights(lexicon()), dictionary().frequencies())
    )
    likely = grammar(sayable, words, loop, None, general)
    (out / _GRAMMAR).write_bytes(const_file(likely, ACCEPTOR | INPUT_SORTED | OUTPUT_SORTED))
