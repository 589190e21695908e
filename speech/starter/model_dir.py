"""A whole model directory as the engine (Vosk 0.3.45) opens it.

am/final.mdl                      acoustic.py
conf/fbank.conf                   features.py; the engine looks for it when there is no mfcc.conf
conf/model.conf                   decoding and endpointing options, one a line; an unknown one fails the load
graph/words.txt                   "word label" lines, then the backoff symbol #0
graph/phones/word_boundary.int    "phone nonword|begin|internal|end|singleton" lines: where words start and end
either graph/HCLr.fst, Gr.fst     graph.py, language.py: composed while decoding, so phrase lists can replace Gr
       and disambig_tid.int       the transition id of a disambiguation symbol that our graphs don't use
or     graph/HCLG.fst             composed beforehand; phrase lists are ignored
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from speech.starter.acoustic import AcousticModel, final_mdl
from speech.starter.features import TELEPHONE, Filterbank
from speech.starter.fst import ACCEPTOR, INPUT_SORTED, OUTPUT_SORTED, Fst, const_file, look_ahead_file
from speech.starter.graph import WordGraph, static_graph

SUBSAMPLING = 3
"""The net gives one score vector for three frames. The engine counts 30 ms a score in word times: no other value."""


@dataclass(frozen=True)
class Decoding:
    """`acoustic_scale`: chosen on the development voices; scores of nets that are trained frame by frame repeat each other
    more, and are worth less (0.25). `beam` and `lattice_beam` in scaled cost.

    The engine's own endpointing cuts results, not turns (see `speech.endpointing`): seconds of silence after speech
    for its rules 2 (certain), 3 (likely), 4 (any).
    """

    acoustic_scale: float = 0.45
    beam: float = 11.0
    lattice_beam: float = 6.0
    min_active: int = 200
    max_active: int = 3000
    silences: tuple[float, float, float] = (0.5, 0.75, 1.0)

    def conf(self, silence: int) -> str:
        """The text of `conf/model.conf`; `silence` is the phone id of silence."""
        lines = [
            f"--min-active={self.min_active}",
            f"--max-active={self.max_active}",
            f"--beam={self.beam}",
            f"--lattice-beam={self.lattice_beam}",
            f"--acoustic-scale={self.acoustic_scale}",
            f"--frame-subsampling-factor={SUBSAMPLING}",
            "--frames-per-chunk=30",
            f"--endpoint.silence-phones={silence}",
        ]
        for rule, seconds in enumerate(self.silences, start=2):
            lines.append(f"--endpoint.rule{rule}.min-trailing-silence={seconds}")
        return "\n".join(lines) + "\n"


def write(
    directory: Path,
    acoustic: AcousticModel,
    words: WordGraph,
    grammar: Fst,
    word_boundaries: Sequence[str],
    silence: int,
    *,
    bank: Filterbank = TELEPHONE,
    decoding: Decoding | None = None,
    static: bool = False,
) -> None:
    """Makes the directory and its files; what is already there under the same names is replaced.

    `grammar`: over the labels of `words`. `static`: one composed graph, for small vocabularies.
    """
    decoding = decoding or Decoding()
    labels = len(words.words) - 1
    files: dict[str, bytes | str] = {
        "am/final.mdl": final_mdl(acoustic),
        "conf/fbank.conf": bank.conf(),
        "conf/model.conf": decoding.conf(silence),
        "graph/words.txt": "".join(f"{word} {label}\n" for label, word in enumerate((*words.words, "#0"))),
        "graph/phones/word_boundary.int": "".join(f"{line}\n" for line in word_boundaries),
    }
    if static:
        files["graph/HCLG.fst"] = const_file(static_graph(words.fst, grammar))
    else:
        files["graph/HCLr.fst"] = look_ahead_file(words.fst, labels)
        files["graph/Gr.fst"] = const_file(grammar, ACCEPTOR | INPUT_SORTED | OUTPUT_SORTED)
        files["graph/disambig_tid.int"] = f"{acoustic.hmm.transition_ids + 1}\n"
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
