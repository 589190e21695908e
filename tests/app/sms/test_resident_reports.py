"""Residents report by text: a ticket at once, at most one question back, and nothing is lost."""

import pytest
from sqlalchemy import select

from app.desk.dispatch import dispatch_ticket
from app.jobs.questions import sweep_questions
from app.queue import JobName
from models.callback import Callback, CallbackKind
from models.lifecycle import Status
from models.resident import Resident, ResidentPhone
from models.staff import Staff
from models.ticket import Ticket
from tests.support.office import NUMBERS, Office
from tests.support.texting import Phone, asked, tickets


@pytest.fixture
def office(small_office: Office) -> Office:
    return small_office


@pytest.fixture
def wang(office: Office) -> Phone:
    return Phone(office, NUMBERS.wang)


@pytest.fixture
def stranger(office: Office) -> Phone:
    return Phone(office, NUMBERS.stranger)


def calls(office: Office) -> list[Callback]:
    with office.db.transaction(read_only=True) as session:
        query = select(Callback).where(Callback.kind == CallbackKind.RETURN_CALL)
        return list(session.scalars(query.order_by(Callback.id)))


def dispatch(office: Office, ticket_id: int) -> None:
    with office.db.transaction() as session:
        dispatch_ticket(session, office.runtime.desk, ticket_id, now=office.moment)


@pytest.mark.parametrize(
    ("text", "category"),
    [("报修路灯不亮", "repairs"), ("3 楼下垃圾成堆", "environment"), ("我家暖气不热", "repairs")],
)
def test_who_is_registered_is_not_asked_where(wang: Phone, office: Office, text: str, category: str) -> None:
    reply = wang.text(text)
    (ticket,) = tickets(office)
    assert ticket.category == category
    assert "请问" not in reply
    assert str(ticket.number) in reply
    assert asked(office) == []


def test_a_missing_place_is_asked_for_and_dispatched_again(stranger: Phone, office: Office) -> None:
    reply = stranger.text("楼道灯坏了")
    (ticket,) = tickets(office)
    assert str(ticket.number) in reply
    assert "几栋几单元" in reply
    dispatch(office, ticket.id)  # without the place no rule knows anybody
    assert str(ticket.number) in stranger.text("三栋2单元")
    (ticket,) = tickets(office)
    assert (ticket.building, ticket.unit_no, asked(office)) == ("3", "2", [])
    assert "楼道灯坏了" in ticket.text
    assert "三栋2单元" in ticket.text
    assert office.hands.pushed.count((JobName.DISPATCH, ticket.id)) == 2
    dispatch(office, ticket.id)
    assert tickets(office)[0].status is Status.DISPATCHED
    assert any("3栋2单元" in text for text in office.texts_to(NUMBERS.zhao))


def test_a_keeper_who_has_it_already_is_told_where(stranger: Phone, office: Office) -> None:
    stranger.text("楼道灯坏了")
    with office.db.transaction() as session:
        ticket = office.ticket(session)
        ticket.unit_id = None
        zhao = session.scalars(select(Staff).where(Staff.login == "zhao")).one()
        ticket.status, ticket.assignee_id = Status.IN_PROGRESS, zhao.id
    stranger.text("3栋")
    assert any("3栋" in text for text in office.texts_to(NUMBERS.zhao))


def test_in_danger_nobody_is_asked_where(stranger: Phone, office: Office) -> None:
    assert "119" in stranger.text("着火了快来人啊")
    assert asked(office) == []
    assert tickets(office)[0].urgent


def test_a_pension_needs_no_building(stranger: Phone, office: Office) -> None:
    assert "请问" not in stranger.text("社保卡丢了怎么补办")
    assert asked(office) == []


