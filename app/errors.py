"""Every error the project raises on purpose.

JiachangError
├── SettingsError            a setting is missing or makes no sense
├── BadInput                 what came from outside cannot be used; nothing was stored
│   ├── BadNumber            not a telephone number we may use
│   └── AudioError           audio of a wrong format, empty or corrupt
├── NotFound                 no such ticket, call, unit …
├── NotAllowed               may() said no
│   ├── TooManyTries         so many sign-ins failed that the next has to wait; says until when
│   └── KioskRefused         a token that no kiosk of ours has, or no longer
├── Busy                     nothing is wrong, but not now: ask again in a moment
├── TransitionError          the lifecycle has no such step from here; names the allowed ones
├── StaleTicket              somebody else changed the ticket first
├── SpeechModelError         the model is missing, corrupt or of another kind
│   └── ModelFetchError      a model could not be downloaded, or what came is not to be trusted
├── VoiceUnavailable         no voice on this machine can speak the sentence
├── ProcessError             a process of ours could not be started, or gave up
│   └── PortBusy             somebody else listens on the port; says how to choose another
└── CarrierError             the carrier did not take the order; says whether trying again helps
    ├── CarrierRefused       permanent: this number or message will never work
    ├── CarrierBusy          transient: try again later
    ├── CarrierMisconfigured an administrator must act
    └── CarrierUnclear       nobody knows whether it was taken: never repeat blindly
"""

from collections.abc import Callable
from datetime import datetime


class Names(tuple[str, ...]):
    """For a gap: names that a translator knows, translated one by one and listed as the language lists things."""


class JiachangError(Exception):
    """Base of all errors raised on purpose; the message is fit to be shown.

    `sentence` is a msgid of the catalogues where staff or residents may meet it (`app.texts.extract` finds it at the
    `raise`), `gaps` fills its {named} gaps; one without gaps stands as it is, braces and all. `str()` is the Chinese
    sentence, for logs and the command line; a door says it in the reader's language.
    """

    def __init__(self, sentence: str = "", **gaps: object) -> None:
        self.sentence, self.gaps = sentence, gaps
        super().__init__(self.said(str))

    def said(self, translate: Callable[[str], str]) -> str:
        """What went wrong, in the language of `translate` (as of app.texts.catalogue)."""

        def filled(value: object) -> object:
            return translate("、").join(map(translate, value)) if isinstance(value, Names) else value

        sentence = translate(self.sentence)
        gaps = {name: filled(value) for name, value in self.gaps.items()}
        return sentence.format(**gaps) if gaps else sentence


class SettingsError(JiachangError):
    """A setting is missing or makes no sense; the message names it and the remedy."""


class BadInput(JiachangError):
    """What came from outside cannot be used."""


class BadNumber(BadInput):
    """Not a telephone number, or one that we don't call."""


class AudioError(BadInput):
    """Audio of a wrong format, empty or corrupt."""


class NotFound(JiachangError):
    """No such record."""


class NotAllowed(JiachangError):
    """The actor has no right to do this."""


class TooManyTries(NotAllowed):
    """So many sign-ins failed, of this account or from this address, that the next has to wait."""

    def __init__(self, until: datetime, says: str | None = None) -> None:
        self.until = until
        super().__init__("登录没成功的次数太多，请过一会儿再试。" if says is None else says)


class KioskRefused(NotAllowed):
    """`word` is for the kiosk's program: unknown_kiosk, revoked."""

    def __init__(self, word: str, says: str) -> None:
        self.word = word
        super().__init__(says)


class Busy(JiachangError):
    """Nothing is wrong, but too much is going on: ask again in a moment."""


class TransitionError(JiachangError):
    """The lifecycle has no such step from the ticket's state."""

    def __init__(self, action: str, status: str, allowed: tuple[str, ...]) -> None:
        self.action, self.status, self.allowed = action, status, allowed
        super().__init__(
            "状态为 {status} 时不能执行 {action}；现在可以：{allowed}",
            status=status,
            action=action,
            allowed=Names(allowed or ("—",)),
        )


class StaleTicket(JiachangError):
    """Somebody else changed the ticket first: read it again."""


class SpeechModelError(JiachangError):
    """The speech model is missing, corrupt or of another kind."""


class ModelFetchError(SpeechModelError):
    """A model could not be downloaded, or what came is not to be trusted; nothing was installed."""


class VoiceUnavailable(JiachangError):
    """No voice on this machine can speak the sentence."""


class ProcessError(JiachangError):
    """A process of ours could not be started, or gave up; the message ends with its last words."""


class PortBusy(ProcessError):
    """Somebody else listens on a port that we need."""


class CarrierError(JiachangError):
    """The carrier did not take the order. `code` is the carrier's own, if it gave one."""

    def __init__(self, message: str, *, code: int | None = None) -> None:
        self.code = code
        super().__init__(message)


class CarrierRefused(CarrierError):
    """Permanent: this number or message will never work."""


class CarrierBusy(CarrierError):
    """Transient: the order was surely not taken; try again later."""


class CarrierMisconfigured(CarrierError):
    """An administrator must act: credentials, region, sender."""


class CarrierUnclear(CarrierError):
    """A time-out or a server error: it may have been taken. Reconcile, never repeat blindly."""
