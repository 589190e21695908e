"""What a flow wants to happen on the line, in no carrier's words; `ivr.twiml` puts it into TwiML."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from string import Formatter
from typing import Any

Translate = Callable[[str], str]


@dataclass(frozen=True)
class Text:
    """One sentence: the Chinese original (the key of the catalogues) and what goes into its {named} gaps.

    A gap filled with a `Text` is translated too (names of categories and states).
    """

    msgid: str
    params: "Mapping[str, str | Text]" = field(default_factory=dict)

    @property
    def gaps(self) -> tuple[str, ...]:
        return tuple(name for _, name, _, _ in Formatter().parse(self.msgid) if name)

    def render(self, translate: Translate) -> str:
        filled = {
            name: value.render(translate) if isinstance(value, Text) else value
            for name, value in self.params.items()
        }
        return translate(self.msgid).format_map(filled)


@dataclass(frozen=True)
class Hearing:
    """How an answer is taken. `expect` names what is listened for, `phrases` the list that the recogniser is
    held to (None = open recognition); seconds of audio: closing silence 1.0 s for yes/no,
    keys and keywords, 2.0 s for the opening statement, 4 s for free recording."""

    expect: str
    phrases: str | None = None
    closing_silence: float = 1.0
    no_input: float = 9.0
    max_length: float = 15.0
    num_digits: int = 1


@dataclass(frozen=True)
class Say:
    text: Text


@dataclass(frozen=True)
class Listen:
    """The turn waits for the resident. `keys` are those that mean something here; `by_keys`: speech can't be
    heard on a stream now (no gateway), so take keys, or a recording where only words will do."""

    hearing: Hearing
    keys: str
    by_keys: bool = False

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self.hearing), "keys": self.keys}


@dataclass(frozen=True)
class Dial:
    """Ring a person, who has `seconds` to press 1; the number is known to the edge only."""

    seconds: int = 25


@dataclass(frozen=True)
class Hangup:
    pass


Verb = Say | Listen | Dial | Hangup
