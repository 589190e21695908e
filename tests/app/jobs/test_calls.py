"""Calls that ended or fell silent are settled, once; nobody who rang is forgotten."""

from typing import Any

from sqlalchemy import select

from app.jobs.calls import settle_call, sweep_calls
from app.queue import JobName
from models.call import Call
from models.callback import Callback, CallbackKind
from tests.support.office import NUMBERS, Office

OWED = [{"do": "request_return_call", "with": {"reason": "hung_up"}}]


def a_call(office: Office, *, ended: bool, leftovers: dict[str, Any]) -> int:
    with office.db.transaction() as session:
        call = Call(
            uid="c1",
            carrier_sid="CA1",
            direction="inbound",
            phone=NUMBERS.wang,
            phone_index=NUMBERS.wang,
            hotline="+864001234567",
            state={"leftovers": leftovers},
            started_at=office.moment,
            updated_at=office.moment,
            ended_at=office.moment if ended else None,
        )
        session.add(call)
        session.flush()
        return call.id


def run_due(office: Office) -> int:
    found = sweep_calls(office.runtime)
    for name, id_ in found:
        assert name is JobName.SETTLE_CALL
        settle_call(office.runtime, id_)
        settle_call(office.runtime, id_)
    return len(found)


def owed(office: Office) -> list[Callback]:
    with office.db.transaction(read_only=True) as session:
        return list(session.scalars(select(Callback)))


def test_a_call_that_ended_is_settled_once_its_last_webhooks_have_come(office: Office) -> None:
    a_call(office, ended=True, leftovers={"silent": OWED})
    assert run_due(office) == 0
    office.pass_time(seconds=15)
    assert run_due(office) == 1
    (callback,) = owed(office)
    assert callback.kind is CallbackKind.RETURN_CALL
    assert run_due(office) == 0


def test_a_call_whose_end_was_never_reported_is_settled_in_the_end(office: Office) -> None:
    a_call(office, ended=False, leftovers={"silent": OWED})
    office.pass_time(minutes=5)
    assert run_due(office) == 0
    office.pass_time(minutes=15)
    assert run_due(office) == 1
    assert len(owed(office)) == 1


def test_a_call_that_owes_nothing_leaves_nothing(office: Office) -> None:
    a_call(office, ended=True, leftovers={})
    office.pass_time(minutes=1)
    assert run_due(office) == 1
    assert owed(office) == []
    assert run_due(office) == 0
