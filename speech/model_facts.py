"""What `jiachang model check` finds out about a model: plain data that crosses from process to process as JSON."""

from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Respelling:
    """`words`: what the model listens for instead of `phrase`."""

    phrase: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class ListSurvey:
    """One list of phrases in the model's vocabulary. `split`: in its characters, but as several words of its own;
    `respelled`: with characters that sound the same; `unsayable`: it can't hear them as they are.
    """

    name: str
    held: bool
    phrases: int
    unsayable: tuple[str, ...]
    respelled: tuple[Respelling, ...]
    split: tuple[Respelling, ...]


@dataclass(frozen=True)
class Heard:
    """A sentence of the demo voice, and what the model made of it without a phrase list."""

    said: str
    heard: str


@dataclass(frozen=True)
class Survey:
    """Times in seconds, memory in MB of 10⁶ bytes (None where the system doesn't tell).

    Real-time factor: seconds of one core for a second of audio, on `audio` ("speech" of the demo voice, or "noise"
    where it isn't installed); `held_rtf` with a phrase list, None if the graph takes none.
    """

    sample_rate: int
    phrase_lists: bool
    load_seconds: float
    idle_mb: float | None
    model_mb: float | None
    recogniser_mb: float | None
    audio: str
    open_rtf: float
    held_rtf: float | None
    heard: tuple[Heard, ...]
    lists: tuple[ListSurvey, ...]

    @property
    def chinese(self) -> bool:
        """It can hear at least one of our phrases."""
        return any(len(phrases.unsayable) < phrases.phrases for phrases in self.lists)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The reverse of `to_json`, after JSON has made lists of the tuples."""
        heard = tuple(Heard(**item) for item in data["heard"])
        return cls(**{**data, "heard": heard, "lists": tuple(map(_list_survey, data["lists"]))})


def _list_survey(data: dict[str, Any]) -> ListSurvey:
    unsayable = tuple(data["unsayable"])
    respelled, split = (
        tuple(Respelling(r["phrase"], tuple(r["words"])) for r in data[key]) for key in ("respelled", "split")
    )
    return ListSurvey(**{**data, "unsayable": unsayable, "respelled": respelled, "split": split})
