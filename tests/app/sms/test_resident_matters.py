"""How residents' own matters stand and how good they were: by number or by question, never by guess, never anybody
else's."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.desk import callbacks, course
from app.jobs.questions import sweep_questions
from models.callback import Callback, CallbackKind, CallbackState
from models.lifecycle import Status
from models.rating import Rating, RemedialAction
from models.ticket import TicketEvent
from tests.support.office import NUMBERS, Office
from tests.support.texting import Phone, asked, resolve, tickets


@pytest.fixture
def office(small_office: Office) -> Office:
    return small_office


@pytest.fixture
def wang(office: Office) -> Phone:
    return Phone(office, NUMBERS.wang)


@pytest.fixture
def li(office: Office) -> Phone:
    return Phone(office, NUMBERS.li)


def done(office: Office, phone: Phone, text: str = "3栋路灯不亮") -> int:
    number = phone.reply(text).number
    assert number is not None
    resolve(office, number)
    return number


def ratings(office: Office) -> list[tuple[int | None, ...]]:
    with office.db.transaction(read_only=True) as session:
        rows = session.scalars(select(Rating).order_by(Rating.id)).all()
        return [(row.fact, row.speed, row.effect, row.attitude) for row in rows]


def status(office: Office, number: int) -> Status:
    with office.db.transaction(read_only=True) as session:
        return office.ticket(session, number).status


def calls(office: Office, kind: CallbackKind) -> list[Callback]:
    with office.db.transaction(read_only=True) as session:
        return list(session.scalars(select(Callback).where(Callback.kind == kind).order_by(Callback.id)))


# ---- how does it stand? ----------------------------------------------------------------------------------


def test_her_own_is_told_without_proof_but_neither_address_nor_words(wang: Phone, office: Office) -> None:
    wang.text("3栋2单元501路灯不亮")
    for reply in (wang.text("查"), wang.text("查1001"), wang.text("1001修得怎么样了")):
        assert "1001" in reply
        assert "基础设施维修" in reply
        assert not any(word in reply for word in ("3栋", "501", "路灯"))


def test_several_are_listed_in_one_segment(wang: Phone, office: Office) -> None:
    for text in ("3栋路灯不亮", "3栋垃圾没人收", "隔壁太吵", "社保卡丢了怎么补办"):
        wang.text(text)
    reply = wang.text("查")
    assert "共4件" in reply
    assert reply.count("10") >= 2


@pytest.mark.parametrize("number", ["1001", "9999"])
def test_anybody_elses_number_needs_proof_and_whether_it_exists_is_not_told(
    li: Phone, wang: Phone, office: Office, number: str
) -> None:
    wang.text("3栋路灯不亮")
    reply = li.text(f"查{number}")
    assert reply.replace(number, "N") == "N号不是这个手机报的。要查，请回复报这件事的电话最后四位。"
    assert "对不上" in li.text("4321")
    assert ("基础设施维修" in li.text(NUMBERS.wang[-4:])) == (number == "1001")


def test_five_wrong_proofs_lock_for_an_hour(li: Phone, wang: Phone, office: Office) -> None:
    wang.text("3栋路灯不亮")
    li.text("查1001")
    for digits in ("0001", "0002", "0003", "0004", "0005"):
        assert "对不上" in li.text(digits)
    assert "试的次数太多" in li.text(NUMBERS.wang[-4:])
    office.pass_time(minutes=61)
    li.text("查1001")
    assert "基础设施维修" in li.text(NUMBERS.wang[-4:])


def test_whoever_has_reported_nothing_is_told_how(li: Phone) -> None:
    assert "没有报过事" in li.text("查")


# ---- how was it? -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "marks", "after"),
    [
        ("评{n} 满意", (1, 1, 1, 1), Status.CLOSED),
        ("满意", (1, 1, 1, 1), Status.CLOSED),
        ("还行吧，就是来得慢", (1, 3, 2, None), Status.CLOSED),
        ("不满意", (None, None, 3, None), Status.REOPENED),
        ("没修好", (3, None, None, None), Status.REOPENED),
        ("{n}好了一部分", (2, None, None, None), Status.REOPENED),
        ("重办{n}", (3, None, None, None), Status.REOPENED),
    ],
)
def test_a_word_closes_it_or_has_it_done_again(
    wang: Phone, office: Office, text: str, marks: tuple[int | None, ...], after: Status
) -> None:
    number = done(office, wang)
    assert str(number) in wang.text(text.format(n=number))
    assert (ratings(office), status(office, number)) == ([marks], after)
    with office.db.transaction(read_only=True) as session:
        rating = session.scalars(select(Rating)).one()
    assert (rating.channel, rating.asked_by, rating.raw["text"]) == ("sms", "text", text.format(n=number))


def test_done_is_asked_about_once_more_for_the_three_marks(wang: Phone, office: Office) -> None:
    number = done(office, wang)
    assert "满意 一般 满意" in wang.text("好了")
    assert status(office, number) is Status.CLOSED  # at once, whether she answers or not
    assert "谢谢" in wang.text("满意 一般 满意")
    assert ratings(office) == [(1, 1, 2, 1)]
    assert asked(office) == []


def test_a_digit_for_the_marks_is_a_mark_and_no_verdict_on_the_fact(wang: Phone, office: Office) -> None:
    number = done(office, wang)
    wang.text("修好了")
    wang.text("2")
    assert ratings(office) == [(1, 2, 2, 2)]
    assert status(office, number) is Status.CLOSED


def test_a_low_mark_that_comes_later_reopens_what_was_closed(wang: Phone, office: Office) -> None:
    number = done(office, wang)
    wang.text("好了")
    wang.text("满意 不满意 满意")
    assert status(office, number) is Status.REOPENED
    with office.db.transaction(read_only=True) as session:
        assert session.scalars(select(RemedialAction.cause)).all() == ["effect"]


def test_broken_again_within_fourteen_days_is_a_second_word(wang: Phone, office: Office) -> None:
    number = done(office, wang)
    wang.text("满意")
    office.pass_time(days=13)
    assert str(number) in wang.text("又坏了")
    assert (ratings(office), status(office, number)) == (
        [(1, 1, 1, 1), (3, None, None, None)],
        Status.REOPENED,
    )


def test_reopening_by_text_is_answered_once(wang: Phone, office: Office) -> None:
    done(office, wang)
    before = office.texts_to(NUMBERS.wang)
    assert "重新去办" in wang.text("没修好")
    assert office.texts_to(NUMBERS.wang) == before


def test_with_several_we_ask_which_and_never_guess(wang: Phone, office: Office) -> None:
    lamp, rubbish = done(office, wang), done(office, wang, "3栋垃圾没人收")
    reply = wang.text("没修好")
    assert str(lamp) in reply
    assert str(rubbish) in reply
    assert ratings(office) == []
    assert str(lamp) in wang.text("9999")  # not one of them: asked again
    wang.text(str(lamp))
    assert (status(office, lamp), status(office, rubbish)) == (Status.REOPENED, Status.RESOLVED)
    assert asked(office) == []


def test_which_may_be_answered_by_its_place_in_the_list(wang: Phone, office: Office) -> None:
    lamp, rubbish = done(office, wang), done(office, wang, "3栋垃圾没人收")
    listed = wang.text("满意")
    second = lamp if listed.index(str(lamp)) > listed.index(str(rubbish)) else rubbish
    wang.text("第二个")
    assert status(office, second) is Status.CLOSED


def test_which_that_nobody_answers_becomes_a_call(wang: Phone, office: Office) -> None:
    done(office, wang)
    done(office, wang, "3栋垃圾没人收")
    wang.text("没修好")
    office.pass_time(hours=25)
    sweep_questions(office.runtime)
    assert len(calls(office, CallbackKind.RETURN_CALL)) == 1


def test_one_that_is_rated_is_not_in_question_any_more(wang: Phone, office: Office) -> None:
    lamp, rubbish = done(office, wang), done(office, wang, "3栋垃圾没人收")
    wang.text(f"{lamp} 满意")
    wang.text("一般")
    assert (status(office, lamp), status(office, rubbish)) == (Status.CLOSED, Status.CLOSED)
    assert ratings(office) == [(1, 1, 1, 1), (1, 2, 2, 2)]


def test_what_is_not_done_yet_is_not_rated_and_her_words_are_kept(wang: Phone, office: Office) -> None:
    number = wang.reply("3栋路灯不亮").number
    assert "还在办" in wang.text("没修好")
    assert ratings(office) == []
    assert len(tickets(office)) == 1
    with office.db.transaction(read_only=True) as session:
        query = select(TicketEvent.reason).where(TicketEvent.action == "remark")
        assert session.scalars(query).all() == ["没修好"]
        assert office.ticket(session, number or 0).status is Status.NEW


def test_nobody_rates_what_another_reported(li: Phone, wang: Phone, office: Office) -> None:
    number = done(office, wang)
    mine = li.text(f"评{number} 不满意")
    assert mine.replace(str(number), "N") == li.text("评9999 不满意").replace("9999", "N")
    assert ratings(office) == []


def test_praise_without_a_matter_is_thanked_and_blame_is_a_matter(li: Phone, office: Office) -> None:
    assert "谢谢" in li.text("满意")
    assert tickets(office) == []
    li.text("没修好")
    assert len(tickets(office)) == 1


def test_a_reply_to_what_is_done_reaches_ticket_and_person(wang: Phone, office: Office) -> None:
    number = done(office, wang)
    wang.text("满意")
    office.pass_time(days=10)
    assert "打电话" in wang.text("那个师傅说下个星期还要来一趟")
    (call,) = calls(office, CallbackKind.RETURN_CALL)
    with office.db.transaction(read_only=True) as session:
        ticket = office.ticket(session, number)
        query = select(TicketEvent.ticket_id).where(TicketEvent.action == "remark")
        assert session.scalars(query).all() == [ticket.id]
    assert (call.ticket_id, call.state, len(tickets(office))) == (ticket.id, CallbackState.PERSON, 1)


@pytest.mark.parametrize("text", ["那个师傅说下个星期还要来一趟", "1001没修好", "没修好"])
def test_after_fourteen_days_it_is_a_new_matter(wang: Phone, office: Office, text: str) -> None:
    done(office, wang)
    wang.text("满意")
    office.pass_time(days=15)
    wang.text(text)
    old, new = tickets(office)
    assert old.status is Status.CLOSED
    assert text in new.text


def test_another_matter_after_closing_is_a_new_ticket(wang: Phone, office: Office) -> None:
    done(office, wang)
    wang.text("满意")
    wang.text("5栋电梯坏了")
    assert [ticket.building for ticket in tickets(office)] == ["3", "5"]


# ---- the text that is sent when calls do not get through -------------------------------------------------


def say_that_we_rang(office: Office, number: int) -> Callback:
    """As the policy does after calls in vain."""
    with office.db.transaction() as session:
        ticket = office.ticket(session, number)
        callbacks.plan_ticket(session, office.runtime.desk, ticket.id, now=office.moment)
        callback = session.scalars(select(Callback).where(Callback.ticket_id == ticket.id)).one()
        course.say_that_we_rang(session, office.runtime.desk, callback, now=office.moment)
        return callback


@pytest.mark.parametrize(
    ("answer", "after"),
    [("1", Status.CLOSED), ("1！", Status.CLOSED), ("2", Status.REOPENED), ("３", Status.REOPENED)],
)
def test_the_text_after_calls_in_vain_asks_and_a_digit_answers(
    wang: Phone, office: Office, answer: str, after: Status
) -> None:
    number = done(office, wang)
    say_that_we_rang(office, number)
    sent = office.texts_to(NUMBERS.wang)[-1]
    assert f"{number}号办好了吗" in sent
    assert "1好了 2好了一部分 3没好" in sent
    wang.text(answer)
    assert status(office, number) is after
    (callback,) = calls(office, CallbackKind.EVALUATION)
    assert callback.state in (CallbackState.DONE, CallbackState.CANCELLED)  # nobody rings any more


def test_a_digit_after_the_matter_was_rated_elsewhere_is_no_rating(wang: Phone, office: Office) -> None:
    number = done(office, wang)
    say_that_we_rang(office, number)
    with office.db.transaction() as session:
        ticket = office.ticket(session, number)
        ticket.cycle += 1  # it is being done again
        ticket.status = Status.REOPENED
    assert "什么事" in wang.text("1")
    assert ratings(office) == []


@pytest.mark.parametrize(
    ("text", "marks", "after", "category"),
    [
        ("好了，谢谢，就是楼下垃圾没人清", (1, None, None, None), Status.CLOSED, "environment"),
        ("满意。还有楼下垃圾成堆没人管", (1, 1, 1, 1), Status.CLOSED, "environment"),
        ("1 楼下垃圾没人管", (1, None, None, None), Status.CLOSED, "environment"),
    ],
)
def test_a_mark_and_another_matter_are_both_kept(
    wang: Phone, office: Office, text: str, marks: tuple[int | None, ...], after: Status, category: str
) -> None:
    number = done(office, wang)
    say_that_we_rang(office, number)
    reply = wang.text(text)
    other = tickets(office)[-1]
    assert (ratings(office), status(office, number)) == ([marks], after)
    assert (other.category, other.status, other.text) == (category, Status.NEW, text)
    assert str(number) in reply
    assert str(other.number) in reply


def test_a_digit_that_may_be_the_matters_category_rates_nothing_and_is_asked_about(
    wang: Phone, office: Office
) -> None:
    """3 is 没好, and is 环境整治."""
    number = done(office, wang)
    say_that_we_rang(office, number)
    reply = wang.text("3 垃圾没人管")
    other = tickets(office)[-1]
    assert (ratings(office), status(office, number), asked(office)) == ([], Status.RESOLVED, ["rate"])
    assert (other.number != number, other.category) == (True, "environment")
    assert f"{number}号好了没有" in reply
    wang.text("1")
    assert (len(tickets(office)), status(office, number)) == (2, Status.CLOSED)


def test_the_same_matter_again_is_no_other_one(wang: Phone, office: Office) -> None:
    number = done(office, wang)
    say_that_we_rang(office, number)
    wang.text("3 路灯还是不亮")
    assert (len(tickets(office)), status(office, number)) == (1, Status.REOPENED)


def test_news_of_what_was_never_told_us_is_a_report(wang: Phone, office: Office) -> None:
    wang.text("3栋路灯不亮")
    assert "1001" in wang.text("报上去好几天了还没动静")
    reply = wang.text("楼下垃圾成堆，跟物业说了三天没动静")
    assert len(tickets(office)) == 2
    assert str(tickets(office)[-1].number) in reply


def test_the_question_by_text_pushes_nothing_aside_that_she_began(wang: Phone, office: Office) -> None:
    number = done(office, wang)
    wang.text("报修")
    say_that_we_rang(office, number)
    assert asked(office) == ["matter"]
    assert "1好了" not in office.texts_to(NUMBERS.wang)[-1]


def test_the_answer_waits_fourteen_days(wang: Phone, office: Office) -> None:
    number = done(office, wang)
    say_that_we_rang(office, number)
    office.moment += timedelta(days=13)
    wang.text("1")
    assert status(office, number) is Status.CLOSED
