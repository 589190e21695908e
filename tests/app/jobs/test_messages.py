"""Sending texts: what the row says after everything that a carrier can do."""

import pytest
from sqlalchemy import select

from app.desk import messages, sending
from app.desk.draft import Draft
from app.desk.tickets import open_ticket
from app.desk.understanding import understand
from app.errors import CarrierBusy, CarrierError, CarrierMisconfigured, CarrierRefused, CarrierUnclear
from app.jobs.messages import send_message, sweep_messages
from app.queue import JobName
from models.message import Message
from tests.support.office import NUMBERS, Office


def queue(
    office: Office, *, until_delivered: bool = False, body: str = "您好", key: str | None = None
) -> int:
    with office.db.transaction() as session:
        return messages.queue_text(
            session,
            office.runtime.desk,
            phone=NUMBERS.zhao,
            body=body,
            purpose="dispatch",
            now=office.moment,
            until_delivered=until_delivered,
            dedup_key=key,
        ).id


def row(office: Office, id_: int) -> Message:
    with office.db.transaction(read_only=True) as session:
        return session.scalars(select(Message).where(Message.id == id_)).one()


def report(office: Office, id_: int, status: str, code: int | None = None, **more: object) -> bool:
    with office.db.transaction() as session:
        return sending.message_status(
            session,
            row(office, id_).uid,
            status,
            code,
            now=office.moment,
            **more,  # type: ignore[arg-type]
        )


def run_due(office: Office) -> None:
    for name, id_ in sweep_messages(office.runtime):
        assert name is JobName.SEND_MESSAGE
        send_message(office.runtime, id_)


def test_a_text_is_signed_and_sent_once(office: Office) -> None:
    id_ = queue(office)
    assert office.hands.pushed == [(JobName.SEND_MESSAGE, id_)]
    for _ in range(3):
        send_message(office.runtime, id_)
    (sent,) = office.carrier.texts
    assert sent.body == "【家常热线】您好"
    assert sent.status_url == f"https://hotline.example/sms/status?message={row(office, id_).uid}&attempt=1"
    assert (row(office, id_).state, row(office, id_).carrier_sid) == ("sent", sent.sid)


def test_the_same_reason_makes_one_text(office: Office) -> None:
    assert queue(office, key="a") == queue(office, key="a", body="别的")
    assert queue(office, key="b") != queue(office, key="a")


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (CarrierRefused("no such number", code=21211), "failed"),
        (CarrierBusy("later"), "pending"),
        (CarrierMisconfigured("token"), "pending"),
        (CarrierUnclear("timed out"), "unknown"),
    ],
)
def test_each_error_leads_to_its_state(office: Office, error: CarrierError, state: str) -> None:
    id_ = queue(office)
    office.carrier.failures.append(error)
    send_message(office.runtime, id_)
    assert row(office, id_).state == state
    assert row(office, id_).last_error


def test_a_busy_carrier_is_asked_again_with_growing_pauses(office: Office) -> None:
    id_ = queue(office)
    pauses = []
    for _ in range(8):
        office.carrier.failures.append(CarrierBusy("later"))
        before = office.moment
        send_message(office.runtime, id_)
        pauses.append((row(office, id_).due_at - before).total_seconds())
        office.moment = row(office, id_).due_at
    assert pauses == [15, 30, 60, 120, 240, 480, 600, 600]
    send_message(office.runtime, id_)
    assert row(office, id_).state == "sent"
    assert len(office.carrier.texts) == 1


def test_an_ordinary_text_is_given_up_after_a_day_an_alert_is_not(office: Office) -> None:
    ordinary, alert = queue(office), queue(office, until_delivered=True)
    office.pass_time(hours=25)
    for id_ in (ordinary, alert):
        office.carrier.failures.append(CarrierBusy("later"))
        send_message(office.runtime, id_)
    assert (row(office, ordinary).state, row(office, alert).state) == ("failed", "pending")


def test_a_lost_answer_is_looked_up_and_the_text_is_not_sent_twice(office: Office) -> None:
    id_ = queue(office)
    office.carrier.failures.append(CarrierUnclear("timed out"))
    send_message(office.runtime, id_)
    send_message(office.runtime, id_)
    assert len(office.carrier.texts) == 1
    office.pass_time(seconds=61)
    run_due(office)
    assert (row(office, id_).state, row(office, id_).carrier_sid) == ("sent", office.carrier.texts[0].sid)
    assert len(office.carrier.texts) == 1


