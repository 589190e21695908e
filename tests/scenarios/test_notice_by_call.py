"""A notice to a building where somebody has only a landline: drafted and approved on the command line, rung, heard."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from app.cli import cli
from models.callback import Attempt, Callback, CallbackKind, CallbackState, Outcome
from models.resident import Resident, ResidentPhone
from models.unit import Unit
from tests.support.town import PACE, Town, said

pytestmark = pytest.mark.scenario
NEWS = "明天上午9点到12点停水检修，请提前储水。"
EARLY = {"hangup": True}


def landline(town: Town, building: str, number: str) -> str:
    """Somebody of this building whom no text reaches."""
    with town.stage.runtime.db.transaction() as session:
        unit = session.scalars(select(Unit).where(Unit.kind == "building", Unit.label == building)).one()
        resident = Resident(name="周奶奶", unit_id=unit.id, created_at=town.stage.runtime.now())
        session.add(resident)
        session.flush()
        session.add(ResidentPhone(resident_id=resident.id, phone=number, phone_index=number, can_text=False))
    return number


def answers(town: Town, phone: str, *calls: Sequence[dict[str, Any]] | str) -> None:
    """Its next rings: steps of somebody who picks up, or what else becomes of them."""
    rings = [
        {"outcome": steps, "delay": 0.5}
        if isinstance(steps, str)
        else {"outcome": "answer", "delay": 0.5, "steps": list(steps), "pace": PACE}
        for steps in calls
    ]
    town.exchange.handset(phone, calls=rings)


def send(town: Town, building: str) -> None:
    def run(*words: str) -> str:
        result = CliRunner().invoke(cli, ["notice", *words], env=town.stage.environment)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.output

    number = run("draft", f"{building}栋", NEWS, "--as", "sun").split(" ")[0]
    assert NEWS in run("approve", number, "--yes", "--as", "wu")
    assert "还剩 0 个" in run("show", number, "--follow")


def texts_to(town: Town, phone: str) -> list[str]:
    return [message["body"] for message in town.exchange.messages(phone)]


def callback(town: Town, phone: str) -> Callback:
    (found,) = town.callbacks(phone, CallbackKind.NOTICE)
    return found


def attempts(town: Town, phone: str) -> list[Attempt]:
    with town.db() as session:
        query = select(Attempt).join(Callback).where(Callback.phone_index == phone).order_by(Attempt.n)
        return list(session.scalars(query))


def outcome(town: Town, phone: str, n: int) -> Outcome:
    def ended() -> Outcome | None:
        found = attempts(town, phone)
        return found[n - 1].outcome if len(found) >= n else None

    return town.wait(f"the end of attempt {n}", ended)


def half_an_hour_passes(town: Town, phone: str) -> None:
    """For this call only; first look when it is to be made again."""
    again, last = callback(town, phone), attempts(town, phone)[-1]
    assert again.state is CallbackState.WAITING
    ended = next(a.ended_at for a in reversed(attempts(town, phone)) if a.ended_at is not None)
    due = again.due_at if last.ended_at is not None else last.due_at
    assert timedelta(minutes=29) <= due - ended <= timedelta(minutes=31)
    with town.stage.runtime.db.transaction() as session:
        now = town.stage.runtime.now()
        session.get_one(Callback, again.id).due_at = now
        if last.ended_at is None:
            session.get_one(Attempt, last.id).due_at = now


def test_it_is_read_out_to_her_and_the_neighbour_is_texted(town: Town) -> None:
    phone, neighbour = landline(town, "2", "+861065520021"), town.resident("2", "何叔叔")
    answers(town, phone, [{"expect": "停水检修", "press": "1"}])
    send(town, "2")
    assert outcome(town, phone, 1) is Outcome.ANSWERED
    (call,) = town.exchange.calls_to(phone)
    assert NEWS in said(call)
    assert "按9" in said(call)
    assert callback(town, phone).state is CallbackState.DONE
    town.wait("the text", lambda: any(NEWS in text for text in texts_to(town, neighbour)) or None)
    assert not texts_to(town, phone)
    assert not town.exchange.calls_to(neighbour)


def test_a_9_ends_it_for_good(town: Town) -> None:
    phone = landline(town, "4", "+861065520041")
    answers(town, phone, [{"expect": "按9", "press": "9"}])
    send(town, "4")
    assert outcome(town, phone, 1) is Outcome.REFUSED
    (call,) = town.exchange.calls_to(phone)
    assert "不再给您打电话" in said(call)
    assert (callback(town, phone).state, len(attempts(town, phone))) == (CallbackState.DONE, 1)


@pytest.mark.parametrize(
    ("building", "first", "result"),
    [("5", [EARLY], Outcome.NO_ANSWER), ("6", "no_answer", Outcome.NO_ANSWER), ("1", "busy", Outcome.BUSY)],
    ids=["hung up early", "no answer", "engaged"],
)
def test_who_has_not_heard_it_is_rung_again_after_half_an_hour(
    town: Town, building: str, first: Sequence[dict[str, Any]] | str, result: Outcome
) -> None:
    phone = landline(town, building, f"+8610655200{building}2")
    answers(town, phone, first, [{"expect": "停水检修", "press": "1"}])
    send(town, building)
    assert outcome(town, phone, 1) is result
    town.wait("the next try", lambda: True if attempts(town, phone)[-1] else None)
    half_an_hour_passes(town, phone)
    assert outcome(town, phone, 2) is Outcome.ANSWERED
    assert NEWS in said(town.exchange.calls_to(phone)[-1])
    assert callback(town, phone).state is CallbackState.DONE
