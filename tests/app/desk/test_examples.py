"""Staff put right what was heard: the ticket, its log, and the examples kept by the rules of retention."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.desk import examples
from app.desk.draft import Draft
from app.desk.examples import AUDIO_LIFE, TEXT_LIFE, correct
from app.desk.place import Place
from app.desk.tickets import open_ticket
from app.errors import BadInput, NotAllowed, NotFound, StaleTicket
from models.call import Call, CallTurn
from models.lifecycle import Status
from models.message import Message
from models.recording import Recording
from models.resident import Resident
from models.ticket import Ticket
from models.verified_example import VerifiedExample
from tests.app.desk.conftest import MONDAY, Town

HEARD = "三东二单元路灯不亮了"
SAID = "三栋二单元路灯不亮了"


def answer(
    session: Session,
    call: Call,
    ticket: Ticket,
    n: int,
    expect: str,
    heard: str | None,
    at: datetime = MONDAY,
) -> Recording:
    """What she said at turn `n`, where `expect` had been asked."""
    session.add(
        CallTurn(
            call_id=call.id,
            n=n,
            node=expect,
            said=["…"],
            twiml="<R/>",
            listen={"expect": expect},
            created_at=at,
        )
    )
    recording = Recording(
        call_id=call.id, turn_n=n, ticket_id=ticket.id, source="stream", path=f"recordings/{n}.wav", seconds=2.0,
        transcript=heard, state="done", due_at=at, created_at=at,
    )  # fmt: skip
    session.add(recording)
    session.flush()
    return recording


def spoken(
    town: Town, session: Session, *, heard: str | None = HEARD, **draft: Any
) -> tuple[Ticket, Recording]:
    """A ticket from a call: an opening sentence, and a yes."""
    ticket = town.open(session, **({"text": heard or ""} | draft))
    call = Call(
        uid=f"call-{ticket.number}", carrier_sid=f"CA{ticket.number}", direction="inbound", hotline="+864001234567",
        resident_id=town.resident["wang"], state={}, started_at=MONDAY, updated_at=MONDAY,
    )  # fmt: skip
    session.add(call)
    session.flush()
    opening = answer(session, call, ticket, 1, "open", heard)
    answer(session, call, ticket, 2, "yes_no", "对")
    return ticket, opening


def kept(session: Session) -> list[VerifiedExample]:
    return list(session.scalars(select(VerifiedExample).order_by(VerifiedExample.id)))


def test_a_correction_is_on_the_ticket_in_the_log_and_kept(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, opening = spoken(
            town, session, category="culture", place=Place(building="5", unit="2"), matter="灯东"
        )
        correct(
            session, town.cfg, ticket, town.actor(session, "sun"),
            transcript=SAID, category="repairs", place=Place(building="3", unit="2"), now=MONDAY,
        )  # fmt: skip
        assert (ticket.text, ticket.category, ticket.building, ticket.verified) == (
            SAID,
            "repairs",
            "3",
            True,
        )
        assert ticket.matter == "路灯不亮" and ticket.unit_id == town.unit["b3"]
        event = town.events(session, ticket)[-1]
        assert (event.action, event.actor, event.source) == (
            "amend",
            f"staff:{town.staff['sun']}",
            ticket.status,
        )
        assert event.data["before"]["text"] == HEARD and event.data["before"]["category"] == "culture"
    with town.db.transaction(read_only=True) as session:
        (example,) = kept(session)
        assert (example.heard, example.transcript) == (HEARD, SAID)
        assert (example.category, example.place) == ("repairs", {"building": "3", "unit": "2"})
        assert (example.recording_id, example.turn_n) == (opening.id, 1)
        assert (example.corrected_by, example.corrected_at) == (town.staff["sun"], MONDAY)
        assert example.resident_id == town.resident["wang"]
        assert (example.danger, example.urgent) == (None, None)


def test_words_and_place_are_ciphertext_in_the_database(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, _ = spoken(town, session)
        correct(
            session, town.cfg, ticket, town.actor(session, "sun"), transcript="三栋五零一路灯", now=MONDAY
        )
    with town.db.transaction(read_only=True) as session:
        stored = session.execute(text("SELECT heard, transcript, place FROM verified_examples")).one()
        assert not any("路灯" in value or "501" in value for value in stored)
        assert kept(session)[0].place == {"building": "3", "room": "501"}


def test_what_is_not_corrected_counts_as_right(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, _ = spoken(town, session, heard=SAID)
        example = correct(session, town.cfg, ticket, town.actor(session, "sun"), now=MONDAY)
        assert (example.heard, example.transcript, example.category) == (SAID, SAID, "repairs")
        assert example.place == {"building": "3", "unit": "2"} and ticket.verified
        assert (ticket.text, ticket.matter) == (SAID, "路灯不亮")


def test_a_place_told_in_another_answer_is_not_in_these_words(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, opening = spoken(town, session, heard="路灯不亮了", text="路灯不亮了；三动")
        call = session.get_one(Call, opening.call_id)
        place = answer(session, call, ticket, 3, "place", "三动")
        sun = town.actor(session, "sun")
        assert correct(session, town.cfg, ticket, sun, now=MONDAY).place == {}
        told = correct(
            session, town.cfg, ticket, sun,
            transcript="在三栋", place=Place(building="3"), recording_id=place.id, now=MONDAY,
        )  # fmt: skip
        assert (told.category, told.place) == (None, {"building": "3"})
        assert ticket.text == "路灯不亮了；在三栋" and ticket.matter == "路灯不亮"
        assert (ticket.building, ticket.unit_no) == ("3", None)  # the whole place: unit 2 had not been said
        yes = answer(session, call, ticket, 4, "yes_no", "队")
        correct(session, town.cfg, ticket, sun, transcript="对", recording_id=yes.id, now=MONDAY)
        assert ticket.text == "路灯不亮了；在三栋" and len(kept(session)) == 3


def test_correcting_twice_keeps_the_second_and_the_log_of_both(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, _ = spoken(town, session)
        for words, who in (("山东二单元", "sun"), (SAID, "wu")):
            correct(session, town.cfg, ticket, town.actor(session, who), transcript=words, now=MONDAY)
        (example,) = kept(session)
        assert (example.heard, example.transcript) == (HEARD, SAID)
        assert example.corrected_by == town.staff["wu"] and ticket.text == SAID
        assert [event.action for event in town.events(session, ticket)][-2:] == ["amend", "amend"]


def test_a_ticket_that_waited_for_an_ear_has_been_listened_to(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, _ = spoken(
            town, session, heard=None, needs_listening=True, category=None, place=Place(), matter=None
        )
        with pytest.raises(BadInput, match="写下她说的话"):
            correct(session, town.cfg, ticket, town.actor(session, "sun"), now=MONDAY)
        example = correct(
            session, town.cfg, ticket, town.actor(session, "sun"),
            transcript=SAID, category="repairs", place=Place(building="3"), now=MONDAY,
        )  # fmt: skip
        assert ticket.status is Status.NEW and example.heard is None
        assert [event.action for event in town.events(session, ticket)] == ["open", "amend", "listen"]
        assert ("dispatch", ticket.id) in session.info["deferred"]


def test_danger_in_the_true_words_reaches_whoever_is_on_duty(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, _ = spoken(town, session, heard="三栋找火了")
        example = correct(
            session, town.cfg, ticket, town.actor(session, "sun"), transcript="三栋着火了", now=MONDAY
        )
        assert (example.danger, example.urgent, ticket.urgent) == ("119", True, True)
        assert (
            session.scalar(select(func.count()).select_from(Message).where(Message.purpose == "alert")) == 1
        )
        other, _ = spoken(town, session, heard="电视里说着火了")
        example = correct(
            session, town.cfg, other, town.actor(session, "sun"), danger="none", urgent=False, now=MONDAY
        )
        assert (example.danger, example.urgent, other.urgent) == (None, False, False)


@pytest.mark.parametrize("who", ["zhao", "zhou", "eye", "gone", "gridsun", "stranger"])
def test_who_may_not_listen_may_not_correct(small_town: Town, who: str) -> None:
    with small_town.db.transaction() as session:
        ticket, _ = spoken(small_town, session)
        with pytest.raises(NotAllowed):
            correct(
                session, small_town.cfg, ticket, small_town.actor(session, who), transcript=SAID, now=MONDAY
            )
        assert kept(session) == [] and ticket.text == HEARD
        correct(
            session, small_town.cfg, ticket, small_town.actor(session, "admin"), transcript=SAID, now=MONDAY
        )
        seen = examples.visible(session, small_town.actor(session, who))
        assert seen == []
        assert [item.audio for item in examples.visible(session, small_town.actor(session, "wu"))] == [
            "recordings/1.wav"
        ]


def test_what_makes_no_sense_is_refused_and_changes_nothing(small_town: Town) -> None:
    with small_town.db.transaction() as session:
        ticket, opening = spoken(small_town, session)
        sun = small_town.actor(session, "sun")
        other, _ = spoken(small_town, session)
        refused: list[tuple[type[Exception], dict[str, Any]]] = [
            (BadInput, {"category": "weather"}),
            (BadInput, {"transcript": " \x00\ud800 "}),
            (NotFound, {"recording_id": 2**40}),
            (NotFound, {"recording_id": opening.id, "ticket": other}),
        ]
        for error, given in refused:
            with pytest.raises(error):
                correct(session, small_town.cfg, given.pop("ticket", ticket), sun, now=MONDAY, **given)
        answer(session, session.get_one(Call, opening.call_id), ticket, 5, "details", "在三栋")
        with pytest.raises(BadInput, match=f"--recording {opening.id}"):
            correct(session, small_town.cfg, ticket, sun, transcript=SAID, now=MONDAY)
        assert kept(session) == [] and ticket.text == HEARD


def test_long_and_odd_words_are_kept_clean(small_town: Town) -> None:
    with small_town.db.transaction() as session:
        ticket, _ = spoken(small_town, session)
        words = "路灯\u202e不亮\x00 ａｂ🔥" + "长" * 20_000
        example = correct(
            session, small_town.cfg, ticket, small_town.actor(session, "sun"), transcript=words, now=MONDAY
        )
        assert len(example.transcript) == 1000 and example.transcript.startswith("路灯不亮 ａｂ🔥")


def test_written_words_are_examples_without_audio(town: Town) -> None:
    with town.db.transaction() as session:
        draft = Draft(channel="sms", occurred_at=MONDAY, text="3栋路灯不亮", category=None, tier="simple", urgent=False,
                      danger=None, matter=None, place=Place(), reporter_id=town.resident["wang"])  # fmt: skip
        ticket = open_ticket(session, town.cfg, draft, now=MONDAY)
        sun = town.actor(session, "sun")
        example = correct(session, town.cfg, ticket, sun, category="repairs", now=MONDAY)
        correct(session, town.cfg, ticket, sun, category="environment", now=MONDAY)
        assert (example.recording_id, example.turn_n, example.heard) == (None, None, "3栋路灯不亮")
        assert example.place == {"building": "3"} and example.category == "environment"
        assert len(kept(session)) == 1 and examples.visible(session, sun)[0].audio is None


def test_two_who_correct_at_once_keep_one_example(town: Town) -> None:
    with town.db.transaction() as session:
        ticket_id = town.open(session, channel="sms").id
    errors: list[BaseException] = []

    def confirm(who: str) -> None:
        try:
            with town.db.transaction() as session:
                ticket = session.get_one(Ticket, ticket_id)
                correct(session, town.cfg, ticket, town.actor(session, who), now=MONDAY)
        except BaseException as error:  # a thread's error must reach the test
            errors.append(error)

    threads = [threading.Thread(target=confirm, args=(who,)) for who in ("sun", "wu", "admin", "sun")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(errors) < 4 and all(isinstance(error, StaleTicket) for error in errors)
    with town.db.transaction(read_only=True) as session:
        assert len(kept(session)) == 1


def test_audio_goes_after_90_days_and_words_after_a_year(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, _ = spoken(town, session)
        correct(session, town.cfg, ticket, town.actor(session, "sun"), transcript=SAID, now=MONDAY)
        example_id = kept(session)[0].id

    def after(life: timedelta) -> tuple[int, list[int | None]]:
        with town.db.transaction() as session:
            gone = examples.expire(session, now=MONDAY + life)
        with town.db.transaction(read_only=True) as session:
            return gone, [example.recording_id for example in kept(session)]

    minute = timedelta(minutes=1)
    assert after(AUDIO_LIFE - minute) == (0, [1])
    assert after(AUDIO_LIFE + minute) == (0, [None])
    with town.db.transaction(read_only=True) as session:
        assert session.get_one(VerifiedExample, example_id).turn_n == 1
    assert after(TEXT_LIFE - minute) == (0, [None])
    assert after(TEXT_LIFE + minute) == (1, [])


def test_a_deleted_recording_leaves_the_words(town: Town) -> None:
    with town.db.transaction() as session:
        ticket, opening = spoken(town, session)
        correct(session, town.cfg, ticket, town.actor(session, "sun"), transcript=SAID, now=MONDAY)
        session.execute(text("DELETE FROM recordings WHERE id = :id"), {"id": opening.id})
    with town.db.transaction(read_only=True) as session:
        assert [(e.recording_id, e.transcript) for e in kept(session)] == [(None, SAID)]


def test_an_erased_resident_leaves_no_example(town: Town) -> None:
    with town.db.transaction() as session:
        hers, _ = spoken(town, session)
        by_a_neighbour, _ = spoken(
            town, session, reporter_id=town.resident["chen"], beneficiary_id=town.resident["wang"]
        )
        session.get_one(Call, 2).resident_id = town.resident["chen"]
        others, _ = spoken(town, session, reporter_id=town.resident["li"])
        session.get_one(Call, 3).resident_id = town.resident["li"]
        for ticket in (hers, by_a_neighbour, others):
            correct(session, town.cfg, ticket, town.actor(session, "sun"), transcript=SAID, now=MONDAY)
    with town.db.transaction() as session:
        assert examples.forget(session, town.resident["wang"]) == 2
        assert [example.resident_id for example in kept(session)] == [town.resident["li"]]


def test_even_a_resident_deleted_by_hand_takes_the_examples_along(town: Town) -> None:
    with town.db.transaction() as session:
        passing = Resident(created_at=MONDAY)
        session.add(passing)
        session.flush()
        ticket, _ = spoken(town, session)
        correct(
            session, town.cfg, ticket, town.actor(session, "sun"), transcript=SAID, now=MONDAY
        ).resident_id = passing.id
        session.flush()
        session.execute(text("DELETE FROM residents WHERE id = :id"), {"id": passing.id})
    with town.db.transaction(read_only=True) as session:
        assert kept(session) == []
