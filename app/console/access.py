"""Who is signed in, and which roles a page is for. A page that does not say whom it is for cannot be registered.

This decides on pages; what somebody may do to a ticket, a resident or a unit is decided by the services (`may()` and
its kin in app.desk), for the console as for every other door.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from app.desk.rights import Actor
from app.errors import NotAllowed
from models.staff import Role

View = Callable[..., ResponseReturnValue]

EVERYBODY = frozenset(Role)
WORKING = EVERYBODY - {Role.VIEWER}
DESK = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR})
CALLBACKS = DESK | {Role.CALLBACK_WORKER}
CHARGE = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
NOBODY_YET: frozenset[Role] = frozenset()
"""Pages that are open to whoever has not signed in: the sign-in itself and its style sheet."""


@dataclass(frozen=True, slots=True)
class Signed:
    """The person at the keyboard, as loaded for this request."""

    staff_id: int
    login: str
    name: str
    role: Role
    unit_id: int
    unit_name: str
    unit_path: str
    session_id: int
    language: str
    must_change_password: bool

    @property
    def actor(self) -> Actor:
        return Actor("staff", self.staff_id, self.role, self.unit_path)


def page(
    blueprint: Blueprint, rule: str, *, allow: frozenset[Role], methods: tuple[str, ...] = ("GET",)
) -> Callable[[View], View]:
    """Register a view for these roles; its name is the endpoint. `allow` empty: for whoever has not signed in."""

    def register(view: View) -> View:
        view.allow = allow  # type: ignore[attr-defined]
        blueprint.add_url_rule(rule, view.__name__, view, methods=list(methods))
        return view

    return register


def allowed_for(view: Any) -> frozenset[Role] | None:
    """None where a view does not say: such a page is for nobody."""
    return getattr(view, "allow", None)


def who() -> Signed:
    """Whoever is signed in; NotAllowed if nobody is."""
    signed = g.get("signed")
    if not isinstance(signed, Signed):
        raise NotAllowed("请先登录")
    return signed
