"""`ticket calls` and `ticket called`: what waits for a person, and how it went."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from app import migrate
from app.commands.calls import called, calls
from app.community import NUMBERS, seed_community
from app.desk.callbacks import request_return_call
from app.desk.dispatch import dispatch_ticket
from app.desk.draft import Draft
from app.desk.tickets import actor_of, open_ticket, transition
from app.desk.understanding import understand
from app.errors import JiachangError
from app.runtime import Runtime, bootstrap
from app.settings import load_settings
from models.callback import Attempt, Callback, CallbackKind, CallbackState, Outcome
from models.lifecycle import Action
from models.resident import Resident, ResidentPhone
from models.staff import Staff
from models.ticket import Ticket

ticket = click.Group("ticket", commands=[calls, called])


class Desk:
    def __init__(self, runtime: Runtime, environment: dict[str, str]) -> None:
        self.runtime, self.environment = runtime, environment

    def run(self, *words: str) -> str:
        result = CliRunner().invoke(ticket, list(words), env=self.environment)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.stdout

    def fails(self, *words: str) -> str:
        result = CliRunner().invoke(ticket, list(words), env=self.environment)
        assert isinstance(result.exception, JiachangError), (result.output, result.exception)
        return str(result.exception)

    def rows(self, *words: str) -> list[dict[str, Any]]:
        return json.loads(self.run("calls", "--json", *words))  # type: ignore[no-any-return]

    def asked(self, **changes: Any) -> int:
        with self.runtime.db.transaction() as session:
            now = self.runtime.now()
            wang = session.scalars(
                select(Resident).join(ResidentPhone, ResidentPhone.resident_id == Resident.id)
                .where(ResidentPhone.phone_index == NUMBERS.wang)
            ).one()  # fmt: skip
            wang.dialect, wang.prefers_person = "四川话", True
            draft = Draft.from_understanding(
                understand("三栋二单元路灯不亮了"), channel="phone", occurred_at=now, reporter_id=wang.id
            )
            number = open_ticket(session, self.runtime.desk, draft, now=now)
            callback = request_return_call(
                session, self.runtime.desk, phone=NUMBERS.wang, reason="asked_person", now=now,
                resident_id=wang.id, ticket_id=number.id,
            )  # fmt: skip
            callback.due_at = now
            for name, value in changes.items():
                setattr(callback, name, value)
            return callback.id

    def callback(self, id_: int) -> Callback:
        with self.runtime.db.transaction(read_only=True) as session:
            return session.get_one(Callback, id_)

    def evaluation(self) -> tuple[int, int]:
        """Of a resolved matter, in the people's queue: (callback, ticket number)."""
        id_ = self.asked(kind=CallbackKind.EVALUATION, reason="resolved")
        with self.runtime.db.transaction() as session:
            now, desk = self.runtime.now(), self.runtime.desk
            callback = session.get_one(Callback, id_)
            matter = session.get_one(Ticket, callback.ticket_id)
            dispatch_ticket(session, desk, matter.id, now=now)
            keeper = actor_of(session, session.get_one(Staff, matter.assignee_id))
            transition(session, desk, matter, Action.RESOLVE, keeper, now=now, text="换了灯泡")
            return id_, matter.number


@pytest.fixture
def desk(tmp_path: Path, redis_url: str) -> Iterator[Desk]:
    environment = {
        "JIACHANG_DATA_DIR": str(tmp_path),
        "JIACHANG_REDIS_URL": redis_url,
        "JIACHANG_ENCRYPTION_KEY": "k" * 40,
        "JIACHANG_TWILIO_AUTH_TOKEN": "t" * 32,
    }
    runtime = bootstrap(load_settings(environment))
    migrate.upgrade(runtime.db.engine)
    with runtime.db.transaction() as session:
        hotline = runtime.settings.hotline_number
        seed_community(session, hotline_number=hotline, now=runtime.now())
    yield Desk(runtime, environment)
    runtime.close()


