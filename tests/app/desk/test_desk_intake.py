"""Taking matters in at the desk: once a form, with everybody named, answered on the spot or on its way."""

import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk import council_intake, desk_intake, staff_drafts
from app.desk.council_intake import Decided
from app.desk.desk_intake import Matter, Taken
from app.desk.residents import find_by_phone
from app.errors import BadInput, BadNumber, NotAllowed
from models.callback import Callback
from models.lifecycle import Status
from models.resident import Resident
from models.ticket import Ticket
from tests.app.desk.conftest import MONDAY, WANG, Town, plan_due


def take(town: Town, session: Session, who: str = "sun", key: str = "k1", **fields: Any) -> Taken:
    given: dict[str, Any] = {"channel": "desk", "words": "3栋路灯不亮", "occurred_at": MONDAY}
    actor = town.actor(session, who)
    matter = Matter(**(given | fields))
    return desk_intake.take(session, town.cfg, actor, matter, key=key, now=MONDAY, data_dir=Path("unused"))


def test_a_form_sent_twice_at_once_is_one_ticket(town: Town) -> None:
    numbers: list[int] = []
    ready = threading.Barrier(2)

    def send() -> None:
        ready.wait()
        with town.db.transaction() as session:
            numbers.append(take(town, session).ticket.number)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(numbers) == 2 and len(set(numbers)) == 1
    with town.db.transaction() as session:
        assert len(session.scalars(select(Ticket)).all()) == 1
        assert take(town, session, key="k2").ticket.number not in numbers


def test_a_neighbour_reports_for_somebody_else(town: Town) -> None:
    with town.db.transaction() as session:
        taken = take(
            town, session, "zhao", channel="visit", words="李奶奶家暖气不热", phone=WANG, for_name="李奶奶",
            unit_id=town.unit["b3"], room="501",
        )  # fmt: skip
        ticket = taken.ticket
        wang = find_by_phone(session, WANG)
        assert wang is not None and ticket.reporter_id == wang.id
        beneficiary = session.get_one(Resident, ticket.beneficiary_id)
        assert (beneficiary.name, beneficiary.unit_id) == ("李奶奶", town.unit["b3"])
        assert (ticket.building, ticket.room, ticket.unit_id) == ("3", "501", town.unit["b3"])
        assert (ticket.first_responder_id, ticket.verified) == (town.staff["zhao"], True)
        again = take(town, session, "zhao", key="k2", for_name="李奶奶", unit_id=town.unit["b3"])
        assert again.ticket.beneficiary_id == beneficiary.id, "she is found again by her name and place"


@pytest.mark.parametrize("who", ["sun", "zhao", "zhou"])
def test_answered_on_the_spot_is_done_and_still_asked_about(town: Town, who: str) -> None:
    with town.db.transaction() as session:
        ticket = take(
            town, session, who, phone=WANG, answer="已经告诉她怎么办理", unit_id=town.unit["b3"]
        ).ticket
        assert (ticket.status, ticket.resolution) == (Status.RESOLVED, "已经告诉她怎么办理")
        assert plan_due(session, town.cfg, now=MONDAY) == 1
        callback = session.scalars(select(Callback).where(Callback.ticket_id == ticket.id)).one()
        assert callback.reason == "resolved"


def test_danger_is_urgent_and_what_makes_no_sense_is_refused(town: Town) -> None:
    with town.db.transaction() as session:
        assert take(town, session, danger="119").ticket.urgent
        for fields, error in (
            ({"words": " "}, BadInput),
            ({"category": "nonsense"}, BadInput),
            ({"phone": "12"}, BadNumber),
            ({"unit_id": 99999}, BadInput),
            ({"unit_id": town.unit["elsewhere"]}, BadInput),
            ({"danger": "999"}, BadInput),
        ):
            with pytest.raises(error), session.begin_nested():
                take(town, session, key=f"x{fields}"[:40], **fields)
        with pytest.raises(NotAllowed):
            take(town, session, "eye", key="k9")


def test_the_words_suggest_and_what_is_near_is_shown(town: Town) -> None:
    with town.db.transaction() as session:
        lamp = town.open(session)
        sun = town.actor(session, "sun")
        wang = town.resident["wang"]
        found = desk_intake.suggest(
            session, town.cfg, sun, "三栋路灯不亮了", None, now=MONDAY, resident_id=wang
        )
        assert found.meaning.category == "repairs" and found.unit_id == lamp.unit_id
        assert [one.ticket.id for one in found.similar] == [lamp.id]
        assert len(session.scalars(select(Ticket)).all()) == 1, "looking stores nothing"


def test_a_number_shows_somebody_masked(town: Town) -> None:
    with town.db.transaction() as session:
        sun = town.actor(session, "sun")
        known = desk_intake.look_up(session, town.cfg, sun, "13800001111")
        assert known is not None
        name = session.get_one(Resident, known.id).name or ""
        assert known.name != name and known.phone == "138****1111"
        assert desk_intake.look_up(session, town.cfg, sun, "13900001234") is None
        assert desk_intake.known(session, sun, known.id).name == name
        with pytest.raises(NotAllowed):
            desk_intake.known(session, town.actor(session, "stranger"), known.id)


def test_council_items_are_opened_once_each_and_go_where_it_was_written(town: Town) -> None:
    with town.db.transaction() as session:
        sun = town.actor(session, "sun")

        def open_one(row: Decided, key: str) -> tuple[Ticket, bool]:
            return council_intake.open_item(
                session, town.cfg, sun, row, key=key, now=MONDAY, data_dir=Path("unused")
            )

        lamp, again = open_one(Decided("3栋路灯不亮", staff_id=town.staff["zhao"], person="赵国强"), "n:1")
        assert not again and lamp.status is Status.DISPATCHED and lamp.assignee_id == town.staff["zhao"]
        assert open_one(Decided("3栋路灯不亮", staff_id=town.staff["zhao"]), "n:1") == (lamp, True)
        far = date(2027, 6, 30)
        wall, _ = open_one(Decided("3栋外墙要翻新", deadline=far, planned=True, person="张三"), "n:2")
        assert (wall.status, wall.review_on) == (Status.PLANNED, far)
        [council] = [event for event in town.events(session, wall) if event.action == "council"]
        assert "张三" in (council.reason or "") and council.data["deadline"] == "2027-06-30"


def test_what_was_begun_is_there_again(town: Town) -> None:
    with town.db.transaction() as session:
        staff_id = town.staff["sun"]
        for words in ("3栋", "3栋路灯"):
            staff_drafts.save(
                session, staff_id, "intake", {"words": words}, now=MONDAY + timedelta(minutes=1)
            )
        assert staff_drafts.load(session, staff_id, "intake") == {"words": "3栋路灯"}
        assert staff_drafts.load(session, town.staff["zhou"], "intake") == {}
        staff_drafts.save(session, staff_id, "intake", {"words": ""}, now=MONDAY)
        assert staff_drafts.load(session, staff_id, "intake") == {}
