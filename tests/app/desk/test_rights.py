"""Rights: every role and every action, on one's own units and others', assigned and not."""

import pytest

from app.desk.rights import Actor, TicketView, allowed_actions, may, may_see, oversees
from models.lifecycle import TRANSITIONS, Action, Status
from models.staff import Role

OWN, ABOVE, OTHER = "/1/2/", "/1/", "/1/3/"
DISPATCHING = {
    Action.LISTEN,
    Action.DISPATCH,
    Action.HOLD,
    Action.PLAN,
    Action.REFER,
    Action.RESOLVE,
    Action.REOPEN,
    Action.DUPLICATE,
    Action.CANCEL,
}
RATING = {Action.RATE_OK, Action.REOPEN}
ASSIGNED = {Action.ACCEPT, Action.RETURN, Action.HOLD, Action.RESUME, Action.RESOLVE}
IN_OWN_UNITS = {
    Role.KEEPER: set(),
    Role.DISPATCHER: DISPATCHING | RATING,
    Role.SUPERVISOR: DISPATCHING | RATING,
    Role.ADMINISTRATOR: DISPATCHING | RATING,
    Role.CALLBACK_WORKER: RATING | {Action.CLOSE_UNRATED},
    Role.VIEWER: set(),
}


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("role", list(Role))
def test_every_role_and_action(role: Role, action: Action) -> None:
    actor = Actor("staff", 7, role, OWN)
    for where in (OWN, OWN + "7/", ABOVE, OTHER, "/1/22/", None):
        own = where is not None and where.startswith(OWN)
        by_role = own and action in IN_OWN_UNITS[role]
        by_assignment = role is not Role.VIEWER and action in ASSIGNED
        assert may(actor, action, TicketView(Status.NEW, 8, where)) is by_role
        assert may(actor, action, TicketView(Status.NEW, 7, where)) is (by_role or by_assignment)


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize(
    ("actor", "can"),
    [
        (Actor.rule(4), {Action.DISPATCH}),
        (Actor.clock(), {Action.RESUME}),
        (Actor.callback(3), {Action.RATE_OK, Action.REOPEN, Action.CLOSE_UNRATED}),
        (Actor.resident(5), {Action.RATE_OK, Action.REOPEN}),
        (Actor.resident(6), set()),
        (Actor.resident(None), set()),
        (Actor("staff", 7, None, OWN), set()),
        (Actor("staff", 7, Role.DISPATCHER, None), set(ASSIGNED)),
        (Actor("staff", 7, Role.DISPATCHER, ""), set(ASSIGNED)),
        (Actor("nobody", 7, Role.DISPATCHER, OWN), set()),
    ],
)
def test_every_other_actor(actor: Actor, can: set[Action], action: Action) -> None:
    ticket = TicketView(Status.NEW, 7, OWN, frozenset({5}))
    assert may(actor, action, ticket) is (action in can)


def test_open_is_nobodys_action() -> None:
    assert not may(Actor("staff", 7, Role.DISPATCHER, ABOVE), Action.OPEN, TicketView(Status.NEW, 7, OWN))


def test_a_matter_from_nowhere_known_is_for_those_at_the_top() -> None:
    assert oversees(Actor("staff", 7, Role.DISPATCHER, ABOVE), None)
    assert not oversees(Actor("staff", 7, Role.DISPATCHER, OWN), None)


def test_who_has_left_oversees_nothing() -> None:
    assert not oversees(Actor("staff", 7, None, ABOVE), OWN)
    assert not oversees(Actor("staff", 7, None, ABOVE), None)


def test_allowed_actions_are_the_tables_that_one_has_a_right_to() -> None:
    keeper = Actor("staff", 7, Role.KEEPER, OWN)
    assert allowed_actions(keeper, TicketView(Status.DISPATCHED, 7, OWN)) == (
        Action.ACCEPT,
        Action.RETURN,
        Action.RESOLVE,
    )
    assert allowed_actions(keeper, TicketView(Status.DISPATCHED, 8, OWN)) == ()


def test_every_line_of_the_table_is_somebodys() -> None:
    actors = [Actor("staff", 7, role, OWN) for role in Role]
    actors += [Actor.rule(1), Actor.clock(), Actor.callback(1)]
    ticket = TicketView(Status.NEW, 7, OWN)
    for line in TRANSITIONS:
        assert any(may(actor, line.action, ticket) for actor in actors), line.action


@pytest.mark.parametrize(
    ("actor", "label"),
    [
        (Actor("staff", 7, Role.KEEPER, OWN), "staff:7"),
        (Actor.rule(4), "rule:4"),
        (Actor.resident(3), "resident:3"),
        (Actor.resident(None), "resident"),
        (Actor.clock(), "clock"),
        (Actor.callback(3), "callback:3"),
    ],
)
def test_labels(actor: Actor, label: str) -> None:
    assert actor.label == label


@pytest.mark.parametrize(
    ("actor", "sees"),
    [
        (Actor("staff", 7, Role.VIEWER, ABOVE), True),
        (Actor("staff", 7, Role.KEEPER, OTHER), False),
        (Actor("staff", 8, Role.KEEPER, OTHER), True),  # the assignee
        (Actor("staff", 8, None, OWN), False),
        (Actor("resident", 8), False),
        (Actor.clock(), False),
    ],
)
def test_who_sees_a_ticket(actor: Actor, sees: bool) -> None:
    assert may_see(actor, TicketView(Status.NEW, 8, OWN, frozenset({8}))) is sees
