"""Who knocks at the web doors in the story: a kiosk's page and a browser at the console, as programs. Real HTTP and
WebSocket; nothing of the product is imported."""

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from uuid import uuid4

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from app.errors import JiachangError
from speech.audio import SAMPLE_RATE, encode_wav, resample, to_pcm, to_samples

RATE = 16_000  # Hz of what kiosks record
_TIMEOUT = 30.0
_PIECE = RATE * 2 // 10  # bytes: 100 ms
JSON = dict[str, Any]


class DoorClosed(JiachangError):
    """A door of the product did not answer as it should."""


class _Web:
    """Pages of one address, with the cookies that it sets; a Secure cookie goes to this machine without TLS, as in
    browsers."""

    def __init__(self, base: str) -> None:
        self._base = base.rstrip("/")
        jar = CookieJar(DefaultCookiePolicy(secure_protocols=("http", "https")))
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar)
        )

    def open(self, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> bytes:
        """Raises DoorClosed for anything but success."""
        request = urllib.request.Request(self._base + path, body, dict(headers or {}))  # noqa: S310
        try:
            # the base is an http address of our own
            with self._opener.open(request, timeout=_TIMEOUT) as response:
                return bytes(response.read())
        except urllib.error.HTTPError as error:
            with error:
                raise DoorClosed(f"{path}：HTTP {error.code}") from error
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            raise DoorClosed(f"{path}：没有应答（{error}）") from error


class KioskClient:
    """What runs in the browser of a kiosk."""

    def __init__(self, base: str, code: str) -> None:
        """Enrols with the one-time code. Raises DoorClosed."""
        self._web, self._token = _Web(base), ""
        self._token = str(self.post("enrol", {"code": code})["token"])
        self.facts: JSON = json.loads(self._web.open("/kiosk/api/bootstrap", headers=self._known))

    def hear(self, pcm: bytes) -> JSON:
        """Words and what they mean, as heard live. PCM16 mono at `RATE`. Raises DoorClosed."""
        try:
            with connect(str(self.facts["audio_url"]), open_timeout=_TIMEOUT, proxy=None) as socket:
                socket.send(json.dumps({"token": self._token, "rate": RATE}))
                for at in range(0, len(pcm), _PIECE):
                    socket.send(pcm[at : at + _PIECE])
                socket.send(json.dumps({"end": True}))
                while "final" not in (said := json.loads(socket.recv(timeout=_TIMEOUT))):
                    pass
        except (WebSocketException, OSError) as error:
            raise DoorClosed(f"语音网关没有应答（{error}）") from error
        final: JSON = said["final"]
        return final

    def send(self, *submissions: JSON) -> list[JSON]:
        """What its outbox holds; what came of each."""
        sent = {"sent_at": _now(), "waiting": len(submissions), "version": "demo"}
        return list(self.post("submissions", sent | {"submissions": submissions})["results"])

    def submission(self, kind: str, slip: str, **said: object) -> JSON:
        known = {"uuid": str(uuid4()), "kind": kind, "at": _now(), "offset_s": 0, "slip": slip}
        return known | {"language": "zh-Hans"} | said

    def post(self, path: str, body: JSON) -> JSON:
        found: JSON = json.loads(self._web.open(f"/kiosk/api/{path}", json.dumps(body).encode(), self._known))
        return found

    def get(self, path: str) -> JSON:
        found: JSON = json.loads(self._web.open(f"/kiosk/api/{path}", headers=self._known))
        return found

    @property
    def _known(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}


class ConsoleClient:
    """A browser at the staff console, signed in."""

    def __init__(self, base: str, login: str, password: str) -> None:
        """Raises DoorClosed."""
        self._web = _Web(base)
        self.post("/staff/login", page="/staff/login", login=login, password=password)

    def get(self, path: str) -> str:
        return self._web.open(path).decode()

    def post(self, path: str, *, page: str, **form: str) -> bytes:
        """A form of this page, with its token."""
        token = re.search(r'name="csrf-token" content="([^"]+)"', self.get(page))
        fields = form | {"csrf_token": token[1] if token else ""}
        return self._web.open(path, urllib.parse.urlencode(fields).encode())


def at_kiosk(pcm: bytes) -> tuple[bytes, bytes]:
    """Sound of a telephone as a kiosk's microphone has it: PCM16 at `RATE`, and the WAV file that is uploaded."""
    sound = to_pcm(resample(to_samples(pcm), SAMPLE_RATE, RATE))
    return sound, encode_wav(sound, RATE)


def _now() -> str:
    return datetime.now(UTC).isoformat()
