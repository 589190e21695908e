"""What a loaded model can do on this machine: our phrases in its words, memory, speed. Runs inside `model_probe`.

Memory is the resident set from /proc, so it is Linux's truth and counts shared pages; elsewhere it is left out.
"""

import dataclasses
import re
import resource
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from app.errors import VoiceUnavailable
from speech import voice
from speech.audio import SAMPLE_RATE, seconds_of, silence, to_pcm
from speech.model_facts import Heard, ListSurvey, Respelling, Survey
from speech.phrasebook import KINDS, Phrasebook, phrasebook
from speech.vocabulary import Sayable
from speech.vosk_engine import VoskEngine, VoskRecogniser

HELD = (*KINDS, "digits", "place")
"""The phrase lists that recognisers are held to; everything else in the phrase files is listened for openly."""
_SENTENCES = (
    "三栋二单元路灯不亮了",
    "我家的水管漏水了",
    "好了一部分",
    "不满意",
    "帮我转人工",
    "一三八零零一三八零零零",
)
_AT_ONCE = 4
_STATM = Path("/proc/self/statm")
_PAGE = resource.getpagesize()
_HAN = re.compile(r"[㐀-鿿]+")


def survey(path: Path) -> Survey:
    """Loads the model into this process, which it may kill: see `model_probe`. Raises SpeechModelError."""
    sentences = _sentences()
    sound = b"".join(pcm + silence(0.5) for _, pcm in sentences)
    idle, started = _resident_mb(), time.perf_counter()
    engine = VoskEngine.load(path)
    loaded = time.perf_counter() - started
    _listen(engine.recogniser(), silence(1.0))
    with_model = _resident_mb()
    several = [engine.recogniser() for _ in range(_AT_ONCE)]
    for recogniser in several:
        recogniser.accept(sound)
    with_several = _resident_mb()
    spent = sum(_listen(engine.recogniser(), pcm) for _, pcm in sentences)
    length = sum(seconds_of(pcm) for _, pcm in sentences)
    held_rtf = None
    if engine.files.phrase_lists:
        yes_no = phrasebook().phrases("yes_no")
        held_rtf = sum(_listen(engine.recogniser(yes_no), pcm) for _, pcm in sentences) / length
    spoken = bool(sentences[0][0])
    return Survey(
        sample_rate=engine.sample_rate,
        phrase_lists=engine.files.phrase_lists,
        load_seconds=round(loaded, 2),
        idle_mb=idle,
        model_mb=_difference(with_model, idle),
        recogniser_mb=_difference(with_several, with_model, _AT_ONCE),
        audio="speech" if spoken else "noise",
        open_rtf=round(spent / length, 4),
        held_rtf=held_rtf if held_rtf is None else round(held_rtf, 4),
        heard=tuple(Heard(said, _hear(engine, pcm)) for said, pcm in sentences) if spoken else (),
        lists=tuple(survey_lists(engine, phrasebook())),
    )


def survey_lists(engine: VoskEngine, book: Phrasebook) -> Iterator[ListSurvey]:
    """Every phrase of the phrase files: first the lists that recognisers are held to, then the rest."""
    for name in HELD:
        yield _survey_list(engine, name, book.phrases(name) or (), held=True)
    for field in dataclasses.fields(book):
        if field.name != "choices":
            yield _survey_list(engine, field.name, spoken_texts(getattr(book, field.name)), held=False)


def spoken_texts(value: object) -> tuple[str, ...]:
    """All Chinese texts in records of the phrase book, each once, whatever the records look like."""
    return tuple(dict.fromkeys(text for text in _texts(value) if _HAN.fullmatch(text)))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(key)
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, (set, frozenset)):
        yield from _texts(sorted(value, key=str))
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _texts(getattr(value, field.name))


def _survey_list(engine: VoskEngine, name: str, phrases: Sequence[str], *, held: bool) -> ListSurvey:
    sayable, unsayable = engine.segmented(phrases)
    return ListSurvey(
        name=name,
        held=held,
        phrases=len(set(phrases)),
        unsayable=unsayable,
        respelled=_respellings(phrase for phrase in sayable if phrase.respelled),
        split=_respellings(phrase for phrase in sayable if not phrase.respelled and len(phrase.words) > 1),
    )


def _respellings(sayables: Iterator[Sayable]) -> tuple[Respelling, ...]:
    return tuple(Respelling(sayable.phrase, sayable.words) for sayable in sayables)


def _sentences() -> list[tuple[str, bytes]]:
    """Sentences of the demo voice; where there is none, noise with nothing said, in bursts as long as sentences."""
    try:
        return [(text, silence(0.3) + voice.synthesise(text) + silence(0.6)) for text in _SENTENCES]
    except VoiceUnavailable:
        random = np.random.default_rng(1)
        return [("", to_pcm(random.normal(size=2 * SAMPLE_RATE) * 1500)) for _ in _SENTENCES]
    finally:
        voice.close()


def _listen(recogniser: VoskRecogniser, pcm: bytes) -> float:
    """Seconds of processor time, which other work on the machine doesn't change, unlike the clock's."""
    started = time.process_time()
    recogniser.accept(pcm)
    recogniser.finish()
    return time.process_time() - started


def _hear(engine: VoskEngine, pcm: bytes) -> str:
    recogniser = engine.recogniser()
    recogniser.accept(pcm)
    return recogniser.finish().text


def _resident_mb() -> float | None:
    try:
        return round(int(_STATM.read_text().split()[1]) * _PAGE / 1e6, 1)
    except OSError:
        return None


def _difference(after: float | None, before: float | None, parts: int = 1) -> float | None:
    return None if after is None or before is None else round(max(0.0, after - before) / parts, 2)
