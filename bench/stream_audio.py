"""What the made callers of `bench.streams` say, and the frame at which the endpointer decides that they have finished."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.progress import Progress
from ivr.flows.common import OPENING, PLACE, RATING, YES_NO
from ivr.listening import Ended, Listening, ListenSpec
from ivr.verbs import Hearing, Listen
from speech.audio import FRAME_BYTES, mulaw_decode, mulaw_encode, set_level, silence
from speech.phrasebook import phrases
from speech.voice import synthesise

FRAME_SAMPLES = FRAME_BYTES // 2
_AFTER = 4.0  # seconds of silence behind the words, more than any closing silence here
_SAID = (
    (OPENING, "三栋二单元路灯不亮了，麻烦你们来修一下"),
    (YES_NO, "对"),
    (OPENING, "我家暖气不热，家里就我一个老人"),
    (YES_NO, "不是的"),
    (PLACE, "五栋一单元三零二"),
    (OPENING, "楼道里堆了很多垃圾，臭得不得了"),
    (RATING, "很满意"),
    (OPENING, "我想问一下医保怎么办理"),
    (YES_NO, "是的"),
    (RATING, "一般"),
)
_VOICES = (("", 150), ("f2", 130), ("m3", 165), ("f4", 110))


@dataclass(frozen=True)
class Turn:
    """One listening turn. `mulaw`: 20 ms frames; `decided`: how many of them the endpointer needed.

    `listen`: how the answer is taken, as the web process stores it; `phrases`: name of the list that the recogniser
    is held to, None for open recognition.
    """

    text: str
    listen: dict[str, Any]
    phrases: str | None
    mulaw: tuple[bytes, ...]
    decided: int

    @property
    def held(self) -> tuple[str, ...]:
        return (phrases(self.phrases) or ()) if self.phrases else ()


def turns() -> Sequence[Turn]:
    """Each sentence in each voice, with 0.6 to 2.4 s of silence before it: people think first."""
    found = []
    with Progress("made voices", len(_VOICES) * len(_SAID)) as progress:
        for v, (voice, rate) in enumerate(_VOICES):
            for n, (hearing, text) in enumerate(_SAID):
                before = 0.6 + (n * 7 + v * 3) % 10 * 0.2
                found.append(made_turn(hearing, text, before, voice=voice, rate=rate))
                progress.step()
    return found


def made_turn(hearing: Hearing, text: str, before: float, *, voice: str = "", rate: int = 150) -> Turn:
    """`before`: seconds of silence; `rate`: words a minute as espeak counts them. Raises ValueError if no end is found."""
    pcm = set_level(synthesise(text, voice=voice, rate=rate), -20.0)
    line = mulaw_encode(silence(before) + pcm + silence(_AFTER))
    frames = [line[at : at + FRAME_SAMPLES] for at in range(0, len(line), FRAME_SAMPLES)]
    spec = ListenSpec("", 0, hearing.closing_silence, hearing.no_input, hearing.max_length)
    decided = _decided(spec, frames)
    kept = tuple(frames[: decided + 10])  # the carrier sends on until the socket is closed
    return Turn(text, Listen(hearing, "").to_json(), hearing.phrases, kept, decided)


def _decided(spec: ListenSpec, frames: Sequence[bytes]) -> int:
    listening = Listening(spec, 0.0)
    for frame in frames:
        if listening.audio(mulaw_decode(frame)) is not None:
            break
    if listening.ended is not Ended.SPEECH:
        raise ValueError(f"the endpointer found no end in a made sentence: {listening.ended}")
    return listening.frames
