"""Every route × every role × own and other unit, against a table written by hand; and what holds for every answer.

The community's own staff sit at its top, so "own unit" here is the first grid and "other unit" the second.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.factory import create_app
from models.activity import Activity
from models.call import Call
from models.callback import Callback, CallbackKind, CallbackState
from models.kiosk import Kiosk
from models.notice import Notice, NoticeState
from models.photo import Photo
from models.recording import Recording
from models.resident import Resident, ResidentPhone
from models.resident_change import ResidentMerge
from models.roster import DutyShift
from models.saved_view import SavedView
from models.staff import Role, Staff
from models.station import Station
from models.ticket import Ticket
from models.unit import Unit
from tests.console.rights_table import LINES, Line
from tests.support.console import Desk
from tests.support.office import NUMBERS, Office

Things = dict[str, int]
SIGN_IN, FORBIDDEN, NOT_THERE = "/staff/login", 403, 404
# Beside the thing itself, what a route wants: an action, a colleague …
OTHERS = {
    "action": "dispatch",
    "deed": "delete",
    "code": "repairs",
    "key": "welcome",
    "rule_id": "1",
    "item_id": "1",
    "phone_id": "1",
    "staff": "1",
}


HIDDEN = ("ticket", "recording", "photo", "person", "notice", "unit", "view")
"""Whose other unit's ids must not even tell that they exist."""
HARMLESS = ("/callbacks/<int:callback_id>/release",)
"""Only ever touches what is the asker's own, and says the same whatever it finds."""


@dataclass
class House:
    """The office with somebody of every role in the first grid, and the same things in both grids."""

    office: Office
    first: Things
    second: Things


@pytest.fixture
def house(office: Office) -> Iterator[House]:
    tickets = [office.open_one(f"{building}栋路灯不亮") for building in (3, 5)]
    with office.db.transaction() as session:
        grids = [session.scalars(select(Unit).where(Unit.name == n)).one() for n in ("第一网格", "第二网格")]
        for role in Role:
            session.add(Staff(login=f"own-{role}", name=f"own-{role}", role=role, unit_id=grids[0].id))
        things = [
            _things(session, office, grid, ticket, phone)
            for grid, ticket, phone in zip(grids, tickets, (NUMBERS.wang, NUMBERS.li), strict=True)
        ]
    yield House(office, *things)


def _things(session: Session, office: Office, grid: Unit, ticket_id: int, phone: str) -> Things:
    """One of everything that belongs to this grid."""
    now = office.moment
    later = now + timedelta(days=3)
    ticket = session.get_one(Ticket, ticket_id)
    assert ticket.unit_id is not None and session.get_one(Unit, ticket.unit_id).path.startswith(grid.path)
    resident = session.scalars(
        select(Resident).join(ResidentPhone).where(ResidentPhone.phone_index == phone)
    ).one()
    ticket.reporter_id = resident.id
    person = Staff(login=f"p{grid.id}", name="某人", role=Role.KEEPER, unit_id=grid.id)
    unit = Unit(parent_id=grid.id, path="/", kind="area", name=f"片区{grid.id}", label=f"片区{grid.id}")
    call = Call(
        uid=f"call-{grid.id}",
        carrier_sid=f"CA{grid.id}",
        direction="inbound",
        hotline="+864001234567",
        state={},
        started_at=now,
        updated_at=now,
    )
    session.add_all([person, unit, call])
    session.flush()
    unit.path = f"{grid.path}{unit.id}/"
    rows: dict[str, Any] = {
        "callback": Callback(
            kind=CallbackKind.EVALUATION,
            state=CallbackState.PERSON,
            ticket_id=ticket.id,
            resident_id=resident.id,
            phone=phone,
            phone_index=phone,
            reason="resolved",
            dedup_key=f"test:{grid.id}",
            due_at=now,
            not_after=later,
            created_at=now,
        ),
        "recording": Recording(
            call_id=call.id,
            turn_n=1,
            ticket_id=ticket.id,
            source="stream",
            state="done",
            due_at=now,
            created_at=now,
        ),
        "photo": Photo(
            ticket_id=ticket.id,
            path="none.jpg",
            thumb_path="none-small.jpg",
            width=1,
            height=1,
            added_by=person.id,
            created_at=now,
        ),
        "activity": Activity(unit_id=grid.id, theme="下棋", place="楼前", starts_at=later, created_at=now),
        "notice": Notice(
            unit_id=grid.id,
            body="明天停水",
            state=NoticeState.DRAFT,
            created_by=person.id,
            created_at=now,
            not_after=later,
        ),
        "view": SavedView(staff_id=person.id, name="常用", query="", created_at=now),
        "merge": ResidentMerge(kept_id=resident.id, gone_id=0, moved={}, by_staff_id=person.id, at=now),
        "shift": DutyShift(unit_id=grid.id, weekday=0, from_minute=0, to_minute=60, phone=NUMBERS.duty),
        "station": Station(
            unit_id=grid.id,
            name="驿站",
            letter=chr(64 + grid.id % 26),
            address="楼下",
            hours="08:00-20:00",
            created_at=now,
        ),
    }
    session.add_all(rows.values())
    session.flush()
    rows["kiosk"] = Kiosk(station_id=rows["station"].id, slip_prefix=rows["station"].letter, created_at=now)
    session.add(rows["kiosk"])
    session.flush()
    known = {name: row.id for name, row in rows.items()}
    return known | {"ticket": ticket.number, "resident": resident.id, "person": person.id, "unit": unit.id}


