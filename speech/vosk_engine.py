"""The real engine: Vosk, with any model directory of its format.

What kills the process or hears nothing is kept out here (`speech.md`, "The engine's behaviour"): an empty or
malformed phrase list, a phrase list set while audio is in progress, a model given by name instead of path.
"""

import functools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from app.errors import AudioError, SpeechModelError
from speech.audio import SAMPLE_RATE, StreamResampler
from speech.engine import UNKNOWN, Recognition, Word
from speech.model_files import ModelFiles, inspect
from speech.vocabulary import Sayable, restore, segment_all

_FEED_BYTES = 2 * SAMPLE_RATE // 5
"""Audio is handed on in pieces of 200 ms: of 20 ms they cost twice the time, larger ones add delay."""

_LIBRARY_SCORE_SECONDS = 0.03
"""From one of the net's judgements to the next, as the library counts the times of words, whatever the model."""


def _refusals(words: int) -> list[str]:
    """What makes the list refuse other speech, in proportion to its different words.

    The library makes a bigram model of the list in which `[unk]` would be one phrase of hundreds, while their many short
    words can be strung together to resemble any sentence: of 20 long sentences hardly one was refused. With these, all
    were, and no more answers than before.
    """
    return [UNKNOWN] * max(1, words // 10) + [" ".join([UNKNOWN] * 4)] * (words // 20)


class VoskEngine:
    """One model, loaded once; recognisers share it."""

    def __init__(self, files: ModelFiles, model: Any) -> None:
        self.files = files
        self._model = model
        knows = functools.cache(self._find)
        # The same few lists for every call: 3 ms each time would be 3 ms of every turn.
        self._segmented = functools.lru_cache(maxsize=64)(lambda phrases: segment_all(phrases, knows))

    @classmethod
    def load(cls, path: Path) -> "VoskEngine":
        """Raises SpeechModelError with the reason and what to do.

        A directory with damaged insides may abort the process inside the library: `speech.model_check.check`
        first, in places where that would hurt, tries it in a process of its own.
        """
        files = inspect(path)
        import vosk  # 0.2 s and 25 MB: only where something is to be recognised

        vosk.SetLogLevel(-1)
        try:
            model = vosk.Model(str(files.path))
        except Exception as error:  # the library raises plain Exception
            raise SpeechModelError(
                f"speech model {path} cannot be loaded ({error}); unpack it again"
            ) from error
        return cls(files, model)

    @property
    def name(self) -> str:
        return f"vosk:{self.files.path.name}"

    @property
    def sample_rate(self) -> int:
        """Of the model, in Hz. Audio from the line is resampled to it."""
        return self.files.sample_rate

    def recogniser(self, phrases: Sequence[str] | None = None) -> "VoskRecogniser":
        """Phrases that the model can't say are left out; if it can say none of them, recognition is open.

        An all-missing list would hear nothing at all. Graphs without look-ahead ignore phrase lists.
        """
        import vosk

        sayable = self.sayable(phrases) if phrases else ()
        rate = float(self.sample_rate)
        if sayable:
            words = {word for phrase in sayable for word in phrase.words}
            listed = [" ".join(phrase.words) for phrase in sayable] + _refusals(len(words))
            held = json.dumps(listed, ensure_ascii=False)
            recogniser = vosk.KaldiRecognizer(self._model, rate, held)
        else:
            recogniser = vosk.KaldiRecognizer(self._model, rate)
        recogniser.SetWords(True)
        recogniser.SetPartialWords(True)
        respelled = {phrase.words: phrase.phrase for phrase in sayable if phrase.respelled}
        return VoskRecogniser(
            recogniser, self.sample_rate, respelled, self.files.score_seconds / _LIBRARY_SCORE_SECONDS
        )

    def sayable(self, phrases: Sequence[str]) -> tuple[Sayable, ...]:
        """The phrases in the model's words; empty if its graph takes no phrase lists."""
        return self.segmented(phrases)[0] if self.files.phrase_lists else ()

    def segmented(self, phrases: Sequence[str]) -> tuple[tuple[Sayable, ...], tuple[str, ...]]:
        """The phrases in the model's words, and those that it has no words for, whatever its graph takes."""
        return self._segmented(tuple(phrases))

    def unsayable(self, phrases: Sequence[str]) -> tuple[str, ...]:
        return self.segmented(phrases)[1]

    def _find(self, word: str) -> bool:
        # The model itself, not words.txt: look-ahead graphs may carry other words than the file lists.
        return bool(self._model.vosk_model_find_word(word) >= 0)


class VoskRecogniser:
    """See `speech.engine.Recogniser`."""

    def __init__(
        self, recogniser: Any, rate: int, respelled: dict[tuple[str, ...], str], pace: float
    ) -> None:
        self._recogniser, self._pace = recogniser, pace
        self._respelled = respelled
        self._resampler = None if rate == SAMPLE_RATE else StreamResampler(SAMPLE_RATE, rate)
        self._waiting = bytearray()
        self._words: list[Word] = []
        self._finished: Recognition | None = None

    def accept(self, pcm: bytes) -> None:
        if self._finished is not None:
            raise RuntimeError("this recogniser has finished; make a new one for the next turn")
        if len(pcm) % 2:
            raise AudioError(f"16-bit audio needs an even number of bytes, got {len(pcm)}")
        self._waiting += pcm
        while len(self._waiting) >= _FEED_BYTES:
            piece = bytes(self._waiting[:_FEED_BYTES])
            del self._waiting[:_FEED_BYTES]
            self._feed(piece)

    def partial(self) -> Recognition:
        if self._finished is not None:
            return self._finished
        heard = json.loads(self._recogniser.PartialResult()).get("partial_result", ())
        return Recognition((*self._words, *self._read(heard)))

    def finish(self) -> Recognition:
        if self._finished is None:
            self._feed(bytes(self._waiting), last=True)
            self._waiting.clear()
            self._words += self._read(json.loads(self._recogniser.FinalResult()).get("result", ()))
            self._finished = Recognition(tuple(self._words))
            self._recogniser = None  # frees some 2 MB at once, not when the call object goes
        return self._finished

    def _feed(self, piece: bytes, *, last: bool = False) -> None:
        if self._resampler is not None:
            piece = self._resampler.feed(piece, last=last)
        if not piece:
            return
        try:
            ended = self._recogniser.AcceptWaveform(piece)
        except Exception as error:  # plain Exception again; the reason only goes to the library's own log
            raise SpeechModelError(
                "the speech model could not work on the audio: another sample rate?"
            ) from error
        # The library's own end-of-speech detection ends a *result*, never our turn: collect and go on.
        if ended:
            self._words += self._read(json.loads(self._recogniser.Result()).get("result", ()))

    def _read(self, heard: Sequence[dict[str, Any]]) -> Iterator[Word]:
        texts = restore([str(word.get("word", "")) for word in heard], self._respelled)
        for text, word in zip(texts, heard, strict=True):
            confidence, start, end = (float(word.get(key, 0.0)) for key in ("conf", "start", "end"))
            yield Word(text, min(1.0, confidence), start * self._pace, end * self._pace)
