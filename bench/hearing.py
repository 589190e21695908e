"""One made recording heard as the hotline hears it, and judged. Runs in worker processes of `bench.speech`."""

import functools
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.spoken import Line, no_speech, recording
from ivr.flow import Heard, Input
from ivr.hearing import interpret
from ivr.listening import Listening, ListenSpec
from speech.audio import FRAME_BYTES, seconds_of
from speech.normal import BREAK, normalise
from speech.phrasebook import phrases
from speech.pronounce import clauses
from speech.starter.espeak_client import EspeakClient
from speech.starter.scoring import errors
from speech.turn_hearing import Hearings, PhraseList, TurnRecogniser
from speech.vosk_engine import VoskEngine

CHOICES = ("yes_no", "fact", "rating")
DIGITS, SENTENCES, FOREIGN, NO_SPEECH = "digits", "sentences", "foreign", "no_speech"
_SPEC = ListenSpec("", 0, closing_silence=1.0, no_input=30.0, max_length=60.0)
_SECONDS = 4.0  # of a sound without words
_ASKED = {DIGITS: ("number", "digits"), SENTENCES: ("open", None), FOREIGN: ("yes_no", "yes_no")}
"""What is expected, and the phrase list; the other kinds are both."""


@dataclass(frozen=True)
class Order:
    """`value`: what is to be understood, for DIGITS the digits, for NO_SPEECH nothing; `text` then names the sound.

    FOREIGN: a sentence said where yes or no was asked, which must be rejected.
    """

    kind: str
    text: str
    value: str
    line: Line
    seed: int


@dataclass(frozen=True)
class Judged:
    """Counts by measure, as (right or errors, of how many), and what it cost in seconds of processor and of audio."""

    order: Order
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    heard: str = ""
    spent: float = 0.0
    audio: float = 0.0


@functools.cache
def _engine(model: Path) -> VoskEngine:
    return VoskEngine.load(model)


@functools.cache
def _client() -> EspeakClient:
    return EspeakClient()


def judge(model: Path, order: Order) -> Judged:
    """Pure but for the time: same order, same model, same counts."""
    if order.kind == NO_SPEECH:
        return _judge_noise(_engine(model), order)
    pcm = recording(_client(), order.text, order.line, order.seed)
    expect, held = _ASKED.get(order.kind, (order.kind, order.kind))
    found, spent = _recognise(_engine(model), pcm, PhraseList.of(expect, held))
    meant = interpret(expect, {"kind": "speech", "speech_seconds": 1.0} | found.to_json())
    counts: dict[str, tuple[int, int]]
    if order.kind == SENTENCES:
        counts = _sentence(order.text, found.found.text)
    elif order.kind == DIGITS:
        counts = _digits(order.value, meant)
    elif order.kind == FOREIGN:
        counts = {FOREIGN: (int(not isinstance(meant, Heard)), 1)}
    else:
        counts = {order.kind: (int(isinstance(meant, Heard) and meant.means == order.value), 1)}
    return Judged(order, counts, found.found.text, spent, seconds_of(pcm))


def _recognise(engine: VoskEngine, pcm: bytes, admitted: PhraseList) -> tuple[Hearings, float]:
    """As a turn is heard: answers in other words once more without their list."""
    started = time.process_time()
    recogniser = TurnRecogniser(engine, admitted)
    recogniser.accept(pcm)
    return recogniser.finish(), time.process_time() - started


def _sentence(said: str, heard: str) -> dict[str, tuple[int, int]]:
    meant, written = (normalise(text).replace(BREAK, "") for text in (said, heard))
    sounds = [_sounds(text) for text in (said, heard)]
    return {
        "characters": (errors(written, meant), len(meant)),
        "syllables": (errors(sounds[1], sounds[0]), len(sounds[0])),
    }


def _sounds(text: str) -> list[str]:
    return [syllable for clause in clauses(text) for syllable in clause]


def _digits(value: str, meant: Input) -> dict[str, tuple[int, int]]:
    number = str(meant.facts.get("number", "")) if isinstance(meant, Heard) else ""
    return {
        "per digit": (max(0, len(value) - errors(number, value)), len(value)),
        "whole string": (int(number == value), 1),
    }


def _judge_noise(engine: VoskEngine, order: Order) -> Judged:
    pcm = no_speech(order.text, order.seed, _SECONDS)
    counts = {}
    heard = ""
    for name, held in (("open", None), ("held to yes/no", "yes_no")):
        recogniser = engine.recogniser(phrases(held) if held else None)
        recogniser.accept(pcm)
        found = recogniser.finish()
        text = "" if found.rejected else found.text
        counts[name] = (int(bool(text)), 1)
        heard = heard or text
    listening = Listening(_SPEC, 0.0)
    for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
        listening.audio(pcm[at : at + FRAME_BYTES])
    # The gateway's recogniser hears nothing until the end-of-speech detection has found speech
    counts["as the gateway hears it"] = (counts["open"][0] if listening.speaking else 0, 1)
    return Judged(order, counts, heard, 0.0, seconds_of(pcm))
