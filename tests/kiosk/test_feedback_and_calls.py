"""At a kiosk: how good it was, a call back, how it stands. Numbers alone prove nothing."""

from datetime import timedelta

from sqlalchemy import select

from app.community import NUMBERS
from app.desk.progress import find_by_label
from models.callback import Callback, CallbackKind
from models.lifecycle import Status
from models.rating import Rating
from models.ticket import Ticket, TicketEvent
from tests.support.kiosk_door import Device

LAST4 = NUMBERS.wang[-4:]


def mended(device: Device) -> int:
    """王阿姨's lamp; the number."""
    device.office.resolve_one()
    return 1001


def ticket(device: Device, number: int = 1001) -> Ticket:
    with device.office.db.transaction(read_only=True) as session:
        return session.scalars(select(Ticket).where(Ticket.number == number)).one()


def ratings(device: Device) -> list[Rating]:
    with device.office.db.transaction(read_only=True) as session:
        return list(session.scalars(select(Rating)))


def remarks(device: Device) -> list[str | None]:
    with device.office.db.transaction(read_only=True) as session:
        return list(session.scalars(select(TicketEvent.reason).where(TicketEvent.action == "remark")))


def rating(
    device: Device, number: object, last4: object = LAST4, fact: object = 1, **marks: object
) -> dict[str, object]:
    return device.submission("rating", number=number, last4=last4, fact=fact, **marks)


def test_good_marks_close_the_matter_and_a_repeat_changes_nothing(either: Device) -> None:
    done = mended(either)
    given = rating(either, str(done), speed=2, effect=1, attitude=1)
    (told,) = either.told(given)
    assert (told["status"], told["ticket"]) == ("taken", done) and told["says"]
    assert ticket(either).status is Status.CLOSED
    assert either.told(given) == [told]
    (kept,) = ratings(either)
    assert (kept.channel, kept.asked_by, kept.fact, kept.speed, kept.effect, kept.attitude) == (
        "kiosk", "kiosk", 1, 2, 1, 1,
    )  # fmt: skip


def test_not_done_is_done_again_and_the_new_date_is_told(device: Device) -> None:
    done = mended(device)
    (told,) = device.told(rating(device, done, fact=3))
    assert ticket(device).status is Status.REOPENED
    assert told["promised_on"] == ticket(device).promised_on.isoformat()
    assert "对不起" in str(told["says"])


def test_without_proof_marks_count_for_nothing_and_staff_learn_of_it(either: Device) -> None:
    done = mended(either)
    wrong = rating(either, str(done), last4="0000", fact=3)
    (told,) = either.told(wrong)
    assert told["status"] == "refused" and told["ticket"] is None and told["says"]
    assert either.told(wrong) == [told]
    assert ratings(either) == [] and ticket(either).status is Status.RESOLVED
    assert remarks(either) == ["有人在自助屏上评价，但电话尾号对不上"]
    assert either.app.test_client().get(f"/p/{wrong['uuid']}").status_code == 404, (
        "how it stands needs proof, too"
    )


def test_a_number_that_nobody_has_is_refused_in_the_same_words(device: Device) -> None:
    done = mended(device)
    known, unknown = device.told(rating(device, done, last4="0000"), rating(device, "4711", last4="0000"))
    assert known["says"] == unknown["says"] and unknown["status"] == "refused"


def test_too_many_wrong_proofs_wait_and_are_not_lost(device: Device) -> None:
    done = mended(device)
    for n in range(5):
        device.told(rating(device, str(done), last4=f"000{n}"))
    right = rating(device, str(done))
    answer = device.send(right)
    assert answer.get_json()["results"][0]["status"] == "later" and int(answer.headers["Retry-After"]) > 0
    device.office.pass_time(hours=1, seconds=1)
    assert device.told(right)[0]["status"] == "taken"


def test_what_is_not_done_yet_cannot_be_rated(device: Device) -> None:
    device.office.open_one()
    (told,) = device.told(rating(device, 1001))
    assert told["status"] == "refused" and "还在办" in str(told["says"])
    assert ratings(device) == []


def test_half_a_rating_is_none(device: Device) -> None:
    device.office.resolve_one()
    halves = [
        rating(device, 1001, fact=None), rating(device, 1001, fact=4), rating(device, 1001, fact=True),
        rating(device, None), rating(device, 1001, last4=""), rating(device, "\x00\ud800"),
    ]  # fmt: skip
    assert [result["status"] for result in device.told(*halves)] == ["refused"] * len(halves)
    device.told(rating(device, 1001, speed=9, effect="2", attitude=2**70))
    (kept,) = ratings(device)
    assert (kept.fact, kept.speed, kept.effect, kept.attitude) == (1, None, None, None)


