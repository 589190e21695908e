"""libespeak-ng by ctypes: sound, and where every syllable and its vowel begin and end.

Only ever imported by `espeak_worker`, in a process of its own: espeak-ng is GPL-3 and now and then corrupts
its own heap. Declarations follow `speak_lib.h` of espeak-ng 1.50 to 1.52.
"""

import ctypes
from dataclasses import dataclass
from typing import Any, ClassVar

_SYNCHRONOUS = 2
_INITIALIZE_PHONEME_EVENTS = 1
_CHARS_UTF8 = 1
_PHONEMES = 0x100
"""Reads `[[…]]` as espeak's own phoneme names."""

_RATE, _PITCH, _RANGE, _WORD_GAP = 1, 3, 4, 7
_EVENT_END, _EVENT_WORD, _EVENT_PHONEME = 0, 1, 7


class _EventId(ctypes.Union):
    _fields_: ClassVar[Any] = [
        ("number", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("string", ctypes.c_char * 8),
    ]


class _Event(ctypes.Structure):
    _fields_: ClassVar[Any] = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    ]


_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass(frozen=True)
class Order:
    """`text`: pinyin syllables with tones, apart by spaces, clauses by commas. `rate` in espeak's words a
    minute (80–450), `pitch` and `span` 0–99, `gap` between syllables in 10 ms; `seed` of breath and flutter."""

    text: str
    voice: str
    rate: int
    pitch: int
    span: int
    gap: int
    seed: int = 0


@dataclass(frozen=True)
class Sounding:
    """16-bit samples and, for each syllable, sample numbers: start, start of the vowel (−1 = none), end."""

    rate: int
    samples: bytes
    syllables: list[tuple[int, int, int]]


class EspeakLibrary:
    """One synthesiser for the whole process: the library keeps global state."""

    def __init__(self, library: str, data: str | None) -> None:
        """Raises OSError when the library can't be loaded or finds no data."""
        self._lib: Any = ctypes.CDLL(library)
        self._rate = int(
            self._lib.espeak_Initialize(
                _SYNCHRONOUS, 0, data.encode() if data else None, _INITIALIZE_PHONEME_EVENTS
            )
        )
        if self._rate <= 0:
            raise OSError("espeak-ng found no data")
        # Kept on self: ctypes does not hold the callback, and espeak would call freed memory.
        self._callback = _CALLBACK(self._heard)
        self._lib.espeak_SetSynthCallback(self._callback)
        self._pieces: list[bytes] = []
        self._events: list[tuple[int, str | None]] = []

    def _seed(self, seed: int) -> None:
        # espeak-ng seeds itself with the time of day. 1.52 has a generator of its own beside C's.
        ctypes.CDLL(None).srand(ctypes.c_uint(seed))
        if own := getattr(self._lib, "espeak_ng_SetRandSeed", None):
            own(ctypes.c_long(seed))

    def _heard(self, wave: Any, count: int, events: Any) -> int:
        if count > 0:
            self._pieces.append(ctypes.string_at(wave, count * 2))
        index = 0
        while events[index].type != _EVENT_END:
            event = events[index]
            # The sample index is exact; audio_position is rounded to milliseconds.
            if event.type == _EVENT_WORD and event.text_position > 0:
                self._events.append((event.sample, None))
            elif event.type == _EVENT_PHONEME:
                self._events.append((event.sample, event.id.string.decode(errors="replace")))
            index += 1
        return 0

    def say(self, order: Order) -> Sounding:
        """Raises ValueError for an unknown voice or a text that is not read as the pinyin it should be."""
        if self._lib.espeak_SetVoiceByName(order.voice.encode()):
            raise ValueError(f"no voice {order.voice}")
        for parameter, value in (
            (_RATE, order.rate),
            (_PITCH, order.pitch),
            (_RANGE, order.span),
            (_WORD_GAP, order.gap),
        ):
            self._lib.espeak_SetParameter(parameter, int(value), 0)
        self._pieces, self._events = [], []
        self._seed(order.seed)
        data = order.text.encode()
        flags = _CHARS_UTF8 | _PHONEMES
        if self._lib.espeak_Synth(data, len(data) + 1, 0, 0, 0, flags, None, None):
            raise ValueError("espeak-ng refused the text")
        self._lib.espeak_Synchronize()
        samples = b"".join(self._pieces)
        spans = syllable_spans(self._events, len(samples) // 2)
        expected = len(order.text.replace(",", " ").split())
        if len(spans) != expected:
            raise ValueError(f"espeak-ng said {len(spans)} syllables instead of {expected}")
        return Sounding(self._rate, samples, spans)


def syllable_spans(events: list[tuple[int, str | None]], total: int) -> list[tuple[int, int, int]]:
    """From (sample, phoneme name or None for the start of a word) to (start, vowel or −1, end) a word.

    Names that start with `_` are pauses and end a syllable; `(en)` means that espeak took the pinyin for
    English, as it does with xiong. Raises ValueError then, and when a syllable has no sound.
    """
    starts: list[int] = []
    sounds: list[list[int]] = []
    ends: list[int | None] = []
    for sample, name in events:
        if name is None:
            starts.append(sample)
            sounds.append([])
            ends.append(None)
        elif name.startswith("("):
            raise ValueError(f"espeak-ng changed to the language {name}")
        elif not starts:
            continue
        elif not name.startswith("_"):
            sounds[-1].append(sample)
        elif ends[-1] is None and sounds[-1]:
            ends[-1] = sample
    spans = []
    for start, phonemes, marked, following in zip(starts, sounds, ends, [*starts[1:], total], strict=True):
        end = following if marked is None else marked
        if not phonemes or end <= start:
            raise ValueError("espeak-ng left out a syllable")
        spans.append((start, phonemes[1] if len(phonemes) > 1 else -1, end))
    return spans
