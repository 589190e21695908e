"""Rows written without the unit of work are like those written with it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, inspect
from sqlalchemy.exc import IntegrityError

from app.db import Database, insert_once, insert_row, insert_values, make_engine, sent_together, update_row
from models.all import metadata
from models.call import Call, CallTurn
from models.crypto import Keyring
from models.receipt import InboundReceipt
from models.resident import Resident

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    database = Database(make_engine(database_url, Keyring("k" * 32)))
    metadata.create_all(database.engine)
    yield database
    database.dispose()


def a_call(sid: str = "CA1") -> Call:
    return Call(
        uid=f"uid-{sid}",
        carrier_sid=sid,
        direction="inbound",
        phone="+8613800001111",
        phone_index="+8613800001111",
        hotline="+864001234567",
        state={"flow": "hotline"},
        started_at=NOW,
        updated_at=NOW,
    )


def test_an_inserted_row_is_persistent_and_complete_without_being_read_again(db: Database) -> None:
    with db.transaction() as session:
        call = a_call()
        insert_row(session, call)
        assert inspect(call).persistent
        assert call.id is not None
        sent: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *seen: sent.append(seen[2]))
        assert (call.last_turn, call.ended_at, call.phone) == (0, None, "+8613800001111")
        assert not session.is_modified(call)
        assert sent == []


def test_what_was_inserted_is_what_is_read(db: Database) -> None:
    with db.transaction() as session:
        resident = Resident(name="王阿姨", created_at=NOW)
        insert_row(session, resident)
        call = a_call()
        call.resident_id = resident.id
        insert_row(session, call)
        insert_row(
            session, CallTurn(call_id=call.id, n=1, node="ask", said=["您好"], twiml="<R/>", created_at=NOW)
        )
    with db.transaction(read_only=True) as session:
        [turn] = session.query(CallTurn).all()
        found = session.get_one(Call, turn.call_id)
        assert (turn.said, turn.heard, turn.listen) == (["您好"], None, None)
        assert (found.state, found.started_at, found.last_turn) == ({"flow": "hotline"}, NOW, 0)
        resident = session.get_one(Resident, found.resident_id)
        assert (resident.name, resident.lives_alone) == ("王阿姨", False)


def test_an_inserted_row_can_be_changed_as_any_other(db: Database) -> None:
    with db.transaction() as session:
        call = a_call()
        insert_row(session, call)
        call.last_turn = 3
    with db.transaction(read_only=True) as session:
        assert session.get_one(Call, call.id).last_turn == 3


def test_an_updated_row_is_clean_and_changed_in_the_database(db: Database) -> None:
    with db.transaction() as session:
        insert_row(session, a_call("CA1"))
        other = a_call("CA2")
        insert_row(session, other)
        update_row(session, other, last_turn=5, state={"flow": "rating"})
        assert not session.is_modified(other)
        assert other.last_turn == 5
    with db.transaction(read_only=True) as session:
        states = {call.carrier_sid: (call.last_turn, call.state["flow"]) for call in session.query(Call)}
    assert states == {"CA1": (0, "hotline"), "CA2": (5, "rating")}


def test_the_first_of_two_equal_rows_stays(db: Database) -> None:
    values = {"source": "sms", "external_id": "SM1", "request_hash": "a", "at": NOW}
    with db.transaction() as session:
        assert insert_once(session, InboundReceipt, values, ["source", "external_id"])
        assert not insert_once(
            session, InboundReceipt, values | {"request_hash": "b"}, ["source", "external_id"]
        )
    with db.transaction(read_only=True) as session:
        assert session.get_one(InboundReceipt, ("sms", "SM1")).request_hash == "a"


def test_a_row_that_nobody_asks_for_again_has_its_defaults(db: Database) -> None:
    with db.transaction() as session:
        insert_values(session, Resident, name="王阿姨", created_at=NOW)
    with db.transaction(read_only=True) as session:
        [resident] = session.query(Resident).all()
        assert (resident.name, resident.lives_alone, resident.opted_out) == ("王阿姨", False, False)


def test_what_is_sent_together_is_written_in_its_order(db: Database) -> None:
    with db.transaction() as session:
        call = a_call()
        insert_row(session, call)
        with sent_together(session):
            update_row(session, call, last_turn=1)
            update_row(session, call, last_turn=2)
    with db.transaction(read_only=True) as session:
        assert session.get_one(Call, call.id).last_turn == 2


def test_a_mistake_in_what_is_sent_together_takes_everything_back(db: Database) -> None:
    with pytest.raises(IntegrityError), db.transaction() as session:
        insert_row(session, a_call())
        with sent_together(session):
            for sid in ("CA2", "CA3", "CA2"):
                values = {name: value for name, value in vars(a_call(sid)).items() if name[0] != "_"}
                insert_values(session, Call, last_turn=0, **values)
    with db.transaction(read_only=True) as session:
        assert session.query(Call).count() == 0
