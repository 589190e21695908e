"""A call that only tells something, through the real door: heard out, asked again, refused, cut short."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.community import NUMBERS
from app.desk.attempts import claim_attempt
from app.desk.telling import tell_by_call
from models.callback import Attempt, Callback, CallbackState, Outcome
from models.resident import Resident, ResidentPhone
from models.ticket import Ticket
from tests.support.line import Line, voice_app
from tests.support.office import Office

NEWS = "明天上午九点到十一点三栋停水，请先存好水。"
Ring = Callable[..., Line]


@pytest.fixture
def rung(office: Office) -> Ring:
    def make(*, times: int = 1, **fields: str) -> Line:
        with office.db.transaction() as session:
            cfg, now = office.runtime.desk, office.moment
            chen = select(ResidentPhone.resident_id).where(ResidentPhone.phone_index == NUMBERS.landline)
            resident = session.scalars(chen).one()
            session.get_one(Resident, resident).prefers_person = False
            tell_by_call(
                session,
                cfg,
                resident_id=resident,
                phone=NUMBERS.landline,
                body=NEWS,
                dedup_key="notice:1",
                not_after=now + timedelta(days=1),
                now=now,
            )
            attempt = session.scalars(select(Attempt)).one()
            assert claim_attempt(session, cfg, attempt.id, now=now) is not None
        line = Line(office, voice_app(office.runtime).test_client(), NUMBERS.landline, times)
        return line.answer(attempt.uid, **fields)

    return make


def over(office: Office, line: Line, seconds: float = 40) -> None:
    office.pass_time(seconds=seconds)
    with office.db.transaction(read_only=True) as session:
        uid = session.scalars(select(Attempt.uid).order_by(Attempt.id)).first()
    line.over("completed", f"/voice/status?attempt={uid}")


def callback(office: Office) -> Callback:
    with office.db.transaction(read_only=True) as session:
        return session.scalars(select(Callback)).one()


def first_outcome(office: Office) -> Outcome | None:
    with office.db.transaction(read_only=True) as session:
        return session.scalars(select(Attempt.outcome).order_by(Attempt.id)).first()


@pytest.mark.parametrize("times", [1, 2], ids=["once", "every webhook twice"])
def test_the_news_is_read_out_and_a_key_says_that_it_was_heard(
    office: Office, rung: Ring, times: int
) -> None:
    line = rung(times=times)
    assert NEWS in line.said and "人工按0" in line.said
    line.presses("1")
    over(office, line)
    assert (callback(office).state, callback(office).outcome) == (CallbackState.DONE, Outcome.ANSWERED)
    assert line.heard[-1].endswith("再见。")


def test_it_is_read_again_for_a_2_or_for_words(office: Office, rung: Ring) -> None:
    line = rung().presses("2").says("没听清")
    assert line.said.count(NEWS) == 3
    line.says("听到了")
    over(office, line)
    assert callback(office).outcome is Outcome.ANSWERED


def test_who_says_nothing_to_the_end_has_been_told(office: Office, rung: Ring) -> None:
    line = rung().is_silent()
    assert line.said.count(NEWS) == 2
    line.is_silent()
    over(office, line)
    assert callback(office).outcome is Outcome.ANSWERED


@pytest.mark.parametrize(
    ("seconds", "outcome", "state"),
    [(30, Outcome.ANSWERED, CallbackState.DONE), (4, Outcome.NO_ANSWER, CallbackState.WAITING)],
)
def test_a_hang_up_counts_as_told_if_there_was_time_to_hear_it(
    office: Office, rung: Ring, seconds: float, outcome: Outcome, state: CallbackState
) -> None:
    line = rung()
    over(office, line, seconds)
    assert first_outcome(office) is outcome
    assert callback(office).state is state


def test_a_9_is_remembered(office: Office, rung: Ring) -> None:
    line = rung().presses("9")
    over(office, line)
    assert callback(office).outcome is Outcome.REFUSED
    assert "不再给您打电话" in line.said


def test_a_0_without_anybody_there_becomes_a_call_by_a_person(office: Office, rung: Ring) -> None:
    line = rung().presses("0")
    action = str(line.find("Dial").get("action")).removeprefix("https://hotline.example")
    line.say_is(line.deliver(action, DialCallStatus="no-answer"))
    assert "给您打电话" in line.said
    over(office, line)
    assert callback(office).state is CallbackState.PERSON


def test_danger_is_heard_here_too(office: Office, rung: Ring) -> None:
    line = rung().says("家里着火了")
    assert "119" in line.said or "幺幺九" in line.said
    over(office, line)
    with office.db.transaction(read_only=True) as session:
        assert session.scalars(select(Ticket)).one().danger == "119"
    assert callback(office).outcome is Outcome.ANSWERED


def test_a_machine_is_rung_again(office: Office, rung: Ring) -> None:
    line = rung(AnsweredBy="machine_start")
    assert NEWS not in line.said
    over(office, line)
    assert first_outcome(office) is Outcome.MACHINE
    assert callback(office).state is CallbackState.WAITING
