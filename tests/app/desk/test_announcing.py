"""Notices to a unit: who may, who is told, how fast, and that nobody is told twice."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk import announcing, notifying, reaching
from app.errors import BadInput, NotAllowed
from models.callback import Callback, CallbackKind
from models.message import Message
from models.notice import Notice, NoticeRecipient, NoticeState, RecipientState
from models.resident import Resident, ResidentPhone
from models.unit import Unit
from tests.app.desk.conftest import CHEN, LI, MONDAY, WANG, Town

BODY = "明天上午9点到12点停水检修，请提前储水。"
NIGHT = MONDAY.replace(hour=15)  # 23:00 in Shanghai


def drafted(
    session: Session,
    town: Town,
    *,
    unit: str = "community",
    body: str = BODY,
    who: str = "sun",
    urgent: bool = False,
) -> Notice:
    return announcing.draft(
        session,
        town.actor(session, who),
        session.get_one(Unit, town.unit[unit]),
        body,
        not_after=MONDAY + timedelta(hours=24),
        urgent=urgent,
        now=MONDAY,
    )


def approved(session: Session, town: Town, **more: object) -> Notice:
    notice = drafted(session, town, **more)  # type: ignore[arg-type]
    announcing.approve(session, town.actor(session, "wu"), notice, now=MONDAY)
    return notice


def send(session: Session, town: Town, notice: Notice, most: int = 100, *, now: datetime = MONDAY) -> int:
    return notifying.send_some(session, town.cfg, notice.id, most, now=now)


def texted(session: Session) -> list[str]:
    return list(
        session.scalars(select(Message.phone).where(Message.purpose == "notice").order_by(Message.id))
    )


def test_everybody_in_the_unit_is_told_once_by_text_or_by_call(town: Town) -> None:
    with town.db.transaction() as session:
        notice = approved(session, town)
        assert send(session, town, notice) == 3
        assert sorted(texted(session)) == sorted([WANG, LI])
        calls = session.scalars(select(Callback).where(Callback.kind == CallbackKind.NOTICE)).all()
        assert [call.phone for call in calls] == [CHEN]
        assert all(BODY in row.body for row in town.texts(session))
        assert notice.state is NoticeState.DONE
        assert send(session, town, notice) == 0
        assert len(texted(session)) == 2


def test_only_those_who_live_there(town: Town) -> None:
    with town.db.transaction() as session:
        notice = approved(session, town, unit="b5")
        send(session, town, notice)
        assert texted(session) == [LI]


def test_two_telephones_of_one_resident_get_it_once(town: Town) -> None:
    with town.db.transaction() as session:
        mobile = "+8613800005555"
        session.add(
            ResidentPhone(resident_id=town.resident["chen"], phone=mobile, phone_index=mobile, can_text=True)
        )
        session.flush()
        notice = approved(session, town, unit="b3")
        send(session, town, notice)
        assert sorted(texted(session)) == sorted([WANG, mobile])


@pytest.mark.parametrize("when", ["before", "after"])
def test_whoever_opted_out_is_left_in_peace(town: Town, when: str) -> None:
    with town.db.transaction() as session:
        wang = session.get_one(Resident, town.resident["wang"])
        wang.opted_out = when == "before"
        session.flush()
        notice = approved(session, town, unit="b3")
        wang.opted_out = True
        session.flush()
        send(session, town, notice)
        assert WANG not in texted(session)
        assert reaching.progress(session, notice).opted_out == 1


def test_batches_go_on_where_the_last_one_ended(town: Town) -> None:
    with town.db.transaction() as session:
        notice_id = approved(session, town).id
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), town.db.transaction() as session:
            notifying.send_some(session, town.cfg, notice_id, 1, now=MONDAY)
            1 / 0  # noqa: B018  # the power is cut before the commit
        with town.db.transaction() as session:
            assert notifying.send_some(session, town.cfg, notice_id, 1, now=MONDAY) == 1
    with town.db.transaction() as session:
        assert sorted(texted(session)) == sorted([WANG, LI])
        found = reaching.progress(session, session.get_one(Notice, notice_id))
        assert (found.waiting, found.texted, found.called) == (0, 2, 1)


def test_nobody_is_told_before_it_is_approved(town: Town) -> None:
    with town.db.transaction() as session:
        notice = drafted(session, town)
        assert send(session, town, notice) == 0
        assert notifying.being_sent(session) == []
        assert session.scalars(select(NoticeRecipient)).all() == []


def test_paused_it_waits_and_then_goes_on(town: Town) -> None:
    with town.db.transaction() as session:
        notice = approved(session, town)
        assert send(session, town, notice, 1) == 1
        announcing.pause(session, town.actor(session, "sun"), notice)
        assert send(session, town, notice) == 0
        announcing.resume(session, town.actor(session, "wu"), notice)
        assert send(session, town, notice) == 2


def test_cancelled_it_is_over(town: Town) -> None:
    with town.db.transaction() as session:
        notice = approved(session, town)
        announcing.cancel(session, town.actor(session, "sun"), notice, now=MONDAY)
        assert send(session, town, notice) == 0
        with pytest.raises(BadInput, match="已经取消"):
            announcing.resume(session, town.actor(session, "wu"), notice)


def test_old_news_is_not_told(town: Town) -> None:
    with town.db.transaction() as session:
        notice = approved(session, town)
        send(session, town, notice, 1)
        assert send(session, town, notice, now=MONDAY + timedelta(hours=24)) == 0
        assert notice.state is NoticeState.DONE
        assert reaching.progress(session, notice).waiting == 2


def test_at_night_only_what_is_urgent(town: Town) -> None:
    with town.db.transaction() as session:
        calm, urgent = approved(session, town, unit="b5"), approved(session, town, unit="b5", urgent=True)
        assert notifying.being_sent(session) == [urgent.id, calm.id]
        assert send(session, town, calm, now=NIGHT) == 0
        assert send(session, town, urgent, now=NIGHT) == 1
        assert calm.state is NoticeState.SENDING


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("", "没有字"),
        ("\x00 \n", "没有字"),
        ("停水" * 101, "太长"),
        ("详情见 https://example.com/a", "网址"),
        ("登录abc.com领取", "网址"),
    ],
)
def test_what_is_no_notice_is_refused(small_town: Town, body: str, why: str) -> None:
    with small_town.db.transaction() as session, pytest.raises(BadInput, match=why):
        drafted(session, small_town, body=body)


@pytest.mark.parametrize(
    ("who", "may_draft", "may_approve"),
    [
        ("sun", True, False),
        ("wu", True, True),
        ("admin", True, True),
        ("zhao", False, False),
        ("zhou", False, False),
        ("eye", False, False),
        ("gone", False, False),
        ("gridsun", False, False),
        ("stranger", False, False),
    ],
)
def test_who_may(small_town: Town, who: str, may_draft: bool, may_approve: bool) -> None:
    with small_town.db.transaction() as session:
        if may_draft:
            drafted(session, small_town, who=who)
        else:
            with pytest.raises(NotAllowed):
                drafted(session, small_town, who=who)
        notice = drafted(session, small_town)
        actor = small_town.actor(session, who)
        if may_approve:
            assert announcing.approve(session, actor, notice, now=MONDAY) == 3
            with pytest.raises(BadInput, match="正在发"):
                announcing.approve(session, actor, notice, now=MONDAY)
        else:
            with pytest.raises(NotAllowed):
                announcing.approve(session, actor, notice, now=MONDAY)


def test_reach_is_known_beforehand(town: Town) -> None:
    with town.db.transaction() as session:
        session.get_one(Resident, town.resident["li"]).opted_out = True
        session.add(Resident(name="没电话", unit_id=town.unit["b3"], created_at=MONDAY))
        session.flush()
        notice = drafted(session, town)
        assert reaching.reach(session, town.cfg, notice) == reaching.Reach(1, 1, 1, 1, parts=1)


def test_a_telephone_that_is_gone_is_counted_as_unreachable(town: Town) -> None:
    with town.db.transaction() as session:
        notice = approved(session, town, unit="b5")
        session.delete(session.scalars(select(ResidentPhone).where(ResidentPhone.phone_index == LI)).one())
        session.flush()
        send(session, town, notice)
        state = session.scalars(select(NoticeRecipient.state)).one()
        assert state is RecipientState.UNREACHABLE