def test_a_text_that_the_carrier_never_had_is_sent(office: Office) -> None:
    id_ = queue(office)
    office.carrier.takes_unclear_orders = False
    office.carrier.failures.append(CarrierUnclear("timed out"))
    send_message(office.runtime, id_)
    office.pass_time(seconds=61)
    run_due(office)
    run_due(office)
    assert row(office, id_).state == "sent"
    assert len(office.carrier.texts) == 1


def test_another_text_to_the_same_number_is_not_mistaken_for_the_lost_one(office: Office) -> None:
    first = queue(office)
    send_message(office.runtime, first)
    office.carrier.takes_unclear_orders = False
    office.carrier.failures.append(CarrierUnclear("timed out"))
    second = queue(office)  # the same words to the same number
    send_message(office.runtime, second)
    office.pass_time(seconds=61)
    run_due(office)
    run_due(office)
    assert row(office, second).state == "sent"
    assert len(office.carrier.texts) == 2


def test_while_the_carrier_is_silent_a_lost_text_waits_and_is_then_given_up(office: Office) -> None:
    id_ = queue(office)
    office.carrier.failures.append(CarrierUnclear("timed out"))
    send_message(office.runtime, id_)
    office.carrier.silent = CarrierBusy("down")
    office.pass_time(seconds=61)
    run_due(office)
    assert row(office, id_).state == "unknown"
    office.pass_time(hours=2)
    run_due(office)
    assert row(office, id_).state == "failed"
    assert len(office.carrier.texts) == 1


def test_a_lost_alert_goes_again_rather_than_never(office: Office) -> None:
    id_ = queue(office, until_delivered=True)
    office.carrier.failures.append(CarrierUnclear("timed out"))
    send_message(office.runtime, id_)
    office.carrier.silent = CarrierBusy("down")
    office.pass_time(seconds=61)
    run_due(office)
    assert row(office, id_).state == "sent"
    assert len(office.carrier.texts) == 2


def test_an_alert_goes_again_until_the_carrier_says_delivered(office: Office) -> None:
    id_ = queue(office, until_delivered=True)
    send_message(office.runtime, id_)
    report(office, id_, "undelivered", 30003, attempt=1)
    assert row(office, id_).state == "pending"
    office.pass_time(seconds=20)
    run_due(office)
    report(office, id_, "sent", attempt=2)
    office.pass_time(minutes=4)  # nobody says whether it arrived
    run_due(office)
    assert len(office.carrier.texts) == 3
    report(office, id_, "delivered", attempt=3)
    office.pass_time(days=1)
    run_due(office)
    assert len(office.carrier.texts) == 3
    assert row(office, id_).state == "delivered"


def test_an_ordinary_text_that_was_sent_is_not_sent_again_without_a_receipt(office: Office) -> None:
    id_ = queue(office)
    send_message(office.runtime, id_)
    office.pass_time(days=1)
    run_due(office)
    assert len(office.carrier.texts) == 1
    assert row(office, id_).state == "sent"


def test_reports_that_repeat_and_reorder_move_forward_only(office: Office) -> None:
    id_ = queue(office)
    send_message(office.runtime, id_)
    sid = office.carrier.texts[0].sid
    for status in ("delivered", "sent", "queued", "undelivered", "delivered", "nonsense"):
        assert report(office, id_, status, sid=sid, attempt=1)
        assert row(office, id_).state == "delivered"


def test_a_late_report_of_an_earlier_send_does_not_undo_the_next_one(office: Office) -> None:
    id_ = queue(office, until_delivered=True)
    send_message(office.runtime, id_)
    report(office, id_, "undelivered", 30003, attempt=1)
    office.pass_time(seconds=20)
    send_message(office.runtime, id_)
    report(office, id_, "undelivered", 30003, attempt=1)
    assert row(office, id_).state == "sent"


def test_a_permanent_failure_ends_a_text(office: Office) -> None:
    id_ = queue(office)
    send_message(office.runtime, id_)
    report(office, id_, "undelivered", 30005)
    assert row(office, id_).state == "failed"


