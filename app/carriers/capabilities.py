"""What each kind of carrier can do; the TwiML renderer and the webhook readers degrade by it."""

from dataclasses import dataclass

from app.errors import SettingsError


@dataclass(frozen=True)
class Capabilities:
    """A line is added when the renderer learns to degrade by it; recognition is always our own engine's."""

    streams: bool  # <Connect><Stream>
    dial_whisper: bool  # <Number url="…"> inside <Dial>


_TABLE = {
    "local": Capabilities(
        streams=True,
        dial_whisper=True,
    ),
    "twilio": Capabilities(
        streams=True,
        dial_whisper=True,
    ),
    "compatible": Capabilities(
        streams=False,
        dial_whisper=True,
    ),
}


def capabilities_of(name: str) -> Capabilities:
    """The line of the table; SettingsError names the known ones."""
    found = _TABLE.get(name)
    if found is None:
        raise SettingsError(f"JIACHANG_CARRIER: 不认识 {name!r}，可选：{'、'.join(_TABLE)}")
    return found
