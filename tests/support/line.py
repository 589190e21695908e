"""A telephone line for tests: posts signed webhooks as a carrier does, and follows the TwiML that comes back.

The gateway's part is played by `runner.save_heard`; everything else is the real thing.
"""

import itertools
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from app.desk.recordings import add_recording
from app.runtime import Runtime
from ivr import runner
from ivr.routes import make_voice
from models.call import Call, CallTurn
from tests.support.office import TOKEN, Office

_sids = itertools.count(1)


def voice_app(runtime: Runtime) -> Flask:
    app = Flask("voice-for-tests")
    app.register_blueprint(make_voice(runtime))
    return app


@dataclass
class Line:
    """One call. `times`: how often every webhook is delivered; repeats must get the same answer."""

    office: Office
    client: FlaskClient
    caller: str = "+8613800001999"
    times: int = 1
    sid: str = field(default_factory=lambda: f"CA{next(_sids):032d}")
    xml: str = ""
    heard: list[str] = field(default_factory=list)

    # -- the carrier ---------------------------------------------------------------------------------------

    def post(self, path: str, *, signature: str | None = None, **fields: str) -> Any:
        url = self.office.runtime.settings.public_url + path
        form = {
            "CallSid": self.sid,
            "AccountSid": "AC0",
            "From": self.caller,
            "To": self.office.runtime.settings.hotline_number,
            "CallStatus": "in-progress",
            "Direction": "inbound",
            "ApiVersion": "2010-04-01",
        } | fields
        if signature is None:
            signature = RequestValidator(TOKEN).compute_signature(url, form)
        return self.client.post(path, data=form, headers={"X-Twilio-Signature": signature})

    def deliver(self, path: str, **fields: str) -> str:
        answers = [self.post(path, **fields) for _ in range(self.times)]
        assert {answer.status_code for answer in answers} <= {200, 204}, answers[0].text
        assert len({answer.text for answer in answers}) == 1
        return str(answers[0].text)

    def say_is(self, xml: str) -> "Line":
        self.xml = xml
        self.heard += [element.text or "" for element in self.root.iter("Say")]
        return self

    def dial(self) -> "Line":
        return self.say_is(self.deliver("/voice/incoming", CallStatus="ringing"))

    def answer(self, attempt_uid: str, **fields: str) -> "Line":
        return self.say_is(self.deliver(f"/voice/callback/{attempt_uid}", **fields))

    # -- what the document says ----------------------------------------------------------------------------

    @property
    def root(self) -> ET.Element:
        return ET.fromstring(self.xml.encode())

    def find(self, name: str) -> ET.Element:
        element = next(self.root.iter(name), None)
        assert element is not None, self.xml
        return element

    def has(self, name: str) -> bool:
        return next(self.root.iter(name), None) is not None

    @property
    def said(self) -> str:
        """Everything heard so far in this call."""
        return "".join(self.heard)

    @property
    def parameters(self) -> dict[str, str]:
        return {p.get("name", ""): p.get("value", "") for p in self.root.iter("Parameter")}

    @property
    def redirect(self) -> str:
        parts = urlsplit(self.find("Redirect").text or "")
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    # -- the resident --------------------------------------------------------------------------------------

    def gateway(self, kind: str, *, audio: bool | None = None, **heard: Any) -> None:
        """What the media gateway saves for the turn that is being listened to."""
        with self.office.db.transaction() as session:
            turn = self.turn_row(session)
            turn.token_used_at = self.office.moment
            given = {"kind": kind, "text": "", "confidence": 0.0, "rejected": False, "speech_seconds": 0.0}
            given |= {"keys": "", "recording_id": None} | heard
            if audio if audio is not None else given["text"] or given["speech_seconds"]:
                recording = add_recording(
                    session,
                    call_id=turn.call_id,
                    turn_n=turn.n,
                    source="stream",
                    path=f"recordings/{self.sid}-{turn.n}.wav",
                    seconds=1.0,
                    transcript=given["text"] or None,
                    confidence=given["confidence"],
                    now=self.office.moment,
                )
                given["recording_id"] = recording.id
            runner.save_heard(session, self.office.runtime, turn.id, given, now=self.office.moment)

    def turn_row(self, session: Any) -> CallTurn:
        call = session.scalars(select(Call).where(Call.carrier_sid == self.sid)).one()
        query = select(CallTurn).where(CallTurn.call_id == call.id, CallTurn.n == call.last_turn)
        return session.scalars(query).one()  # type: ignore[no-any-return]

    def go_on(self, **fields: str) -> "Line":
        """The carrier follows the redirect."""
        return self.say_is(self.deliver(self.redirect, **fields))

    def says(self, text: str, confidence: float = 0.98) -> "Line":
        assert self.has("Stream"), self.xml
        self.gateway("speech", text=text, confidence=confidence, speech_seconds=1.5)
        return self.go_on()

    def mumbles(self) -> "Line":
        self.gateway("speech", speech_seconds=1.5)
        return self.go_on()

    def is_silent(self) -> "Line":
        if self.has("Stream"):
            self.gateway("silence")
        return self.go_on()

    def presses(self, keys: str) -> "Line":
        if self.has("Stream"):
            self.gateway("keys", keys=keys)
            return self.go_on()
        action = urlsplit(self.find("Gather").get("action") or "").path
        return self.say_is(self.deliver(action, Digits=keys))

    def hangs_up(self, **heard: Any) -> "Line":
        """While listened to; `heard` is what the gateway makes of the rest."""
        if self.has("Stream") and heard:
            self.gateway("hangup", **heard)
        self.over()
        return self

    def over(self, status: str = "completed", path: str = "/voice/status") -> None:
        self.deliver(path, CallStatus=status, CallDuration="12", SequenceNumber="3")
