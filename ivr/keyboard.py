"""A dialogue walked in a terminal: the engine and the understanding of real calls; no telephone, voice or database.

Typed words stand for heard ones, digits for keys, an empty line for silence.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from app.desk import dialing, limits
from app.desk.catalogue import CATEGORIES, UNSORTED
from app.desk.config import DeskConfig
from app.desk.spoken import spoken_time
from app.desk.wording import short_date
from ivr.deeds import (
    Effect,
    FindPerson,
    FindProgress,
    HandToPerson,
    OpenTicket,
    RequestReturnCall,
)
from ivr.flow import Dialled, Facts, Flow, HungUp, Input, Lost, Started, State, run
from ivr.flows.notice import NOTICE_CALL
from ivr.flows.rating import RATING_CALL
from ivr.hearing import interpret
from ivr.leftover import stored
from ivr.listening import Ended, Listening, ListenSpec
from ivr.told import told
from ivr.twiml import keys_only
from ivr.verbs import Dial, Listen, Say, Verb
from speech.numbers import spoken_digits

HANG_UP, NOISE, BROKEN = "挂断", "杂音", "断线"
"""Lines that stand for what happens on a line and can't be typed: she hangs up, only noise is heard, the stream breaks."""
EARLIER_NUMBER, EARLIER_LAST_FOUR = 1001, "1111"
_KEYS = re.compile(r"[0-9*#]+")
_LIMITS = {code: of for code, _, of in CATEGORIES}

Who = Literal["hotline", "caller", "desk"]


@dataclass(frozen=True, kw_only=True)
class Pretence:
    """What is so in the town of this call. `earlier`: matter 1001 was reported before from this number, which ends in
    1111; with `withheld` it has to be proven."""

    home: bool = False
    person: bool = True
    earlier: bool = False
    withheld: bool = False
    streams: bool = True
    machine: bool = False
    name: str = "王阿姨"
    what: str = "路灯不亮"
    news: str = "明天上午九点到十一点停水，请先存好水。"


@dataclass(frozen=True)
class Line:
    """`who`: hotline and caller talk, the desk does something."""

    who: Who
    text: str