def path_of(line: Line, things: Things) -> str:
    """The rule with its thing's id in it, and other placeholders filled with what makes sense."""

    def fill(match: re.Match[str]) -> str:
        choice, name = match.groups()
        return choice or OTHERS.get(name) or str(things[line.thing])

    return "/staff" + re.sub(r"<(?:any\((\w+)[^)]*\):|int:)?(\w+)>", fill, line.rule)


def ask(
    desk: Desk, line: Line, things: Things, form: dict[str, Any] | None = None, **options: Any
) -> TestResponse:
    path = path_of(line, things)
    answer = desk.get(path, **options) if line.method == "GET" else desk.post(path, form, **options)
    answer.get_data()
    return answer


def test_the_table_has_every_route_and_no_other(office: Office) -> None:
    rules: list[Rule] = list(create_app(office.runtime).url_map.iter_rules())
    routes = {
        (method, rule.rule.removeprefix("/staff"))
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint.startswith("staff.") and rule.endpoint != "staff.static"
    }
    assert routes == {(line.method, line.rule) for line in LINES}
    assert len(LINES) == len(routes)


def test_whoever_has_not_signed_in_sees_the_sign_in_page_and_nothing_else(house: House) -> None:
    stranger = Desk(house.office)
    for line in LINES:
        answer = ask(stranger, line, house.first)
        if line.roles:
            assert answer.headers.get("Location", "").startswith(SIGN_IN), line


@pytest.mark.parametrize("role", Role)
def test_a_role_gets_the_pages_that_the_table_gives_it(house: House, role: Role) -> None:
    """Denied at the door: the same for things that do not exist."""
    desk = Desk(house.office, f"own-{role}")
    for line in LINES:
        if line.roles and role not in line.roles:
            answer = ask(desk, line, house.second)
            assert (answer.status_code, "不归您管" in answer.text) == (FORBIDDEN, True), line


@pytest.mark.parametrize("role", Role)
def test_nothing_of_another_unit_is_there(house: House, role: Role) -> None:
    """Forms are filled in well enough to get as far as the rights. A ticket of another unit does not even exist."""
    desk = Desk(house.office, f"own-{role}")
    forms: dict[str, dict[str, Any]] = {
        "/residents/<int:resident_id>/erase": {"sure": "yes", "reason": "本人要求"},
        "/residents/<int:resident_id>/merge": {"merge-other": NUMBERS.wang},
        "/stations/<int:station_id>": {
            "unit_id": house.first["unit"],
            "name": "驿站",
            "letter": "Z",
            "address": "楼下",
            "hours": "08:00-20:00",
            "inches": "21.5",
            "distance_mm": "500",
        },
    }
    wrong = []
    for line in LINES:
        if role in line.roles and line.thing not in ("", "*") and line.rule not in HARMLESS:
            answer = ask(desk, line, house.second, forms.get(line.rule), follow_redirects=True)
            denied = (NOT_THERE,) if line.thing in HIDDEN else (NOT_THERE, FORBIDDEN)
            if answer.status_code not in denied:
                wrong.append((line.method, line.rule, answer.status_code))
    assert wrong == [], "\n".join(map(str, wrong))


def test_what_belongs_to_all_is_changed_at_the_top_only(house: House) -> None:
    for role in (Role.SUPERVISOR, Role.ADMINISTRATOR):
        desk = Desk(house.office, f"own-{role}")
        lines = [line for line in LINES if role in line.roles and line.thing == "*"]
        seen = [(line.method, line.rule, ask(desk, line, {}).status_code) for line in lines]
        assert [one for one in seen if one[2] not in (FORBIDDEN, NOT_THERE)] == []


def test_the_same_things_are_there_for_whoever_they_belong_to(house: House) -> None:
    """Otherwise the tests before this one would say nothing."""
    desk = Desk(house.office, f"own-{Role.ADMINISTRATOR}")
    lines = [line for line in LINES if line.thing not in ("", "*", "view") and line.method == "GET"]
    files = ("/recordings/", "/photos/")  # the rows are there, the files are not
    found = [
        (line.rule, ask(desk, line, house.first).status_code)
        for line in lines
        if not line.rule.startswith(files)
    ]
    assert [one for one in found if one[1] not in (200, 302, 303)] == []


def test_every_form_needs_its_token(house: House) -> None:
    desk = Desk(house.office, "zheng")
    for line in LINES:
        if line.method == "POST":
            refused = desk.client.post(path_of(line, house.first or {}), base_url="https://hotline.example")
            assert refused.status_code == 400 and "放得太久" in refused.text, line


def test_every_answer_is_framed_sniffed_and_kept_by_nobody(house: House) -> None:
    for desk in (Desk(house.office, "zheng"), Desk(house.office, "feng"), Desk(house.office)):
        for line in LINES:
            if line.method == "GET":
                headers = ask(desk, line, house.first).headers
                policy = headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy, line
                assert "unsafe" not in policy and headers["X-Content-Type-Options"] == "nosniff", line
                assert headers["Cache-Control"] == "no-store" and headers["Strict-Transport-Security"], line


def test_webhooks_know_nothing_of_sessions_and_form_tokens(office: Office) -> None:
    desk = Desk(office, "sun")
    for path in ("/voice/incoming", "/sms/incoming"):
        refused = desk.client.post(path, base_url="https://hotline.example")
        assert (refused.status_code, refused.text) == (403, "signature refused")  # not: 400, no form token
        assert "Set-Cookie" not in refused.headers and "Vary" not in refused.headers
