"""Loads a model and listens once. Run as a process of its own by `speech.model_check`.

A damaged model can abort the process inside the library; only a process that may die can find out.
"""

import json
import sys
from pathlib import Path

import numpy as np

from app.errors import SpeechModelError
from speech.audio import SAMPLE_RATE, to_pcm
from speech.vosk_engine import VoskEngine


def main() -> int:
    try:
        engine = VoskEngine.load(Path(sys.argv[1]))
        # Noise and a phrase list make the library touch every part of the graph.
        noise = to_pcm(np.random.default_rng(1).normal(size=SAMPLE_RATE) * 500)
        words = [word for word in ("是", "不是", "好", "没有", "一") if not engine.unsayable([word])]
        for phrases in (None, words):
            recogniser = engine.recogniser(phrases)
            recogniser.accept(noise)
            recogniser.finish()
    except SpeechModelError as error:
        sys.stdout.write(json.dumps({"error": str(error)}) + "\n")
        return 1
    sys.stdout.write(json.dumps({"chinese": bool(words)}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
