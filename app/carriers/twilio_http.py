"""HTTP to the carrier: the official client's transport, pointed at any base URL, never without a time-out."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from urllib3.exceptions import MaxRetryError, NewConnectionError

from app.carriers.codes import CONFIGURATION, PERMANENT, TRANSIENT
from app.errors import CarrierBusy, CarrierError, CarrierMisconfigured, CarrierRefused, CarrierUnclear

TWILIO_BASE = "https://api.twilio.com"
_CONNECT_TIMEOUT = 3.05  # seconds; a SYN is repeated after three
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class RebasedHttpClient(TwilioHttpClient):  # type: ignore[misc]
    """The client's own `region` and `edge` cannot leave its host, so scheme and host are swapped here.

    Every connection is closed after its answer: an order written into a kept-alive socket that the carrier has
    just closed would come back as "perhaps taken", and somebody would not be rung for a minute.
    """

    def __init__(self, base_url: str, timeout: float) -> None:
        super().__init__(timeout=timeout, max_retries=0)
        self.timeout = (_CONNECT_TIMEOUT, timeout)  # the parent's constructor takes one number only
        self._base = urlsplit(base_url.rstrip("/"))
        self.session.headers["Connection"] = "close"
        # A proxy from the environment must not swallow requests to an exchange on this machine.
        self.session.trust_env = self._base.hostname not in _LOOPBACK

    def request(
        self,
        method: str,
        url: str,
        params: Any = None,
        data: Any = None,
        headers: Any = None,
        auth: Any = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Any:
        return super().request(method, self.rebase(url), params, data, headers, auth, None, allow_redirects)

    def rebase(self, url: str) -> str:
        """The same path at our carrier."""
        parts = urlsplit(url)
        path = self._base.path + parts.path
        return urlunsplit((self._base.scheme, self._base.netloc, path, parts.query, ""))


@contextmanager
def carrier_errors(*, order: bool) -> Iterator[None]:
    """Turn whatever goes wrong into one of our four errors.

    `order`: the request makes something happen, so that an answer lost on the way leaves it unclear. Questions can
    be asked again: CarrierBusy.
    """
    try:
        yield
    except TwilioRestException as error:
        raise classify(error.status, error.code, error.msg, order=order) from error
    except TwilioServiceException as error:
        raise classify(error.status, error.code, error.title, order=order) from error
    except requests.RequestException as error:
        raise _network(error, order=order) from error
    except (TwilioException, ValueError, LookupError, TypeError, AttributeError) as error:
        # A 2xx whose body makes no sense: taken or not, nobody can tell.
        raise _lost(f"the carrier's answer is unreadable ({type(error).__name__})", order=order) from error


def classify(status: int, code: int | None, message: str, *, order: bool) -> CarrierError:
    """The carrier's own code decides; without a known one the HTTP status does."""
    text = f"carrier answered {status}, code {code}: {message}"[:200]
    if code in PERMANENT:
        return CarrierRefused(text, code=code)
    if code in TRANSIENT or status in (429, 503):
        return CarrierBusy(text, code=code)
    if code in CONFIGURATION or status in (401, 403, 404) or 300 <= status < 400:
        return CarrierMisconfigured(text, code=code)
    if status >= 500 or status == 408:
        return _lost(text, order=order, code=code)
    return CarrierRefused(text, code=code)


def _lost(text: str, *, order: bool, code: int | None = None) -> CarrierError:
    return CarrierUnclear(text, code=code) if order else CarrierBusy(text, code=code)


def _network(error: requests.RequestException, *, order: bool) -> CarrierError:
    if isinstance(error, requests.exceptions.SSLError) and _bad_certificate(error):
        return CarrierMisconfigured("the carrier's TLS certificate is not trusted; check the base URL")
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema)):
        return CarrierMisconfigured("JIACHANG_TWILIO_BASE_URL is not a URL")
    if isinstance(error, requests.exceptions.ConnectTimeout) or _never_connected(error):
        return CarrierBusy("the carrier cannot be reached")
    return _lost(f"no answer from the carrier ({type(error).__name__})", order=order)


def _never_connected(error: requests.RequestException) -> bool:
    """Refused, no route, no such name: not a byte of the order has left."""
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


def _bad_certificate(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        if isinstance(getattr(cause, "reason", None), BaseException):
            cause = cause.reason  # type: ignore[attr-defined]
        else:
            cause = cause.args[0] if cause.args and isinstance(cause.args[0], BaseException) else None
    return False
