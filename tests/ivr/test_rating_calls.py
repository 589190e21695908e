"""The rating call through the real door: identity, fact, three marks, remark; and every way it can break off."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, update

from app.community import NUMBERS
from app.desk import callbacks, dispatch, tickets
from app.desk.settling import settle_call, unsettled_calls
from models.call import Call
from models.callback import Attempt, AttemptState, Callback, CallbackKind, CallbackState, Outcome
from models.lifecycle import Action, Status
from models.rating import Rating
from models.staff import Staff
from models.ticket import Ticket
from tests.support.line import Line, voice_app
from tests.support.office import Office, open_office

Ring = Callable[..., Line]
TWICE = pytest.mark.parametrize("times", [1, 2], ids=["once", "every webhook twice"])


@pytest.fixture
def called_back(office: Office) -> Callable[..., Line]:
    return partial(call_back, office)


def call_back(
    office: Office,
    *,
    times: int = 1,
    caller: str = NUMBERS.wang,
    edit: dict[str, Any] | None = None,
    **fields: str,
) -> Line:
    """The keeper says that the lamp is mended; the service rings 王阿姨 and she picks up."""
    client = voice_app(office.runtime).test_client()
    Line(office, client, caller).dial().says("三栋二单元路灯不亮了").says("对").over()
    office.pass_time(hours=2)
    with office.db.transaction() as session:
        cfg, now = office.runtime.desk, office.moment
        ticket = office.ticket(session)
        dispatch.dispatch_ticket(session, cfg, ticket.id, now=now)
        keeper = tickets.actor_of(session, session.get_one(Staff, ticket.assignee_id))
        tickets.transition(session, cfg, ticket, Action.RESOLVE, keeper, now=now, text="换了灯泡")
        for name, value in (edit or {}).items():
            setattr(ticket, name, value)
        callbacks.plan_ticket(session, cfg, ticket.id, now=now)
        attempt = session.scalars(select(Attempt)).one()
        assert callbacks.claim_attempt(session, cfg, attempt.id, now=now) is not None
    line = Line(office, client, times=times)
    line.attempt = attempt.uid  # type: ignore[attr-defined]
    return line.answer(attempt.uid, **fields)


def over(line: Line, status: str = "completed") -> None:
    line.over(status, f"/voice/status?attempt={line.attempt}")  # type: ignore[attr-defined]


def ticket_of(office: Office) -> Ticket:
    with office.db.transaction(read_only=True) as session:
        return office.ticket(session)


def rating_of(office: Office) -> Rating | None:
    with office.db.transaction(read_only=True) as session:
        return session.scalars(select(Rating)).one_or_none()


def evaluation(office: Office) -> tuple[Callback, Attempt]:
    with office.db.transaction(read_only=True) as session:
        callback = session.scalars(select(Callback).where(Callback.kind == CallbackKind.EVALUATION)).one()
        return callback, session.scalars(
            select(Attempt).where(Attempt.callback_id == callback.id, Attempt.n == 1)
        ).one()


@TWICE
def test_by_voice_and_by_key_to_the_end(office: Office, called_back: Ring, times: int) -> None:
    line = called_back(times=times)
    assert "请问是王阿姨吗？" in line.said and "路灯" not in line.said
    line.says("是的")
    assert "11月23日说的维修的事" in line.said and "不想接这件事的电话，按9" in line.said
    line.says("好了").says("满意").presses("1").says("一般").says("谢谢你们")
    over(line)
    rating = rating_of(office)
    assert rating is not None
    assert (rating.fact, rating.speed, rating.effect, rating.attitude) == (1, 1, 1, 2)
    assert rating.remark == "谢谢你们" and rating.remark_recording_id is not None
    assert rating.raw["fact"] == "好了" and rating.raw["effect"] == "1"
    assert ticket_of(office).status is Status.CLOSED
    callback, attempt = evaluation(office)
    assert callback.state is CallbackState.DONE and attempt.outcome is Outcome.ANSWERED
    assert line.said.count("按9") == 1
    assert line.has("Hangup") and line.heard[-1] == "谢谢您，再见。"


@TWICE
@pytest.mark.parametrize("fact", ["2", "3"])
def test_not_really_done_reopens(office: Office, called_back: Ring, times: int, fact: str) -> None:
    line = called_back(times=times).presses("1").presses(fact)
    line.presses("1").presses("1").presses("1").is_silent()
    over(line)
    assert "重新去办" in line.said
    ticket = ticket_of(office)
    assert ticket.status is Status.REOPENED and ticket.cycle == 2


@TWICE
def test_done_and_then_a_hang_up_closes_with_missing_marks_missing(
    office: Office, called_back: Ring, times: int
) -> None:
    line = called_back(times=times).presses("1").presses("1")
    over(line)
    rating = rating_of(office)
    assert rating is not None and (rating.fact, rating.speed) == (1, None)
    assert ticket_of(office).status is Status.CLOSED
    assert evaluation(office)[1].outcome is Outcome.ANSWERED


def test_words_said_while_hanging_up_still_count(office: Office, called_back: Ring) -> None:
    line = called_back().presses("1")
    line.gateway("hangup", text="没好", confidence=0.95, speech_seconds=0.6)
    over(line)
    assert ticket_of(office).status is Status.REOPENED


@TWICE
def test_hang_up_before_the_fact_is_tried_again(office: Office, called_back: Ring, times: int) -> None:
    line = called_back(times=times).presses("1")
    over(line)
    callback, attempt = evaluation(office)
    assert attempt.outcome is Outcome.NO_ANSWER and callback.state is CallbackState.WAITING
    assert ticket_of(office).status is Status.RESOLVED and rating_of(office) is None


@TWICE
def test_the_wrong_person_hears_nothing_of_the_matter(office: Office, called_back: Ring, times: int) -> None:
    line = called_back(times=times).says("不是")
    over(line)
    assert "维修" not in line.said and "路灯" not in line.said and "打扰您了" in line.said
    callback, attempt = evaluation(office)
    assert attempt.outcome is Outcome.WRONG_NUMBER and callback.state is CallbackState.PERSON


def test_a_name_without_a_way_to_say_it_is_not_said(office: Office, called_back: Ring) -> None:
    assert "请问您在11月23日打过我们的电话吗？" in called_back(caller="+8613900007777").said


@TWICE
def test_a_machine_hears_goodbye_only(office: Office, called_back: Ring, times: int) -> None:
    line = called_back(times=times, AnsweredBy="machine_start")
    assert line.heard == ["再见。"] and line.has("Hangup")
    over(line)
    assert evaluation(office)[1].outcome is Outcome.MACHINE


def test_unknown_is_not_taken_for_a_machine(office: Office, called_back: Ring) -> None:
    assert "请问是王阿姨吗？" in called_back(AnsweredBy="unknown").said


@TWICE
def test_silence_twice_is_nobody_there(office: Office, called_back: Ring, times: int) -> None:
    line = called_back(times=times).is_silent()
    assert line.has("Stream"), "asked once more"
    line.is_silent()
    over(line)
    assert evaluation(office)[1].outcome is Outcome.NO_ANSWER
    assert ticket_of(office).status is Status.RESOLVED


@TWICE
def test_nine_closes_unrated_and_never_rings_again(office: Office, called_back: Ring, times: int) -> None:
    line = called_back(times=times).presses("1").presses("9")
    over(line)
    ticket = ticket_of(office)
    assert ticket.status is Status.CLOSED and ticket.close_reason == "declined"
    assert rating_of(office) is None and evaluation(office)[0].outcome is Outcome.REFUSED


def test_a_ticket_that_staff_change_at_the_same_moment_is_closed_all_the_same(
    postgres_url: str, tmp_path: Path
) -> None:
    """Both have read it before either writes, as PostgreSQL allows: the turn begins again and the call goes on."""
    with open_office(postgres_url, tmp_path) as office:
        line = call_back(office).presses("1")
        meanwhile: list[str] = []

        def staff_are_quicker(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if statement.startswith("UPDATE tickets") and not meanwhile:
                meanwhile.append(statement)
                with office.db.transaction() as session:
                    session.execute(update(Ticket).values(version=Ticket.version + 1))

        event.listen(office.db.engine, "before_cursor_execute", staff_are_quicker)
        line.presses("9")
        assert meanwhile
        assert ticket_of(office).close_reason == "declined"
        assert line.has("Hangup") and "出了点问题" not in line.said


def test_nine_after_the_fact_keeps_the_fact(office: Office, called_back: Ring) -> None:
    line = called_back().presses("1").presses("3").presses("9")
    over(line)
    assert ticket_of(office).status is Status.REOPENED


@TWICE
def test_fact_not_understood_twice_goes_to_a_person(office: Office, called_back: Ring, times: int) -> None:
    line = called_back(times=times).presses("1").mumbles().mumbles()
    over(line)
    assert "请工作人员给您打电话" in line.said
    callback, attempt = evaluation(office)
    assert callback.state is CallbackState.PERSON and attempt.state is AttemptState.DONE


def test_mark_not_understood_twice_is_left_out(office: Office, called_back: Ring) -> None:
    line = called_back().presses("1").presses("1").mumbles().mumbles().presses("2").presses("2").is_silent()
    over(line)
    rating = rating_of(office)
    assert rating is not None and (rating.speed, rating.effect, rating.attitude) == (None, 2, 2)


@TWICE
def test_zero_without_a_person_hands_over_and_promises_a_call(
    office: Office, called_back: Ring, times: int
) -> None:
    line = called_back(times=times).presses("1").presses("0")
    assert line.find("Number").text == NUMBERS.duty, "whoever is on duty where she lives"
    action = str(line.find("Dial").get("action")).removeprefix("https://hotline.example")
    line.say_is(line.deliver(action, DialCallStatus="no-answer"))
    over(line)
    assert "给您打电话" in line.said
    assert evaluation(office)[0].state is CallbackState.PERSON
    with office.db.transaction(read_only=True) as session:
        waiting = session.scalars(select(Callback).where(Callback.state == CallbackState.PERSON)).all()
        assert [row.kind for row in waiting] == [CallbackKind.EVALUATION], "one person's call, not two"


def test_danger_in_a_remark_is_a_new_urgent_matter(office: Office, called_back: Ring) -> None:
    line = called_back().presses("1").presses("1").presses("1").presses("1").presses("1").says("煤气漏了")
    assert "有危险请马上打" in line.heard[-2]
    over(line)
    with office.db.transaction(read_only=True) as session:
        first, second = session.scalars(select(Ticket).order_by(Ticket.id))
        assert first.status is Status.CLOSED and second.urgent and second.danger


@pytest.mark.parametrize(("status", "outcome"), [("busy", Outcome.BUSY), ("no-answer", Outcome.NO_ANSWER)])
def test_nobody_picks_up(office: Office, called_back: Ring, status: str, outcome: Outcome) -> None:
    # the line only serves to have an attempt; its call is another one
    line = called_back()
    with office.db.transaction() as session:
        session.delete(line.turn_row(session))
        session.flush()
        session.delete(session.scalars(select(Call).where(Call.carrier_sid == line.sid)).one())
    over(line, status)
    over(line, "ringing")
    assert evaluation(office)[1].outcome is outcome


@pytest.mark.parametrize(
    ("verified", "category", "told"),
    [(False, "repairs", "维修的事"), (True, "repairs", "路灯不亮"), (True, "care", "照顾的事")],
)
def test_only_harmless_sentences_that_staff_checked_are_read_out(
    office: Office, called_back: Ring, verified: bool, category: str, told: str
) -> None:
    line = called_back(edit={"verified": verified, "category": category}).presses("1")
    assert f"11月23日说的{told}，我们这边说办好了" in line.said


def test_a_call_whose_end_was_never_told_is_settled_by_the_sweeper(office: Office, called_back: Ring) -> None:
    line = called_back().presses("1").presses("1")
    office.pass_time(minutes=20)
    with office.db.transaction() as session:
        due = unsettled_calls(session, now=office.moment)
        call = session.scalars(select(Call).where(Call.carrier_sid == line.sid)).one()
        assert due == [call.id]
        assert settle_call(session, office.runtime.desk, call.id, now=office.moment)
        assert not settle_call(session, office.runtime.desk, call.id, now=office.moment)
    assert ticket_of(office).status is Status.CLOSED


def test_unknown_attempt_hears_goodbye_and_leaves_nothing(office: Office) -> None:
    line = Line(office, voice_app(office.runtime).test_client())
    line.answer("nobody-knows-this")
    assert line.has("Hangup") and "再见" in line.said
    with office.db.transaction(read_only=True) as session:
        assert session.scalars(select(Call)).all() == []
