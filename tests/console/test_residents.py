"""Residents at the console: found, changed, joined, parted, merged, erased; and what is shown of them."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.desk.residents import find_by_phone
from app.desk.tickets import actor_of, transition
from app.desk.wishes import calling_hours
from models.audit import AuditEntry
from models.callback import Callback, CallbackState
from models.lifecycle import Action
from models.message import Message
from models.resident import Resident, ResidentPhone
from models.staff import Staff
from models.ticket import Ticket
from tests.support.console import Desk
from tests.support.office import NUMBERS, Office

Open = Callable[[str], Desk]


def _id(office: Office, phone: str) -> int:
    with office.db.transaction(read_only=True) as session:
        found = find_by_phone(session, phone)
        assert found is not None
        return found.id


@pytest.mark.parametrize(
    "written", ["13800001111", "138 0000 1111", "+86 138-0000-1111", "１３８００００１１１１"]
)
def test_a_resident_is_found_by_her_number_however_it_is_written(desk: Open, written: str) -> None:
    assert "王阿姨" in desk("zhou").get("/staff/residents", query_string={"q": written}).text


def test_a_resident_is_found_by_the_number_of_her_matter(office: Office, desk: Open) -> None:
    office.open_one()
    assert "王阿姨" in desk("sun").get("/staff/residents?q=1001").text
    assert "没有找到" in desk("sun").get("/staff/residents?q=4711").text


def test_the_number_and_the_room_are_masked_until_asked_for_and_then_it_is_written_down(
    office: Office, desk: Open
) -> None:
    id_, sun = _id(office, NUMBERS.wang), desk("sun")
    with office.db.transaction() as session:
        session.get_one(Resident, id_).room = "3014"
    page = sun.get(f"/staff/residents/{id_}").text
    assert "138****1111" in page
    assert "13800001111" not in page
    assert "3014" not in page
    seen = sun.post(f"/staff/residents/{id_}/reveal").text
    assert "13800001111" in seen
    assert "3014" in seen
    with office.db.transaction(read_only=True) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.deed == "see_phone")).one()
        assert (entry.subject, entry.subject_id) == ("resident", id_)


def test_saving_without_having_seen_the_room_keeps_it(office: Office, desk: Open) -> None:
    id_ = _id(office, NUMBERS.wang)
    with office.db.transaction() as session:
        session.get_one(Resident, id_).room = "3014"
    desk("sun").post(f"/staff/residents/{id_}", {"name": "王桂兰", "dialect": "四川话", "no_call": "1"})
    with office.db.transaction(read_only=True) as session:
        resident = session.get_one(Resident, id_)
        assert (resident.name, resident.room, resident.no_call) == ("王桂兰", "3014", True)


def test_hours_that_make_no_sense_are_said_and_what_was_typed_stays(office: Office, desk: Open) -> None:
    id_ = _id(office, NUMBERS.wang)
    answer = desk("sun").post(f"/staff/residents/{id_}", {"name": "王桂兰", "preferred_hours": "上午"})
    assert answer.status_code == 400
    assert "09:00-10:30" in answer.text
    assert 'value="上午"' in answer.text
    with office.db.transaction(read_only=True) as session:
        assert session.get_one(Resident, id_).name == "王阿姨"


def test_whoever_is_not_of_the_unit_gets_not_found(office: Office) -> None:
    id_ = _id(office, NUMBERS.li)  # lives in the second grid
    with office.db.transaction() as session:
        zhou = session.scalars(select(Staff).where(Staff.login == "zhou")).one()
        zhao = session.scalars(select(Staff).where(Staff.login == "zhao")).one()
        zhou.unit_id = zhao.unit_id  # of the first grid only
    zhou_there = Desk(office, "zhou")
    assert zhou_there.get(f"/staff/residents/{id_}").status_code == 404
    assert "李叔叔" not in zhou_there.get("/staff/residents").text
    assert Desk(office, "zhao").get("/staff/residents").status_code == 403


def test_two_in_one_household_are_not_alone(office: Office, desk: Open) -> None:
    wang, sun = _id(office, NUMBERS.wang), desk("sun")
    sun.post(f"/staff/residents/{wang}/household", {"other": NUMBERS.li})
    with office.db.transaction(read_only=True) as session:
        assert not session.get_one(Resident, wang).lives_alone
    assert "李叔叔" in sun.get(f"/staff/residents/{wang}").text
    sun.post(f"/staff/residents/{wang}/household", {})
    with office.db.transaction(read_only=True) as session:
        assert session.get_one(Resident, _id(office, NUMBERS.li)).household_id is None


def test_a_number_of_somebody_else_is_not_taken_away_from_her(office: Office, desk: Open) -> None:
    answer = desk("sun").post(f"/staff/residents/{_id(office, NUMBERS.wang)}/phones", {"phone": NUMBERS.li})
    assert answer.status_code == 400
    assert "请合并" in answer.text


def test_a_merge_takes_everything_along_and_can_be_undone(both_offices: Office) -> None:
    office = both_offices
    office.open_one()
    sun = Desk(office, "sun")
    wang, li = _id(office, NUMBERS.wang), _id(office, NUMBERS.li)
    sun.post(f"/staff/residents/{li}/merge", {"merge-other": NUMBERS.wang})
    with office.db.transaction(read_only=True) as session:
        assert session.get(Resident, wang) is None
        kept = session.get_one(Resident, li)
        assert (kept.name, kept.lives_alone) == ("李叔叔", True)
        assert session.scalars(select(Ticket.reporter_id)).one() == li
        assert len(session.scalars(select(ResidentPhone).where(ResidentPhone.resident_id == li)).all()) == 2
    undo = re.search(r"/staff/residents/merges/(\d+)/undo", sun.get(f"/staff/residents/{li}").text)
    assert undo is not None
    sun.post(undo[0])
    with office.db.transaction(read_only=True) as session:
        assert session.get_one(Resident, wang).name == "王阿姨"
        assert not session.get_one(Resident, li).lives_alone
        assert session.scalars(select(Ticket.reporter_id)).one() == wang
    assert _id(office, NUMBERS.wang) == wang


def test_erasing_waits_for_open_matters_and_then_leaves_nothing_personal(both_offices: Office) -> None:
    office = both_offices
    office.open_one("3栋2单元501王桂兰家漏水")
    wang, wu = _id(office, NUMBERS.wang), Desk(office, "wu")
    form: dict[str, object] = {"reason": "本人来电", "sure": "yes"}
    refused = wu.post(f"/staff/residents/{wang}/erase", form)
    assert refused.status_code == 400
    assert "1001 号还没有办完" in refused.text
    with office.db.transaction() as session:
        wu_staff = session.scalars(select(Staff).where(Staff.login == "wu")).one()
        actor = actor_of(session, wu_staff)
        transition(
            session,
            office.runtime.desk,
            office.ticket(session),
            Action.CANCEL,
            actor,
            now=office.moment,
            reason="撤",
        )
    assert wu.post(f"/staff/residents/{wang}/erase", form).status_code == 303
    with office.db.transaction(read_only=True) as session:
        gone = session.get_one(Resident, wang)
        assert (gone.name, gone.room, gone.erased_at is not None) == (None, None, True)
        assert find_by_phone(session, NUMBERS.wang) is None
        assert "王桂兰" not in session.scalars(select(Ticket.text)).one()
        assert all(m.body == "" for m in session.scalars(select(Message).where(Message.resident_id == wang)))
    assert (office.runtime.settings.data_dir / "erasures.tsv").read_text().startswith(f"{wang}\t")


def test_a_keeper_of_records_below_the_supervisor_cannot_erase(office: Office, desk: Open) -> None:
    assert (
        desk("sun").post(f"/staff/residents/{_id(office, NUMBERS.wang)}/erase", {"sure": "yes"}).status_code
        == 403
    )


def test_whoever_does_not_want_to_be_rung_is_visited_instead(office: Office) -> None:
    with office.db.transaction() as session:
        session.get_one(Resident, _id(office, NUMBERS.wang)).no_call = True
    from app.jobs.callbacks import plan_callbacks

    plan_callbacks(office.runtime, office.resolve_one())
    with office.db.transaction(read_only=True) as session:
        assert session.scalars(select(Callback.state)).one() is CallbackState.VISIT


def test_hours_that_she_likes_narrow_those_of_the_house(office: Office) -> None:
    id_ = _id(office, NUMBERS.wang)
    with office.db.transaction() as session:
        session.get_one(Resident, id_).preferred_hours = "15:00-17:00"
        session.flush()
        hours = calling_hours(session, office.runtime.desk, id_)
    assert [(start.hour, end.hour) for start, end in hours] == [(15, 17)]
