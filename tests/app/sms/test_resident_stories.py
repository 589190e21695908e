"""Whole conversations of residents, on SQLite and on PostgreSQL."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.jobs.questions import sweep_questions
from models.activity import Activity
from models.callback import Callback, CallbackKind
from models.lifecycle import Status
from models.resident import Resident, ResidentPhone
from models.unit import Unit
from tests.support.office import NUMBERS, Office
from tests.support.texting import Phone, asked, resolve, tickets


@pytest.fixture
def wang(office: Office) -> Phone:
    return Phone(office, NUMBERS.wang)


@pytest.fixture
def stranger(office: Office) -> Phone:
    return Phone(office, NUMBERS.stranger)


def test_from_a_report_to_a_second_repair(wang: Phone, stranger: Phone, office: Office) -> None:
    number = stranger.reply("楼道灯坏了").number
    assert number == 1001
    stranger.text("3栋2单元")
    assert "1001" in stranger.text("查")
    wang.text("查1001")
    assert "基础设施维修" in wang.text(NUMBERS.stranger[-4:])
    resolve(office, number)
    assert "方便请回" in stranger.text("好了")
    assert "谢谢" in stranger.text("满意 满意 一般")
    assert tickets(office)[0].status is Status.CLOSED
    assert "重新去办" in stranger.text("又坏了")
    (ticket,) = tickets(office)
    assert (ticket.status, ticket.cycle, ticket.building) == (Status.REOPENED, 2, "3")


def test_begun_and_never_finished(stranger: Phone, office: Office) -> None:
    stranger.text("维修")
    office.pass_time(hours=3)
    start = threading.Barrier(4)

    def sweep(_: int) -> None:
        start.wait(timeout=30)
        sweep_questions(office.runtime)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(sweep, range(4)))
    assert len(tickets(office)) == 1
    with office.db.transaction(read_only=True) as session:
        assert len(session.scalars(select(Callback)).all()) == 1
    assert asked(office) == []


def test_two_texts_at_once_leave_one_question_and_lose_nothing(stranger: Phone, office: Office) -> None:
    stranger.text("你好")
    start = threading.Barrier(2)

    def send(text: str) -> str:
        start.wait(timeout=30)
        return stranger.text(text)

    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(send, ("楼道灯坏了", "隔壁太吵了")))
    assert all("几栋几单元" in reply for reply in replies)
    assert (len(tickets(office)), asked(office)) == (2, ["place"])


def test_a_person_rings_back_at_a_time_that_is_told(wang: Phone, office: Office) -> None:
    assert wang.text("人工") == wang.text("我不会发短信，打给我")
    with office.db.transaction(read_only=True) as session:
        (call,) = session.scalars(select(Callback)).all()
    assert (call.kind, call.reason, call.phone) == (CallbackKind.RETURN_CALL, "asked_person", NUMBERS.wang)
    assert "十一点前" in wang.said[-1]
    assert tickets(office) == []


def test_the_keepers_number_is_the_duty_number_and_never_a_private_one(
    wang: Phone, stranger: Phone, office: Office
) -> None:
    assert NUMBERS.duty.removeprefix("+86") in wang.text("管家")
    assert NUMBERS.duty.removeprefix("+86") in stranger.text("2栋管家是谁")
    assert "几栋" in stranger.text("谁管我们楼")
    assert NUMBERS.desk.removeprefix("+86") in stranger.text("5栋")  # the grid has none: the next one up
    said = "".join(wang.said + stranger.said)
    assert not any(number.removeprefix("+86") in said for number in (NUMBERS.zhao, NUMBERS.qian))
    assert not any(name in said for name in ("赵国强", "钱小梅"))
    assert (tickets(office), asked(office)) == ([], [])


def test_activities_of_her_unit_and_of_those_around_it(wang: Phone, office: Office) -> None:
    assert "周三话家常" in wang.text("活动")
    with office.db.transaction() as session:
        session.scalars(select(Activity)).one().cancelled_at = office.moment
    assert "没有登记" in wang.text("活动")
    with office.db.transaction() as session:
        units = {unit.name: unit.id for unit in session.scalars(select(Unit))}
        for place, theme, days in (("幸福里社区", "话家常", 2), ("3栋", "议事会", 1), ("5栋", "别处的", 1)):
            session.add(
                Activity(
                    unit_id=units[place],
                    theme=theme,
                    place="活动室",
                    starts_at=office.moment + timedelta(days=days),
                    weekly=False,
                    created_at=office.moment,
                )
            )
    reply = wang.text("最近有什么活动")
    assert reply.index("议事会") < reply.index("话家常")
    assert "11月24日10:00" in reply
    assert "别处的" not in reply


def test_opting_out_and_in_and_her_own_texts_are_answered_all_the_while(wang: Phone, office: Office) -> None:
    query = select(Resident.opted_out).join(ResidentPhone).where(ResidentPhone.phone_index == NUMBERS.wang)
    for text, out in (("退订", True), ("恢复", False)):
        assert wang.text(text)
        with office.db.transaction(read_only=True) as session:
            assert session.scalar(query) is out
        assert "1001" in wang.text("查1001")