@dataclass
class KeyboardCall:
    """One call. `done` are the effects so far as data (`ivr.leftover.stored`); those after a hang-up are in `left`."""

    flow: Flow
    cfg: DeskConfig
    pretence: Pretence
    now: Callable[[], datetime]
    state: State = field(default_factory=State)
    awaits: Verb | None = None
    ticket: int | None = None
    ended_by: Literal["hotline", "caller"] | None = None
    done: list[dict[str, Any]] = field(default_factory=list)
    left: list[dict[str, Any]] = field(default_factory=list)
    _lines: list[Line] = field(default_factory=list)

    def begin(self) -> list[Line]:
        """What is said first."""
        return self._turn(Started(self._known()))

    def type(self, line: str) -> list[Line]:
        """What one typed line leads to; nothing once the call is over."""
        if self.ended_by:
            return []
        words = unicodedata.normalize("NFKC", line).strip()
        if words == HANG_UP:
            return self.hang_up()
        given = self._given(words)
        if given is None:
            return [Line("desk", "这里没有这个键，还在等她说话或按键")]
        return self._turn(given)

    def hang_up(self) -> list[Line]:
        """She hangs up: what a real call would still have to do goes to `left`."""
        if self.ended_by:
            return []
        self.ended_by = "caller"
        self._lines = []
        _, self.state = run(self.flow, self.state, HungUp(), lambda effect: self._do(effect, self.left))
        return self._lines

    def _turn(self, given: Input) -> list[Line]:
        self._lines = []
        verbs, self.state = run(self.flow, self.state, given, lambda effect: self._do(effect, self.done))
        spoken = [
            Line("hotline", verb.text.render(self.cfg.texts)) for verb in verbs if isinstance(verb, Say)
        ]
        self.awaits = verbs[-1] if verbs else None
        if self.state.ended:
            self.ended_by = "hotline"
        return [*self._lines, *spoken]

    # ---- what comes in -----------------------------------------------------------------------------------

    def _known(self) -> Facts:
        """What a real call knows at its start (`ivr.beginning`)."""
        pretence = self.pretence
        if self.flow is NOTICE_CALL:
            return {"news": pretence.news, "machine": pretence.machine}
        if self.flow is not RATING_CALL:
            return {"home": pretence.home} | ({} if pretence.streams else {"no_streams": True})
        yesterday = self.cfg.local(self.now() - timedelta(days=1)).date()
        return {
            "name": pretence.name,
            "day": short_date(self.cfg, yesterday),
            "what": pretence.what,
            "machine": pretence.machine,
        }

    def _given(self, words: str) -> Input | None:
        """None for keys that mean nothing here: a real call waits on."""
        if isinstance(self.awaits, Dial):
            return Dialled(words == "1")
        if not isinstance(self.awaits, Listen):
            raise RuntimeError("the dialogue awaits nothing and has not ended")
        if words == BROKEN:
            return Lost()
        heard = _heard(self.awaits, words)
        return interpret(self.awaits.hearing.expect, heard) if heard else None

    # ---- what would be done ------------------------------------------------------------------------------

    def _do(self, effect: Effect, kept: list[dict[str, Any]]) -> Facts:
        facts = self._facts(effect)
        sentence = told(effect, facts)
        kept.append(stored(effect) | {"says": sentence})
        self._lines.append(Line("desk", sentence))
        return facts

    def _facts(self, effect: Effect) -> Mapping[str, Any]:
        now, pretence = self.now(), self.pretence
        match effect:
            case OpenTicket():
                self.ticket = EARLIER_NUMBER + 1 if pretence.earlier else EARLIER_NUMBER
                due = limits.first_cycle(
                    _LIMITS.get(effect.category or "", UNSORTED),
                    self.cfg.calendar,
                    now,
                    tier=effect.tier,
                    urgent=effect.urgent,
                )
                return {
                    "number": self.ticket,
                    "spoken_number": spoken_digits(str(self.ticket)),
                    "promised": short_date(self.cfg, due.promised_on),
                }
            case RequestReturnCall() if pretence.withheld:
                return {"callback_time": ""}
            case RequestReturnCall() | HandToPerson():
                at = dialing.next_time(self.cfg.hours, self.cfg.zone, now)
                return {"callback_time": spoken_time(self.cfg, at, now)}
            case FindPerson():
                return {"person": pretence.person}
            case FindProgress(number, last_four):
                proven = (number, last_four) == (str(EARLIER_NUMBER), EARLIER_LAST_FOUR)
                known = pretence.earlier and (proven if number else not pretence.withheld)
                return {"locked": False, "pending": [self._earlier()] if known else [], "finished": []}
            case _:
                return {}

    def _earlier(self) -> dict[str, Any]:
        """The matter of yesterday, a repair in somebody's hands."""
        yesterday = self.now() - timedelta(days=1)
        due = limits.first_cycle(
            _LIMITS["repairs"], self.cfg.calendar, yesterday, tier="simple", urgent=False
        )
        return {
            "day": short_date(self.cfg, self.cfg.local(yesterday).date()),
            "category": "repairs",
            "state": "in_progress",
            "promised": short_date(self.cfg, due.promised_on),
        }


def _heard(listen: Listen, words: str) -> dict[str, Any] | None:
    """As the gateway or a webhook would have saved it; None where nothing came in at all."""
    if _KEYS.fullmatch(words):
        keys = _pressed(listen, words)
        return {"kind": "keys", "keys": keys} if keys else None
    if not words or (listen.by_keys and keys_only(listen)):
        return {"kind": "silence"}  # a question by keypad hears no words
    if words == NOISE:
        return {"kind": "speech", "text": "", "speech_seconds": 1.0}
    return {"kind": "speech", "text": words, "confidence": 1.0}


def _pressed(listen: Listen, words: str) -> str:
    """The keys that count, as the gateway counts them; a keypad question takes any key."""
    hearing = listen.hearing
    if listen.by_keys:
        return words.rstrip("#")[: hearing.num_digits] if hearing.num_digits > 1 else words[:1]
    ear = Listening(
        ListenSpec(
            listen.keys, hearing.num_digits, hearing.closing_silence, hearing.no_input, hearing.max_length
        ),
        prompt_seconds=0.0,
    )
    for key in words:
        if ear.key(key) is Ended.KEYS:
            break
    return ear.keys
