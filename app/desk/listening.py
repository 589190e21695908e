"""Listening to what a machine could not make out: the words put right, and the matter given to somebody, in one go."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from app.desk import dispatch, held_texts
from app.desk.config import DeskConfig
from app.desk.dispatch import Candidate, Suggestion
from app.desk.examples import correct
from app.desk.pending import check_nothing_waits
from app.desk.place import Place
from app.desk.rights import Actor
from app.desk.tickets import transition
from app.desk.understanding import Understanding, understand
from app.desk.units import unit_id_for
from app.errors import StaleTicket
from models.draft import StaffDraft
from models.lifecycle import Action
from models.ticket import Ticket, TicketEvent
from models.unit import Unit


@dataclass(frozen=True, slots=True)
class Heard:
    """What somebody wrote down while listening. `assignee_id` None: the rules, or the dispatcher, decide later."""

    transcript: str
    category: str | None = None
    place: Place = field(default_factory=Place)
    danger: str | None = None
    urgent: bool = False
    recording_id: int | None = None
    assignee_id: int | None = None


@dataclass(frozen=True, slots=True)
class Hint:
    """What the words say to the program, and who would get the matter."""

    understood: Understanding
    suggestion: Suggestion


def listened(
    session: Session,
    cfg: DeskConfig,
    ticket: Ticket,
    actor: Actor,
    heard: Heard,
    *,
    now: datetime,
    expected_version: int | None = None,
) -> TicketEvent | None:
    """Write it onto the ticket, keep it as an example, dispatch it; the draft is gone. The dispatch's event.

    Raises what `examples.correct` and `transition` raise.
    """
    if expected_version is not None and ticket.version != expected_version:
        raise StaleTicket("{number} 号刚被别人改过，请重新打开再办", number=ticket.number)
    check_nothing_waits(session, ticket)
    correct(
        session,
        cfg,
        ticket,
        actor,
        transcript=heard.transcript,
        category=heard.category,
        place=heard.place if heard.place != place_on(ticket) else None,
        danger=heard.danger if heard.danger != ticket.danger else None,
        urgent=heard.urgent if heard.urgent != ticket.urgent else None,
        recording_id=heard.recording_id,
        now=now,
    )
    forget_draft(session, actor, ticket)
    if heard.assignee_id is None:
        return None
    return dispatch_to(session, cfg, ticket, actor, heard.assignee_id, now=now)


def dispatch_to(
    session: Session,
    cfg: DeskConfig,
    ticket: Ticket,
    actor: Actor,
    assignee_id: int,
    *,
    now: datetime,
    reason: str | None = None,
    expected_version: int | None = None,
) -> TicketEvent:
    """Dispatch by hand; its texts wait a minute, those of an earlier dispatch that still wait are withdrawn.

    Without a reason the rule's own stands where the rule would have chosen the same.
    """
    check_nothing_waits(session, ticket)
    if reason is None:
        suggestion = dispatch.suggest(session, cfg, ticket, now=now)
        reason = suggestion.reason if suggestion.assignee_id == assignee_id else None
    held_texts.withdraw(session, ticket)
    event = transition(
        session,
        cfg,
        ticket,
        Action.DISPATCH,
        actor,
        now=now,
        reason=reason,
        assignee_id=assignee_id,
        expected_version=expected_version,
    )
    held_texts.hold(session, ticket, event, now=now)
    return event


def hint_of(
    session: Session,
    cfg: DeskConfig,
    ticket: Ticket,
    heard: Heard,
    among: Sequence[Candidate],
    *,
    now: datetime,
) -> Hint:
    """What is chosen already counts before what the words say; `among`: everybody who can be chosen. Changes nothing."""
    found = understand(heard.transcript)
    matter = dispatch.matter_of(session, cfg, ticket, now=now)
    place = heard.place or found.place
    unit_id = unit_id_for(session, place, ticket.reporter_id, None) if place else None
    unit = session.get(Unit, unit_id) if unit_id else None
    matter = replace(
        matter,
        category=heard.category or found.category or matter.category,
        tier=found.tier if heard.transcript else matter.tier,
        urgent=heard.urgent or found.urgent or matter.urgent,
        unit_path=unit.path if unit else matter.unit_path,
        place=unit.name if unit else matter.place,
    )
    return Hint(found, dispatch.advise(session, matter, among))


def place_on(ticket: Ticket) -> Place:
    """As the ticket has it."""
    return Place(
        estate=ticket.estate,
        building=ticket.building,
        unit=ticket.unit_no,
        room=ticket.room,
        landmark=ticket.landmark,
    )


def draft_of(session: Session, actor: Actor, ticket: Ticket) -> StaffDraft | None:
    return session.get(StaffDraft, (actor.id, _form(ticket)))


def save_draft(
    session: Session, actor: Actor, ticket: Ticket, fields: dict[str, str], *, now: datetime
) -> None:
    """What somebody has typed so far: theirs alone, on the server and not in the browser, because it is personal."""
    draft = draft_of(session, actor, ticket)
    if draft is None:
        session.add(StaffDraft(staff_id=actor.id, form=_form(ticket), fields=fields, saved_at=now))
    else:
        draft.fields, draft.saved_at = fields, now


def forget_draft(session: Session, actor: Actor, ticket: Ticket) -> None:
    draft = draft_of(session, actor, ticket)
    if draft is not None:
        session.delete(draft)


def _form(ticket: Ticket) -> str:
    return f"ticket:{ticket.number}"