@pytest.mark.parametrize("first", ["报修", "bx", "１", "维修。"])
def test_a_category_alone_is_asked_about_and_becomes_one_ticket(
    wang: Phone, office: Office, first: str
) -> None:
    assert "什么事" in wang.text(first)
    assert tickets(office) == []
    reply = wang.text("灯不亮")
    (ticket,) = tickets(office)
    assert (ticket.category, ticket.text) == ("repairs", "灯不亮")
    assert str(ticket.number) in reply
    assert asked(office) == calls(office) == []


def test_the_whole_report_after_a_category_alone_is_the_same_matter(wang: Phone, office: Office) -> None:
    wang.text("报修")
    wang.text("报修5栋水管漏水")
    (ticket,) = tickets(office)
    assert (ticket.building, asked(office)) == ("5", [])


def test_a_category_and_an_address_still_lack_what_it_is(wang: Phone, office: Office) -> None:
    assert "什么事" in wang.text("报修 9栋2单元")
    wang.text("门锁坏了")
    (ticket,) = tickets(office)
    assert (ticket.category, ticket.building, ticket.text) == ("repairs", "9", "报修 9栋2单元，门锁坏了")


def test_an_address_alone_is_asked_about_and_kept(stranger: Phone, office: Office) -> None:
    assert "什么事" in stranger.text("3栋2单元501")
    stranger.text("水管漏水")
    (ticket,) = tickets(office)
    assert (ticket.building, ticket.unit_no, ticket.category) == ("3", "2", "repairs")


def test_having_asked_once_a_person_asks_the_rest(stranger: Phone, office: Office) -> None:
    stranger.text("报修")
    assert "打电话" in stranger.text("灯不亮")
    (ticket,) = tickets(office)
    (call,) = calls(office)
    assert (call.ticket_id, call.reason, asked(office)) == (ticket.id, "place_unknown", [])


def test_another_category_instead_of_an_answer_asks_again_and_loses_nothing(
    wang: Phone, office: Office
) -> None:
    wang.text("1")
    wang.text("3")
    wang.text("楼下有臭味")
    (ticket,) = tickets(office)
    assert ticket.category == "environment"


def test_a_question_that_nobody_answers_becomes_a_ticket_and_a_call(wang: Phone, office: Office) -> None:
    wang.text("维修")
    sweep_questions(office.runtime)
    assert tickets(office) == []
    office.pass_time(hours=2)
    sweep_questions(office.runtime)
    sweep_questions(office.runtime)
    (ticket,) = tickets(office)
    (call,) = calls(office)
    assert (ticket.category, ticket.text, call.ticket_id) == ("repairs", "维修", ticket.id)
    assert asked(office) == []


def test_a_place_that_nobody_tells_leaves_its_ticket_as_it_is(stranger: Phone, office: Office) -> None:
    stranger.text("楼道灯坏了")
    office.pass_time(hours=25)
    sweep_questions(office.runtime)
    assert (len(tickets(office)), asked(office), calls(office)) == (1, [], [])


def test_two_matters_never_mix(stranger: Phone, office: Office) -> None:
    """The question belongs to the newest; an address alone answers that one."""
    stranger.text("楼道灯坏了")
    stranger.text("隔壁装修太吵了")
    stranger.text("4栋")
    lamp, noise = tickets(office)
    assert (lamp.building, noise.building) == (None, "4")
    assert (lamp.category, noise.category) == ("repairs", "mediation")


def test_what_was_begun_is_not_lost_when_another_question_comes(stranger: Phone, office: Office) -> None:
    stranger.text("报修")
    stranger.text("查9999")  # asks for four digits now
    assert asked(office) == ["proof"]
    assert [ticket.text for ticket in tickets(office)] == ["报修"]
    assert len(calls(office)) == 1


def test_the_same_matter_said_again_with_its_place_is_the_answer(stranger: Phone, office: Office) -> None:
    stranger.text("路灯不亮")
    stranger.text("3栋的路灯不亮")
    (ticket,) = tickets(office)
    assert ticket.building == "3"


