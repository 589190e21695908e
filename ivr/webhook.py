"""What the carrier posts → typed values. Fields are optional, SIDs opaque, and every value may be hostile."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.errors import BadInput
from app.hygiene import clean

_SID = re.compile(r"[A-Za-z0-9_.:\-]{1,64}")
_WEB_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\-]+(:[0-9]{1,5})?(/[!-~]*)?")
_KEYS = re.compile(r"[0-9*#]{1,32}")
_MAX_URL = 400
# What carriers send instead of a withheld number: words on a keypad (ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN)
_WITHHELD = frozenset(
    {"+266696687", "+7378742833", "+2562533", "+8656696", "266696687", "7378742833", "2562533", "8656696"}
)
_OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
Form = Mapping[str, str]


@dataclass(frozen=True)
class InboundCall:
    """`caller` as sent, cleaned; None if withheld. `hotline` is the number that was rung."""

    call_sid: str
    caller: str | None
    hotline: str
    over: bool = False


@dataclass(frozen=True)
class AnsweredCall:
    """Somebody, or a machine, took a call that we placed."""

    call_sid: str
    answered_by: str | None
    over: bool = False


@dataclass(frozen=True)
class RecordingPost:
    """`ready`: the carrier can serve it now (an action's recording may still be in the making)."""

    sid: str
    url: str
    seconds: float
    ready: bool = True


@dataclass(frozen=True)
class TurnPost:
    """The answer to the last question. `keys` None: none pressed; `over`: the caller has hung up meanwhile."""

    call_sid: str
    keys: str | None = None
    recording: RecordingPost | None = None
    bridged: bool | None = None
    over: bool = False


@dataclass(frozen=True)
class StatusPost:
    call_sid: str
    status: str
    answered_by: str | None = None

    @property
    def over(self) -> bool:
        return self.status in _OVER


@dataclass(frozen=True)
class DialledPost:
    """A `<Dial>` is over. `bridged` None: the carrier does not say."""

    call_sid: str
    status: str
    bridged: bool | None


def inbound_call(form: Form) -> InboundCall:
    """Raises BadInput. `Caller` and the other optional fields are not relied on: some carriers omit them."""
    caller = clean(form.get("From", ""), limit=40)
    hidden = not any(c.isdigit() for c in caller) or caller in _WITHHELD
    return InboundCall(
        _sid(form, "CallSid"), None if hidden else caller, clean(form.get("To", ""), limit=20), _over(form)
    )


def answered_call(form: Form) -> AnsweredCall:
    """Raises BadInput."""
    return AnsweredCall(_sid(form, "CallSid"), _answered_by(form), _over(form))


def turn_post(form: Form) -> TurnPost:
    """Raises BadInput. `Digits=hangup` is what a `<Record>` posts when the caller hangs up in it."""
    digits = form.get("Digits", "")
    over = _over(form) or digits == "hangup"
    keys = None
    if digits and digits != "hangup":
        if not _KEYS.fullmatch(digits):
            raise BadInput("Digits: only 0-9, * and # are keys")
        keys = digits.rstrip("#") or None
    recording = recording_post(form) if form.get("RecordingSid") else None
    return TurnPost(_sid(form, "CallSid"), keys, recording, _bridged(form), over)


def dialled_post(form: Form) -> DialledPost:
    """Raises BadInput."""
    status = form.get("DialCallStatus", "")
    if not re.fullmatch(r"[a-z-]{1,20}", status):
        raise BadInput("DialCallStatus: not a status")
    return DialledPost(_sid(form, "CallSid"), status, _bridged(form))


def recording_post(form: Form) -> RecordingPost:
    """Raises BadInput."""
    url = form.get("RecordingUrl", "")
    if len(url) > _MAX_URL or not _WEB_ADDRESS.fullmatch(url):
        raise BadInput("RecordingUrl: a web address is wanted")
    seconds = _number(form, "RecordingDuration")
    ready = form.get("RecordingStatus", "completed") == "completed"
    return RecordingPost(_sid(form, "RecordingSid"), url, float(seconds or 0), ready)


def status_post(form: Form) -> StatusPost:
    """Raises BadInput."""
    status = form.get("CallStatus", "")
    if not re.fullmatch(r"[a-z-]{1,20}", status):
        raise BadInput("CallStatus: not a status")
    return StatusPost(_sid(form, "CallSid"), status, _answered_by(form))


def whisper_key(form: Form) -> Literal["accept", "refuse"]:
    """1 accepts; any other key gives the resident back."""
    return "accept" if form.get("Digits", "") == "1" else "refuse"


def call_uid(text: str) -> str:
    """Our own id from a path or query; raises BadInput."""
    if not re.fullmatch(r"[A-Za-z0-9\-]{1,36}", text):
        raise BadInput("not an id of ours")
    return text


def _sid(form: Form, name: str) -> str:
    value = form.get(name, "")
    if not _SID.fullmatch(value):
        raise BadInput(f"{name}: 1 to 64 plain characters are wanted")
    return value


def _number(form: Form, name: str) -> int | None:
    value = form.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 9 else None


def _answered_by(form: Form) -> str | None:
    return clean(form.get("AnsweredBy", ""), limit=30) or None


def _over(form: Form) -> bool:
    return form.get("CallStatus", "") in _OVER


def _bridged(form: Form) -> bool | None:
    """Were the two connected? Where the carrier doesn't say so, a completed Dial is all we know."""
    if "DialCallStatus" not in form:
        return None
    if "DialBridged" in form:
        return form["DialBridged"].lower() == "true"
    return form["DialCallStatus"] == "completed"
