"""A call that a machine did not quite understand: its turns, its audio on disk, and the ticket that waits for an ear."""

from datetime import timedelta

from sqlalchemy import select

from app.community import NUMBERS
from app.desk.draft import Draft
from app.desk.place import Place
from app.desk.recordings import add_recording, store_audio
from app.desk.tickets import open_ticket
from models.call import Call, CallTurn
from models.resident import ResidentPhone
from speech.voice import synthesise
from tests.support.office import Office

SAID = "三栋二单元路灯不亮了"
HEARD = (
    ("三", 0.96),
    ("动", 0.31),
    ("二", 0.92),
    ("单元", 0.95),
    ("路灯", 0.9),
    ("不", 0.97),
    ("两", 0.42),
    ("了", 0.88),
)
"""As the engine tells words: text and how sure it was, 0–1."""


def unclear_call(office: Office, *, words: bool = True, pcm: bytes | None = None) -> int:
    """王阿姨 rang, and somebody has to listen to what she said; the ticket's number. `words`: some were made out."""
    now = office.moment
    heard = "".join(word for word, _ in HEARD) if words else ""
    with office.db.transaction() as session:
        wang = session.scalars(
            select(ResidentPhone.resident_id).where(ResidentPhone.phone_index == NUMBERS.wang)
        ).one()
        draft = Draft(
            channel="phone", occurred_at=now, text=heard, reporter_id=wang, needs_listening=True,
            category=None, tier="simple", urgent=False, danger=None, matter=None, place=Place(),
            hotline=office.runtime.settings.hotline_number,
        )  # fmt: skip
        ticket = open_ticket(session, office.runtime.desk, draft, now=now)
        call = Call(
            uid=f"heard-{ticket.number}", carrier_sid=f"CA{ticket.number}", direction="inbound",
            phone=NUMBERS.wang, phone_index=NUMBERS.wang, hotline=office.runtime.settings.hotline_number,
            resident_id=wang, ticket_id=ticket.id, state={}, started_at=now - timedelta(seconds=48),
            updated_at=now, ended_at=now,
        )  # fmt: skip
        session.add(call)
        session.flush()
        path, seconds = store_audio(
            office.runtime.settings.data_dir, f"{call.uid}-1", pcm or synthesise(SAID), now=now
        )
        recording = add_recording(
            session, call_id=call.id, turn_n=1, source="stream", path=path, seconds=seconds,
            transcript=heard or None, confidence=0.55 if words else None, now=now,
        )  # fmt: skip
        recording.ticket_id = ticket.id
        turns = (
            (1, "opening", ["您好，这里是家常热线，通话会录音。请直接说您的事。"], {"expect": "open"},
             {"kind": "speech", "text": heard, "confidence": 0.55, "words": [list(pair) for pair in HEARD] if words else []}),
            (2, "lost", ["我没听清，已经记下来了。工作人员会听您的录音，再给您打电话。"], None, None),
        )  # fmt: skip
        for n, node, said, listen, answer in turns:
            session.add(
                CallTurn(
                    call_id=call.id, n=n, node=node, said=said, twiml="<Response/>", listen=listen, heard=answer,
                    created_at=now - timedelta(seconds=50 - 20 * n),
                )
            )  # fmt: skip
        return ticket.number
