"""`POST /kiosk/api/progress`: how a matter stands, to whoever knows its number and the end of her telephone's."""

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue

from app.desk.kiosk_limits import PROOFS
from app.desk.progress import ProofLocked, proven_matter
from app.desk.wording import state_words
from app.runtime import Runtime
from kiosk.access import said
from kiosk.parsing import body, text


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    @blueprint.post("/api/progress")
    def progress() -> ResponseReturnValue:
        asked = body()
        number, last_four = text(asked.get("number"), 10) or "", text(asked.get("last4"), 4) or ""
        asker = f"kiosk:{g.kiosk_id}"
        try:
            with runtime.db.transaction() as session:
                found = proven_matter(
                    session, runtime.desk, number, last_four, asker=asker, now=runtime.now(), tries=PROOFS
                )
        except ProofLocked as error:
            return said("locked", str(error), 429)
        if found is None:
            return said("no_match", "编号和电话后四位对不上，请再看看", 404)
        return jsonify(
            number=found.number,
            category=found.category,
            state=found.status,
            state_words=state_words(runtime.desk, found.status),
            promised_on=found.promised_on.isoformat() if found.promised_on else None,
            said_on=found.said_on.isoformat(),
        )