def test_the_queue_says_who_why_when_and_how_often(desk: Desk) -> None:
    assert "没有要打的电话" in desk.run("calls")
    id_ = desk.asked()
    desk.run("called", str(id_), "no_answer", "--as", "zhou")
    with desk.runtime.db.transaction() as session:
        session.get_one(Callback, id_).due_at = desk.runtime.now()
    shown = desk.run("calls")
    for words in (
        f"{id_}  回电",
        "要找人工",
        "138****1111",
        "该打了",
        "1001号",
        "打过 1 次",
        "要真人",
        "四川话",
    ):
        assert words in shown
    [row] = desk.rows()
    assert (row["id"], row["kind"], row["number"], row["due"]) == (id_, "return_call", 1001, True)
    assert NUMBERS.wang not in shown and NUMBERS.wang not in json.dumps(row) and "王阿姨" not in shown


def test_what_is_due_after_today_is_shown_on_request(desk: Desk) -> None:
    desk.asked(due_at=desk.runtime.now() + timedelta(days=2))
    assert desk.rows() == [] and len(desk.rows("--all")) == 1
    assert "还没到" in desk.run("calls", "--all")


def test_numbers_are_shown_to_those_who_ring(desk: Desk) -> None:
    desk.asked()
    assert "--as" in desk.fails("calls", "--unmask")
    shown = desk.run("calls", "--unmask", "--as", "zhou")
    assert NUMBERS.wang in shown and "王阿姨" in shown
    assert "只有" in desk.fails("calls", "--unmask", "--as", "zhao")
    assert "nobody" in desk.fails("calls", "--as", "nobody")


def test_answered_finishes_a_return_call(desk: Desk) -> None:
    id_ = desk.asked()
    assert "结束" in desk.run("called", str(id_), "answered", "--as", "sun")
    callback = desk.callback(id_)
    assert (callback.state, callback.outcome) == (CallbackState.DONE, Outcome.ANSWERED)
    assert desk.rows("--all") == []
    assert "已经结束" in desk.fails("called", str(id_), "busy", "--as", "sun")


def test_call_later_is_local_time_and_lies_ahead(desk: Desk) -> None:
    id_ = desk.asked()
    zone = desk.runtime.desk.zone
    later = (desk.runtime.now() + timedelta(days=1)).astimezone(zone).replace(second=0, microsecond=0)
    said = desk.run("called", str(id_), "call_later", "--as", "zhou", "--later", f"{later:%Y-%m-%d %H:%M}")
    assert f"{later:%m-%d %H:%M}" in said
    assert desk.callback(id_).due_at == later
    past = ["--later", "2020-01-01 10:00", "--as", "zhou"]
    assert "将来" in desk.fails("called", str(id_), "call_later", *past)
    assert "call_later" in desk.fails("called", str(id_), "busy", *past)


def test_who_has_no_right_writes_nothing_down(desk: Desk) -> None:
    id_ = desk.asked()
    assert "不能" in desk.fails("called", str(id_), "answered", "--as", "qian")
    assert "没有 999" in desk.fails("called", "999", "answered", "--as", "zhou")
    with desk.runtime.db.transaction(read_only=True) as session:
        assert session.scalars(select(Attempt)).all() == []
    assert desk.callback(id_).state is CallbackState.PERSON


def test_an_evaluation_is_finished_by_its_rating_and_not_by_answered(desk: Desk) -> None:
    id_, number = desk.evaluation()
    assert f"ticket act {number} rate" in desk.fails("called", str(id_), "answered", "--as", "zhou")
    assert desk.callback(id_).state is CallbackState.PERSON
    assert "结束" in desk.run("called", str(id_), "refused", "--as", "zhou")


def test_what_the_robot_still_rings_is_not_written_down_by_hand(desk: Desk) -> None:
    id_ = desk.asked(state=CallbackState.WAITING)
    assert "机器" in desk.fails("called", str(id_), "answered", "--as", "zhou")
