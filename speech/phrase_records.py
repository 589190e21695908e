"""The shapes of what `phrases/*.toml` hold; read by `speech.phrasebook`."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Choices:
    """`said[kind][value]` = what residents say for it; `also` = what is understood too, but no recogniser is held to.

    `always`: listened for at every question; `around`: what is said around an answer.
    """

    said: dict[str, dict[str, tuple[str, ...]]]
    also: dict[str, dict[str, tuple[str, ...]]]
    always: tuple[str, ...]
    around: tuple[str, ...]
    digits: tuple[str, ...]
    place: tuple[str, ...]
    negators: tuple[str, ...]
    negator_sounds: tuple[str, ...]
    negator_between: frozenset[str]
    fillers: tuple[str, ...]


@dataclass(frozen=True)
class Head:
    """Words on which an answer turns, what they mean (`plain`) and what under a negation; empty: nothing by itself.

    `weak`: gives way to any other answer ("好的，不用了"). `open`: anything may follow ("就是楼下那个").
    `anywhere`: negated it counts also after words that we don't know ("那盏灯不是").
    """

    kind: str
    plain: str
    negated: str
    weak: bool
    open: bool
    anywhere: bool
    words: tuple[str, ...]


@dataclass(frozen=True)
class Wordings:
    """`roles`: what a word around a head does there → the words; the roles are the keys of `[words]`."""

    roles: Mapping[str, tuple[str, ...]]
    heads: tuple[Head, ...]


@dataclass(frozen=True)
class Topic:
    """`weight`: what one of the phrases says for the category, in natural logarithms of the odds.

    `background`: often only mentioned beside the matter itself ("我一个人住，灯坏了").
    """

    name: str
    weight: float
    phrases: tuple[str, ...]
    background: bool = False


@dataclass(frozen=True)
class Category:
    """`phrases` are those of all topics together; a phrase in two topics has the weight of the first."""

    code: str
    name: str
    topics: tuple[Topic, ...]

    @property
    def phrases(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(phrase for topic in self.topics for phrase in topic.phrases))


@dataclass(frozen=True)
class Fault:
    """`category`: of whatever thing has this fault, if that is clear; else the thing decides."""

    say: str
    heard: tuple[str, ...]
    category: str | None


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
    either: bool
    unless: tuple[str, ...]


@dataclass(frozen=True)
class Dangers:
    """What takes back a danger word stands before it (`far`, `near`, `close`) or after it; `past` or `over` anywhere.

    `now` says that in spite of `past` it is happening. The characters of `innocent` words are no danger.
    """

    dangers: tuple[Danger, ...]
    pairs: tuple[DangerPair, ...]
    before_far: tuple[str, ...]
    before_near: tuple[str, ...]
    before_close: tuple[str, ...]
    unless: tuple[str, ...]
    after_near: tuple[str, ...]
    after_close: tuple[str, ...]
    past: tuple[str, ...]
    over: tuple[str, ...]
    now: tuple[str, ...]
    innocent: tuple[str, ...]
    sound_not_before: frozenset[str]
    sound_may_follow: frozenset[str]
    sound_not_words: frozenset[str]


@dataclass(frozen=True)
class Urgent:
    """Urgent when one of each group is said and none of `unless`, and (`outage`) heating or water is out."""

    name: str
    outage: bool
    groups: tuple[tuple[str, ...], ...]
    unless: tuple[str, ...] = ()


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
    """`highest_building`: no house of the community has a higher number; 0: nobody has said."""

    estates: tuple[str, ...]
    suffixes: tuple[str, ...]
    not_estate: tuple[str, ...]
    stops: frozenset[str]
    landmarks: tuple[str, ...]
    own: tuple[str, ...]
    highest_building: int = 0


@dataclass(frozen=True)
class Dialect:
    """`words`: as said → plain Mandarin. `keep`: words that only look like one of them."""

    words: Mapping[str, str]
    keep: tuple[str, ...]


@dataclass(frozen=True)
class Times:
    """`days`: day → days ago (0 today, -1 tomorrow). `parts` of the day. `stretches`: vague ones, as 最近, 好久了."""

    days: Mapping[str, int]
    parts: tuple[str, ...]
    units: Mapping[str, int]
    stretches: tuple[str, ...]


@dataclass(frozen=True)
class TextCommand:
    """A word that is a command by itself or beside a ticket's number. `words` count by sound too, `keys` do not.

    `leads`: more may follow; of an `everyday` word only after a gap.
    """

    intent: str
    category: str
    words: tuple[str, ...]
    keys: tuple[str, ...]
    leads: bool
    everyday: bool


@dataclass(frozen=True)
class TextWording:
    """One of `must` shows the intent if these and `words` are at least `share` of the text."""

    intent: str
    must: tuple[str, ...]
    words: tuple[str, ...]
    share: float


@dataclass(frozen=True)
class TextMark:
    """`aspect`: speed, effect or attitude; `value` 1 满意, 2 一般, 3 不满意."""

    aspect: str
    value: int
    words: tuple[str, ...]


@dataclass(frozen=True)
class Texts:
    """How residents' text messages are read. `aspects`: aspect → what it is called.

    `not_after_code`: characters after a digit that make it a number of something; `code_unless`: words that begin so
    and don't. `done` and then `ask`: is it done? `again` (又漏了) says that a repair failed where `after` (昨天修) or nothing else is said; `other`: it is
    not the same matter. `spam` is sent to everybody. `idle` words say nothing between marks.
    `when` and then `coming` asks how far it is, so does a `question` beside a number. `courtesy` goes with thanks and
    greetings. `chat`: for her family, or of the season. `surnames` and `titles` make signatures.
    `nods`: words and pictures that say no more than that she has read it. `call`: the parts of which asking to be rung is made. `request`: something is to be done. `where`: what an answer to "where?" ends in.
    """

    commands: tuple[TextCommand, ...]
    wordings: tuple[TextWording, ...]
    marks: tuple[TextMark, ...]
    aspects: Mapping[str, tuple[str, ...]]
    not_after_code: frozenset[str]
    code_unless: tuple[str, ...]
    surnames: frozenset[str]
    titles: tuple[str, ...]
    call: Mapping[str, tuple[str, ...]]
    done: tuple[str, ...]
    ask: tuple[str, ...]
    again: tuple[str, ...]
    after: tuple[str, ...]
    other: tuple[str, ...]
    spam: tuple[str, ...]
    idle: tuple[str, ...]
    request: tuple[str, ...]
    where: tuple[str, ...]
    when: tuple[str, ...]
    coming: tuple[str, ...]
    question: tuple[str, ...]
    courtesy: tuple[str, ...]
    chat: tuple[str, ...]
    nods: tuple[str, ...]
