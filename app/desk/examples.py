"""Corrections by staff: written onto the ticket, and kept as verified examples for as long as the rules allow.

What staff don't correct counts as right as it stands, so "it was all right" is an example too: a collection of failures
alone would say nothing about how often the hotline fails.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from app.desk.catalogue import NAMES
from app.desk.config import DeskConfig
from app.desk.place import Place
from app.desk.rights import Actor, may_correct
from app.desk.tickets import amend, note, transition, view_of
from app.desk.understanding import Understanding, understand
from app.errors import BadInput, Names, NotAllowed, NotFound, StaleTicket
from app.hygiene import clean
from app.texts.catalogue import mark
from models.call import Call, CallTurn
from models.lifecycle import Action, Status
from models.recording import Recording
from models.ticket import Ticket
from models.verified_example import VerifiedExample
from speech.numbers import to_arabic

AUDIO_LIFE = timedelta(days=90)
"""As long as recordings are kept at all; the words stay."""
TEXT_LIFE = timedelta(days=365)
NO_DANGER = "none"
_OPENINGS = frozenset({"open", "category", "details"})
"""Questions at which she says what it is about."""
_TOLD = _OPENINGS | {"place"}
"""Questions whose answers make the ticket's text; a yes or a number is no part of it."""
PARTS = ("estate", "building", "unit", "room", "landmark")
"""Of a place, as it can be written down; whose home it is can't."""
_LONGEST = 1000  # characters of a transcript: two minutes of speech are some 350
_MATTER = 40


def correct(
    session: Session,
    cfg: DeskConfig,
    ticket: Ticket,
    actor: Actor,
    *,
    transcript: str | None = None,
    category: str | None = None,
    place: Place | None = None,
    danger: str | None = None,
    urgent: bool | None = None,
    recording_id: int | None = None,
    now: datetime,
) -> VerifiedExample:
    """What she really said and meant. None = right as it stands; `place` is the whole place; `danger` is an emergency
    number or "none". A second correction of one recording replaces the first; the log keeps both.

    A ticket that waited for somebody to listen has now been listened to. Raises NotAllowed, BadInput, NotFound,
    StaleTicket.
    """
    if actor.id is None or not may_correct(actor, view_of(session, ticket)):
        raise NotAllowed("{number} 号不归您更正", number=ticket.number)
    if category is not None and category not in NAMES:
        raise BadInput("没有“{category}”这个类别；有：{known}", category=category, known=Names(NAMES))
    place = _tidy(place) if place else None
    # Two who correct at once take turns: else each would keep an example of its own
    version = session.scalar(select(Ticket.version).where(Ticket.id == ticket.id).with_for_update())
    if version != ticket.version:
        raise StaleTicket("{number} 号刚被别人改过，请重新打开再办", number=ticket.number)
    recording, expect = _recording(session, ticket, recording_id)
    heard = (recording.transcript if recording else ticket.text) or None
    kept = _kept(session, ticket, recording)
    stands = kept.transcript if kept else heard or ""
    words = clean(transcript if transcript is not None else stands, limit=_LONGEST)
    if not words:
        raise BadInput("没有听出文字，请写下她说的话")
    meaning = understand(words)
    found = kept.danger if kept and danger is None and words == kept.transcript else _danger(danger, meaning)
    before = (kept.transcript if kept else None, heard)
    reworded = transcript is not None and expect in _OPENINGS
    amend(
        session,
        cfg,
        ticket,
        actor,
        now=now,
        text=_with_words(ticket.text, before, words) if expect in _TOLD else None,
        category=category,
        danger=found,
        urgent=urgent,
        matter=(meaning.matter or words[:_MATTER]) if reworded else None,
        place=place,
        whole_place=True,
    )
    if ticket.status is Status.NEEDS_LISTENING:
        transition(session, cfg, ticket, Action.LISTEN, actor, now=now, text=words)
    example = kept or VerifiedExample(ticket_id=ticket.id, heard=heard)
    example.resident_id = _speaker(session, ticket, recording)
    example.recording_id, example.turn_n = (recording.id, recording.turn_n) if recording else (None, None)
    example.transcript = words
    example.category = category or (ticket.category if expect in _OPENINGS else example.category)
    if place or words != stands or not kept:
        example.place = _said(place, meaning, ticket)
    example.danger = found
    if found or danger or urgent is not None:
        example.urgent = True if found else urgent
    example.corrected_by, example.corrected_at = actor.id, now
    session.add(example)
    session.flush()
    return example


@dataclass(frozen=True)
class Visible:
    """An example with its ticket, and its audio below the data directory while that is kept."""

    example: VerifiedExample
    ticket: Ticket
    audio: str | None


def visible(session: Session, actor: Actor) -> list[Visible]:
    """The examples of tickets that the actor may correct, in the order of their numbers."""
    rows = session.execute(
        select(VerifiedExample, Ticket, Recording.path)
        .join(Ticket, Ticket.id == VerifiedExample.ticket_id)
        .outerjoin(Recording, Recording.id == VerifiedExample.recording_id)
        .order_by(Ticket.number, VerifiedExample.id)
    ).all()
    return [
        Visible(example, ticket, path)
        for example, ticket, path in rows
        if may_correct(actor, view_of(session, ticket))
    ]


def exported(session: Session, actor: Actor, found: list[Visible], *, now: datetime) -> None:
    """Words and voices leave the database: the log of each ticket says when and by whom."""
    for ticket in {item.ticket.id: item.ticket for item in found}.values():
        note(session, ticket, "export", actor, now=now)


