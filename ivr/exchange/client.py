"""The control API for Python: synchronous, standard library only. Command line, demo and tests use it."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from ivr.exchange.errors import BadOrder, ExchangeUnreachable, ProductFailed
from ivr.exchange.scriptfile import Steps, inline

JSON = dict[str, Any]


class ExchangeClient:
    """`base_url` such as http://127.0.0.1:8002. Every method raises ExchangeUnreachable or BadOrder; `text` and `replay`
    ProductFailed."""

    def __init__(self, base_url: str, *, timeout: float = 40.0) -> None:
        self._base, self._timeout = base_url.rstrip("/"), timeout
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def healthy(self) -> bool:
        try:
            return bool(self._get("/exchange/health")["ok"])
        except ExchangeUnreachable:
            return False

    def call(
        self, from_: str, steps: Steps = (), *, to: str | None = None, pace: float = 1.0, limit: float = 120.0,
        line_noise: float | None = None, faults: JSON | None = None,
    ) -> str:  # fmt: skip
        """Dial the hotline with a script (`say` may name WAV files); returns the call's id at once.

        The person hangs up `limit` call seconds after the last thing the script made them do; `line_noise` in dBFS.
        """
        order = {
            "from": from_, "to": to, "steps": inline(steps), "pace": pace, "limit": limit,
            "line_noise": line_noise, "faults": faults or {},
        }  # fmt: skip
        return str(self._send("POST", "/exchange/calls", order)["id"])

    def get_call(self, call_id: str) -> JSON:
        return self._get(f"/exchange/calls/{call_id}")

    def wait_call(self, call_id: str, *, timeout: float = 180.0) -> JSON:
        """The call after its last callback; raises TimeoutError after `timeout` wall seconds."""
        deadline = time.monotonic() + timeout
        while True:
            wait = max(0.01, min(20.0, deadline - time.monotonic()))
            found = self._get(f"/exchange/calls/{call_id}", wait=str(wait))
            if found["done"]:
                return found
            if time.monotonic() >= deadline:
                raise TimeoutError(f"call {call_id} is still {found['status']} after {timeout:g} s")

    def calls(self, **filters: str) -> list[JSON]:
        """All legs, oldest first; filters: to, from, direction."""
        return list(self._get("/exchange/calls", **filters)["calls"])

    def calls_to(self, number: str) -> list[JSON]:
        """Every call placed to a number; `rang` tells when its phone rang, null if it never did."""
        return self.calls(to=number)

    def hang_up(self, call_id: str) -> JSON:
        return self._send("POST", f"/exchange/calls/{call_id}/hangup", {})

    def press(self, call_id: str, keys: str) -> JSON:
        return self._send("POST", f"/exchange/calls/{call_id}/press", {"keys": keys})

    def audio(self, path: str) -> bytes:
        """A WAV file named in a dialogue entry's or call's `audio`."""
        return self._open("GET", path)

    def text(self, from_: str, body: str, *, to: str | None = None) -> str | None:
        """Send a text to the product; returns the reply in its answer, if any."""
        reply = self._send("POST", "/exchange/texts", {"from": from_, "to": to, "body": body})["reply"]
        return None if reply is None else str(reply)

    def messages(self, number: str | None = None, **filters: str) -> list[JSON]:
        """Texts, oldest first: those sent to `number`, or by the filters to, from, direction."""
        if number is not None:
            filters["to"] = number
        return list(self._get("/exchange/messages", **filters)["messages"])

    def handset(self, number: str, *, calls: Sequence[JSON] = (), texts: Sequence[JSON] = ()) -> None:
        """How this number behaves: one behaviour a ring or text, the last one stays.

        calls: {"outcome": answer|busy|no_answer|failed|machine, "delay", "steps", "pace", "limit", "line_noise",
        "answered_by", "faults"}; texts: {"outcome": deliver|undelivered|failed|refuse, "code", "delay"}.
        """
        rings = [{**ring, **({"steps": inline(ring["steps"])} if "steps" in ring else {})} for ring in calls]
        self._send("PUT", "/exchange/handsets", {"number": number, "calls": rings, "texts": list(texts)})

    def faults(self, **switches: Any) -> JSON:
        """Set fault switches of the whole exchange (see `faults.py`); returns all of them."""
        return self._send("PUT", "/exchange/faults", switches)

    def webhooks(self) -> list[JSON]:
        return list(self._get("/exchange/webhooks")["webhooks"])

    def replay(self, number: int) -> JSON:
        """Send the webhook with this `id` once more."""
        return self._send("POST", f"/exchange/webhooks/{number}/replay", {})

    def rest_requests(self) -> list[JSON]:
        return list(self._get("/exchange/rest")["requests"])

    def webhook_urls(self, **urls: str) -> JSON:
        """Change voice_url, voice_status_url or sms_url of the hotline number; returns all three."""
        return self._send("PUT", "/exchange/webhook-urls", urls)

    def reset(self) -> None:
        """Hang up everything and forget everything."""
        self._send("POST", "/exchange/reset", {})

    def _get(self, path: str, **query: str) -> JSON:
        tail = f"?{urlencode(query)}" if query else ""
        return self._json(self._open("GET", path + tail))

    def _send(self, method: str, path: str, order: JSON) -> JSON:
        return self._json(self._open(method, path, json.dumps(order).encode()))

    def _open(self, method: str, path: str, body: bytes | None = None) -> bytes:
        request = urllib.request.Request(self._base + path, body, method=method)  # noqa: S310
        request.add_header("Content-Type", "application/json")
        try:
            # the base is an http address from the settings; proxies of the environment don't lead to loopback
            with self._opener.open(request, timeout=self._timeout) as response:
                return bytes(response.read())
        except urllib.error.HTTPError as error:
            with error:
                reason = _reason(error.read(), error.code)
                raise (ProductFailed if error.code == 502 else BadOrder)(reason) from error
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            raise ExchangeUnreachable(
                f"本地交换机 {self._base} 没有应答：请先运行 jiachang exchange（{error}）"
            ) from error

    @staticmethod
    def _json(body: bytes) -> JSON:
        found = json.loads(body)
        if not isinstance(found, dict):
            raise ExchangeUnreachable("that port answers, but it is not the exchange")
        return found


def _reason(body: bytes, status: int) -> str:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP {status}"
