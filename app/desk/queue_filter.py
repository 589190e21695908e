"""Which tickets somebody wants to see: filters as they stand in an address. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qsl, urlencode

from app.desk.catalogue import NAMES
from app.hygiene import clean
from app.texts.catalogue import mark
from models.lifecycle import OPEN, Status

CHANNELS = ("phone", "sms", "kiosk", "desk", "visit")
UNSORTED = "none"
"""Stands for the category of tickets that have none."""
EVERY = frozenset(Status)
SETTLED = frozenset({Status.CLOSED, Status.DUPLICATE, Status.CANCELLED})
UNDISPATCHED = frozenset({Status.NEW, Status.RETURNED, Status.REOPENED})
_GROUPS: Mapping[str, frozenset[Status]] = {"open": OPEN, "waiting": UNDISPATCHED, "any": EVERY}
_MARKS = ("mine", "overdue", "soon", "dialect", "urgent")
_LONGEST = 60  # characters of a search


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """`states` empty: what is open, or everything where words are searched for. `soon`: due within a day."""

    states: frozenset[Status] = frozenset()
    mine: bool = False
    overdue: bool = False
    soon: bool = False
    dialect: bool = False
    urgent: bool = False
    unit: int | None = None
    category: str | None = None
    channel: str | None = None
    q: str = ""

    @classmethod
    def parse(cls, parameters: Iterable[tuple[str, str]]) -> Self:
        """What makes no sense is left out: an old bookmark shows too much rather than an error."""
        states: frozenset[Status] = frozenset()
        given: dict[str, str] = {}
        for name, value in parameters:
            if name == "state":
                states |= _GROUPS.get(value) or ({Status(value)} if value in EVERY else frozenset())
            else:
                given.setdefault(name, value)
        unit, category, channel = given.get("unit", ""), given.get("category"), given.get("channel")
        return cls(
            states=states,
            **{name: given.get(name) == "1" for name in _MARKS},
            unit=int(unit) if unit.isascii() and unit.isdigit() and len(unit) < 10 else None,
            category=category if category in NAMES or category == UNSORTED else None,
            channel=channel if channel in CHANNELS else None,
            q=clean(given.get("q", ""), limit=_LONGEST),
        )

    @classmethod
    def read(cls, query: str) -> Self:
        """From what `query()` wrote."""
        return cls.parse(parse_qsl(query))

    @property
    def shown(self) -> frozenset[Status]:
        """The states that are looked through."""
        return self.states or (EVERY if self.q else OPEN)

    @property
    def newest_first(self) -> bool:
        """What is settled has no time left to be sorted by."""
        return bool(self.shown & SETTLED)

    def query(self) -> str:
        """The same filter always gives the same words: saved views and links are compared by them."""
        given = [("state", name) for name in self._state_names()]
        given += [(name, "1") for name in _MARKS if getattr(self, name)]
        for name in ("unit", "category", "channel", "q"):
            if value := getattr(self, name):
                given.append((name, str(value)))
        return urlencode(given)

    def _state_names(self) -> list[str]:
        group = next((name for name, states in _GROUPS.items() if states == self.states), None)
        return [group] if group else [status.value for status in Status if status in self.states]


@dataclass(frozen=True, slots=True)
class View:
    name: str
    filter: QueueFilter
    count: str | None = None
    """The field of `queue_facts.Facts` that says how many there are."""


VIEWS = (
    View(mark("全部待办"), QueueFilter(states=OPEN), "open"),
    View(mark("我的"), QueueFilter(states=OPEN, mine=True), "mine"),
    View(mark("待派单"), QueueFilter(states=UNDISPATCHED), "waiting"),
    View(mark("快到期"), QueueFilter(states=OPEN, soon=True), "soon"),
    View(mark("已超时"), QueueFilter(states=OPEN, overdue=True), "overdue"),
    View(mark("听不准的"), QueueFilter(states=frozenset({Status.NEEDS_LISTENING})), "listening"),
    View(mark("要方言的"), QueueFilter(states=OPEN, dialect=True)),
    View(mark("待回访"), QueueFilter(states=frozenset({Status.RESOLVED})), "resolved"),
    View(mark("已办结"), QueueFilter(states=frozenset({Status.CLOSED}))),
)