def forget(session: Session, resident_id: int) -> int:
    """Erasure of a resident: every example of hers goes, also where somebody else reported for her. How many."""
    hers = select(Ticket.id).where(
        or_(Ticket.reporter_id == resident_id, Ticket.beneficiary_id == resident_id)
    )
    return _delete(
        session,
        or_(VerifiedExample.resident_id == resident_id, VerifiedExample.ticket_id.in_(hers)),
    )


def expire(session: Session, *, now: datetime) -> int:
    """Parts from audio whose time is over, and deletes examples whose own is. How many were deleted."""
    old = select(Recording.id).where(Recording.created_at < now - AUDIO_LIFE)
    session.execute(
        update(VerifiedExample)
        .where(VerifiedExample.recording_id.in_(old))
        .values(recording_id=None)
        .execution_options(synchronize_session=False)
    )
    return _delete(session, VerifiedExample.corrected_at < now - TEXT_LIFE)


def _delete(session: Session, which: ColumnElement[bool]) -> int:
    done = session.execute(delete(VerifiedExample).where(which).execution_options(synchronize_session=False))
    return int(done.rowcount)  # type: ignore[attr-defined]


# ---- which recording ---------------------------------------------------------------------------------------


def _recording(session: Session, ticket: Ticket, id_: int | None) -> tuple[Recording | None, str]:
    """The one that is corrected, and what had been asked; None for what she wrote. Without an id, the one in which
    she says what the matter is.

    Raises NotFound for a recording of another ticket, BadInput where nobody can tell which one is meant.
    """
    rows = session.execute(
        select(Recording, CallTurn.listen)
        .outerjoin(CallTurn, (CallTurn.call_id == Recording.call_id) & (CallTurn.n == Recording.turn_n))
        .where(Recording.ticket_id == ticket.id)
        .order_by(Recording.id)
    ).all()
    found = {row.id: (row, str((listen or {}).get("expect", "open"))) for row, listen in rows}
    if id_ is not None:
        if id_ not in found:
            raise NotFound(
                "{number} 号没有录音 {recording}；有：{known}",
                number=ticket.number,
                recording=id_,
                known=Names(map(str, found or ("—",))),
            )
        return found[id_]
    openings = [pair for pair in found.values() if pair[1] in _OPENINGS]
    candidates = openings or list(found.values())
    if len(candidates) > 1:
        known = "\n".join(
            f"  --recording {row.id}  {row.seconds:.1f} 秒  {row.transcript or '（没有文字）'}"
            for row, _ in candidates
        )
        raise BadInput("{number} 号有几段录音，请说明是哪一段：\n{known}", number=ticket.number, known=known)
    return candidates[0] if candidates else (None, "open")


def _kept(session: Session, ticket: Ticket, recording: Recording | None) -> VerifiedExample | None:
    query = select(VerifiedExample).where(VerifiedExample.ticket_id == ticket.id)
    if recording is not None:
        query = query.where(VerifiedExample.recording_id == recording.id)
    else:
        query = query.where(VerifiedExample.turn_n.is_(None))
    return session.scalars(query).one_or_none()


def _speaker(session: Session, ticket: Ticket, recording: Recording | None) -> int | None:
    if recording is None or recording.call_id is None:
        return ticket.reporter_id
    return session.scalar(select(Call.resident_id).where(Call.id == recording.call_id)) or ticket.reporter_id


# ---- what becomes of the words -----------------------------------------------------------------------------


def _with_words(text: str, before: tuple[str | None, ...], words: str) -> str:
    """The ticket's text, which may hold what was said in several answers, with this answer's words put right."""
    for old in before:
        if old and old in text:
            return text.replace(old, words, 1)
    if words in text:
        return text
    return f"{text}；{words}" if text else words


def _tidy(place: Place) -> Place:
    """Numbers as places have them everywhere: `三` is "3", `a` is "A". Raises BadInput for what is neither."""
    building, unit, room = (
        _number(getattr(place, part), what)
        for part, what in (("building", mark("栋")), ("unit", mark("单元")), ("room", mark("室")))
    )
    estate, landmark = (clean(said, limit=40) if said else None for said in (place.estate, place.landmark))
    return replace(place, estate=estate, building=building, unit=unit, room=room, landmark=landmark)


def _number(written: str | None, what: str) -> str | None:
    value = unicodedata.normalize("NFKC", written or "").strip().removesuffix(what).upper()
    number = to_arabic(value) or (value if re.fullmatch("[A-Z]", value) else None)
    if value and number is None:
        raise BadInput(
            "{what}请只写数字或一个字母，例如 3；写成了“{value}”", what=Names((what,)), value=value[:20]
        )
    return number


def _danger(given: str | None, meaning: Understanding) -> str | None:
    if given is None:
        return meaning.danger
    return None if given == NO_DANGER else given


def _said(place: Place | None, meaning: Understanding, ticket: Ticket) -> dict[str, str]:
    """What was said of the place in these words: as given, else the parts that are understood in them, as the ticket
    has them. A place that she told in another answer, or that we knew, is not in these words."""
    if place:
        return {part: said for part in PARTS if (said := getattr(place, part))}
    known = (ticket.estate, ticket.building, ticket.unit_no, ticket.room, ticket.landmark)
    return {
        part: ours or said
        for part, ours in zip(PARTS, known, strict=True)
        if (said := getattr(meaning.place, part))
    }
