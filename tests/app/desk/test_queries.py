"""What screens and the command line read."""

import json
from datetime import timedelta

import pytest

from app.desk import queries, ratings
from app.desk.callbacks import request_return_call
from app.errors import NotFound
from models.callback import Callback
from models.lifecycle import Action, Status
from tests.app.desk.conftest import MONDAY, WANG, Town, place, plan_due


def test_a_ticket_with_all_that_belongs_to_it(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.resolved(session, place=place(building="3", unit="2", room="501"))
        plan_due(session, town.cfg, now=MONDAY)
        sun = town.actor(session, "sun")
        ratings.enter_rating(session, town.cfg, ticket, sun, 3, 1, 1, 1, "visit", None, now=MONDAY)
        view = queries.ticket_view(session, town.cfg, 1001, actor=sun)
        assert json.loads(json.dumps(view, ensure_ascii=False)) == view
        assert [event["action"] for event in view["events"]] == [
            "open",
            "dispatch",
            "resolve",
            "reopen",
        ]
        assert (view["status"], view["cycle"], view["category_name"]) == ("reopened", 2, "基础设施维修")
        assert view["ratings"][0]["fact"] == 3
        assert view["callbacks"][0]["state"] == "done"
        assert view["remedial"][0]["cause"] == "fact"
        assert "dispatch" in view["allowed"]
        assert view["unit"]["name"] == "3"


def test_personal_fields_are_masked_unless_asked_for(town: Town) -> None:
    with town.db.transaction() as session:
        town.dispatched(session, place=place(building="3", room="501"))
        masked = json.dumps(queries.ticket_view(session, town.cfg, 1001), ensure_ascii=False)
        assert WANG not in masked and "13800001111" not in masked and "13800002001" not in masked
        assert "138****1111" in masked
        view = queries.ticket_view(session, town.cfg, 1001, unmask=True)
        assert view["reporter"]["phones"] == [WANG]
        assert (view["reporter"]["name"], view["place"]["room"]) == ("wang", "501")
        view = queries.ticket_view(session, town.cfg, 1001)
        assert (view["reporter"]["name"], view["place"]["room"]) == ("w***", "***")


def test_other_units_tickets_do_not_exist(town: Town) -> None:
    with town.db.transaction() as session:
        town.dispatched(session)
        for name in ("gridsun", "stranger", "gone", "qian"):
            with pytest.raises(NotFound):
                queries.ticket_view(session, town.cfg, 1001, actor=town.actor(session, name))
        for name in ("sun", "eye", "zhao"):
            assert queries.ticket_view(session, town.cfg, 1001, actor=town.actor(session, name))


def test_lists_are_by_unit_and_the_most_pressing_comes_first(town: Town) -> None:
    with town.db.transaction() as session:
        slow = town.open(session)
        fast = town.open(session, urgent=True)
        other = town.open(session, unit_id=town.unit["other3"])
        lost = town.open(session)
        lost.unit_id = None
        closed = town.bring_to(session, Status.CLOSED)
        session.flush()

        def seen(name: str, **more: object) -> list[int]:
            rows = queries.list_tickets(
                session, town.cfg, now=MONDAY, actor=town.actor(session, name), **more
            )
            return [row["number"] for row in rows]

        assert seen("sun") == [fast.number, slow.number, other.number, lost.number]
        assert seen("gridsun") == [other.number]
        assert seen("stranger") == [lost.number]
        assert seen("gone") == []
        assert seen("sun", statuses=[Status.CLOSED]) == [closed.number]
        assert seen("zhao") == [fast.number, slow.number]  # of the keeper's own grid
        town.act(session, other, Action.DISPATCH, "sun", assignee_id=town.staff["zhao"])
        assert seen("zhao") == [fast.number, slow.number, other.number]
        assert seen("sun", assignee_id=town.staff["zhao"]) == [other.number]
        later = MONDAY + timedelta(hours=5)
        rows = queries.list_tickets(session, town.cfg, now=later, overdue=True)
        assert [row["number"] for row in rows] == [fast.number]


def test_the_callback_workers_queue(town: Town) -> None:
    with town.db.transaction() as session:
        request_return_call(session, town.cfg, phone=WANG, reason="asked_person", now=MONDAY)
        [row] = queries.person_queue(session, town.cfg, now=MONDAY)
        assert (row["kind"], row["phone"], row["due"]) == ("return_call", "138****1111", True)
        assert queries.person_queue(session, town.cfg, now=MONDAY, unmask=True)[0]["phone"] == WANG


def test_in_the_queue_due_ones_come_first_and_then_who_waits_longest(town: Town) -> None:
    with town.db.transaction() as session:
        ids = []
        for minute in range(3):
            ticket, now = town.open(session), MONDAY + timedelta(minutes=minute)
            ask = {
                "phone": WANG,
                "reason": "hung_up",
                "ticket_id": ticket.id,
                "resident_id": ticket.reporter_id,
            }
            ids.append(request_return_call(session, town.cfg, now=now, **ask).id)
        first, second, third = (session.get_one(Callback, id_) for id_ in ids)
        first.due_at = MONDAY + timedelta(days=1)
        second.due_at = MONDAY + timedelta(minutes=30)  # asked again, and still waits longer than the third
        session.flush()
        now = MONDAY + timedelta(hours=1)

        def seen(**more: object) -> list[int]:
            return [row["id"] for row in queries.person_queue(session, town.cfg, now=now, **more)]

        assert seen() == [second.id, third.id, first.id]
        assert seen(before=MONDAY + timedelta(hours=2)) == [second.id, third.id]
        assert seen(actor=town.actor(session, "sun")) == [second.id, third.id, first.id]
        assert seen(actor=town.actor(session, "gridsun")) == []
        row = queries.person_queue(session, town.cfg, now=now)[0]
        assert row["number"] == 1002 and row["resident"]["prefers_person"] is False
