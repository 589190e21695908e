"""What our side plays on a stream: audio and marks in order, an utterance for every mark."""

from collections import deque
from dataclasses import dataclass

from ivr.exchange.frames import Mark, Media
from speech.audio import FRAME_SAMPLES


@dataclass(frozen=True)
class Utterance:
    """Audio that was heard, named by the mark that followed it; `cut` when it was not played to its end."""

    text: str
    started: float  # seconds, as given to `tick`
    audio: bytes  # mu-law
    cut: bool = False


class Playout:
    """`tick` once per 20 ms; returned marks are to be echoed, utterances go on the record, audio into the ear."""

    def __init__(self) -> None:
        self._queue: deque[Media | Mark] = deque()
        self._audio_left = 0
        self._heard = bytearray()
        self._started = 0.0

    @property
    def busy(self) -> bool:
        return self._audio_left > 0

    @property
    def text(self) -> str:
        """Of what is being played, as the next mark names it; "" while none has arrived."""
        return next((item.name for item in self._queue if isinstance(item, Mark)), "")

    def put(self, item: Media | Mark) -> None:
        self._queue.append(item)
        if isinstance(item, Media):
            self._audio_left += len(item.payload)

    def tick(self, moment: float) -> tuple[list[str], list[Utterance], bytes]:
        """Play up to one frame. Marks come back when everything before them has been played."""
        marks, spoken = self._due_marks()
        room, played = FRAME_SAMPLES, b""
        while room and self._queue and isinstance(head := self._queue[0], Media):
            if not self._heard:
                self._started = moment
            piece, rest = head.payload[:room], head.payload[room:]
            self._heard += piece
            played += piece
            self._audio_left -= len(piece)
            room -= len(piece)
            if rest:
                self._queue[0] = Media(rest)
            else:
                self._queue.popleft()
        return marks, spoken, played

    def clear(self) -> tuple[list[str], list[Utterance]]:
        """Drop what was not played yet; every mark comes back at once, in order."""
        marks, spoken = self._due_marks()
        left = [item.name for item in self._queue if isinstance(item, Mark)]
        self._queue.clear()
        self._audio_left = 0
        if self._heard:
            spoken.append(self._utterance(left[0] if left else "", cut=True))
        return marks + left, spoken

    def _due_marks(self) -> tuple[list[str], list[Utterance]]:
        marks: list[str] = []
        spoken: list[Utterance] = []
        while self._queue and isinstance(head := self._queue[0], Mark):
            self._queue.popleft()
            marks.append(head.name)
            if self._heard:
                spoken.append(self._utterance(head.name))
        return marks, spoken

    def _utterance(self, text: str, *, cut: bool = False) -> Utterance:
        audio = bytes(self._heard)
        self._heard.clear()
        return Utterance(text, self._started, audio, cut)
