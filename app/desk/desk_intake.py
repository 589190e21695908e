"""Taking a matter in at the desk or on a visit: who, for whom, what, where; answered on the spot or on its way.

One form is one ticket, however often it is sent: its key is a receipt, and a repeat gets the first ticket.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.db import insert_once
from app.desk.catalogue import NAMES
from app.desk.config import DeskConfig
from app.desk.draft import Draft
from app.desk.photos import Pictures, add_photo
from app.desk.place import Place
from app.desk.residents import check_dialable, find_by_phone, find_or_create, mask_phone, normalise_phone
from app.desk.rights import Actor, oversees
from app.desk.similar import Similar, similar_tickets
from app.desk.tickets import open_ticket, transition
from app.desk.understanding import Understanding, understand
from app.desk.units import ancestors, unit_id_for
from app.errors import BadInput, Busy, JiachangError, NotAllowed
from app.hygiene import clean
from models.lifecycle import OPEN, Action
from models.receipt import InboundReceipt
from models.resident import Resident
from models.staff import Role
from models.ticket import Ticket
from models.unit import Unit

log = structlog.get_logger(__name__)
CHANNELS = ("desk", "visit")
DANGERS = ("119", "120", "110")
TAKERS = frozenset(Role) - {Role.VIEWER}


@dataclass(frozen=True, slots=True)
class Matter:
    """What the form says. Telephones as typed; `unit_id` from the tree, the rest of the place in words; `danger` an
    emergency number; `answer`: what she was told on the spot, which finishes it."""

    channel: str
    words: str
    occurred_at: datetime
    phone: str | None = None
    name: str | None = None
    for_phone: str | None = None
    for_name: str | None = None
    category: str | None = None
    unit_id: int | None = None
    entrance: str | None = None
    room: str | None = None
    landmark: str | None = None
    urgent: bool = False
    danger: str | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """`again`: it had been taken in before, nothing was done now. `unsaved`: pictures that could not be kept, and why."""

    ticket: Ticket
    again: bool
    unsaved: tuple[JiachangError, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the words say by themselves; `similar`: open tickets nearby that may be the same."""

    meaning: Understanding
    unit_id: int | None
    similar: tuple[Similar, ...]


@dataclass(frozen=True, slots=True)
class KnownResident:
    """Somebody found by a number, masked: to see more is an act of its own."""

    id: int
    name: str
    phone: str
    unit: str | None
    lives_alone: bool
    hard_of_hearing: bool
    dialect: str | None
    open_tickets: int


def take(
    session: Session,
    cfg: DeskConfig,
    actor: Actor,
    matter: Matter,
    *,
    key: str,
    now: datetime,
    data_dir: Path,
    photos: Sequence[Pictures] = (),
) -> Taken:
    """Open the ticket, and finish it where it was answered on the spot, in one transaction.

    A picture that cannot be kept costs nobody her matter. Raises NotAllowed, BadInput (BadNumber).
    """
    may_take(actor)
    if not matter.words.strip():
        raise BadInput("请写下居民说的事")
    if matter.channel not in CHANNELS or (matter.category and matter.category not in NAMES):
        raise BadInput("没有这个类别")
    if matter.danger and matter.danger not in DANGERS:
        raise BadInput("没有这个急救电话")
    if first := _receipt(session, actor, key, matter, now=now):
        return Taken(first, again=True)
    unit = _unit(session, actor, matter.unit_id)
    reporter = _person(session, cfg, matter.phone, matter.name, unit, now=now)
    beneficiary = _person(session, cfg, matter.for_phone, matter.for_name, unit, now=now)
    heard = understand(matter.words)
    draft = Draft(
        channel=matter.channel,
        occurred_at=matter.occurred_at,
        text=matter.words,
        category=matter.category or (heard.category if heard.sure else None),
        tier=heard.tier,
        urgent=matter.urgent or matter.danger is not None,
        danger=matter.danger,
        matter=heard.matter,
        place=_place(session, unit, matter, heard.place),
        reporter_id=reporter or beneficiary,
        beneficiary_id=beneficiary or reporter,
        first_responder_id=actor.id,
        verified=True,
        unit_id=unit.id if unit else None,
        hotline=hotline_of(session, cfg, actor),
        outage=heard.outage,
    )
    ticket = open_ticket(session, cfg, draft, now=now)
    unsaved = list[JiachangError]()
    for picture in photos:
        try:
            add_photo(session, data_dir, ticket, actor, picture, now)
        except (BadInput, NotAllowed) as error:
            unsaved.append(error)
        except OSError as error:
            log.error("photo_not_kept", reason=str(error))
            unsaved.append(Busy("现在存不下，请告诉管理员"))
    if matter.answer and matter.answer.strip():
        transition(session, cfg, ticket, Action.RESOLVE, actor, now=now, text=matter.answer)
    session.execute(
        update(InboundReceipt)
        .where(InboundReceipt.source == _source(actor), InboundReceipt.external_id == key)
        .values(ticket_id=ticket.id)
    )
    return Taken(ticket, again=False, unsaved=tuple(unsaved))


