"""`POST /kiosk/api/enrol`: a one-time code for the device's own token."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from app.desk.kiosk_enrolment import enrol as enrol_kiosk
from app.runtime import Runtime
from app.web_client import client_address
from kiosk.access import said
from kiosk.parsing import body, text


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    @blueprint.post("/api/enrol")
    def enrol() -> ResponseReturnValue:
        typed = text(body().get("code"), 20) or ""
        with runtime.db.transaction() as session:
            found = enrol_kiosk(session, typed, client_address(), now=runtime.now())
        if found is None:
            return said("bad_code", "这个码不对，或者已经过期、用过了。请重新领一个码", 403)
        return jsonify(token=found.token, kiosk_id=found.kiosk.id)
