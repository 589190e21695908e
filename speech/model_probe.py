"""Loads a model and listens. Run as a process of its own by `speech.model_check`: `model_probe DIR [--survey [PHRASES]]`.

A damaged model can abort the process inside the library; only a process that may die can find out. The last line
on stdout is JSON: {"error": …}, or {"chinese": …} and with --survey {"survey": …}.
"""

import contextlib
import json
import sys
from pathlib import Path

import numpy as np

from app.errors import JiachangError
from speech.audio import SAMPLE_RATE, to_pcm
from speech.vosk_engine import VoskEngine


def main() -> int:
    path = Path(sys.argv[1])
    with contextlib.suppress(OSError):
        # A model that needs more memory than there is shall end this process, not the gateway or Redis beside it.
        Path("/proc/self/oom_score_adj").write_text("1000")
    answer: dict[str, object]
    try:
        if "--survey" in sys.argv[2:]:
            # With the voice and the phrases: not needed to try a model
            from speech.model_survey import survey
            from speech.phrasebook import use

            use(Path(sys.argv[3]) if sys.argv[3:] else None)
            found = survey(path)
            answer = {"chinese": found.chinese, "survey": found.to_json()}
        else:
            answer = {"chinese": _listens(path)}
    except JiachangError as error:  # of the model, or of a phrase file that somebody has edited
        sys.stdout.write(json.dumps({"error": str(error)}) + "\n")
        return 1
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


def _listens(path: Path) -> bool:
    """Whether it knows any Chinese. Noise and a phrase list make the library touch every part of the graph."""
    engine = VoskEngine.load(path)
    noise = to_pcm(np.random.default_rng(1).normal(size=SAMPLE_RATE) * 500)
    words = [word for word in ("是", "不是", "好", "没有", "一") if not engine.unsayable([word])]
    for phrases in (None, words):
        recogniser = engine.recogniser(phrases)
        recogniser.accept(noise)
        recogniser.finish()
    return bool(words)


if __name__ == "__main__":
    sys.exit(main())
