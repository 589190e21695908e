"""Tickets: intake and every step of the lifecycle, on real databases."""

import threading
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from app.desk import tickets
from app.desk.catalogue import seed_categories
from app.desk.rights import Actor, may
from app.errors import BadInput, NotAllowed, NotFound, StaleTicket, TransitionError
from models.category import Category
from models.lifecycle import TRANSITIONS, Action, Status, allowed, find, replay
from models.resident import Resident
from models.ticket import Ticket
from tests.app.desk.conftest import MONDAY, NOWHERE, Town, place

LATER = MONDAY + timedelta(days=2)


def test_a_matter_gets_a_number_its_due_dates_and_a_first_event(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.open(session)
        assert ticket.number == 1001
        assert ticket.status is Status.NEW
        assert ticket.unit_id == town.unit["b3"]
        assert ticket.promised_on == date(2026, 11, 26)  # three working days after Monday
        assert ticket.hard_due_at == MONDAY + timedelta(days=15)
        [event] = town.events(session, ticket)
        assert (event.action, event.source, event.target) == ("open", None, Status.NEW)
        assert session.info["deferred"] == [("dispatch", ticket.id)]


def test_intake_takes_five_statements(town: Town, statements: list[str]) -> None:
    with town.db.transaction() as session:
        town.open(session)
    statements.clear()
    with town.db.transaction() as session:
        town.open(session)
        assert len([s for s in statements if not s.startswith("BEGIN")]) <= 5


def test_twenty_at_once_get_consecutive_numbers(town: Town) -> None:
    numbers: list[int] = []
    errors: list[BaseException] = []

    def take() -> None:
        try:
            with town.db.transaction() as session:
                number = town.open(session).number
            numbers.append(number)
        except BaseException as error:  # a thread's error must reach the test
            errors.append(error)

    threads = [threading.Thread(target=take) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(numbers) == list(range(1001, 1021))


def test_a_rolled_back_intake_gives_no_number_twice(town: Town) -> None:
    with pytest.raises(RuntimeError), town.db.transaction() as session:
        town.open(session)
        raise RuntimeError("the door broke")
    with town.db.transaction() as session:
        first, second = town.open(session).number, town.open(session).number
    assert 1001 <= first < second <= 1003


def test_two_who_press_at_once_cannot_both_win(town: Town) -> None:
    with town.db.transaction() as session:
        id_ = town.dispatched(session).id
    read = threading.Barrier(2)
    results: list[str] = []

    def press(words: str) -> None:
        try:
            with town.db.transaction(read_only=True) as session:
                seen = session.get_one(Ticket, id_).version
            read.wait()
            with town.db.transaction() as session:
                ticket = session.get_one(Ticket, id_)
                town.act(session, ticket, Action.RESOLVE, "zhao", text=words, expected_version=seen)
            results.append("won")
        except StaleTicket:
            results.append("lost")

    threads = [threading.Thread(target=press, args=(words,)) for words in ("换了灯泡", "修了线路")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["lost", "won"]
    with town.db.transaction() as session:
        assert [e.action for e in town.events(session, session.get_one(Ticket, id_))].count("resolve") == 1


def test_a_change_under_our_hands_is_stale_even_without_a_version(postgres_town: Town) -> None:
    """Both read before either writes, as PostgreSQL allows."""
    town = postgres_town
    with town.db.transaction() as session:
        id_ = town.dispatched(session).id
    with pytest.raises(StaleTicket), town.db.transaction() as mine:
        ticket = mine.get_one(Ticket, id_)
        with town.db.transaction() as theirs:
            town.act(theirs, theirs.get_one(Ticket, id_), Action.ACCEPT, "zhao")
        town.act(mine, ticket, Action.ACCEPT, "zhao")


def _given(action: Action, town: Town, session: Any) -> dict[str, Any]:
    line = next(line for line in TRANSITIONS if line.action is action)
    values: dict[str, Any] = {
        "reason": "unreachable" if action is Action.CLOSE_UNRATED else "有原因",
        "until": LATER,
        "review_on": LATER.date(),
        "text": "办好了",
        "duplicate_of": town.open(session) if "duplicate_of" in line.needs else None,
    }
    given = {need: values[need] for need in line.needs}
    return given | ({"assignee_id": town.staff["qian"]} if action is Action.DISPATCH else {})


@pytest.mark.parametrize("status", list(Status))
def test_every_action_from_every_status(small_town: Town, status: Status) -> None:
    """The table decides, whoever acts has the right: allowed steps arrive, all others say what is possible."""
    town = small_town
    with town.db.transaction() as session:
        for line in TRANSITIONS:
            ticket = town.bring_to(session, status)
            actor = _somebody_who_may(town, session, ticket, line.action)
            given = _given(line.action, town, session)
            count = len(town.events(session, ticket))
            if find(line.action, status):
                event = tickets.transition(session, town.cfg, ticket, line.action, actor, now=MONDAY, **given)
                assert (event.source, event.target, ticket.status) == (status, line.target, line.target)
                assert event.actor == actor.label
                assert len(town.events(session, ticket)) == count + 1
            else:
                with pytest.raises(TransitionError) as error:
                    tickets.transition(session, town.cfg, ticket, line.action, actor, now=MONDAY, **given)
                assert set(error.value.allowed) <= set(allowed(status))
                assert ticket.status is status
                assert len(town.events(session, ticket)) == count
            steps = [e for e in town.events(session, ticket) if e.action in set(Action)]
            assert replay(iter((Action(e.action), e.target) for e in steps)) is ticket.status


def _somebody_who_may(town: Town, session: Any, ticket: Ticket, action: Action) -> Actor:
    if ticket.assignee_id is None and action in (Action.ACCEPT, Action.RETURN):
        ticket.assignee_id = town.staff["zhao"]
        session.flush()
    view = tickets.view_of(session, ticket)
    actors = [town.actor(session, name) for name in ("sun", "zhao", "zhou")]
    actors += [Actor.clock(), Actor.rule(1), Actor.callback(1)]
    return next(actor for actor in actors if may(actor, action, view))


@pytest.mark.parametrize("line", TRANSITIONS, ids=lambda line: line.action.value)
def test_what_an_action_needs_is_asked_for(small_town: Town, line: Any) -> None:
    town = small_town
    for need in line.needs:
        with town.db.transaction() as session:
            status = sorted(line.sources)[0]
            ticket = town.bring_to(session, status)
            actor = _somebody_who_may(town, session, ticket, line.action)
            given = _given(line.action, town, session)
            given[need] = "  " if need in ("reason", "text") else None
            with pytest.raises(BadInput):
                tickets.transition(session, town.cfg, ticket, line.action, actor, now=MONDAY, **given)
            assert ticket.status is status


def test_the_same_key_again_is_the_same_event(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.resolved(session)
        first = town.act(session, ticket, Action.REOPEN, "sun", reason="又坏了", dedup_key="reopen:1")
        town.act(session, ticket, Action.RESOLVE, "sun", text="这回好了")
        again = town.act(session, ticket, Action.REOPEN, "sun", reason="又坏了", dedup_key="reopen:1")
        assert again.id == first.id
        assert ticket.status is Status.RESOLVED
        assert ticket.cycle == 2


def test_resolving_implies_accepting(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.resolved(session, now=MONDAY)
        assert ticket.accepted_at == MONDAY
        assert ticket.resolution == "换了灯泡"
        assert session.info["deferred"][-1] == ("plan_callbacks", ticket.id)


def test_first_responder_is_set_once(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.open(session)
        tickets.transition(
            session,
            town.cfg,
            ticket,
            Action.DISPATCH,
            Actor.rule(1),
            now=MONDAY,
            assignee_id=town.staff["zhao"],
        )
        assert ticket.first_responder_id is None  # a robot heard it and a rule sent it: nobody has it yet
        town.act(session, ticket, Action.RETURN, "zhao", reason="不归我管")
        assert ticket.first_responder_id is None
        town.act(session, ticket, Action.DISPATCH, "sun", assignee_id=town.staff["qian"])
        assert ticket.first_responder_id == town.staff["sun"]
        town.act(session, ticket, Action.ACCEPT, "qian")
        assert ticket.first_responder_id == town.staff["sun"]


def test_whoever_took_it_in_is_first_responder(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.open(session, channel="desk", first_responder_id=town.staff["zhou"])
        town.act(session, ticket, Action.DISPATCH, "sun", assignee_id=town.staff["zhao"])
        assert ticket.first_responder_id == town.staff["zhou"]


def test_reopening_keeps_the_earlier_cycle_and_goes_back_to_the_dispatcher(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.resolved(session)
        first_due = ticket.due_at
        event = town.act(session, ticket, Action.REOPEN, "sun", reason="又坏了", now=LATER)
        assert (ticket.cycle, ticket.status, ticket.assignee_id) == (2, Status.REOPENED, None)
        assert ticket.resolved_at is None and ticket.accepted_at is None
        assert ticket.promised_on == date(2026, 11, 27)  # two working days after Wednesday
        assert event.data["cycle"] == 1
        assert event.data["due"] == first_due.isoformat()
        assert event.data["resolution"] == "换了灯泡"
        assert event.data["assignee"] == town.staff["zhao"]
        assert ticket.cycle_at == LATER


def test_reopening_is_possible_for_fourteen_days_after_closing(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.resolved(session)
        town.act(session, ticket, Action.RATE_OK, "zhou")
        late = MONDAY + timedelta(days=14, seconds=1)
        with pytest.raises(TransitionError) as error:
            town.act(session, ticket, Action.REOPEN, "sun", reason="又坏了", now=late)
        assert Action.REOPEN not in error.value.allowed
        town.act(session, ticket, Action.REOPEN, "sun", reason="又坏了", now=MONDAY + timedelta(days=14))
        assert ticket.status is Status.REOPENED


def test_hold_tells_the_resident_and_moves_the_promise_but_not_the_hard_limit(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.bring_to(session, Status.IN_PROGRESS)
        hard = ticket.hard_due_at
        until = MONDAY + timedelta(days=8)
        event = town.act(session, ticket, Action.HOLD, "zhao", reason="等配件", until=until)
        assert ticket.promised_on == date(2026, 12, 1)
        assert ticket.hard_due_at == hard
        [text] = [t for t in town.texts(session, ticket) if t.purpose == "hold"]
        assert text.resident_id == town.resident["wang"]
        assert "等配件" in text.body and "12月1日" in text.body
        assert event.data["due_before"]
        assert ticket.watch_at == until


def test_hold_beyond_the_hard_limit_ends_there(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.bring_to(session, Status.IN_PROGRESS)
        until = MONDAY + timedelta(days=40)
        town.act(session, ticket, Action.HOLD, "zhao", reason="等配件", until=until)
        assert ticket.due_at == ticket.hard_due_at == ticket.watch_at


def test_a_duplicate_of_a_duplicate_belongs_to_the_same_master(town: Town) -> None:
    with town.db.transaction() as session:
        a, b, c = town.open(session), town.open(session), town.open(session)
        town.act(session, a, Action.DUPLICATE, "sun", reason="同一盏灯", duplicate_of=b)
        town.act(session, b, Action.DUPLICATE, "sun", reason="同一盏灯", duplicate_of=c)
        assert a.duplicate_of_id == b.duplicate_of_id == c.id
        with pytest.raises(BadInput):
            town.act(session, c, Action.DUPLICATE, "sun", reason="同一盏灯", duplicate_of=a)


def test_reporter_of_a_duplicate_is_told(town: Town) -> None:
    with town.db.transaction() as session:
        master = town.open(session)
        ticket = town.open(session, reporter_id=town.resident["li"])
        town.act(session, ticket, Action.DUPLICATE, "sun", reason="同一盏灯", duplicate_of=master)
        [text] = [t for t in town.texts(session, ticket) if t.purpose == "duplicate"]
        assert text.resident_id == town.resident["li"]
        assert str(master.number) in text.body


def test_who_opted_out_is_not_texted_unasked(town: Town) -> None:
    with town.db.transaction() as session:
        session.get_one(Resident, town.resident["wang"]).opted_out = True
        ticket = town.bring_to(session, Status.ON_HOLD)
        assert [t for t in town.texts(session, ticket) if t.resident_id] == []


def test_dispatching_needs_somebody_on_duty_in_the_same_community(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.open(session)
        for bad in (None, 999_999, town.staff["gone"], town.staff["stranger"]):
            with pytest.raises(BadInput):
                town.act(session, ticket, Action.DISPATCH, "sun", assignee_id=bad)
        assert ticket.status is Status.NEW


def test_urgent_matters_reach_the_duty_number_in_the_same_transaction(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.open(session, danger="119", text="三栋着火了", matter="着火了")
        [alert] = town.texts(session, ticket)
        assert ticket.urgent
        assert alert.until_delivered
        assert alert.phone == "+8613800009000"  # 3栋, its estate and its grid have none
        assert "119" in alert.body
        assert "alert" in [event.action for event in town.events(session, ticket)]


def test_amending_to_danger_alerts_and_shortens_the_limit(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.open(session)
        tickets.amend(
            session, town.cfg, ticket, town.actor(session, "sun"), now=MONDAY, danger="119", text="灯着火了"
        )
        assert ticket.due_at == MONDAY + timedelta(minutes=240)
        assert ticket.verified
        assert [t.purpose for t in town.texts(session, ticket)] == ["alert"]


def test_listening_writes_down_the_words_and_asks_for_dispatch(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.open(session, needs_listening=True, text="")
        assert session.info.get("deferred") is None
        town.act(session, ticket, Action.LISTEN, "sun", text="三栋楼道灯坏了")
        assert (ticket.text, ticket.verified, ticket.status) == ("三栋楼道灯坏了", True, Status.NEW)
        assert ticket.first_responder_id == town.staff["sun"]
        assert session.info["deferred"] == [("dispatch", ticket.id)]


def test_numbers_that_were_never_given_are_not_found(town: Town) -> None:
    with town.db.transaction() as session:
        town.open(session)
        assert tickets.by_number(session, 1001).number == 1001
        for number in (1000, 1002, 0, -5, 2**31, 2**70):
            with pytest.raises(NotFound):
                tickets.by_number(session, number)


def test_strange_text_is_stored_without_what_databases_refuse(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.open(session, text="路灯\x00不亮\ud800\u202e了" + "啊" * 5000, matter="路" * 100)
        session.flush()
        session.expire(ticket)
        assert ticket.text.startswith("路灯不亮了啊")
        assert len(ticket.text) == 2000
        assert ticket.matter == "路" * 40


def test_a_clock_that_runs_ahead_does_not_move_the_promise(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.open(session, occurred_at=MONDAY + timedelta(days=3))
        assert ticket.occurred_at == MONDAY


def test_refused_action_is_not_allowed_and_changes_nothing(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.dispatched(session)
        with pytest.raises(NotAllowed):
            town.act(session, ticket, Action.ACCEPT, "sun")
        with pytest.raises(NotAllowed):
            town.act(session, ticket, Action.RESOLVE, "qian", text="我来办")
        assert ticket.status is Status.DISPATCHED


def test_seeding_again_keeps_what_was_edited(town: Town) -> None:
    with town.db.transaction() as session:
        session.get_one(Category, "repairs").simple_days = 7
        session.flush()
        seed_categories(session)
        session.expire_all()
        assert session.get_one(Category, "repairs").simple_days == 7


def test_where_the_danger_is_follows_in_a_second_alert(town: Town) -> None:
    with town.db.transaction() as session:
        wang = Actor.resident(town.resident["wang"])
        ticket = town.open(
            session, danger="119", text="着火了", matter="着火了", place=NOWHERE, reporter_id=None
        )
        assert ticket.unit_id == town.unit["community"]
        where = place(building="5", unit="2", room="501")
        for _ in range(2):
            tickets.amend(session, town.cfg, ticket, wang, now=MONDAY, place=where)
        assert ticket.unit_id == town.unit["b5"]
        alerts = [t.body for t in town.texts(session, ticket) if t.purpose == "alert"]
        assert len(alerts) == 2
        assert "5栋2单元501" not in alerts[0] and "5栋2单元501" in alerts[1]
        log = [event.data for event in town.events(session, ticket)]
        assert "501" not in str(log)  # a room is personal, and the log is not ciphertext


def test_amending_what_is_not_urgent_alerts_nobody(town: Town) -> None:
    with town.db.transaction() as session:
        ticket = town.open(session)
        event = tickets.amend(
            session,
            town.cfg,
            ticket,
            town.actor(session, "sun"),
            now=MONDAY,
            category="care",
            place=place(building="5"),
        )
        assert (ticket.category, ticket.building, ticket.unit_id) == ("care", "5", town.unit["b5"])
        assert ticket.promised_on == date(2026, 11, 25)
        assert event.data["before"]["category"] == "repairs"
        assert town.texts(session, ticket) == []


def test_without_a_duty_number_the_hotlines_own_person_is_alerted(town: Town) -> None:
    cfg = replace(town.cfg, human_number="+8613800007777")
    with town.db.transaction() as session:
        draft = town.draft(danger="120", unit_id=town.unit["elsewhere"], reporter_id=None)
        ticket = tickets.open_ticket(session, cfg, draft, now=MONDAY)
        [alert] = town.texts(session, ticket)
        assert alert.phone == "+8613800007777"
        quiet = tickets.open_ticket(session, town.cfg, draft, now=MONDAY)
        assert quiet.urgent and town.texts(session, quiet) == []
