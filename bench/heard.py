"""What a recogniser makes of the labelled utterances: `speech/starter/heard.tsv`, from which weights and thresholds are
learned beside the typed texts: `python -m bench.heard`, then `jiachang learn train` (a figure it is not).

Voices of the training split, so that those of the benches stay strangers. No text is heard by a model whose language
model was made from it: in turns, a third of the texts is left out (`speech.starter.unseen`).
"""

import multiprocessing
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from app.desk.teaching import HEARD, labelled_texts
from app.settings import load_settings
from bench.progress import Progress
from bench.spoken import Line, Unspeakable, recording
from speech.engine import Recognition
from speech.starter.espeak_client import EspeakClient
from speech.starter.unseen import without
from speech.starter.voices import HASTY, RARE, TRAIN, Voice
from speech.turn_hearing import hear_openly
from speech.vosk_engine import VoskEngine

PROCESSES = 2
PARTS = 3
EVERY = 2
"""Half of them, so that it takes minutes."""
_NOISES = (None, 10.0)  # dB
_HASTY_RATE = 100
_AFTER = 0.4  # seconds
_CHUNK = 16
_VOICES = [voice for voice in TRAIN if voice.name not in RARE]


def run(model: Path | None = None, out: Path = HEARD) -> None:
    """Raises SpeechModelError, VoiceUnavailable. Nothing is written before all has been heard."""
    model = model or load_settings().speech_model
    texts = labelled_texts()[::EVERY]
    lines = ["text\theard\tconfidence"]
    with Progress("labelled utterances heard", len(texts)) as progress:
        for text, found in _heard(texts, model):
            progress.step()
            if found is not None and found.text:
                lines.append(f"{text}\t{found.text}\t{found.confidence:.2f}")
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _heard(texts: Sequence[str], model: Path) -> Iterator[tuple[str, Recognition | None]]:
    context = multiprocessing.get_context("spawn")
    for part in range(PARTS):
        mine = [text for text in texts if _number(text) % PARTS == part]
        with tempfile.TemporaryDirectory() as made:
            stranger = Path(made, "model")
            without(model, set(mine), stranger)
            with ProcessPoolExecutor(PROCESSES, context, initializer=_prepare, initargs=(stranger,)) as pool:
                yield from zip(mine, pool.map(_hear, mine, chunksize=_CHUNK), strict=True)


def _number(text: str) -> int:
    """The same in every run; it says which part a text is in, who says it and how noisy the line is."""
    return zlib.crc32(text.encode())


# ---- in each process -------------------------------------------------------------------------------------

_here: list[tuple[VoskEngine, EspeakClient]] = []


def _prepare(model: Path) -> None:
    _here[:] = [(VoskEngine.load(model), EspeakClient())]


def _hear(text: str) -> Recognition | None:
    engine, client = _here[0]
    number = _number(text)
    line = Line(_voice(number // PARTS), _NOISES[number // PARTS % 2])
    try:
        pcm = recording(client, text, line, number, "train", before=_AFTER, after=_AFTER)
    except Unspeakable:
        return None
    return hear_openly(engine, pcm)


def _voice(number: int) -> Voice:
    voice = _VOICES[number // 2 % len(_VOICES)]
    return voice if voice.variant not in HASTY else Voice(voice.name, voice.variant, rate=_HASTY_RATE)


if __name__ == "__main__":
    run()
