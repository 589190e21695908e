"""What can happen to a ticket: one table, pure. `transition()` in app.desk.tickets is its only user that writes."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    NEW = "new"
    NEEDS_LISTENING = "needs_listening"
    DISPATCHED = "dispatched"
    IN_PROGRESS = "in_progress"
    RETURNED = "returned"
    ON_HOLD = "on_hold"
    PLANNED = "planned"
    REFERRED = "referred"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    DUPLICATE = "duplicate"
    CANCELLED = "cancelled"


class Action(StrEnum):
    OPEN = "open"  # the first event of every ticket; not in the table: it has no from-state
    LISTEN = "listen"
    DISPATCH = "dispatch"
    ACCEPT = "accept"
    RETURN = "return"
    HOLD = "hold"
    RESUME = "resume"
    PLAN = "plan"
    REFER = "refer"
    RESOLVE = "resolve"
    RATE_OK = "rate_ok"
    REOPEN = "reopen"
    CLOSE_UNRATED = "close_unrated"
    DUPLICATE = "duplicate"
    CANCEL = "cancel"


class Who(StrEnum):
    """In which capacity somebody acts; `may()` maps roles and assignment to these."""

    DISPATCHER = "dispatcher"
    ASSIGNEE = "assignee"
    RULE = "rule"  # the dispatch rules
    CLOCK = "clock"
    EVALUATION = "evaluation"  # a rating, however it came in
    RESIDENT = "resident"
    CALLBACKS = "callbacks"  # the callback policy giving up


OPEN: frozenset[Status] = frozenset(
    {
        Status.NEW,
        Status.NEEDS_LISTENING,
        Status.DISPATCHED,
        Status.IN_PROGRESS,
        Status.RETURNED,
        Status.ON_HOLD,
        Status.REOPENED,
    }
)

UNRATED_REASONS = frozenset({"unreachable", "no_contact", "declined"})


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of the table. `needs` names what must be given: reason, until, review_on, text, duplicate_of."""

    action: Action
    sources: frozenset[Status]
    target: Status
    who: frozenset[Who]
    why: str
    needs: tuple[str, ...] = ()


def _line(
    action: Action,
    sources: frozenset[Status] | set[Status],
    target: Status,
    who: set[Who],
    why: str,
    *needs: str,
) -> Transition:
    return Transition(action, frozenset(sources), target, frozenset(who), why, needs)


TRANSITIONS: tuple[Transition, ...] = (
    _line(
        Action.LISTEN,
        {Status.NEEDS_LISTENING},
        Status.NEW,
        {Who.DISPATCHER},
        "a person has heard the recording and written down what it says",
    ),
    _line(
        Action.DISPATCH,
        {
            Status.NEW,
            Status.RETURNED,
            Status.REOPENED,
            Status.ON_HOLD,
            Status.PLANNED,
            Status.DISPATCHED,
            Status.IN_PROGRESS,
        },
        Status.DISPATCHED,
        {Who.RULE, Who.DISPATCHER},
        "somebody becomes responsible; a second dispatch moves it to somebody else",
    ),
    _line(
        Action.ACCEPT,
        {Status.DISPATCHED},
        Status.IN_PROGRESS,
        {Who.ASSIGNEE},
        "接单: the assignee says that it is hers",
    ),
    _line(
        Action.RETURN,
        {Status.DISPATCHED, Status.IN_PROGRESS},
        Status.RETURNED,
        {Who.ASSIGNEE},
        "退单: not hers; the reason helps the dispatcher",
        "reason",
    ),
    _line(
        Action.HOLD,
        {Status.IN_PROGRESS},
        Status.ON_HOLD,
        {Who.ASSIGNEE, Who.DISPATCHER},
        "暂缓: waits for something until a date; the resident is told, the hard limit runs on",
        "reason",
        "until",
    ),
    _line(
        Action.RESUME,
        {Status.ON_HOLD},
        Status.IN_PROGRESS,
        {Who.ASSIGNEE, Who.CLOCK},
        "the wait is over, by hand or because the date has come",
    ),
    _line(
        Action.PLAN,
        OPEN,
        Status.PLANNED,
        {Who.DISPATCHER},
        "纳入计划: not done and not forgotten; reviewed at a date",
        "reason",
        "review_on",
    ),
    _line(
        Action.REFER,
        OPEN,
        Status.REFERRED,
        {Who.DISPATCHER},
        "转办: an outside body has it; followed up at a date",
        "reason",
        "review_on",
    ),
    _line(
        Action.RESOLVE,
        {
            Status.NEW,
            Status.DISPATCHED,
            Status.IN_PROGRESS,
            Status.REOPENED,
            Status.PLANNED,
            Status.REFERRED,
        },
        Status.RESOLVED,
        {Who.ASSIGNEE, Who.DISPATCHER},
        "办结: done, says whoever did it (acceptance implied), or answered on the spot by the desk",
        "text",
    ),
    _line(
        Action.RATE_OK,
        {Status.RESOLVED},
        Status.CLOSED,
        {Who.EVALUATION},
        "the resident says that it is really done",
    ),
    _line(
        Action.REOPEN,
        {Status.RESOLVED, Status.CLOSED},
        Status.REOPENED,
        {Who.EVALUATION, Who.RESIDENT, Who.DISPATCHER},
        "重办: not really done, or done badly; within 14 days after closing",
        "reason",
    ),
    _line(
        Action.CLOSE_UNRATED,
        {Status.RESOLVED},
        Status.CLOSED,
        {Who.CALLBACKS},
        "nobody could or would rate it; never counted as satisfied",
        "reason",
    ),
    _line(
        Action.DUPLICATE,
        OPEN,
        Status.DUPLICATE,
        {Who.DISPATCHER},
        "并案: the same matter as another ticket; its reporter is told and asked with the other's",
        "reason",
        "duplicate_of",
    ),
    _line(
        Action.CANCEL,
        OPEN,
        Status.CANCELLED,
        {Who.DISPATCHER},
        "撤销: no matter after all; the reason stays on record",
        "reason",
    ),
)

_BY_ACTION = {line.action: line for line in TRANSITIONS}


def find(action: Action, status: Status) -> Transition | None:
    """The line for this step, or None if the table has none."""
    line = _BY_ACTION.get(action)
    return line if line and status in line.sources else None


def allowed(status: Status) -> tuple[Action, ...]:
    """Actions that the table knows from here, in table order; buttons come from this."""
    return tuple(line.action for line in TRANSITIONS if status in line.sources)


def replay(actions: Iterator[tuple[Action, Status]]) -> Status:
    """Rebuild a status from its events (action, target); raises ValueError on a step that the table lacks."""
    status: Status | None = None
    for action, target in actions:
        if status is None:
            if action is not Action.OPEN:
                raise ValueError(f"the first event is {action}, not open")
        elif (line := find(action, status)) is None or line.target is not target:
            raise ValueError(f"no step {action} from {status} to {target}")
        status = target
    if status is None:
        raise ValueError("a ticket without events")
    return status