def test_a_phone_that_was_off_is_tried_again_a_few_times(office: Office) -> None:
    id_ = queue(office)
    for _ in range(5):
        run_due(office)
        report(office, id_, "undelivered", 30003, attempt=row(office, id_).tries)
        office.pass_time(minutes=6)
    assert row(office, id_).state == "failed"
    assert len(office.carrier.texts) == 3


def test_a_report_may_come_before_the_answer_to_the_order(office: Office) -> None:
    id_ = queue(office)
    with office.db.transaction() as session:
        claimed = sending.claim_message(session, id_, now=office.moment)
    assert claimed is not None
    report(office, id_, "delivered", sid="SMx", attempt=1)
    with office.db.transaction() as session:
        sending.message_sent(session, id_, claimed.lease_token, "SMx", now=office.moment)
    assert (row(office, id_).state, row(office, id_).carrier_sid) == ("delivered", "SMx")


def test_a_report_of_a_text_that_is_not_ours_says_so(office: Office) -> None:
    with office.db.transaction() as session:
        assert not sending.message_status(session, "nobody", "sent", None, now=office.moment)


def test_a_worker_that_died_while_sending_leaves_an_unknown_text(office: Office) -> None:
    id_ = queue(office)
    with office.db.transaction() as session:
        assert sending.claim_message(session, id_, now=office.moment) is not None
        assert sending.claim_message(session, id_, now=office.moment) is None
    office.pass_time(seconds=61)
    run_due(office)
    assert row(office, id_).state == "unknown"
    office.pass_time(seconds=61)
    run_due(office)
    run_due(office)
    assert row(office, id_).state == "sent"
    assert len(office.carrier.texts) == 1


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("好" * 70, 1),
        ("好" * 71, 2),
        ("好" * 134, 2),
        ("好" * 135, 3),
        ("💡" * 35, 1),
        ("💡" * 36, 2),
        ("", 1),
    ],
)
def test_segments_are_counted_in_utf16_units(text: str, parts: int) -> None:
    assert messages.segments(text) == parts


def test_no_character_is_split_between_two_segments() -> None:
    assert messages.segments("💡" * 66) == 2  # 33 a segment: a 67th unit would be half a lamp
    assert messages.segments("💡" * 67) == 3


def alerts(office: Office) -> list[str]:
    with office.db.transaction(read_only=True) as session:
        query = select(Message.phone).where(Message.purpose == "alert").order_by(Message.id)
        return list(session.scalars(query))


def open_danger(office: Office) -> int:
    with office.db.transaction() as session:
        draft = Draft.from_understanding(
            understand("3栋着火了"), channel="phone", occurred_at=office.moment, hotline="+864001234567"
        )
        return open_ticket(session, office.runtime.desk, draft, now=office.moment).id


def test_an_alert_that_cannot_be_delivered_goes_to_the_next_one_up_the_tree(office: Office) -> None:
    open_danger(office)
    assert alerts(office) == [NUMBERS.duty]
    office.carrier.failures.append(CarrierRefused("landline", code=21614))
    run_due(office)
    for _ in range(3):
        run_due(office)
    assert alerts(office) == [NUMBERS.duty, NUMBERS.desk]
    assert [text.to for text in office.carrier.texts] == [NUMBERS.desk]


def test_an_alert_that_nobody_confirms_reaches_more_people_and_then_ends(office: Office) -> None:
    open_danger(office)
    for _ in range(100):
        run_due(office)
        office.pass_time(minutes=3)
    told = alerts(office)
    assert told[:2] == [NUMBERS.duty, NUMBERS.desk]
    assert len(told) == len(set(told))
    sent = len(office.carrier.texts)
    assert sent <= 10 * len(told)
    office.pass_time(hours=1)
    run_due(office)
    assert len(office.carrier.texts) == sent


def test_an_alert_that_arrived_is_not_passed_on(office: Office) -> None:
    open_danger(office)
    run_due(office)
    with office.db.transaction(read_only=True) as session:
        id_ = session.scalars(select(Message.id)).one()
    report(office, id_, "delivered", attempt=1)
    office.pass_time(hours=2)
    run_due(office)
    assert alerts(office) == [NUMBERS.duty]
