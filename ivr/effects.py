"""What a flow asks for → services of the desk; the answer is facts for the flow. One call, one transaction."""

from datetime import date, datetime
from typing import Any, assert_never

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk import progress, ratings, rosters, units
from app.desk.callbacks import spoken_time
from app.desk.calls import CallContext
from app.desk.config import DeskConfig
from app.desk.place import Place
from app.desk.rights import Actor
from app.desk.tickets import amend
from app.desk.wording import short_date
from ivr.deeds import (
    ApplyRating,
    Decline,
    Effect,
    FindPerson,
    FindProgress,
    FinishAttempt,
    FinishTold,
    HandToPerson,
    OpenTicket,
    RecordFact,
    RecordMark,
    RecordRemark,
    RequestReturnCall,
    TellPlace,
)
from models.call import Call
from models.recording import Recording
from models.ticket import Ticket
from speech.numbers import spoken_digits

Facts = dict[str, Any]


def do(context: CallContext, effect: Effect) -> Facts:
    """Raises what the services raise; nothing is committed here."""
    match effect:
        case OpenTicket():
            return _ticket_facts(context.cfg, context.open_ticket(**vars(effect)))
        case TellPlace():
            return _tell_place(context, effect)
        case RequestReturnCall(reason):
            callback = context.request_return_call(reason=reason)
            time = spoken_time(context.cfg, callback.due_at, context.now) if callback else ""
            return {"callback_time": time}
        case FindPerson():
            return {
                "person": person_number(context.session, context.cfg, context.call, now=context.now)
                is not None
            }
        case FindProgress():
            return _progress(context, effect)
        case RecordFact(value, raw):
            _answer(context, "fact", value, raw)
        case RecordMark(which, value, raw):
            _answer(context, which, value, raw)
        case RecordRemark(text):
            _remark(context, text)
        case ApplyRating():
            context.apply_rating()
        case Decline():
            context.decline()
        case FinishAttempt(outcome):
            context.finish_attempt(outcome=outcome)
        case FinishTold():
            context.finish_told()
        case HandToPerson():
            callback = context.hand_to_person()
            return {"callback_time": spoken_time(context.cfg, callback.due_at, context.now)}
        case _:
            assert_never(effect)
    return {}


def person_number(session: Session, cfg: DeskConfig, call: Call, *, now: datetime) -> str | None:
    """Whom 0 rings: whoever is on duty where the resident lives, else the hotline's own person."""
    unit_id = units.unit_id_for(session, Place(), call.resident_id, call.hotline)
    number = rosters.duty_number(session, cfg, unit_id, now=now) or cfg.human_number
    return number if number and number != call.phone else None


def _ticket_facts(cfg: DeskConfig, ticket: Ticket) -> Facts:
    return {
        "number": ticket.number,
        "spoken_number": spoken_digits(str(ticket.number)),
        "promised": short_date(cfg, ticket.promised_on),
    }


def _tell_place(context: CallContext, effect: TellPlace) -> Facts:
    """Whoever was alerted set out without knowing where to: the desk tells them now."""
    session, cfg, call = context.session, context.cfg, context.call
    ticket = session.get_one(Ticket, call.ticket_id, with_for_update=True, populate_existing=True)
    place = Place(**effect.place)
    unit_id = units.unit_id_for(session, place, call.resident_id, call.hotline)
    amend(
        session,
        cfg,
        ticket,
        Actor.resident(call.resident_id),
        now=context.now,
        text=f"{ticket.text}；{effect.text}" if ticket.text else effect.text,
        place=place,
        unit_id=unit_id,
    )
    return {}


def _progress(context: CallContext, effect: FindProgress) -> Facts:
    session, cfg, call = context.session, context.cfg, context.call
    if effect.number is None:
        matters = progress.own_matters(session, cfg, call.resident_id, now=context.now)
    else:
        asker = call.phone or call.carrier_sid
        try:
            found = progress.proven_matter(
                session, cfg, effect.number, effect.last_four or "", asker=asker, now=context.now
            )
        except progress.ProofLocked:
            return {"locked": True, "pending": [], "finished": []}
        matters = [found] if found else []
    facts: Facts = {"locked": False, "pending": [], "finished": []}
    for matter in matters:
        entry = {
            "day": short_date(cfg, matter.said_on),
            "category": matter.category or "unsorted",
            "state": matter.status,
        }
        if matter.promised_on:
            facts["pending"].append(
                entry | {"promised": short_date(cfg, _not_past(matter.promised_on, context))}
            )
        else:
            facts["finished"].append(entry)
    return facts


def _not_past(promised: date, context: CallContext) -> date:
    """An overdue matter: the promise is broken, and yesterday's date would be no answer."""
    return max(promised, context.cfg.local(context.now).date())


def _answer(context: CallContext, which: ratings.Which, value: int, raw: str) -> None:
    ratings.record_answer(context.session, context.rating, which, value, raw, now=context.now)


def _remark(context: CallContext, text: str) -> None:
    recording = context.session.scalar(
        select(Recording)
        .where(Recording.call_id == context.call.id, Recording.turn_n == context.call.last_turn)
        .order_by(Recording.id.desc())
        .limit(1)
    )
    rating = context.rating
    if recording is not None:
        recording.ticket_id = rating.ticket_id
    ratings.record_remark(
        context.session, rating, text, now=context.now, recording_id=recording.id if recording else None
    )
