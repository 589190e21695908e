"""Listening, putting right and dispatching in one form; drafts that nobody else sees."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from models.draft import StaffDraft
from models.lifecycle import Status
from models.staff import Staff
from models.ticket import TicketEvent
from models.verified_example import VerifiedExample
from tests.support.console import Desk
from tests.support.heard_call import SAID, unclear_call
from tests.support.office import Office

Open = Callable[[str], Desk]


@pytest.fixture
def office(both_offices: Office) -> Office:
    """What the ticket's page does, it does on both databases."""
    return both_offices


PAGE = "/staff/tickets/1001"


def form(**more: object) -> dict[str, object]:
    given = {
        "version": 1,
        "seen": 0,
        "recording_id": 1,
        "transcript": SAID,
        "category": "repairs",
        "building": "3",
        "unit": "2",
    }
    return given | more


def test_the_words_are_put_right_kept_as_an_example_and_the_matter_dispatched(
    office: Office, desk: Open
) -> None:
    unclear_call(office)
    with office.db.transaction(read_only=True) as session:
        zhao = session.scalars(select(Staff.id).where(Staff.login == "zhao")).one()
    assert desk("sun").post(f"{PAGE}/heard", form(assignee=zhao)).status_code == 303
    with office.db.transaction(read_only=True) as session:
        ticket = office.ticket(session)
        assert (ticket.status, ticket.assignee_id, ticket.text) == (Status.DISPATCHED, zhao, SAID)
        assert (ticket.category, ticket.building, ticket.unit_no, ticket.verified) == (
            "repairs",
            "3",
            "2",
            True,
        )
        assert ticket.dispatch_reason == "规则3：基础设施维修 · 3栋 → 网格员"
        example = session.scalars(select(VerifiedExample)).one()
        assert (example.transcript, example.recording_id) == (SAID, 1)
        events = list(session.scalars(select(TicketEvent.action).order_by(TicketEvent.id)))
        assert events == ["open", "amend", "listen", "dispatch"]
        assert session.scalars(select(StaffDraft)).all() == []


def test_without_somebody_chosen_the_rules_decide_afterwards(office: Office, desk: Open) -> None:
    unclear_call(office)
    assert desk("sun").post(f"{PAGE}/heard", form()).status_code == 303
    with office.db.transaction(read_only=True) as session:
        assert office.ticket(session).status is Status.NEW
    assert ("dispatch", 1) in [(name.value, id_) for name, id_ in office.hands.pushed]


def test_what_is_typed_is_kept_for_whoever_typed_it_and_understood_at_once(
    office: Office, desk: Open
) -> None:
    unclear_call(office)
    sun = desk("sun")
    hint = sun.post(f"{PAGE}/draft", form(transcript="三栋着火了"), more_headers={"HX-Request": "true"}).text
    assert "119" in hint
    assert "规则1" in hint
    assert "着火" in sun.get(PAGE).text
    assert "着火" not in desk("wu").get(PAGE).text
    with office.db.transaction(read_only=True) as session:
        assert office.ticket(session).status is Status.NEEDS_LISTENING
    sun.post(f"{PAGE}/draft", form(forget="1"))
    assert "着火" not in sun.get(PAGE).text


def test_mistakes_are_said_at_the_form_and_the_words_stay(office: Office, desk: Open) -> None:
    unclear_call(office)
    sun = desk("sun")
    wrong = sun.post(f"{PAGE}/heard", form(building="三号那个", transcript="改过的话"))
    assert wrong.status_code == 422
    assert "只写数字" in wrong.text
    assert "改过的话" in wrong.text
    assert sun.post(f"{PAGE}/heard", form(version=0)).status_code == 409
    assert sun.post(f"{PAGE}/heard", form(assignee="x")).status_code == 422
    assert desk("zhao").post(f"{PAGE}/heard", form()).status_code == 403
    with office.db.transaction(read_only=True) as session:
        assert office.ticket(session).status is Status.NEEDS_LISTENING


def test_danger_that_somebody_hears_is_told_to_the_duty_number_at_once(office: Office, desk: Open) -> None:
    unclear_call(office)
    desk("sun").post(f"{PAGE}/heard", form(transcript="三栋有人晕倒了", danger="120"))
    with office.db.transaction(read_only=True) as session:
        ticket = office.ticket(session)
        assert (ticket.danger, ticket.urgent) == ("120", True)
    assert any("120" in body for body in office.texts_to("+8613800009001"))
