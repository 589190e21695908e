"""A small fictional town on a real database, and words to tell stories about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.db import Database, make_engine
from app.desk import callbacks, tickets
from app.desk.catalogue import seed_categories
from app.desk.config import DeskConfig
from app.desk.draft import Draft
from app.desk.rights import Actor
from app.desk.workdays import WorkingCalendar
from models.all import metadata
from models.crypto import Keyring
from models.lifecycle import Action, Status
from models.message import Message
from models.resident import Resident, ResidentPhone
from models.routing_rule import RoutingRule
from models.staff import AssigneeKind, Role, Staff
from models.ticket import Ticket, TicketEvent
from models.unit import Unit

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday, 10:00 in Shanghai
HOTLINE = "+864001234567"
WANG, CHEN, LI = "+8613800001111", "+861065520001", "+8613800001112"  # CHEN: a landline
NOWHERE = SimpleNamespace(estate=None, building=None, unit=None, room=None, landmark=None)


def plan_due(session: Session, cfg: DeskConfig, *, now: datetime) -> int:
    """As the sweeper and its jobs do: evaluations for what is resolved; how many callbacks were made."""
    return sum(callbacks.plan_ticket(session, cfg, id_, now=now) for id_ in callbacks.unplanned(session))


def place(**parts: str) -> Any:
    return SimpleNamespace(**{**vars(NOWHERE), **parts})


@dataclass
class Town:
    """Ids by a short name: units community, grid, estate, b3, b5, elsewhere; staff zhao, wuye, sun …"""

    db: Database
    cfg: DeskConfig
    unit: dict[str, int]
    staff: dict[str, int]
    resident: dict[str, int]

    def draft(self, **more: Any) -> Draft:
        base = Draft(
            channel="phone",
            occurred_at=MONDAY,
            text="三栋二单元路灯不亮了",
            category="repairs",
            tier="simple",
            urgent=False,
            danger=None,
            matter="路灯不亮",
            place=place(building="3", unit="2"),
            reporter_id=self.resident["wang"],
            hotline=HOTLINE,
        )
        return replace(base, **more)

    def open(self, session: Session, *, now: datetime = MONDAY, **more: Any) -> Ticket:
        return tickets.open_ticket(session, self.cfg, self.draft(**({"occurred_at": now} | more)), now=now)

    def actor(self, session: Session, name: str) -> Actor:
        return tickets.actor_of(session, session.get_one(Staff, self.staff[name]))

    def act(self, session: Session, ticket: Ticket, action: Action, who: str, **more: Any) -> TicketEvent:
        actor = Actor.clock() if who == "clock" else self.actor(session, who)
        now = more.pop("now", MONDAY)
        return tickets.transition(session, self.cfg, ticket, action, actor, now=now, **more)

    def dispatched(self, session: Session, *, now: datetime = MONDAY, **more: Any) -> Ticket:
        ticket = self.open(session, now=now, **more)
        self.act(session, ticket, Action.DISPATCH, "sun", assignee_id=self.staff["zhao"], now=now)
        return ticket

    def resolved(self, session: Session, *, now: datetime = MONDAY, **more: Any) -> Ticket:
        ticket = self.dispatched(session, now=now, **more)
        self.act(session, ticket, Action.RESOLVE, "zhao", text="换了灯泡", now=now)
        return ticket

    def bring_to(self, session: Session, status: Status) -> Ticket:
        """A ticket in that status, by the shortest way that the lifecycle has."""
        if status is Status.NEEDS_LISTENING:
            return self.open(session, needs_listening=True)
        ticket = self.open(session)
        later = MONDAY + timedelta(days=2)
        sun: dict[Status, tuple[tuple[Action, str, dict[str, Any]], ...]] = {
            Status.NEW: (),
            Status.DISPATCHED: (self._dispatch,),
            Status.IN_PROGRESS: (self._dispatch, (Action.ACCEPT, "zhao", {})),
            Status.RETURNED: (self._dispatch, (Action.RETURN, "zhao", {"reason": "不归我管"})),
            Status.ON_HOLD: (
                self._dispatch,
                (Action.ACCEPT, "zhao", {}),
                (Action.HOLD, "zhao", {"reason": "等配件", "until": later}),
            ),
            Status.PLANNED: ((Action.PLAN, "sun", {"reason": "明年改造", "review_on": later.date()}),),
            Status.REFERRED: ((Action.REFER, "sun", {"reason": "电力公司", "review_on": later.date()}),),
            Status.RESOLVED: (self._dispatch, (Action.RESOLVE, "zhao", {"text": "换了灯泡"})),
            Status.CLOSED: (
                self._dispatch,
                (Action.RESOLVE, "zhao", {"text": "换了灯泡"}),
                (Action.RATE_OK, "zhou", {}),
            ),
            Status.REOPENED: (
                self._dispatch,
                (Action.RESOLVE, "zhao", {"text": "换了灯泡"}),
                (Action.REOPEN, "sun", {"reason": "又坏了"}),
            ),
            Status.CANCELLED: ((Action.CANCEL, "sun", {"reason": "打错了"}),),
        }
        if status is Status.DUPLICATE:
            master = self.open(session)
            self.act(session, ticket, Action.DUPLICATE, "sun", reason="同一盏灯", duplicate_of=master)
            return ticket
        for action, who, given in sun[status]:
            self.act(session, ticket, action, who, **given)
        return ticket

    @property
    def _dispatch(self) -> tuple[Action, str, dict[str, Any]]:
        return Action.DISPATCH, "sun", {"assignee_id": self.staff["zhao"]}

    def events(self, session: Session, ticket: Ticket) -> list[TicketEvent]:
        session.flush()
        query = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
        return list(session.scalars(query))

    def staff_texts(self, session: Session, ticket: Ticket | None = None) -> list[Message]:
        return [text for text in self.texts(session, ticket) if text.staff_id is not None]

    def texts(self, session: Session, ticket: Ticket | None = None) -> list[Message]:
        query = select(Message).order_by(Message.id)
        return list(session.scalars(query.where(Message.ticket_id == ticket.id) if ticket else query))


@pytest.fixture
def cfg() -> DeskConfig:
    return DeskConfig(
        zone=ZONE,
        calendar=WorkingCalendar(ZONE),
        hours=((time(9), time(11, 30)), (time(14, 30), time(20))),
        default_region="CN",
        allowed_regions=frozenset({"CN"}),
        robot_attempts=2,
        calls_at_once=2,
        calls_per_day=1000,
        hotline_number=HOTLINE,
        human_number="",
        sms_signature="家常热线",
    )


@pytest.fixture
def town(database_url: str, cfg: DeskConfig) -> Iterator[Town]:
    """On SQLite and on PostgreSQL."""
    yield from _town(database_url, cfg)


@pytest.fixture
def small_town(sqlite_url: str, cfg: DeskConfig) -> Iterator[Town]:
    """On SQLite only: for long tables of cases that say nothing about a database."""
    yield from _town(sqlite_url, cfg)


@pytest.fixture
def postgres_town(postgres_url: str, cfg: DeskConfig) -> Iterator[Town]:
    """For what only PostgreSQL allows: two transactions that write at the same time."""
    yield from _town(postgres_url, cfg)


def _town(url: str, cfg: DeskConfig) -> Iterator[Town]:
    engine = make_engine(url, Keyring("k" * 32))
    metadata.create_all(engine)
    db = Database(engine)
    with db.transaction() as session:
        town = _build(session, db, cfg)
    yield town
    db.dispose()


def _build(session: Session, db: Database, cfg: DeskConfig) -> Town:
    seed_categories(session)
    units: dict[str, Unit] = {}

    def unit(name: str, parent: str | None, kind: str, label: str, **more: Any) -> None:
        above = units.get(parent or "")
        row = Unit(
            parent_id=above.id if above else None, path="/", kind=kind, name=label, label=label, **more
        )
        session.add(row)
        session.flush()
        row.path = f"{above.path if above else '/'}{row.id}/"
        units[name] = row

    unit("community", None, "community", "幸福里", hotline_number=HOTLINE, duty_phone="+8613800009000")
    unit("grid", "community", "grid", "第一网格")
    unit("estate", "grid", "estate", "幸福")
    unit("b3", "estate", "building", "3")
    unit("b5", "estate", "building", "5")
    unit("grid2", "community", "grid", "第二网格")
    unit("estate2", "grid2", "estate", "阳光")
    unit("other3", "estate2", "building", "3")
    unit("elsewhere", None, "community", "别的社区", hotline_number="+864009999999")
    people: dict[str, Staff] = {}

    def person(name: str, role: Role, where: str, phone: str | None = None, **more: Any) -> None:
        people[name] = Staff(
            login=name, name=name, phone=phone, phone_index=phone, role=role, unit_id=units[where].id, **more
        )
        session.add(people[name])

    person("zhao", Role.KEEPER, "grid", "+8613800002001")
    person("qian", Role.KEEPER, "grid2", "+8613800002002")
    person("wuye", Role.KEEPER, "community", "+8613800003001", kind=AssigneeKind.PROPERTY)
    person("sun", Role.DISPATCHER, "community", "+8613800004001")
    person("gridsun", Role.DISPATCHER, "grid2")
    person("zhou", Role.CALLBACK_WORKER, "community")
    person("wu", Role.SUPERVISOR, "community")
    person("admin", Role.ADMINISTRATOR, "community")
    person("eye", Role.VIEWER, "community")
    person("gone", Role.DISPATCHER, "community", active=False)
    person("stranger", Role.DISPATCHER, "elsewhere")
    residents: dict[str, Resident] = {}
    for name, phone, home in (("wang", WANG, "b3"), ("chen", CHEN, "b3"), ("li", LI, "b5")):
        residents[name] = Resident(name=name, unit_id=units[home].id, created_at=MONDAY)
        session.add(residents[name])
        session.flush()
        session.add(
            ResidentPhone(
                resident_id=residents[name].id, phone=phone, phone_index=phone, can_text=phone != CHEN
            )
        )
    session.flush()
    return Town(
        db,
        cfg,
        {name: row.id for name, row in units.items()},
        {name: row.id for name, row in people.items()},
        {name: row.id for name, row in residents.items()},
    )


@pytest.fixture
def add_rule() -> Callable[..., RoutingRule]:
    def add(session: Session, position: int, **conditions: Any) -> RoutingRule:
        kind = conditions.pop("assignee_kind", AssigneeKind.KEEPER)
        rule = RoutingRule(position=position, name=f"rule {position}", assignee_kind=kind, **conditions)
        session.add(rule)
        session.flush()
        return rule

    return add


@pytest.fixture
def statements(town: Town) -> Iterator[list[str]]:
    """Every statement that reaches the database, without the frame of the transaction."""
    seen: list[str] = []

    def listen(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            seen.append(statement)

    event.listen(town.db.engine, "before_cursor_execute", listen)
    yield seen
    event.remove(town.db.engine, "before_cursor_execute", listen)
