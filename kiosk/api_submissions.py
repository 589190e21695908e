"""`POST /kiosk/api/submissions`: what a kiosk's outbox holds, each item taken exactly once; empty, a sign of life."""

import traceback
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import InterfaceError, OperationalError

from app.desk import kiosks
from app.desk.kiosk_intake import refuse, store_voice, take, told_before
from app.desk.kiosk_said import Result, Submission, Told
from app.desk.progress import ProofLocked
from app.desk.recordings import drop_audio
from app.errors import BadInput, StaleTicket
from app.runtime import Runtime
from app.texts.catalogue import Translate, mark
from kiosk.access import said
from kiosk.parsing import body, language_of, moment, submission_of, text, uuid_of
from models.kiosk import Kiosk

log = structlog.get_logger(__name__)

AT_ONCE = 20
_TRIES = 3
_LATER = mark("已经记下了，过一会儿会自动送出去")
_UNREADABLE = mark("看不懂送来的内容")
_SOON, _PROOF_AGAIN = 5, 600  # seconds


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    @blueprint.post("/api/submissions")
    def submissions() -> ResponseReturnValue:
        sent, now = body(), runtime.now()
        items = sent.get("submissions")
        if not isinstance(items, list):
            raise BadInput("没有送来要办的事")
        if len(items) > AT_ONCE:
            return said("too_large", f"一次最多送 {AT_ONCE} 件", 413)
        batch = Batch(runtime, g.kiosk_id, moment(sent.get("sent_at")), now)
        results = [batch.take(item) for item in items]
        settled = sum(result["status"] != "later" for result in results)
        batch.heard_from(sent, settled)
        alone = len(results) == 1 and results[0]["status"] == "conflict"
        answer = jsonify(now=now.isoformat(), results=results)
        if batch.wait:
            answer.headers["Retry-After"] = str(batch.wait)
        return answer, 409 if alone else 200


class Batch:
    """One delivery of a kiosk. `wait`: seconds until what it was told to send later is worth sending."""

    def __init__(self, runtime: Runtime, kiosk_id: int, sent_at: datetime | None, now: datetime) -> None:
        self._runtime, self._kiosk_id, self._sent_at, self._now = runtime, kiosk_id, sent_at, now
        self._down = False
        self.wait = 0

    def take(self, given: object) -> Told:
        """Whatever one item does, the others go on; only while the database is down nothing else is tried."""
        item = given if isinstance(given, Mapping) else {}
        uuid, say = uuid_of(item.get("uuid")), self._runtime.desk.speaking(language_of(item)).texts
        if self._down:
            return self._later(uuid, say, _SOON)
        try:
            return self._taken(uuid, item, say)
        except ProofLocked:
            return self._later(uuid, say, _PROOF_AGAIN)
        except (OperationalError, InterfaceError) as error:
            log.error("database_trouble", error=type(error.orig or error).__name__)
            self._down = True
        except (
            Exception
        ) as error:  # the kiosk keeps it, and staff see that it waits: never dropped for our mistakes
            where = traceback.extract_tb(error.__traceback__)[-1]
            at = f"{where.name}:{where.lineno}"  # no message: it could quote her
            log.error("submission_not_taken", uuid=uuid, error=type(error).__name__, at=at)
        return self._later(uuid, say, _SOON)

    def heard_from(self, sent: Mapping[str, Any], settled: int) -> None:
        """Last, and in no way of what was taken."""
        waiting = sent.get("waiting")
        said_waiting = waiting if isinstance(waiting, int) and not isinstance(waiting, bool) else 0
        off = (self._now - self._sent_at).total_seconds() if self._sent_at else 0.0
        if self._down:
            return
        try:
            with self._runtime.db.transaction() as session:
                kiosk = session.get_one(Kiosk, self._kiosk_id)
                kiosks.heard_from(
                    session,
                    kiosk,
                    waiting=said_waiting - settled,
                    offset_s=off,
                    version=text(sent.get("version"), 20) or "",
                    now=self._now,
                )
        except OperationalError as error:
            log.error("database_trouble", error=type(error.orig or error).__name__)

    def _taken(self, uuid: str | None, given: Mapping[str, Any], say: Translate) -> Told:
        if uuid is None:
            return self._refused(None, say(_UNREADABLE))
        try:
            submission = submission_of(uuid, given)
        except BadInput as error:
            return self._refused(uuid, error.said(say))
        db = self._runtime.db
        with db.transaction(read_only=True) as session:
            known = told_before(session, self._runtime.desk, submission)
        if known is not None and known["status"] != "conflict":
            return known
        for left in reversed(range(_TRIES)):
            try:
                return self._stored(submission)
            except StaleTicket:
                if not left:
                    raise
        raise AssertionError("unreachable")

    def _stored(self, submission: Submission) -> Told:
        """The recording is on the disk before the row is; where this copy's is not wanted it goes again."""
        runtime = self._runtime
        data_dir = runtime.settings.data_dir
        audio = store_voice(data_dir, self._kiosk_id, submission, now=self._now)
        with runtime.db.transaction() as session:
            taken = take(
                session,
                runtime.desk,
                self._kiosk_id,
                submission,
                audio,
                sent_at=self._sent_at,
                now=self._now,
            )
        if audio is not None and taken.told["status"] == "conflict":
            drop_audio(data_dir, audio.path)
        if taken.wait:
            self.wait = max(self.wait, taken.wait)
        return taken.told

    def _refused(self, uuid: str | None, why: str) -> Told:
        with self._runtime.db.transaction() as session:
            return refuse(session, self._kiosk_id, uuid, why, now=self._now)

    def _later(self, uuid: str | None, say: Translate, wait: int) -> Told:
        self.wait = max(self.wait, wait)
        return Result("later", says=say(_LATER)).as_json(uuid)
