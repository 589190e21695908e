"""Texts from residents: each is read against the question that is open, and answered in one segment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from app.desk.config import DeskConfig
from app.desk.progress import number_of_slip
from app.desk.questions import open_question
from app.desk.residents import find_or_create
from app.sms import resident_asks, resident_matters, resident_reports
from app.sms.incoming import Incoming
from app.sms.reading import ResidentReading
from app.sms.reply import Reply
from app.sms.slips import read_resident_text
from app.sms.talk import Talk

_HANDLERS: Mapping[str, Callable[[Talk], Reply]] = {
    "report": resident_reports.report,
    "other": resident_reports.other,
    "progress": resident_matters.progress,
    "rate": resident_matters.rate,
    "reopen": resident_matters.reopen,
    "human": resident_reports.human,
    "activities": resident_asks.activities,
    "keeper": resident_asks.keeper,
    "help": resident_asks.how,
    "optout": resident_asks.opt_out,
    "optin": resident_asks.opt_in,
    "thanks": resident_asks.thanks,
    "greeting": resident_asks.greeting,
}
_ANSWERS: Mapping[str, Callable[[Talk], Reply]] = {
    "place": resident_reports.place_told,
    "matter": resident_reports.matter_told,
    "which": resident_matters.which_told,
    "proof": resident_matters.proof_told,
}
_IDLE = frozenset({"thanks", "greeting", "help", "other"})


@dataclass(frozen=True)
class Sender:
    """`resident_id` is None for somebody who writes for the first time; `asked`: a question to her may be open."""

    phone: str
    resident_id: int | None
    asked: bool = False
    opted_out: bool = False


def answer_resident(
    session: Session, cfg: DeskConfig, sender: Sender, incoming: Incoming, *, now: datetime
) -> Reply:
    if not incoming.text and not incoming.media:
        return Reply(cfg.texts("短信里没有字。请写明在哪里、什么事，例如：3栋路灯不亮。"), "other")
    resident_id = sender.resident_id
    if resident_id is None:
        resident_id = find_or_create(session, sender.phone, now=now).id
    question = open_question(session, resident_id, now=now) if sender.asked else None
    reading = read_resident_text(
        incoming.text,
        question.kind if question else None,  # type: ignore[arg-type]
        lambda slip: number_of_slip(session, slip),
    )
    if incoming.media and reading.intent in _IDLE:
        reading = replace(reading, intent="report", matter=True)  # the picture says what it is about
    talk = Talk(session, cfg, sender.phone, resident_id, incoming, reading, question, now, sender.opted_out)
    if reading.intent == "report" and question is not None and question.kind == "rate" and question.ticket_id:
        return resident_matters.beside_the_mark(talk)
    return _handler(reading, question.kind if question else "")(talk)


def _handler(reading: ResidentReading, asked: str) -> Callable[[Talk], Reply]:
    return _ANSWERS[asked] if reading.intent == "answer" else _HANDLERS[reading.intent]
