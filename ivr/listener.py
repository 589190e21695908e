"""One turn, from its first frame to its `heard`: what the gateway does with a stream, and the benches measure."""

from concurrent.futures import ThreadPoolExecutor

from ivr.ear import BEFORE_SPEECH_SECONDS, BEHIND_SPEECH_SECONDS, Ear
from ivr.listening import Ended, Listening, ListenSpec
from models.base import Json
from speech.audio import FRAME_SAMPLES, SAMPLE_RATE, mulaw_decode
from speech.engine import Engine
from speech.turn_hearing import Hearings, PhraseList

_AT_ONCE = 10
"""Frames judged together: 200 ms, during which nobody can have finished. One by one they took most of the gateway's time."""
_AHEAD_SECONDS = 0.4
"""So long before the closing silence is over the words are worked out: whoever waits for them waits less."""


class Listener:
    """Audio and keys in; it is over when somebody has finished, and not by a short sound without words."""

    def __init__(
        self,
        engine: Engine | None,
        pool: ThreadPoolExecutor,
        spec: ListenSpec,
        admitted: PhraseList,
        prompt_seconds: float = 0.0,
    ) -> None:
        """`engine` None: no model, the audio is all there will be."""
        self.listening = Listening(spec, prompt_seconds)
        self.audio = bytearray()  # mu-law, as received
        self._unheard = bytearray()  # what has come since the last judgement
        self._engine, self._pool, self._admitted = engine, pool, admitted
        self._ear = Ear(engine, admitted, pool)

    def feed(self, mulaw: bytes) -> bool:
        """Any length; was it judged? Some frames are judged at once where none of them can decide anything."""
        self.audio += mulaw
        self._unheard += mulaw
        frames = len(self._unheard) // FRAME_SAMPLES
        if not frames or frames < min(_AT_ONCE, self.listening.undecided):
            return False
        self._judge()
        return True

    def _judge(self) -> None:
        whole = len(self._unheard) // FRAME_SAMPLES * FRAME_SAMPLES
        pcm = mulaw_decode(bytes(self._unheard[:whole]))
        del self._unheard[:whole]
        listening = self.listening
        listening.audio(pcm)
        self._ear.feed(pcm, speaking=listening.speaking, quiet=listening.quiet)
        if listening.quiet >= max(BEHIND_SPEECH_SECONDS, listening.spec.closing_silence - _AHEAD_SECONDS):
            self._ear.conclude()

    def key(self, digit: str) -> None:
        self._judge()
        self.listening.key(digit)

    def prompt_done(self) -> None:
        """The last mark came back."""
        self._judge()
        self.listening.prompt_done()

    def hang_up(self) -> None:
        self._judge()
        self.listening.hang_up()

    async def over(self) -> bool:
        """Is there nothing more to be listened for?"""
        listening = self.listening
        if listening.ended is None:
            return False
        if self._engine and listening.may_go_on and await self._ear.heard_nothing():
            listening.go_on()
            self._ear = Ear(self._engine, self._admitted, self._pool)
            return False
        return True

    async def heard(self) -> Json:
        """The `heard` of the turn, as it is saved, but for the recording's id. Finishes."""
        listening = self.listening
        if listening.ended is None:
            self._judge()
        kind, hearings = await self._words(listening.ended or Ended.HANGUP)
        return hearings.to_json() | {
            "kind": kind.value,
            "speech_seconds": round(listening.speech_seconds, 2),
            "keys": listening.keys,
            "frames": listening.frames,
            "recording_id": None,
        }

    async def _words(self, kind: Ended) -> tuple[Ended, Hearings]:
        listening = self.listening
        if not listening.doubtful or kind is Ended.KEYS:
            # Whoever presses a key has decided: nobody waits for words that will not be used
            return kind, await self._ear.finish(spoke=listening.speaking and kind is not Ended.KEYS)
        last = round((listening.spec.no_input + BEFORE_SPEECH_SECONDS) * SAMPLE_RATE)
        hearings = await self._ear.second_opinion(mulaw_decode(bytes(self.audio[-last:])))
        return Ended.SPEECH if kind is Ended.SILENCE and hearings.found.words else kind, hearings
