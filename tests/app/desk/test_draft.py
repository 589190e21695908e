"""One shape for a matter on its way in."""

from app.desk.draft import Draft
from app.desk.tickets import open_ticket
from app.desk.understanding import understand
from models.lifecycle import Status
from models.resident import Resident
from tests.app.desk.conftest import HOTLINE, MONDAY, Town


def test_what_was_understood_becomes_a_ticket(town: Town) -> None:
    with town.db.transaction() as session:
        draft = Draft.from_understanding(
            understand("三栋二单元路灯不亮了"),
            channel="phone",
            occurred_at=MONDAY,
            reporter_id=town.resident["wang"],
            hotline=HOTLINE,
        )
        ticket = open_ticket(session, town.cfg, draft, now=MONDAY)
        assert (ticket.category, ticket.building, ticket.unit_no) == ("repairs", "3", "2")
        assert ticket.unit_id == town.unit["b3"]
        assert (ticket.status, ticket.text) == (Status.NEW, "三栋二单元路灯不亮了")


def test_what_the_caller_of_it_knows_better_wins() -> None:
    draft = Draft.from_understanding(
        understand("路灯不亮"), channel="sms", occurred_at=MONDAY, category="environment", verified=True
    )
    assert (draft.category, draft.verified) == ("environment", True)


def test_danger_makes_it_urgent() -> None:
    draft = Draft.from_understanding(understand("三栋着火了"), channel="phone", occurred_at=MONDAY)
    assert (draft.danger, draft.urgent) == ("119", True)


def test_no_heating_is_urgent_for_an_old_person_living_alone(town: Town) -> None:
    with town.db.transaction() as session:
        session.get_one(Resident, town.resident["chen"]).lives_alone = True
        session.flush()  # an intake asks the database, not what the session still holds
        found = understand("家里暖气不热")
        assert found.outage == "heating" and not found.urgent
        for reporter, beneficiary, urgent in (
            ("wang", None, False),
            ("chen", None, True),
            ("wang", "chen", True),  # a neighbour reports 陈奶奶's cold heating
        ):
            draft = Draft.from_understanding(
                found,
                channel="phone",
                occurred_at=MONDAY,
                reporter_id=town.resident[reporter],
                beneficiary_id=town.resident[beneficiary] if beneficiary else None,
                hotline=HOTLINE,
            )
            ticket = open_ticket(session, town.cfg, draft, now=MONDAY)
            assert ticket.urgent is urgent
            assert ticket.reporter_id == town.resident[reporter]
