"""What the intake is compared with: a bare Flask route that checks the signature, writes two rows durably, answers.

Same web server and settings, same driver, pragmas and BEGIN IMMEDIATE as the product, and nothing else of it: each
request commits for itself. As a twin, `python -m bench.bare twin`, the same route goes through the product's
`Database.transaction`, with its gates and, on SQLite, its group commit.
"""

import hashlib
import sys
from datetime import datetime
from uuid import uuid4

from flask import Flask, Response, request
from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker

from app import log
from app.carriers.twilio import TwilioCarrier
from app.commands.processes import Web
from app.db import Database, make_engine
from app.runtime import utc_now
from app.settings import Settings, load_settings
from models.base import UtcDateTime
from models.crypto import Keyring

PATH = "/bare"
_ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response><Say language="cmn-CN">您好。</Say></Response>'


class BareBase(DeclarativeBase):
    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012


class Receipt(BareBase):
    __tablename__ = "bare_receipts"

    id: Mapped[int] = mapped_column(primary_key=True)
    sid: Mapped[str] = mapped_column(String(64), unique=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class Matter(BareBase):
    __tablename__ = "bare_matters"

    id: Mapped[int] = mapped_column(primary_key=True)
    receipt_sid: Mapped[str] = mapped_column(ForeignKey("bare_receipts.sid"))
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


def make_tables(settings: Settings) -> None:
    """Create both tables where they are missing."""
    engine = make_engine(settings.db_url, Keyring(settings.encryption_key.get_secret_value()))
    with engine.begin() as connection:
        BareBase.metadata.create_all(connection)
    engine.dispose()


def create_bare_app(settings: Settings, *, twin: bool) -> Flask:
    app = Flask(__name__, static_folder=None)
    carrier = TwilioCarrier.from_settings(settings)
    engine = make_engine(settings.db_url, Keyring(settings.encryption_key.get_secret_value()))
    transaction = Database(engine).transaction if twin else sessionmaker(engine, expire_on_commit=False).begin
    base = settings.public_url.rstrip("/")

    @app.post(PATH)
    def bare() -> tuple[Response, int] | Response:
        form = request.form.to_dict()
        if not carrier.valid_signature(base + PATH, form, request.headers.get("X-Twilio-Signature", "")):
            return Response("forbidden"), 403
        now = utc_now()
        sid = form.get("CallSid") or form["MessageSid"]
        seal = hashlib.sha256(repr(sorted(form.items())).encode()).hexdigest()
        with transaction() as session:
            session.add(Receipt(sid=sid, request_hash=seal, at=now))
            session.flush()
            session.add(Matter(receipt_sid=sid, uid=str(uuid4()), text=form["From"], at=now))
        return Response(_ANSWER, mimetype="text/xml")

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    return app


def main() -> None:
    settings = load_settings()
    log.configure(settings.log_level)
    Web(settings, lambda settings: create_bare_app(settings, twin=sys.argv[1:] == ["twin"])).run()


if __name__ == "__main__":
    main()
