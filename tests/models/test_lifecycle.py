"""The lifecycle's table, held against the words of the rules (lifecycle.md), line by line."""

import pytest

from models.lifecycle import OPEN, TRANSITIONS, Action, Status, Who, allowed, find, replay

RULES = """
listen        needs_listening → new                                                        dispatcher
dispatch      new returned reopened on_hold planned dispatched in_progress → dispatched    rule dispatcher
accept        dispatched → in_progress                                                     assignee
return        dispatched in_progress → returned                                            assignee
hold          in_progress → on_hold                                                        assignee dispatcher
resume        on_hold → in_progress                                                        assignee clock
plan          OPEN → planned                                                               dispatcher
refer         OPEN → referred                                                              dispatcher
resolve       new dispatched in_progress reopened planned referred → resolved              assignee dispatcher
rate_ok       resolved → closed                                                            evaluation
reopen        resolved closed → reopened                                                   evaluation resident dispatcher
close_unrated resolved → closed                                                            callbacks
duplicate     OPEN → duplicate                                                             dispatcher
cancel        OPEN → cancelled                                                             dispatcher
"""
NEEDS = {
    Action.RETURN: {"reason"},
    Action.HOLD: {"reason", "until"},
    Action.PLAN: {"reason", "review_on"},
    Action.REFER: {"reason", "review_on"},
    Action.RESOLVE: {"text"},
    Action.REOPEN: {"reason"},
    Action.CLOSE_UNRATED: {"reason"},
    Action.DUPLICATE: {"reason", "duplicate_of"},
    Action.CANCEL: {"reason"},
}


def rules() -> list[tuple[Action, set[Status], Status, set[Who]]]:
    found = []
    for line in RULES.strip().splitlines():
        left, right = line.split("→")
        action, *sources = left.split()
        target, *who = right.split()
        statuses = set(OPEN) if sources == ["OPEN"] else {Status(source) for source in sources}
        found.append((Action(action), statuses, Status(target), {Who(w) for w in who}))
    return found


def test_the_table_is_the_rules() -> None:
    table = [(line.action, set(line.sources), line.target, set(line.who)) for line in TRANSITIONS]
    assert table == rules()


def test_every_line_says_why_and_what_it_needs() -> None:
    for line in TRANSITIONS:
        assert line.why
        assert set(line.needs) == NEEDS.get(line.action, set())


def test_open_is_what_still_has_to_be_done() -> None:
    assert {
        Status.NEW,
        Status.NEEDS_LISTENING,
        Status.DISPATCHED,
        Status.IN_PROGRESS,
        Status.RETURNED,
        Status.ON_HOLD,
        Status.REOPENED,
    } == OPEN


def test_every_status_is_reached_and_none_but_the_last_is_a_trap() -> None:
    reached = {line.target for line in TRANSITIONS} | {Status.NEEDS_LISTENING}
    assert reached == set(Status)
    ends = {status for status in Status if not allowed(status)}
    assert ends == {Status.DUPLICATE, Status.CANCELLED}


@pytest.mark.parametrize("status", list(Status))
def test_find_and_allowed_agree(status: Status) -> None:
    for action in Action:
        assert (find(action, status) is not None) is (action in allowed(status))


def test_a_status_is_rebuilt_from_its_events() -> None:
    story = [
        (Action.OPEN, Status.NEW),
        (Action.DISPATCH, Status.DISPATCHED),
        (Action.RESOLVE, Status.RESOLVED),
        (Action.REOPEN, Status.REOPENED),
    ]
    assert replay(iter(story)) is Status.REOPENED
    assert replay(iter([(Action.OPEN, Status.NEEDS_LISTENING)])) is Status.NEEDS_LISTENING


@pytest.mark.parametrize(
    "story",
    [
        [],
        [(Action.DISPATCH, Status.DISPATCHED)],
        [(Action.OPEN, Status.NEW), (Action.ACCEPT, Status.IN_PROGRESS)],
        [(Action.OPEN, Status.NEW), (Action.DISPATCH, Status.IN_PROGRESS)],
    ],
)
def test_a_log_that_cannot_be_is_refused(story: list[tuple[Action, Status]]) -> None:
    with pytest.raises(ValueError):
        replay(iter(story))
