"""Which steps a resident is texted of, in whose language, at what hours, and what a keeper is spared."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select

from app.desk import messages, sending
from app.desk.config import DeskConfig
from app.desk.draft import Draft
from app.desk.place import Place
from app.desk.rights import Actor
from app.desk.tickets import open_ticket, transition
from app.hygiene import utf16_units
from models.lifecycle import Action
from models.message import Message
from models.resident import Resident
from models.ticket import Ticket
from tests.app.desk.conftest import MONDAY, Town

NIGHT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # Monday, 23:00 in Shanghai
MORNING = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)  # Tuesday, 8:00
LANGUAGES = pytest.mark.parametrize("language", ["zh_Hans", "zh_Hant", "en"])


def texts(town: Town, session, ticket: Ticket, who: str = "wang") -> list[Message]:  # type: ignore[no-untyped-def]
    return [text for text in town.texts(session, ticket) if text.resident_id == town.resident[who]]


def test_every_step_that_concerns_her_is_told_and_no_other(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.open(session)
        told = []
        for action, who, given in (
            (Action.DISPATCH, "sun", {"assignee_id": town.staff["zhao"]}),
            (Action.DISPATCH, "sun", {"assignee_id": town.staff["wuye"]}),
            (Action.ACCEPT, "wuye", {}),
            (Action.HOLD, "wuye", {"reason": "等配件", "until": MONDAY + timedelta(days=2)}),
            (Action.RESUME, "wuye", {}),
            (Action.PLAN, "sun", {"reason": "明年改造", "review_on": (MONDAY + timedelta(days=30)).date()}),
            (Action.RESOLVE, "sun", {"text": "换了灯泡"}),
            (Action.REOPEN, "sun", {"reason": "没好"}),
            (Action.REFER, "sun", {"reason": "供电公司", "review_on": (MONDAY + timedelta(days=9)).date()}),
        ):
            before = len(texts(town, session, ticket))
            town.act(session, ticket, action, who, **given)
            if len(texts(town, session, ticket)) > before:
                told.append(action)
        bodies = [text.body for text in texts(town, session, ticket)]
    assert told == ["dispatch", "hold", "plan", "resolve", "reopen", "refer"]
    for words, body in zip(
        ("网格员", "等配件", "明年改造", "换了灯泡", "重新去办", "供电公司"), bodies, strict=True
    ):
        assert words in body and str(ticket.number) in body


def test_after_a_reopening_the_next_dispatch_is_news_again(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.resolved(session)
        later = MONDAY + timedelta(hours=1)
        town.act(session, ticket, Action.REOPEN, "sun", reason="没好", now=later)
        town.act(session, ticket, Action.DISPATCH, "sun", assignee_id=town.staff["zhao"], now=later)
        assert [t.purpose for t in texts(town, session, ticket)].count("dispatch") == 2


def test_what_was_done_for_a_person_in_care_is_not_written_out(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.open(session, category="care")
        town.act(session, ticket, Action.RESOLVE, "sun", text="送去医院看了精神科")
        [text] = [t for t in texts(town, session, ticket) if t.purpose == "resolve"]
    assert "办好了" in text.body and "医院" not in text.body


@LANGUAGES
def test_every_text_of_a_step_is_one_segment_in_her_language(town: Town, language: str) -> None:
    long = "等供货商把非常特别的大号防水灯罩和配套的感应开关一起从外地发过来再安排两位师傅上门更换"
    with town.db.transaction() as session:
        session.get_one(Resident, town.resident["wang"]).language = language
        ticket = town.open(session)
        ticket.number = 123456
        session.flush()
        day = (MONDAY + timedelta(days=30)).date()
        for action, who, given in (
            (Action.DISPATCH, "sun", {"assignee_id": town.staff["wuye"]}),
            (Action.ACCEPT, "wuye", {}),
            (Action.HOLD, "wuye", {"reason": long, "until": MONDAY + timedelta(days=2)}),
            (Action.PLAN, "sun", {"reason": long, "review_on": day}),
            (Action.RESOLVE, "sun", {"text": long}),
            (Action.REOPEN, "sun", {"reason": long}),
            (Action.REFER, "sun", {"reason": long, "review_on": day}),
        ):
            town.act(session, ticket, action, who, **given)
        written = texts(town, session, ticket)
    assert len(written) == 6
    for text in written:
        assert utf16_units(text.body) <= 70 and text.segments == 1, text.body
        assert ("您" in text.body) is (language != "en")
        assert ("號" in text.body) is (language == "zh_Hant")


def night_config(town: Town) -> DeskConfig:
    return replace(town.cfg, text_hours=((time(8), time(21)),))


@pytest.mark.parametrize("urgent", [False, True])
def test_at_night_only_what_is_urgent_is_sent(town: Town, urgent: bool) -> None:
    cfg = night_config(town)
    with town.db.transaction() as session:
        draft = Draft(
            channel="phone",
            occurred_at=NIGHT,
            text="3栋路灯不亮",
            category="repairs",
            tier="simple",
            urgent=urgent,
            danger=None,
            matter="路灯不亮",
            place=Place(building="3"),
            reporter_id=town.resident["wang"],
        )
        ticket = open_ticket(session, cfg, draft, now=NIGHT)
        to = town.staff["zhao"]
        transition(
            session, cfg, ticket, Action.DISPATCH, Actor("rule"), now=NIGHT, reason="规则", assignee_id=to
        )
        sent = [text for text in town.texts(session, ticket) if text.purpose == "dispatch"]
        due = NIGHT if urgent else MORNING
        assert [text.due_at for text in sent] == [due, due]
        assert len(sending.due_messages(session, now=NIGHT)) == (3 if urgent else 0)
        assert len(sending.due_messages(session, now=MORNING)) == (3 if urgent else 2)


def test_a_flood_of_matters_does_not_flood_the_keeper(town: Town) -> None:
    with town.db.transaction() as session:
        for _ in range(30):
            ticket = town.open(session)
            town.act(session, ticket, Action.DISPATCH, "sun", assignee_id=town.staff["zhao"])
        query = select(Message).where(Message.staff_id == town.staff["zhao"])
        told = session.scalars(query.order_by(Message.id)).all()
    assert len(told) == 11
    assert "回“单”查看" in told[-1].body


@pytest.mark.parametrize(
    "phone", ["+14155550100", "+8616896123", "+864001234567", "+8610086", "+86106912345678", "+8612345"]
)
def test_foreign_premium_and_service_numbers_are_never_texted(town: Town, phone: str) -> None:
    with town.db.transaction() as session:
        message = messages.queue_text(
            session, town.cfg, phone=phone, body="您好", purpose="notice", now=MONDAY
        )
        assert message.state == messages.FAILED
        assert sending.due_messages(session, now=MONDAY) == []


def test_a_link_that_somebody_wrote_is_not_sent_on(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.open(session, text="点 http://evil.example/x 领奖", matter=None)
        town.act(session, ticket, Action.DISPATCH, "sun", assignee_id=town.staff["zhao"])
        bodies = [text.body for text in town.texts(session, ticket)]
    assert any("[网址]" in body for body in bodies)
    assert not any("evil" in body for body in bodies)


def test_what_was_sent_is_counted_in_segments_and_every_send_costs(town: Town) -> None:
    with town.db.transaction() as session:
        once, twice = (
            messages.queue_text(
                session, town.cfg, phone="+8613800002001", body="好" * 100, purpose="dispatch", now=MONDAY
            )
            for _ in range(2)
        )
        once.tries, twice.tries = 1, 2
        session.flush()
        day = timedelta(days=1)
        assert messages.segments_sent(session, MONDAY - day, MONDAY + day) == 6
        assert messages.segments_sent(session, MONDAY - day, MONDAY) == 0
