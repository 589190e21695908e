"""What each kind of carrier can do; the TwiML renderer and the webhook readers degrade by it."""

from dataclasses import dataclass

from app.errors import SettingsError


@dataclass(frozen=True)
class Capabilities:
    """`status_sequence`: status callbacks carry SequenceNumber and come for every step, not only at the end."""

    streams: bool  # <Connect><Stream>
    dial_whisper: bool  # <Number url="…"> inside <Dial>
    gather_speech: bool  # <Gather input="speech">
    pause: bool  # <Pause>; one carrier drops the whole document over it
    status_sequence: bool
    find_calls: bool  # GET /Calls lists recent calls, so that lost answers can be reconciled


_TABLE = {
    "local": Capabilities(
        streams=True,
        dial_whisper=True,
        gather_speech=False,
        pause=True,
        status_sequence=True,
        find_calls=True,
    ),
    "twilio": Capabilities(
        streams=True,
        dial_whisper=True,
        # Twilio's recognition leaves the country and costs by the second: our own engine hears the residents.
        gather_speech=False,
        pause=True,
        status_sequence=True,
        find_calls=True,
    ),
    "compatible": Capabilities(
        streams=False,
        dial_whisper=True,
        gather_speech=False,
        pause=False,
        status_sequence=False,
        find_calls=True,
    ),
}


def capabilities_of(name: str) -> Capabilities:
    """The line of the table; SettingsError names the known ones."""
    found = _TABLE.get(name)
    if found is None:
        raise SettingsError(f"JIACHANG_CARRIER: 不认识 {name!r}，可选：{'、'.join(_TABLE)}")
    return found
