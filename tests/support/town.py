"""The fictional community with everything running: ring it, text it, and look into its database."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.ports import is_free
from app.stage import Ports, Stage
from ivr.exchange.scriptfile import Steps
from models.call import Call
from models.callback import Callback, CallbackKind
from models.recording import Recording
from models.resident import Resident, ResidentPhone
from models.ticket import Ticket, TicketEvent
from models.unit import Unit

T = TypeVar("T")
PACE = 6.0
DOUBLED: dict[str, Any] = {"duplicate": "together", "late_duplicates": True, "reorder_status": True}


class Town:
    """One running stage. Every scenario takes numbers of its own, so that they do not meet."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.exchange = stage.exchange
        self._numbers = itertools.count(13900000001)

    # -- people -----------------------------------------------------------------------------------

    def stranger(self) -> str:
        return f"+86{next(self._numbers)}"

    def resident(self, building: str = "3", name: str = "王阿姨") -> str:
        """Somebody we know, who lives in this building; her number."""
        phone = self.stranger()
        with self.stage.runtime.db.transaction() as session:
            unit = session.scalars(select(Unit).where(Unit.kind == "building", Unit.label == building)).one()
            resident = Resident(name=name, unit_id=unit.id, created_at=self.stage.runtime.now())
            session.add(resident)
            session.flush()
            session.add(ResidentPhone(resident_id=resident.id, phone=phone, phone_index=phone, can_text=True))
        return phone

    def answers(self, phone: str, *steps: dict[str, Any], **faults: Any) -> None:
        """This phone is picked up when it rings, and its owner does these steps."""
        ring = {"outcome": "answer", "delay": 0.5, "steps": list(steps), "pace": PACE, "faults": faults}
        self.exchange.handset(phone, calls=[ring])

    # -- acting -----------------------------------------------------------------------------------

    def ring(self, caller: str, steps: Steps, **faults: Any) -> dict[str, Any]:
        """Dial the hotline; the call, once it is over and what it left has been taken care of."""
        call = self.exchange.wait_call(self.exchange.call(caller, steps, pace=PACE, faults=faults))
        assert not call["violations"], call["violations"]
        self.wait("the call is settled", lambda: self._settled(call["sid"]))
        return call

    def _settled(self, sid: str) -> bool | None:
        row = self.call_row(sid)
        return True if row is not None and row.settled_at is not None else None

    def keeper(self, phone: str, body: str) -> str:
        return self.exchange.text(phone, body) or ""

    # -- looking ----------------------------------------------------------------------------------

    @contextmanager
    def db(self) -> Iterator[Session]:
        with self.stage.runtime.db.transaction(read_only=True) as session:
            yield session

    def wait(self, what: str, look: Callable[[], T | None], patience: float = 60.0) -> T:
        deadline = time.monotonic() + patience
        while (found := look()) is None:
            assert time.monotonic() < deadline, f"never happened: {what}\n{self.logs()}"
            time.sleep(0.05)
        return found

    def logs(self) -> str:
        return "\n".join(
            f"--- {path.name}\n{self.stage.supervisor.tail(path.stem, 12)}"
            for path in sorted(self.stage.supervisor.log_dir.glob("*.log"))
        )

    def call_row(self, sid: str) -> Call | None:
        with self.db() as session:
            return session.scalars(select(Call).where(Call.carrier_sid == sid)).one_or_none()

    def tickets(self, phone: str) -> list[Ticket]:
        """Everything that this number has reported."""
        with self.db() as session:
            query = select(Ticket).join(ResidentPhone, ResidentPhone.resident_id == Ticket.reporter_id)
            return list(session.scalars(query.where(ResidentPhone.phone_index == phone).order_by(Ticket.id)))

    def ticket(self, number: int) -> Ticket:
        with self.db() as session:
            return session.scalars(select(Ticket).where(Ticket.number == number)).one()

    def status_is(self, number: int, wanted: str) -> Callable[[], bool | None]:
        return lambda: True if self.ticket(number).status == wanted else None

    def actions(self, ticket: Ticket) -> list[str]:
        with self.db() as session:
            query = select(TicketEvent.action).where(TicketEvent.ticket_id == ticket.id)
            return list(session.scalars(query.order_by(TicketEvent.id)))

    def callbacks(self, phone: str, kind: CallbackKind) -> list[Callback]:
        with self.db() as session:
            query = select(Callback).where(Callback.phone_index == phone, Callback.kind == kind)
            return list(session.scalars(query))

    def recordings(self, ticket: Ticket) -> list[Path]:
        """Audio files of a ticket, on disk."""
        with self.db() as session:
            query = select(Recording.path).where(Recording.ticket_id == ticket.id)
            return [self.stage.data_dir / path for path in session.scalars(query) if path]


def said(call: dict[str, Any], who: str = "hotline") -> str:
    return "".join(line["text"] for line in call["dialogue"] if line["who"] == who)


def free_ports() -> Ports:
    """Three neighbouring ports that nobody uses; searched from a place that differs between test processes."""
    base = 20000 + (time.time_ns() // 1000) % 20000
    found = (n for n in range(base, base + 5000, 3) if all(is_free(n + k) for k in range(3)))
    first = next(found)
    return Ports(first, first + 1, first + 2)
