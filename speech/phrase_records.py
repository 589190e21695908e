"""The shapes of what `phrases/*.toml` hold; read by `speech.phrasebook`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Choices:
    """`said[kind][value]` = what residents say for it."""

    said: dict[str, dict[str, tuple[str, ...]]]
    always: tuple[str, ...]
    digits: tuple[str, ...]
    place: tuple[str, ...]
    negators: tuple[str, ...]
    negator_sounds: tuple[str, ...]
    negator_between: frozenset[str]
    fillers: tuple[str, ...]


@dataclass(frozen=True)
class Category:
    code: str
    name: str
    phrases: tuple[str, ...]
    hints: tuple[str, ...]


@dataclass(frozen=True)
class Fault:
    say: str
    heard: tuple[str, ...]


@dataclass(frozen=True)
class Matters:
    """`things`: the thing as said → its category. `whole`: matters that are complete by themselves."""

    things: dict[str, str]
    faults: tuple[Fault, ...]
    whole: tuple[str, ...]


@dataclass(frozen=True)
class Danger:
    number: str
    category: str
    words: tuple[str, ...]
    exact: tuple[str, ...]


@dataclass(frozen=True)
class DangerPair:
    number: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    at_most: int
    not_after_first: tuple[str, ...]


@dataclass(frozen=True)
class Dangers:
    """What takes back a danger word stands before it (`far`, `near`, `close`) or after it."""

    dangers: tuple[Danger, ...]
    pairs: tuple[DangerPair, ...]
    before_far: tuple[str, ...]
    before_near: tuple[str, ...]
    before_close: tuple[str, ...]
    unless: tuple[str, ...]
    after_near: tuple[str, ...]
    after_close: tuple[str, ...]
    sound_not_before: frozenset[str]
    sound_may_follow: frozenset[str]
    sound_not_words: frozenset[str]


@dataclass(frozen=True)
class Urgent:
    """Urgent when one of each group is said, and (`outage`) heating or water is out."""

    name: str
    outage: bool
    groups: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Urgency:
    rules: tuple[Urgent, ...]
    outages: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Tiers:
    complex_phrases: tuple[str, ...]
    complex_categories: frozenset[str]


@dataclass(frozen=True)
class Intent:
    code: str
    phrases: tuple[str, ...]
    starts: tuple[str, ...]
    whole: bool


@dataclass(frozen=True)
class Places:
    estates: tuple[str, ...]
    suffixes: tuple[str, ...]
    not_estate: tuple[str, ...]
    stops: frozenset[str]
    landmarks: tuple[str, ...]
