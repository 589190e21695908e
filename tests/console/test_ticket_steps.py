"""What is done from the ticket's page: each step of the table, taking it back, and what two people do at once."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.community import NUMBERS
from app.jobs.steps import sweep_steps
from models.lifecycle import Action, Status, replay
from models.staff import Staff
from models.ticket import TicketEvent
from tests.support.console import Desk
from tests.support.office import Office

Open = Callable[[str], Desk]


@pytest.fixture
def office(both_offices: Office) -> Office:
    """What the ticket's page does, it does on both databases."""
    return both_offices


def staff_id(office: Office, login: str) -> int:
    with office.db.transaction(read_only=True) as session:
        return session.scalars(select(Staff.id).where(Staff.login == login)).one()


def status(office: Office, number: int = 1001) -> Status:
    with office.db.transaction(read_only=True) as session:
        return office.ticket(session, number).status


def version(office: Office, number: int = 1001) -> int:
    with office.db.transaction(read_only=True) as session:
        return office.ticket(session, number).version


def actions(office: Office) -> list[str]:
    with office.db.transaction(read_only=True) as session:
        return list(session.scalars(select(TicketEvent.action).order_by(TicketEvent.id)))


def do(office: Office, who: Desk, action: str, number: int = 1001, **given: object) -> TestResponse:
    return who.post(
        f"/staff/tickets/{number}/do/{action}", {"version": version(office, number), "seen": 0, **given}
    )


def dispatch(office: Office, sun: Desk, login: str = "zhao") -> TestResponse:
    return do(office, sun, "dispatch", assignee=staff_id(office, login))


def test_dispatched_accepted_held_resumed_resolved_with_buttons_alone(office: Office, desk: Open) -> None:
    office.open_one()
    sun, zhao = desk("sun"), desk("zhao")
    assert zhao.get("/staff/tickets/1001").status_code == 200
    assert dispatch(office, sun).status_code == 303
    assert do(office, zhao, "accept").status_code == 303
    assert do(office, zhao, "hold", reason="等配件", until="2026-11-26").status_code == 303
    assert status(office) is Status.IN_PROGRESS  # it can still be taken back
    office.pass_time(seconds=61)
    sweep_steps(office.runtime)
    assert status(office) is Status.ON_HOLD
    assert do(office, zhao, "resume").status_code == 303
    assert do(office, zhao, "resolve", text="换了灯泡").status_code == 303
    assert zhao.post("/staff/tickets/1001/now").status_code == 303
    assert status(office) is Status.RESOLVED
    with office.db.transaction(read_only=True) as session:
        rows = session.execute(select(TicketEvent.action, TicketEvent.target).order_by(TicketEvent.id)).all()
    steps = [(Action(row.action), row.target) for row in rows if row.action in list(Action)]
    assert replay(iter(steps)) is Status.RESOLVED


def test_a_slip_is_taken_back_and_nobody_has_been_told(office: Office, desk: Open) -> None:
    office.open_one()
    sun = desk("sun")
    do(office, sun, "cancel", reason="点错了")
    page = sun.get("/staff/tickets/1001").text
    assert "撤回" in page
    assert "do/plan" not in page  # one step after another
    assert do(office, sun, "plan", reason="明年修", review_on="2027-01-04").status_code == 422
    assert sun.post("/staff/tickets/1001/back").status_code == 303
    office.pass_time(seconds=120)
    sweep_steps(office.runtime)
    assert status(office) is Status.NEW
    assert actions(office) == ["open"]
    assert office.texts_to(NUMBERS.wang) == []


def test_too_late_to_take_back_says_so(office: Office, desk: Open) -> None:
    office.open_one()
    sun = desk("sun")
    do(office, sun, "cancel", reason="重复登记")
    office.pass_time(seconds=61)
    sweep_steps(office.runtime)
    assert status(office) is Status.CANCELLED
    answer = sun.post("/staff/tickets/1001/back", follow_redirects=True)
    assert "来不及了" in answer.text


def test_a_step_that_somebody_forestalled_is_not_carried_out_and_the_log_says_so(
    office: Office, desk: Open
) -> None:
    office.open_one()
    sun = desk("sun")
    dispatch(office, sun)
    do(office, desk("zhao"), "return", reason="不归我管")
    assert dispatch(office, desk("wu"), "wuye").status_code == 422  # from the page: something is pending
    desk("zhao").post("/staff/tickets/1001/now")
    assert status(office) is Status.RETURNED
    do(office, sun, "plan", reason="明年修", review_on="2027-01-04")
    with office.db.transaction() as session:  # by another door, which knows nothing of the page
        from app.desk.tickets import actor_of, transition

        ticket = office.ticket(session)
        actor = actor_of(session, session.scalars(select(Staff).where(Staff.login == "wu")).one())
        zhao = session.scalars(select(Staff.id).where(Staff.login == "zhao")).one()
        transition(
            session, office.runtime.desk, ticket, Action.DISPATCH, actor, now=office.moment, assignee_id=zhao
        )
    office.pass_time(seconds=61)
    sweep_steps(office.runtime)
    assert status(office) is Status.DISPATCHED
    assert actions(office)[-1] == "step_void"