def is_taken(session: Session, actor: Actor, key: str) -> bool:
    """Has this form made its ticket already?"""
    return session.get(InboundReceipt, (_source(actor), key)) is not None


def suggest(
    session: Session,
    cfg: DeskConfig,
    actor: Actor,
    words: str,
    unit_id: int | None,
    *,
    now: datetime,
    resident_id: int | None = None,
) -> Suggestion:
    """Category, place, urgency from the words; `unit_id` is the place that was picked already, `resident_id` who says
    so: her 3栋 is the one of her own estate."""
    may_take(actor)
    meaning = understand(words)
    where = unit_id
    if where is None and meaning.place:
        where = where_is(session, cfg, actor, meaning.place, resident_id)
    unit = session.get(Unit, where) if where is not None else None
    asked = Ticket(
        id=0,
        text=words,
        matter=meaning.matter,
        category=meaning.category,
        estate=meaning.place.estate,
        building=meaning.place.building or (unit.label if unit and unit.kind == "building" else None),
        unit_no=meaning.place.unit,
        occurred_at=now,
    )
    with session.no_autoflush:
        similar = similar_tickets(session, actor, asked, unit, now=now) if words.strip() else ()
    return Suggestion(meaning, unit.id if unit else None, similar)


def look_up(session: Session, cfg: DeskConfig, actor: Actor, phone: str) -> KnownResident | None:
    """Whoever has this number. Raises BadNumber."""
    may_take(actor)
    number = normalise_phone(phone, cfg.default_region)
    found = find_by_phone(session, number)
    if found is None:
        return None
    unit = session.get(Unit, found.unit_id) if found.unit_id else None
    count = select(func.count(Ticket.id)).where(Ticket.reporter_id == found.id, Ticket.status.in_(OPEN))
    name = found.name or ""
    return KnownResident(
        id=found.id,
        name=name[:1] + "*" * len(name[1:]),
        phone=mask_phone(number),
        unit=unit.name if unit else None,
        lives_alone=found.lives_alone,
        hard_of_hearing=found.hard_of_hearing,
        dialect=found.dialect,
        open_tickets=session.scalar(count) or 0,
    )


def known(session: Session, actor: Actor, resident_id: int) -> Resident:
    """Name, room and note of a resident of the actor's units; to be written down by whoever asks. NotAllowed."""
    found = session.get(Resident, resident_id)
    unit = session.get(Unit, found.unit_id) if found is not None and found.unit_id else None
    if found is None or actor.role not in TAKERS or (unit is not None and not oversees(actor, unit.path)):
        raise NotAllowed("这位居民不归您的片区，看不到更多")
    return found


