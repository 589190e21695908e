"""Twilio, and whoever speaks like it: Somleng, our local exchange, a carrier in front of a SIP trunk."""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

import requests
from twilio.request_validator import RequestValidator, get_signature_algorithm
from twilio.rest import Client

from app.carriers.codes import ALREADY_OVER, NOT_FOUND
from app.carriers.protocol import RECORDING_LIMIT, CarrierCall, CarrierText
from app.carriers.twilio_http import TWILIO_BASE, RebasedHttpClient, carrier_errors, classify
from app.errors import CarrierBusy, CarrierMisconfigured, CarrierRefused
from app.settings import Settings

_STATUS_EVENTS = ["initiated", "ringing", "answered", "completed"]
_RECENT = 50  # orders to one number that we look through for a lost one


class TwilioCarrier:
    """See `app.carriers.protocol.Carrier`."""

    def __init__(
        self, *, account_sid: str, auth_token: str, caller: str, base_url: str = "", timeout: float = 8.0
    ) -> None:
        """`caller` is our own number (E.164), `timeout` seconds."""
        base = base_url or TWILIO_BASE
        if urlsplit(base).scheme not in ("http", "https") or not urlsplit(base).hostname:
            raise CarrierMisconfigured(f"JIACHANG_TWILIO_BASE_URL: {base!r} is not an http(s) URL")
        self._caller, self._auth, self._timeout = caller, (account_sid, auth_token), timeout
        self._http = RebasedHttpClient(base, timeout)
        self._host = urlsplit(base).netloc
        # A non-empty environment of our own: the client would otherwise look into the process's.
        self._client = Client(
            account_sid, auth_token, http_client=self._http, environment={"TWILIO_REGION": ""}
        )
        self._validator = RequestValidator(auth_token)
        self._account_sid = account_sid

    @classmethod
    def from_settings(cls, settings: Settings) -> "TwilioCarrier":
        return cls(
            account_sid=settings.twilio_account_sid,
            auth_token=settings.twilio_auth_token.get_secret_value(),
            caller=settings.hotline_number,
            base_url=settings.twilio_base_url,
            timeout=settings.twilio_timeout,
        )

    def place_call(self, to: str, url: str, status_url: str, *, ring_seconds: int = 30) -> str:
        with carrier_errors(order=True):
            # No answering-machine detection: the synchronous one holds the TwiML back, and pressing 1 proves a human.
            call = self._client.calls.create(
                to=to,
                from_=self._caller,
                url=url,
                method="POST",
                status_callback=status_url,
                status_callback_method="POST",
                status_callback_event=_STATUS_EVENTS,
                timeout=ring_seconds,
            )
            return _sid(call.sid)

    def hang_up(self, sid: str) -> None:
        try:
            with carrier_errors(order=True):
                self._client.calls(sid).update(status="completed")
        except (CarrierRefused, CarrierMisconfigured) as error:
            if error.code not in (NOT_FOUND, ALREADY_OVER):
                raise

    def send_text(self, to: str, body: str, status_url: str) -> str:
        with carrier_errors(order=True):
            message = self._client.messages.create(
                to=to, from_=self._caller, body=body, status_callback=status_url
            )
            return _sid(message.sid)

    def find_calls(self, to: str, since: datetime) -> list[CarrierCall]:
        # No StartTime filter: it has the granularity of a day and leaves out calls that were queued and never began.
        with carrier_errors(order=False):
            found = self._client.calls.list(to=to, limit=_RECENT)
            calls = [
                CarrierCall(call.sid, call.to, str(call.status), _utc(call.date_created or call.start_time))
                for call in found
                if str(call.direction or "").startswith("outbound-api")
            ]
        return [call for call in calls if call.started_at is None or call.started_at >= _whole(since)]

    def find_texts(self, to: str, since: datetime) -> list[CarrierText]:
        with carrier_errors(order=False):
            found = self._client.messages.list(to=to, limit=_RECENT)
            texts = [
                CarrierText(text.sid, text.to, str(text.body), str(text.status), _utc(text.date_created))
                for text in found
                if str(text.direction or "").startswith("outbound")
            ]
        return [text for text in texts if text.created_at is None or text.created_at >= _whole(since)]

    def valid_signature(self, url: str, form: Mapping[str, str], signature: str, settings: str = "") -> bool:
        try:
            return bool(self._validator.validate(url, form, signature, get_signature_algorithm(settings)))
        except (UnicodeError, ValueError):
            return False  # lone surrogates, an impossible port: nothing that a carrier signs

    def fetch_recording(self, url: str) -> bytes:
        parts = urlsplit(url)
        if parts.netloc not in (self._host, urlsplit(TWILIO_BASE).netloc):
            # The address came in a webhook; our credentials go nowhere but to the carrier.
            raise CarrierRefused(f"the recording does not lie at the carrier but at {parts.hostname}")
        here = self._http.rebase(url) if parts.netloc != self._host else url
        if "." not in urlsplit(here).path.rsplit("/", 1)[-1]:
            here += ".wav"
        with carrier_errors(order=False):
            answer = self._http.session.get(
                here, auth=self._auth, timeout=self._timeout, stream=True, allow_redirects=True
            )
            with answer:
                return _read(answer)

    def delete_recording(self, sid: str) -> None:
        try:
            with carrier_errors(order=False):
                self._client.recordings(sid).delete()
        except CarrierMisconfigured as error:
            if error.code != NOT_FOUND:
                raise


def _read(answer: requests.Response) -> bytes:
    if answer.status_code in (404, 410):
        raise CarrierRefused("the carrier has no such recording", code=answer.status_code)
    if answer.status_code != 200:
        raise classify(answer.status_code, None, "recording", order=False)
    audio = bytearray()
    for piece in answer.iter_content(65536):
        audio += piece
        if len(audio) > RECORDING_LIMIT:
            raise CarrierRefused(f"the recording is longer than {RECORDING_LIMIT} bytes")
    expected = answer.headers.get("Content-Length", "")
    if not answer.headers.get("Content-Encoding") and expected.isdigit() and len(audio) != int(expected):
        raise CarrierBusy("the recording came incomplete")
    return bytes(audio)


def _sid(sid: str | None) -> str:
    if not sid:
        raise ValueError("an order was confirmed without an identifier")
    return sid


def _whole(moment: datetime) -> datetime:
    """The carrier's times are whole seconds: an order of 12:00:00.9 reads 12:00:00."""
    return moment.replace(microsecond=0)


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
