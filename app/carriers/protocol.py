"""What a carrier does for us: few verbs. Rendering TwiML and reading webhooks are not among them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

RECORDING_LIMIT = 10 * 1024 * 1024
"""Bytes of one recording that we are ready to fetch: some ten minutes of 16-bit audio."""


@dataclass(frozen=True)
class CarrierCall:
    """A call as the carrier remembers it. `status_url` is known only to carriers that tell."""

    sid: str
    to: str
    status: str
    started_at: datetime | None
    status_url: str | None = None


@dataclass(frozen=True)
class CarrierText:
    """A text as the carrier remembers it."""

    sid: str
    to: str
    body: str
    status: str
    created_at: datetime | None


class Carrier(Protocol):
    """Orders raise CarrierRefused, CarrierBusy, CarrierMisconfigured, or CarrierUnclear if they may have been taken.

    Questions (`find_…`, `fetch_…`) change nothing at the carrier, so they raise CarrierBusy instead of CarrierUnclear.
    """

    def place_call(self, to: str, url: str, status_url: str, *, ring_seconds: int = 30) -> str:
        """Ring `to` (E.164) and run the TwiML at `url` once answered; the call's SID."""

    def hang_up(self, sid: str) -> None:
        """End a call; one that is already over is fine."""

    def send_text(self, to: str, body: str, status_url: str) -> str:
        """The message's SID."""

    def find_calls(self, to: str, since: datetime) -> list[CarrierCall]:
        """Outbound calls to this number created at or after `since`, also those that never rang."""

    def find_texts(self, to: str, since: datetime) -> list[CarrierText]:
        """Outbound texts to this number created at or after `since`."""

    def valid_signature(self, url: str, form: Mapping[str, str], signature: str, settings: str = "") -> bool:
        """Did the carrier sign this webhook? `url` as the carrier saw it; `form` may be a MultiDict.

        `settings` is the header X-Twilio-Webhooks-Signature-Settings, which names the algorithm.
        """

    def fetch_recording(self, url: str) -> bytes:
        """WAV bytes, at most RECORDING_LIMIT. CarrierRefused if it is too long, gone, or not at the carrier."""

    def delete_recording(self, sid: str) -> None:
        """Delete the carrier's copy; one that is already gone is fine."""