def places(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Units of the actor's community as a tree in lines, for a list to pick from: a neighbour's matter may be in
    another grid."""
    top = home(session, actor)
    if top is None:
        return []
    rows = session.execute(
        select(Unit.id, Unit.path, Unit.name)
        .where(Unit.path.startswith(top.path, autoescape=True))
        .order_by(Unit.path)
    ).all()
    depth = top.path.count("/")
    return [(row.id, "　" * (row.path.count("/") - depth) + row.name) for row in rows]


def home(session: Session, actor: Actor) -> Unit | None:
    """The actor's community, else the top of the tree."""
    path = (actor.unit_path or "").strip("/").split("/")
    above = ancestors(session, int(path[-1])) if path[-1] else []
    return next((unit for unit in above if unit.kind == "community"), above[-1] if above else None)


def where_is(
    session: Session, cfg: DeskConfig, actor: Actor, place: Place, resident_id: int | None = None
) -> int | None:
    """The unit that a place in words means; None where it could be anywhere in the community."""
    found = unit_id_for(session, place, resident_id, hotline_of(session, cfg, actor))
    top = home(session, actor)
    return None if top is not None and found == top.id else found


def hotline_of(session: Session, cfg: DeskConfig, actor: Actor) -> str:
    """The number of the actor's own community: it says which 3栋 is meant."""
    top = home(session, actor)
    return (top.hotline_number if top else None) or cfg.hotline_number


def may_take(actor: Actor) -> None:
    """Raises NotAllowed for whoever may only look."""
    if actor.kind != "staff" or actor.id is None or actor.role not in TAKERS:
        raise NotAllowed("您只能看，不能登记")


def _receipt(session: Session, actor: Actor, key: str, matter: Matter, *, now: datetime) -> Ticket | None:
    """The ticket that this form has made already; None if this is the first time."""
    digest = hashlib.sha256(repr(sorted(asdict(matter).items())).encode()).hexdigest()
    values = {
        "source": _source(actor),
        "external_id": clean(key, limit=60),
        "request_hash": digest,
        "at": now,
    }
    if not key or insert_once(session, InboundReceipt, values, ["source", "external_id"]):
        return None
    receipt = session.get_one(InboundReceipt, (values["source"], values["external_id"]))
    return session.get(Ticket, receipt.ticket_id) if receipt.ticket_id else None


def _source(actor: Actor) -> str:
    return f"desk:{actor.id}"


def _unit(session: Session, actor: Actor, unit_id: int | None) -> Unit | None:
    unit = session.get(Unit, unit_id) if unit_id is not None else None
    top = home(session, actor)
    if unit_id is not None and (unit is None or top is None or not unit.path.startswith(top.path)):
        raise BadInput("没有这个地点，请重新选")
    return unit


def _person(
    session: Session,
    cfg: DeskConfig,
    phone: str | None,
    name: str | None,
    unit: Unit | None,
    *,
    now: datetime,
) -> int | None:
    """By number, else by name among those who live there; somebody new where nobody is found."""
    name = clean(name, limit=40) if name else ""
    if phone and phone.strip():
        number = normalise_phone(phone, cfg.default_region)
        check_dialable(cfg, number)
        found = find_or_create(session, number, now=now)
        found.name = found.name or name or None
        return found.id
    if not name:
        return None
    if unit is not None:
        for one in session.scalars(select(Resident).where(Resident.unit_id == unit.id)):
            if one.name == name:
                return one.id
    made = Resident(name=name, unit_id=unit.id if unit else None, created_at=now)
    session.add(made)
    session.flush()
    return made.id


def _place(session: Session, unit: Unit | None, matter: Matter, heard: Place) -> Place:
    """Where the tree says, in residents' words; what was written beside it; else what the words say."""
    labels = {one.kind: one.label for one in ancestors(session, unit.id)} if unit else {}
    same = unit is None or heard.building in (None, labels.get("building"))
    return Place(
        estate=labels.get("estate") or (heard.estate if unit is None else None),
        building=labels.get("building") or (heard.building if unit is None else None),
        unit=matter.entrance or (heard.unit if same else None),
        room=matter.room or (heard.room if same else None),
        landmark=matter.landmark or heard.landmark,
    )