def test_another_matter_is_another_ticket_whatever_was_asked(stranger: Phone, office: Office) -> None:
    stranger.text("楼道灯坏了")
    stranger.text("报修5栋电梯坏了")
    assert [ticket.building for ticket in tickets(office)] == [None, "5"]


def test_a_report_that_asks_for_a_call_gets_both(wang: Phone, office: Office) -> None:
    reply = wang.text("我家水管漏了，给我回个电话")
    (ticket,) = tickets(office)
    assert str(ticket.number) in reply
    assert "打电话" in reply
    assert [call.ticket_id for call in calls(office)] == [ticket.id]


def test_what_we_do_not_understand_is_taken_or_asked_about(wang: Phone, office: Office) -> None:
    assert "没看懂" in wang.text("搞么子")
    assert tickets(office) == []
    assert "受理" in wang.text("麻将馆那边你们去看哈子嘛")
    assert len(tickets(office)) == 1


def test_a_guess_is_never_told_as_if_she_had_said_it(wang: Phone, office: Office) -> None:
    reply = wang.text("阿斯蒂芬阿道夫")
    assert "您反映的事已受理" in reply
    assert [ticket.category for ticket in tickets(office)] == [None]


@pytest.mark.parametrize("text", ["嗯嗯", "哦", "👍🏻", "🙏🙏", "。", "你好", "谢谢", "帮助", "？"])
def test_what_asks_for_nothing_makes_no_ticket(wang: Phone, office: Office, text: str) -> None:
    assert wang.text(text)
    assert (tickets(office), asked(office)) == ([], [])


@pytest.mark.parametrize("text", ["哈哈哈", "呵呵呵", "哎哟", "唉", "啊啊啊", "😂", "🆘", "🚑🚑"])
def test_whatever_else_says_nothing_is_asked_about_once_and_then_a_ticket(
    wang: Phone, office: Office, text: str
) -> None:
    assert "什么事" in wang.text(text)
    assert (tickets(office), asked(office)) == ([], ["matter"])
    wang.text("哈哈")
    (ticket,) = tickets(office)
    assert (text in ticket.text, asked(office)) == (True, [])


def test_laughter_that_stays_alone_reaches_a_person(wang: Phone, office: Office) -> None:
    wang.text("哈哈哈")
    office.pass_time(hours=3)
    sweep_questions(office.runtime)
    (ticket,) = tickets(office)
    assert [call.ticket_id for call in calls(office)] == [ticket.id]


def test_a_picture_is_about_something_whatever_is_written_with_it(wang: Phone, office: Office) -> None:
    wang.text("你好", media=1)
    (ticket,) = tickets(office)
    assert "附图1张" in ticket.text


def test_whoever_writes_for_the_first_time_becomes_known(stranger: Phone, office: Office) -> None:
    stranger.text("你好")
    with office.db.transaction(read_only=True) as session:
        query = select(Resident.id).join(ResidentPhone).where(ResidentPhone.phone_index == NUMBERS.stranger)
        assert session.scalar(query) is not None


def test_a_number_with_other_words_adds_them_to_her_own_matter(wang: Phone, office: Office) -> None:
    wang.text("3栋路灯不亮")
    dispatch(office, tickets(office)[0].id)
    assert "1001" in wang.text("1001 是靠马路那一边的")
    assert len(tickets(office)) == 1
    assert any("靠马路" in text for text in office.texts_to(NUMBERS.zhao))


def test_a_number_of_somebody_else_is_a_new_matter(stranger: Phone, wang: Phone, office: Office) -> None:
    wang.text("3栋路灯不亮")
    stranger.text("1001 那边还有一个井盖坏了，5栋门口")
    first, second = tickets(office)
    assert "井盖" not in first.text
    assert second.building == "5"
    with office.db.transaction(read_only=True) as session:
        assert session.scalar(select(Ticket.reporter_id).where(Ticket.id == second.id)) != first.reporter_id