def test_a_slip_is_as_good_as_a_number_and_the_newest_counts(either: Device) -> None:
    office = either.office
    either.told(either.matter(slip="A017", phone=NUMBERS.li), either.matter(slip="A1017"))
    office.pass_time(hours=1)
    either.told(either.matter(slip="A017", phone=NUMBERS.wang))
    older, other, newest = either.tickets()
    with office.db.transaction(read_only=True) as session:
        for label, expected in (
            ("A017", newest), (" a017 ", newest), ("Ａ０１７", newest), ("A1017", other),
            (str(older.number), older), ("A018", None), ("A17", None), ("", None), ("9" * 12, None), ("Z\x00", None),
        ):  # fmt: skip
            found = find_by_label(session, label)
            assert (found.id if found else None) == (expected.id if expected else None), label
    answer = either.ask("POST", "/kiosk/api/progress", {"number": "A017", "last4": LAST4})
    assert answer.get_json()["number"] == newest.number


# ---- how does it stand? ------------------------------------------------------------------------------------


def test_progress_needs_both_and_tells_no_more_than_it_must(device: Device) -> None:
    done = mended(device)
    answer = device.ask("POST", "/kiosk/api/progress", {"number": done, "last4": LAST4})
    assert answer.get_json() == {
        "number": 1001,
        "category": "repairs",
        "state": "resolved",
        "state_words": "已经办好，等您评价",
        "promised_on": None,
        "said_on": "2026-11-23",
    }
    for number, last4 in ((done, "0000"), ("1002", LAST4), (None, None), ("\ud800", ["1"])):
        answer = device.ask("POST", "/kiosk/api/progress", {"number": number, "last4": last4})
        assert (answer.status_code, answer.get_json()["error"]) == (404, "no_match")


def test_a_kiosk_has_twenty_wrong_tries_an_hour_and_a_number_five(device: Device) -> None:
    def ask(number: object) -> int:
        return device.ask("POST", "/kiosk/api/progress", {"number": number, "last4": "0000"}).status_code

    assert [ask("1001") for _ in range(6)] == [404] * 5 + [429]
    assert [ask(2000 + n) for n in range(16)] == [404] * 15 + [429]
    device.office.pass_time(hours=1, seconds=1)
    assert ask("1001") == 404


# ---- ring me -----------------------------------------------------------------------------------------------


def test_a_call_back_is_promised_with_its_time(either: Device) -> None:
    wish = either.submission("return_call", phone="13800009999", number=None, language="en")
    (told,) = either.told(wish)
    with either.office.db.transaction(read_only=True) as session:
        (callback,) = session.scalars(select(Callback)).all()
    assert (callback.kind, callback.reason, callback.phone) == (
        CallbackKind.RETURN_CALL,
        "kiosk",
        "+8613800009999",
    )
    assert (told["status"], told["at"]) == ("taken", callback.due_at.isoformat())
    assert "call you" in str(told["says"])
    assert either.told(wish) == [told]


def test_a_call_back_names_the_matter_only_if_it_is_hers(device: Device) -> None:
    device.office.open_one()
    device.told(device.submission("return_call", phone=NUMBERS.li, number="1001"))
    device.office.pass_time(hours=2)
    (told,) = device.told(device.submission("return_call", phone=NUMBERS.wang, number="1001"))
    with device.office.db.transaction(read_only=True) as session:
        stranger, hers = session.scalars(select(Callback).order_by(Callback.id)).all()
    assert (stranger.ticket_id, hers.ticket_id) == (None, ticket(device).id)
    assert told["ticket"] == 1001


def test_numbers_that_nobody_rings_are_refused_in_words(device: Device) -> None:
    wrong = ("", None, "110", "12345", "+4412345", "138", "\x00", "1" * 40, 2**70)
    told = device.told(*(device.submission("return_call", phone=phone) for phone in wrong))
    for phone, result in zip(wrong, told, strict=True):
        assert result["status"] == "refused" and "打不通" in str(result["says"]), phone


def test_asked_late_it_is_still_promised_for_the_future(device: Device) -> None:
    long_ago = (device.office.moment - timedelta(days=2)).isoformat()
    (told,) = device.told(device.submission("return_call", phone="13800009999", at=long_ago))
    assert str(told["at"]) >= device.office.moment.isoformat()
