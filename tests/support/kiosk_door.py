"""A kiosk as the server sees it: requests over the wire's own format, without a browser."""

import base64
import itertools
import json
import uuid
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.desk import kiosks
from app.desk.people import OPERATOR
from app.factory import create_app
from models.kiosk import Kiosk
from models.recording import Recording
from models.service_item import ServiceItem
from models.ticket import Ticket, TicketEvent
from speech.audio import encode_wav
from tests.support.enrolled import enrolled_kiosk
from tests.support.office import Office

_slips = itertools.count(1)


def wav(seconds: float = 1.0, rate: int = 16000) -> str:
    """A hum, as base64 of a WAV file."""
    time = np.arange(round(seconds * rate)) / rate
    pcm = (8000 * np.sin(2 * np.pi * 220 * time)).astype("<i2").tobytes()
    return base64.b64encode(encode_wav(pcm, rate)).decode()


class Device:
    """Enrolled at 幸福里驿站."""

    def __init__(self, office: Office, enrolled: tuple[int, str] | None = None) -> None:
        self.office = office
        self.app = create_app(office.runtime)
        self.id, self.token = enrolled or enrolled_kiosk(office)

    def anew(self) -> "Device":
        """The same machine, enrolled once more: a kiosk of its own to us."""
        with self.office.db.transaction() as session:
            station_id = session.get_one(Kiosk, self.id).station_id
            code = kiosks.add(session, OPERATOR, station_id, now=self.office.moment).code
            enrolled = kiosks.enrol(session, code, now=self.office.moment)
            assert enrolled is not None
            return Device(self.office, (enrolled.kiosk.id, enrolled.token))

    def ask(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, **options: Any
    ) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"} | options.pop(
            "headers", {}
        )
        data = body if isinstance(body, str | bytes) or body is None else json.dumps(body)
        client = self.app.test_client()
        return client.open(
            path, method=method, data=data, headers=headers, base_url="https://hotline.example", **options
        )

    def send(self, *items: object, sent_at: datetime | None = None, **more: object) -> TestResponse:
        sent = (sent_at or self.office.moment).isoformat()
        body = {"sent_at": sent, "waiting": len(items), "version": "t", "submissions": list(items)} | more
        return self.ask("POST", "/kiosk/api/submissions", body)

    def told(self, *items: object, **more: Any) -> list[dict[str, Any]]:
        answer = self.send(*items, **more)
        assert answer.status_code in (200, 409), answer.text
        results: list[dict[str, Any]] = answer.get_json()["results"]
        return results

    def matter(self, **fields: object) -> dict[str, object]:
        """The lamp of 幸福 3栋2单元, tapped, unless `fields` say otherwise."""
        tile = {"category": "repairs", "item": self.item("楼道灯不亮"), "words": None}
        place = {"estate": "幸福", "building": "3", "unit": "2", "room": "501"}
        return self.submission("matter", **(tile | place | {"phone": None, "audio": None} | fields))

    def submission(self, kind: str, **fields: object) -> dict[str, object]:
        return {
            "uuid": str(uuid.uuid4()),
            "kind": kind,
            "at": self.office.moment.isoformat(),
            "offset_s": 0,
            "slip": f"A{next(_slips) % 999 + 1:03}",
            "language": "zh-Hans",
        } | fields

    def item(self, name: str) -> int:
        with self.office.db.transaction(read_only=True) as session:
            return session.scalars(select(ServiceItem.id).where(ServiceItem.name == name)).one()

    def row(self) -> Kiosk:
        with self.office.db.transaction(read_only=True) as session:
            return session.get_one(Kiosk, self.id)

    def tickets(self) -> list[Ticket]:
        with self.office.db.transaction(read_only=True) as session:
            return list(session.scalars(select(Ticket).where(Ticket.channel == "kiosk").order_by(Ticket.id)))

    def recordings(self) -> list[Recording]:
        with self.office.db.transaction(read_only=True) as session:
            return list(session.scalars(select(Recording).order_by(Recording.id)))

    def events(self, ticket: Ticket, action: str) -> list[TicketEvent]:
        with self.office.db.transaction(read_only=True) as session:
            query = select(TicketEvent).where(
                TicketEvent.ticket_id == ticket.id, TicketEvent.action == action
            )
            return list(session.scalars(query.order_by(TicketEvent.id)))