def test_sent_to_the_wrong_person_and_then_to_the_right_one_only_the_right_one_is_texted(
    office: Office, desk: Open
) -> None:
    office.open_one()
    sun = desk("sun")
    dispatch(office, sun, "qian")
    assert len(office.texts_to(NUMBERS.qian)) == 1
    dispatch(office, sun, "zhao")
    assert office.texts_to(NUMBERS.qian) == []
    assert len(office.texts_to(NUMBERS.zhao)) == 1
    assert len(office.texts_to(NUMBERS.wang)) == 1  # told once to whom her matter went


def test_whoever_is_second_is_told_what_changed_and_keeps_what_was_typed(office: Office, desk: Open) -> None:
    office.open_one()
    sun, wu = desk("sun"), desk("wu")
    page = wu.get("/staff/tickets/1001").text
    seen = re.search(r'name="seen" value="(\d+)"', page)
    stale = version(office)
    dispatch(office, sun)
    assert seen is not None
    answer = wu.post(
        "/staff/tickets/1001/do/plan",
        {"version": stale, "seen": seen[1], "reason": "大修排到明年", "review_on": "2027-01-04"},
    )
    assert answer.status_code == 409
    assert "有人先办了" in answer.text
    assert "孙丽" in answer.text
    assert "大修排到明年" in answer.text


def test_what_is_missing_is_said_at_the_form_and_nothing_happens(office: Office, desk: Open) -> None:
    office.open_one()
    sun = desk("sun")
    for action, given in (
        ("cancel", {}), ("plan", {"reason": "等"}), ("plan", {"reason": "等", "review_on": "0001-01-01"}),
        ("dispatch", {}), ("duplicate", {"reason": "像", "duplicate_of": "abc"}),
        ("duplicate", {"reason": "像", "duplicate_of": "4444"}),
    ):  # fmt: skip
        answer = do(office, sun, action, **given)
        assert answer.status_code == 422, action
        assert 'role="alert"' in answer.text
    assert do(office, sun, "fly").status_code == 404
    assert status(office) is Status.NEW


def test_merged_into_another_with_one_confirmation(office: Office, desk: Open) -> None:
    office.open_one("3栋路灯不亮")
    office.open_one("3栋的路灯不亮了")
    sun = desk("sun")
    assert do(office, sun, "duplicate", 1002, duplicate_of="1001", reason="同一盏灯").status_code == 303
    office.pass_time(seconds=61)
    sweep_steps(office.runtime)
    assert status(office, 1002) is Status.DUPLICATE
    assert "1002 号" in sun.get("/staff/tickets/1001").text


def test_co_handlers_see_the_ticket_are_texted_and_mark_their_part(office: Office, desk: Open) -> None:
    office.open_one()
    sun, qian = desk("sun"), desk("qian")
    dispatch(office, sun)
    assert qian.get("/staff/tickets/1001").status_code == 404
    helper = staff_id(office, "qian")
    assert sun.post("/staff/tickets/1001/helpers", {"staff": helper, "task": "借梯子"}).status_code == 303
    assert "借梯子" in office.texts_to(NUMBERS.qian)[-1]
    assert "借梯子" in qian.get("/staff/tickets/1001").text
    assert do(office, qian, "resolve", text="好了").status_code == 403  # the lead resolves
    assert qian.post(f"/staff/tickets/1001/helpers/{helper}", {"mark": "done"}).status_code == 303
    assert "办好</span>" in sun.get("/staff/tickets/1001").text
    assert qian.post(f"/staff/tickets/1001/helpers/{helper}", {"mark": "leave"}).status_code == 403
    assert sun.post(f"/staff/tickets/1001/helpers/{helper}", {"mark": "leave"}).status_code == 303
    assert qian.get("/staff/tickets/1001").status_code == 404
    assert actions(office)[-3:] == ["joint", "joint_done", "joint_leave"]


def test_remarks_and_texts_by_hand(office: Office, desk: Open) -> None:
    office.open_one()
    sun = desk("sun")
    dispatch(office, sun)
    sun.post("/staff/tickets/1001/remark", {"words": "物业有备用灯泡", "tell": "1"})
    assert "物业有备用灯泡" in office.texts_to(NUMBERS.zhao)[-1]
    assert sun.post("/staff/tickets/1001/remark", {"words": " "}).status_code == 422
    assert sun.post("/staff/tickets/1001/text", {"words": "师傅明天上午来"}).status_code == 303
    assert office.texts_to(NUMBERS.wang)[-1] == "【家常热线】师傅明天上午来"
    assert sun.post("/staff/tickets/1001/text", {"words": "长" * 300}).status_code == 422
    assert "师傅明天上午来" in sun.get("/staff/tickets/1001").text


def test_marks_given_at_a_meeting_close_the_matter(office: Office, desk: Open) -> None:
    office.resolve_one()
    zhou = desk("zhou")
    marks = {
        "channel": "meeting",
        "fact": 1,
        "speed": 5,
        "effect": 4,
        "attitude": 3,
        "attended": "楼栋长老周",
    }
    assert zhou.post("/staff/tickets/1001/rating", {**marks, "channel": "moon"}).status_code == 422
    assert zhou.post("/staff/tickets/1001/rating", marks).status_code == 303
    assert status(office) is Status.CLOSED
    page = zhou.get("/staff/tickets/1001").text
    assert "楼栋长老周" in page
    assert "周明" in page
