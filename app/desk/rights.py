"""Who may do what to a ticket: one pure function, deny by default."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from models.lifecycle import TRANSITIONS, Action, Status, Who, allowed
from models.staff import Role, Staff
from models.unit import Unit

# What a role may do to the tickets of its own unit and everything below. Keepers act by assignment only, viewers never.
_BY_ROLE: Mapping[Role, frozenset[Who]] = {
    Role.DISPATCHER: frozenset({Who.DISPATCHER, Who.EVALUATION}),
    Role.SUPERVISOR: frozenset({Who.DISPATCHER, Who.EVALUATION}),
    Role.ADMINISTRATOR: frozenset({Who.DISPATCHER, Who.EVALUATION}),
    Role.CALLBACK_WORKER: frozenset({Who.EVALUATION, Who.CALLBACKS}),
}
_BY_KIND: Mapping[str, frozenset[Who]] = {
    "rule": frozenset({Who.RULE}),
    "clock": frozenset({Who.CLOCK}),
    "callback": frozenset({Who.EVALUATION, Who.CALLBACKS}),
}
_OWN_MATTER = frozenset({Who.RESIDENT, Who.EVALUATION})
_WHO: Mapping[Action, frozenset[Who]] = {line.action: line.who for line in TRANSITIONS}


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody, or something, that acts; `label` is what the log keeps. A null role has no rights at all."""

    kind: str  # staff, rule, resident, clock, callback
    id: int | None = None
    role: Role | None = None
    unit_path: str | None = None

    @property
    def label(self) -> str:
        return self.kind if self.id is None else f"{self.kind}:{self.id}"

    @classmethod
    def of(cls, staff: Staff, unit: Unit) -> Self:
        """Staff who have left keep their name in the log and lose every right."""
        return cls("staff", staff.id, staff.role if staff.active else None, unit.path)

    @classmethod
    def rule(cls, rule_id: int) -> Self:
        return cls("rule", rule_id)

    @classmethod
    def resident(cls, resident_id: int | None) -> Self:
        return cls("resident", resident_id)

    @classmethod
    def clock(cls) -> Self:
        return cls("clock")

    @classmethod
    def callback(cls, callback_id: int) -> Self:
        return cls("callback", callback_id)


@dataclass(frozen=True, slots=True)
class TicketView:
    """As much of a ticket as rights depend on. `residents`: reporter, beneficiary, reporters of its duplicates."""

    status: Status
    assignee_id: int | None
    unit_path: str | None
    residents: frozenset[int] = frozenset()
    first_responder_id: int | None = None


def may(actor: Actor, action: Action, ticket: TicketView) -> bool:
    """Does the actor have a right to this action at all? Whether it fits the ticket's status is the table's affair."""
    return bool(capacities(actor, ticket) & _WHO.get(action, frozenset()))


def capacities(actor: Actor, ticket: TicketView) -> frozenset[Who]:
    """In which capacities of the lifecycle's table the actor can act on this ticket."""
    if actor.kind == "staff":
        if actor.role is None or actor.role is Role.VIEWER:
            return frozenset()
        by_role = _BY_ROLE.get(actor.role, frozenset()) if oversees(actor, ticket.unit_path) else frozenset()
        # 当场答复: who took it in may answer it at once, before it is anybody's
        holder = ticket.first_responder_id if ticket.status is Status.NEW else None
        assigned = actor.id is not None and actor.id in (ticket.assignee_id, holder)
        return by_role | {Who.ASSIGNEE} if assigned else by_role
    if actor.kind == "resident":
        return _OWN_MATTER if actor.id in ticket.residents else frozenset()
    return _BY_KIND.get(actor.kind, frozenset())


def oversees(actor: Actor, unit_path: str | None) -> bool:
    """Is the unit in the actor's subtree? A matter from nowhere known belongs to those at the top of the tree."""
    if actor.role is None or not actor.unit_path:
        return False
    if unit_path is None:
        return actor.unit_path.strip("/").count("/") == 0
    return unit_path.startswith(actor.unit_path)


def may_see(actor: Actor, ticket: TicketView) -> bool:
    """Staff see what lies in their subtree and what they have in hand; everybody else has doors of their own."""
    if actor.kind != "staff" or actor.role is None:
        return False
    return oversees(actor, ticket.unit_path) or actor.id == ticket.assignee_id


def may_correct(actor: Actor, ticket: TicketView) -> bool:
    """Whoever may listen to its recording may also write down what it says, whatever the ticket's state."""
    return may(actor, Action.LISTEN, ticket)


def allowed_actions(actor: Actor, ticket: TicketView) -> tuple[Action, ...]:
    """What this actor can do now, in table order: buttons and error messages come from this."""
    return tuple(action for action in allowed(ticket.status) if may(actor, action, ticket))
