"""What the queue shows, in which order, and to whom; on both databases."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.desk.queue_facts import queue_facts
from app.desk.queue_filter import VIEWS, QueueFilter
from app.desk.queue_live import changes
from app.desk.queue_scope import scope_of
from app.desk.queue_statement import Key
from app.desk.queue_view import PAGE, QueuePage, queue_page
from app.desk.residents import find_by_phone
from app.desk.rights import Actor, may_see
from app.desk.seeing import helps
from app.desk.tickets import actor_of, view_of
from app.errors import NotAllowed
from models.co_handler import CoHandler
from models.lifecycle import OPEN, Status
from models.resident import Resident
from models.staff import Staff
from models.ticket import FIRST_NUMBER, Ticket
from tests.support.office import MONDAY, NUMBERS, Office, open_office
from tests.support.queue import put_ticket, staff_id, unit_id

COUNT = 2 * PAGE + 7


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    with open_office(database_url, tmp_path / "data") as office:
        yield office


def actor(session: Session, login: str) -> Actor:
    return actor_of(session, session.scalars(select(Staff).where(Staff.login == login)).one())


def page(office: Office, query: str = "", login: str = "sun", **place: Key | None) -> QueuePage:
    with office.db.transaction(read_only=True) as session:
        scope = scope_of(session, actor(session, login))
        wanted = QueueFilter.read(query)
        return queue_page(session, office.runtime.desk, scope, wanted, now=MONDAY, **place)


def numbers(office: Office, query: str = "", login: str = "sun") -> set[int]:
    return {row.number - FIRST_NUMBER for row in page(office, query, login).rows}


def fill(office: Office) -> None:
    with office.db.transaction() as session:
        for n in range(COUNT):
            # by threes at the same moment: the order among them must hold too
            put_ticket(session, n, due_in=(n * 7 % COUNT) // 3 - 5)


def test_every_ticket_is_met_once_going_on_and_once_coming_back(office: Office) -> None:
    fill(office)
    for query in ("state=open", "state=any"):
        met, here = [], page(office, query)
        pages = [here]
        while here.after is not None:
            here = page(office, query, after=here.after)
            pages.append(here)
        met = [row.number for one in pages for row in one.rows]
        assert len(met) == len(set(met)) == COUNT
        assert [len(one.rows) for one in pages] == [PAGE, PAGE, 7]
        assert pages[0].before is None
        back = page(office, query, before=here.before)
        assert back.rows == pages[1].rows
        first = page(office, query, before=back.before)
        assert (first.rows, first.before) == (pages[0].rows, None)
    due = [row.due_at for row in page(office).rows]
    assert due == sorted(due)
    assert due[0] < MONDAY, "what is overdue comes first"


def test_a_page_stays_where_it_is_when_tickets_come_before_it(office: Office) -> None:
    fill(office)
    first = page(office)
    second = page(office, after=first.after)
    with office.db.transaction() as session:
        for n in range(COUNT, COUNT + 5):
            put_ticket(session, n, due_in=-100)
        session.execute(
            update(Ticket).where(Ticket.number == first.rows[3].number).values(status=Status.CLOSED)
        )
    assert page(office, after=first.after).rows == second.rows


@pytest.mark.parametrize("login", ["zhao", "qian", "wuye", "sun", "zhou", "wu", "zheng", "feng"])
def test_everybody_sees_exactly_what_they_may_see(office: Office, login: str) -> None:
    with office.db.transaction() as session:
        places = [None, *(unit_id(session, f"{n}栋") for n in range(1, 7)), unit_id(session, "第一网格")]
        people = [None, staff_id(session, "zhao"), staff_id(session, "qian"), staff_id(session, "wuye")]
        for n, (place, person) in enumerate((place, person) for place in places for person in people):
            ticket = put_ticket(session, n, unit_id=place, assignee_id=person)
            if n % 5 == 0:
                session.add(CoHandler(ticket_id=ticket.id, staff_id=people[n % 3 + 1], created_at=MONDAY))
    with office.db.transaction(read_only=True) as session:
        somebody = actor(session, login)
        tickets = session.scalars(select(Ticket)).all()
        wanted = {
            ticket.number - FIRST_NUMBER
            for ticket in tickets
            if may_see(somebody, view_of(session, ticket)) or helps(session, somebody, ticket.id)
        }
        facts = queue_facts(session, office.runtime.desk, scope_of(session, somebody), now=MONDAY)
    seen: set[int] = set()
    here = page(office, login=login)
    while True:
        seen |= {row.number - FIRST_NUMBER for row in here.rows}
        if here.after is None:
            break
        here = page(office, login=login, after=here.after)
    assert seen == wanted
    assert facts.open == len(wanted)


def test_who_has_left_sees_nothing(office: Office) -> None:
    with office.db.transaction(read_only=True) as session, pytest.raises(NotAllowed):
        scope_of(session, Actor("staff", 1, None, "/1/"))


def test_filters(office: Office) -> None:
    with office.db.transaction() as session:
        wang = find_by_phone(session, NUMBERS.wang)
        li = find_by_phone(session, NUMBERS.li)
        assert wang is not None and li is not None
        session.get_one(Resident, li.id).dialect = "四川话"
        sun, first = staff_id(session, "sun"), unit_id(session, "1栋")
        put_ticket(session, 0, reporter_id=wang.id, unit_id=first)
        put_ticket(session, 1, reporter_id=li.id, due_in=-1)
        put_ticket(session, 2, status=Status.NEEDS_LISTENING, channel="kiosk", category=None)
        put_ticket(session, 3, status=Status.CLOSED, text="电梯里有人抽烟", beneficiary_id=wang.id)
        put_ticket(session, 4, status=Status.IN_PROGRESS, assignee_id=sun, urgent=True, due_in=100)
        put_ticket(session, 5, status=Status.RESOLVED, text="100%是50_的")
        put_ticket(session, 6, status=Status.RETURNED, unit_id=unit_id(session, "5栋"))
        area = unit_id(session, "第一网格")
    assert numbers(office) == {0, 1, 2, 4, 6}
    expected = {
        "state=any": {0, 1, 2, 3, 4, 5, 6},
        "state=open&mine=1": {4},
        "state=open&overdue=1": {1},
        "state=open&soon=1": {0, 2, 6},
        "state=open&dialect=1": {1},
        "state=any&urgent=1": {4},
        "state=waiting": {0, 1, 6},
        "state=needs_listening": {2},
        "state=closed&state=resolved": {3, 5},
        f"state=any&unit={area}": {0},
        "state=any&unit=999": set(),
        "state=any&category=none": {2},
        "channel=kiosk": {2},
        "q=1003": {2},
        "q=1003号": {2},
        "q=138 0000 1111": {0, 3},
        "q=13800001112": {1},
        "q=抽烟": {3},
        "q=抽烟 电梯": {3},
        "q=抽烟 路灯": set(),
        "q=抽烟&state=open": set(),
        "q=0%25": {5},
        "q=5%25": set(),
        "q=50_": {5},
        "q=5__的": set(),
        "q=王阿姨": set(),
        "q=9999999": set(),
    }
    assert {query: numbers(office, query) for query in expected} == expected


def test_facts_count_what_the_views_show(office: Office) -> None:
    with office.db.transaction() as session:
        sun = staff_id(session, "sun")
        for n, status in enumerate(Status):
            put_ticket(session, n, status=status, due_in=n - 3, assignee_id=sun if n % 2 else None)
        put_ticket(
            session, 50, status=Status.CLOSED, created_at=MONDAY, resolved_at=MONDAY - timedelta(hours=1)
        )
    with office.db.transaction(read_only=True) as session:
        scope = scope_of(session, actor(session, "sun"))
        facts = queue_facts(session, office.runtime.desk, scope, now=MONDAY)
    counted = {view.count: len(numbers(office, view.filter.query())) for view in VIEWS if view.count}
    assert {name: getattr(facts, name) for name in counted} == counted
    assert (facts.taken, facts.done) == (1, 1)


def test_what_has_changed_is_told_without_moving_anything(office: Office) -> None:
    with office.db.transaction() as session:
        for n in range(4):
            put_ticket(session, n, due_in=72 + n, assignee_id=staff_id(session, "qian"))
    shown = {row.number: row.version for row in page(office, login="qian").rows}
    with office.db.transaction() as session:
        put_ticket(session, 9, due_in=1, assignee_id=staff_id(session, "qian"))
        values = {
            1: {"status": Status.CLOSED},
            2: {"assignee_id": None},
            3: {"matter": "灯坏了", "version": 2},
        }
        for n, change in values.items():
            session.execute(update(Ticket).where(Ticket.number == FIRST_NUMBER + n).values(**change))

    def told(**since: float) -> tuple[object, ...]:
        with office.db.transaction(read_only=True) as session:
            found = changes(
                session,
                office.runtime.desk,
                scope_of(session, actor(session, "qian")),
                QueueFilter.read("state=open"),
                shown,
                now=MONDAY + timedelta(**since),
                since=MONDAY,
                after=None,
                until=None,
            )
        rows = ([row.number - FIRST_NUMBER for row in rows] for rows in (found.gone, found.changed))
        return [n - FIRST_NUMBER for n in found.new], *rows, [n - FIRST_NUMBER for n in found.lost]

    assert told(seconds=0) == ([9], [1], [3], [2])
    assert told(days=1) == ([9], [1], [0, 3], [2]), "three days are left, then two: said in other words"


def test_keys_of_nobody_are_the_beginning() -> None:
    for written in (None, "", "x", "1.2.3", "-1", "9" * 30, "999999999999999999.1", "1.", "²"):
        assert Key.parse(written) is None
    for key in (Key(7), Key(7, MONDAY)):
        assert Key.parse(str(key)) == key


def test_filters_are_written_as_they_were_read() -> None:
    for view in VIEWS:
        assert QueueFilter.read(view.filter.query()) == view.filter
    odd = QueueFilter.read(
        "state=closed&state=nonsense&unit=x&category=?&channel=fax&mine=2&q= 路灯%20 &overdue=1"
    )
    assert odd == QueueFilter(states=frozenset({Status.CLOSED}), overdue=True, q="路灯")
    assert QueueFilter.read("q=路灯").shown > OPEN
