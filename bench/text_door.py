"""Is any message lost between the carrier and the queue? Each labelled one goes through the real web door, signed, on SQLite.

Every message has a sender of its own, so that nobody's flood or open question meets another's. Who has been asked where
or what is first sends what makes us ask. At the end two days pass: a question that nobody answered has expired.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from twilio.request_validator import RequestValidator

from app.db import insert_row
from app.factory import create_app
from app.hygiene import clean
from app.jobs.schedule import SCHEDULE
from bench.progress import Progress
from bench.text_corpus import Texted
from bench.webhooks import sids
from models.callback import Callback, CallbackKind
from models.message import Message
from models.resident import Resident, ResidentPhone
from models.staff import AssigneeKind, Role, Staff
from models.ticket import Ticket
from models.unit import Unit
from tests.support.office import TOKEN, Office, open_office

_PATH = "/sms/incoming"
_BEFORE = {"place": "路灯不亮了", "matter": "报修"}
"""What was written before the question; each is a request of its own or becomes one when it stays unanswered."""
_APART = 20.0  # seconds between two messages: a busy day, and no flood
_LONGEST = 1600  # characters that the door keeps
_OVER = 2  # days after which no question is open any more


@dataclass(frozen=True, slots=True)
class Lost:
    said: Texted
    why: str


def lost(texts: Sequence[Texted]) -> list[Lost]:
    """Those that got no HTTP 200, were not stored as written, or whose requests are not exactly one ticket each; who
    wanted a person and will not be rung; what says nothing, if it is not even answered."""
    with TemporaryDirectory(prefix="jc-texts-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        with open_office(f"sqlite:///{directory / 'texts.db'}", directory / "data") as office:
            door = _Door(office)
            with Progress("texts through the door", len(texts)) as progress:
                found = []
                for n, said in enumerate(texts):
                    found += [Lost(said, why) for why in door.bring(n, said)]
                    progress.step()
            office.pass_time(days=_OVER)
            for line in SCHEDULE:
                list(line.sweep(office.runtime))
            return found + [Lost(said, why) for n, said in enumerate(texts) for why in door.left(n, said)]


class _Door:
    """A carrier on one side of the web application, and a look into its database on the other."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._client: FlaskClient = create_app(office.runtime).test_client()
        self._sids = sids("SM")
        self._wanted: dict[int, int] = {}

    def bring(self, n: int, said: Texted) -> list[str]:
        """What went wrong with it at once."""
        with self._office.db.transaction() as session:
            self._add_sender(session, n, said)
        before = _BEFORE.get(said.asked or "")
        wrong = self._send(_phone(n, said), before) if before else []
        self._wanted[n] = bool(before) + said.is_request
        return wrong + self._send(_phone(n, said), said.text, must_answer=said.says_nothing)

    def left(self, n: int, said: Texted) -> list[str]:
        """What is wrong with what it has left in the end: its tickets, the call to whoever wants a person."""
        phone = _phone(n, said)
        with self._office.db.transaction(read_only=True) as session:
            count = session.scalar(
                select(func.count(Ticket.id)).where(
                    Ticket.first_responder_id.in_(select(Staff.id).where(Staff.phone_index == phone))
                    if said.sender == "staff"
                    else Ticket.reporter_id.in_(
                        select(ResidentPhone.resident_id).where(ResidentPhone.phone_index == phone)
                    )
                )
            )
            calls = session.scalar(
                select(func.count(Callback.id)).where(
                    Callback.phone_index == phone, Callback.kind == CallbackKind.RETURN_CALL
                )
            )
        wanted = self._wanted[n]
        uncalled = ["nobody will ring"] if said.intent == "human" and not calls else []
        return uncalled + ([] if not wanted or count == wanted else [f"{count} tickets instead of {wanted}"])

    def _send(self, phone: str, text: str, *, must_answer: bool = False) -> list[str]:
        settings = self._office.runtime.settings
        sid = next(self._sids)
        form = {
            "MessageSid": sid,
            "From": phone,
            "To": settings.hotline_number,
            "Body": text,
            "NumMedia": "0",
        }
        signature = RequestValidator(TOKEN).compute_signature(settings.public_url + _PATH, form)
        answer = self._client.post(_PATH, data=form, headers={"X-Twilio-Signature": signature})
        self._office.pass_time(seconds=_APART)
        if answer.status_code != 200:
            return [f"HTTP {answer.status_code}"]
        replies = len(ElementTree.fromstring(answer.text))
        wrong = (
            ["more than one reply"]
            if replies > 1
            else ["neither ticket nor reply"]
            if must_answer > replies
            else []
        )
        with self._office.db.transaction(read_only=True) as session:
            body = session.scalar(select(Message.body).where(Message.carrier_sid == sid))
        return wrong + ([] if body == clean(text, limit=_LONGEST) else ["not stored as it was written"])

    def _add_sender(self, session: Session, n: int, said: Texted) -> None:
        """Four of five residents are known with their building; whoever is asked for a place is not."""
        phone, now = _phone(n, said), self._office.moment
        unit = session.scalars(
            select(Unit.id).where(Unit.kind == ("grid" if said.sender == "staff" else "building")).limit(1)
        ).one()
        if said.sender == "staff":
            keeper = {"role": Role.KEEPER, "kind": AssigneeKind.KEEPER}
            insert_row(
                session,
                Staff(
                    login=f"t{n}", name=f"网格员{n}", phone=phone, phone_index=phone, unit_id=unit, **keeper
                ),
            )
        elif n % 5 and said.asked != "place":
            resident = Resident(unit_id=unit, created_at=now)
            insert_row(session, resident)
            insert_row(session, ResidentPhone(resident_id=resident.id, phone=phone, phone_index=phone))


def _phone(n: int, said: Texted) -> str:
    """Fictional mobile numbers that the seeded community does not have."""
    return f"+86139{'2' if said.sender == 'staff' else '1'}{n:07d}"
