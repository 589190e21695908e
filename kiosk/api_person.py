"""`/kiosk/api/person`: somebody to help, now; the page asks every other second what came of it."""

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue

from app.desk import kiosk_help
from app.errors import BadInput
from app.runtime import Runtime
from kiosk.parsing import uuid_of
from models.kiosk import Kiosk


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    @blueprint.post("/api/person")
    def person() -> ResponseReturnValue:
        body = request.get_json(force=True, silent=True)
        uuid = uuid_of(body.get("uuid") if isinstance(body, dict) else None)
        if uuid is None:
            raise BadInput("uuid: a version 4 UUID is wanted")
        with runtime.db.transaction() as session:
            kiosk = session.get_one(Kiosk, g.kiosk_id)
            state = kiosk_help.ask(session, runtime.desk, kiosk, uuid, now=runtime.now())
        return jsonify(state=state)

    @blueprint.get("/api/person/<uuid>")
    def person_state(uuid: str) -> ResponseReturnValue:
        with runtime.db.transaction(read_only=True) as session:
            kiosk = session.get_one(Kiosk, g.kiosk_id)
            state = kiosk_help.state_of(session, kiosk, uuid.lower(), now=runtime.now())
        return jsonify(state=state)
