"""The acoustic units of the starter model: initials, toned finals, silence.

A pinyin syllable is an initial (one HMM state) and a final with its tone (two states, so that the net can
tell a rising tone from a falling one). For Kaldi each unit comes as word-position phones (`b_B`, `a1_E` …)
that share their pdfs: the position only serves `word_boundary.int`. Tones are those on the surface
(bu2 shi4), neutral tone is 5, ü is written v.
"""

# fmt: off
INITIALS = (
    "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x",
    "zh", "ch", "sh", "r", "z", "c", "s", "y", "w",
)
"""y and w count as initials, so that only syllables such as `an`, `e`, `er`, `ou` have none."""

FINALS = (
    "a", "ai", "an", "ang", "ao", "e", "ei", "en", "eng", "er", "i", "ia", "ian", "iang", "iao", "ie", "ii", "iii",
    "in", "ing", "iong", "iu", "o", "ong", "ou", "u", "ua", "uai", "uan", "uang", "ui", "un", "uo", "v", "van",
    "ve", "vn",
)
# fmt: on
"""`ii` is the vowel of zi, ci, si; `iii` that of zhi, chi, shi, ri: they have nothing of an i."""

TONES = "12345"
TONED_FINALS = tuple(final + tone for final in FINALS for tone in TONES)

EPSILON = "<eps>"
SILENCE = "SIL"
SIL = 1
"""Phone id of silence, which is also all that is not speech."""

_INITIAL_POSITIONS = "BI"
_FINAL_POSITIONS = "BIES"
_INITIAL_STATES = 1
_FINAL_STATES = 2

PHONES: tuple[str, ...] = (
    EPSILON,
    SILENCE,
    *(f"{unit}_{position}" for unit in INITIALS for position in _INITIAL_POSITIONS),
    *(f"{unit}_{position}" for unit in TONED_FINALS for position in _FINAL_POSITIONS),
)
"""Index = Kaldi's phone id."""

PHONE_IDS: dict[str, int] = {name: number for number, name in enumerate(PHONES)}

_FIRST_PDF: dict[str, int] = {
    SILENCE: 0,
    **{unit: 1 + n for n, unit in enumerate(INITIALS)},
    **{unit: 1 + len(INITIALS) + _FINAL_STATES * n for n, unit in enumerate(TONED_FINALS)},
}

PDFS = 1 + len(INITIALS) + _FINAL_STATES * len(TONED_FINALS)
"""How many outputs the net has; pdf 0 is silence."""

_BOUNDARIES = {"B": "begin", "I": "internal", "E": "end", "S": "singleton"}


def unit_of(phone: int) -> str:
    """The unit behind a phone id: `b_I` → `b`. Raises IndexError or ValueError for what is no phone."""
    if phone < SIL:
        raise ValueError(f"{phone} is no phone id")
    return PHONES[phone].split("_")[0]


def states(phone: int) -> int:
    """How many emitting HMM states a phone has."""
    return _FINAL_STATES if unit_of(phone)[-1] in TONES else _INITIAL_STATES


def pdf_of(phone: int, state: int) -> int:
    """The net's output for state 0 or 1 of a phone; raises IndexError for a state that it doesn't have."""
    if not 0 <= state < states(phone):
        raise IndexError(f"{PHONES[phone]} has no state {state}")
    return _FIRST_PDF[unit_of(phone)] + state


def unit_pdfs(unit: str) -> tuple[int, ...]:
    """The pdfs of a unit (`SIL`, `zh`, `uang3`), one a state; raises KeyError."""
    count = _FINAL_STATES if unit[-1] in TONES else _INITIAL_STATES
    return tuple(_FIRST_PDF[unit] + state for state in range(count))


def word_boundary_lines() -> list[str]:
    """`word_boundary.int`: one line a phone, epsilon left out."""
    return [
        f"{number} {_BOUNDARIES[name.split('_')[1]] if '_' in name else 'nonword'}"
        for number, name in enumerate(PHONES)
        if number >= SIL
    ]


def split(syllable: str) -> tuple[str | None, str]:
    """`zhuang1` → ("zh", "uang1"), `an4` → (None, "an4"). Raises ValueError for what is no toned syllable."""
    body, tone = syllable[:-1].replace("ü", "v"), syllable[-1:]
    initial = body[:2] if body[:2] in INITIALS else body[:1] if body[:1] in INITIALS else None
    final = body[len(initial) :] if initial else body
    if initial in ("j", "q", "x", "y") and final.startswith("u"):
        final = "v" + final[1:]
    elif initial == "y":
        final = {"an": "ian", "e": "ie"}.get(final, final)
    elif initial in ("z", "c", "s") and final == "i":
        final = "ii"
    elif initial in ("zh", "ch", "sh", "r") and final == "i":
        final = "iii"
    final = {"ue": "ve"}.get(final, final) + tone
    if final not in _FIRST_PDF or tone not in TONES:
        raise ValueError(f"{syllable!r} is no Mandarin syllable with a tone 1 to 5")
    return initial, final


def phones_of(syllables: tuple[str, ...]) -> tuple[int, ...]:
    """The phone ids of a word with their positions in it: ("ni2", "hao3") → n_B i2_I h_I ao3_E."""
    units = [unit for syllable in syllables for unit in split(syllable) if unit]
    if not units:
        raise ValueError("a word has at least one syllable")
    if len(units) == 1:
        return (PHONE_IDS[units[0] + "_S"],)
    positions = "B" + "I" * (len(units) - 2) + "E"
    return tuple(PHONE_IDS[f"{unit}_{place}"] for unit, place in zip(units, positions, strict=True))
