"""The queue: what is open, by the time that is left; filters, search, pages, and what has changed meanwhile."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.console.access import DESK, EVERYBODY, page, who
from app.console.kiosks import silent_kiosks
from app.console.rendering import STATUSES, render
from app.desk import claims
from app.desk.catalogue import NAMES
from app.desk.queue_facts import queue_facts
from app.desk.queue_filter import CHANNELS, UNSORTED, VIEWS, QueueFilter
from app.desk.queue_live import changes
from app.desk.queue_scope import scope_of
from app.desk.queue_statement import Key
from app.desk.queue_view import queue_page
from app.desk.rights import Actor
from app.desk.saved_views import views_of
from app.desk.staff_calls import CALLERS
from app.runtime import Runtime
from app.texts.catalogue import mark
from models.staff import Role

LIST = "/staff/tickets"
GROUPS = (("open", mark("所有待办")), ("waiting", mark("待派单")), ("any", mark("全部，包括办结的")))
MAY_DISPATCH = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR})
_ROWS = 60  # that a browser may ask about at once


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    @page(blueprint, "/tickets", allow=EVERYBODY)
    def tickets() -> ResponseReturnValue:
        signed, now = who(), runtime.now()
        wanted = QueueFilter.parse(request.args.items(multi=True))
        with runtime.db.transaction(read_only=True) as session:
            saved = views_of(session, signed.staff_id)
            own = next((view for view in saved if view.opens), None)
            if own is not None and own.query and not request.query_string:
                return redirect(f"{LIST}?{own.query}")
            scope = scope_of(session, signed.actor)
            after, before = Key.parse(request.args.get("after")), Key.parse(request.args.get("before"))
            found = queue_page(session, runtime.desk, scope, wanted, now=now, after=after, before=before)
            facts = queue_facts(session, runtime.desk, scope, now=now)
            silent = silent_kiosks(session, runtime, signed.actor) if signed.role in DESK else None
        first = found.before if before is not None else after
        return render(
            "queue/list.html",
            **_words(wanted),
            found=found,
            facts=facts,
            silent=silent,
            places=scope.places,
            saved=saved,
            live=_address(wanted, "/live", after=first, until=found.after),
            at=int(now.timestamp()),
            may_dispatch=signed.role in MAY_DISPATCH,
        )

    @page(blueprint, "/tickets/live", allow=EVERYBODY)
    def tickets_live() -> ResponseReturnValue:
        signed, now = who(), runtime.now()
        wanted, shown = (
            QueueFilter.parse(request.args.items(multi=True)),
            picked(request.args.getlist("shown")[:_ROWS]),
        )
        with runtime.db.transaction(read_only=True) as session:
            changed = changes(
                session,
                runtime.desk,
                scope_of(session, signed.actor),
                wanted,
                shown,
                now=now,
                since=_moment(request.args.get("at"), now),
                after=Key.parse(request.args.get("after")),
                until=Key.parse(request.args.get("until")),
            )
        told = ".".join(map(str, changed.new))
        if not changed.rows and told == request.args.get("told", ""):
            return "", 204
        return render(
            "queue/live.html",
            **_words(wanted),
            changed=changed,
            told=told,
            at=int(now.timestamp()),
            may_dispatch=signed.role in MAY_DISPATCH,
        )

    @page(blueprint, "/counts", allow=EVERYBODY)
    def counts() -> ResponseReturnValue:
        signed, now = who(), runtime.now()
        with runtime.db.transaction(read_only=True) as session:
            facts = queue_facts(session, runtime.desk, scope_of(session, signed.actor), now=now)
            calls = _calls(session, runtime, signed.actor, now) if signed.role in CALLERS else 0
        found = (facts.mine if signed.role is Role.KEEPER else facts.open, calls)
        told = f"{found[0]}.{found[1]}"
        if told == request.args.get("told"):
            return "", 204
        return render("queue/counts.html", tickets=found[0], calls=calls, told=told)


def picked(written: Iterable[str]) -> dict[int, int]:
    """`1024.3`, as check boxes and rows carry it: number → version. What makes no sense is left out."""
    found = {}
    for one in written:
        number, _, version = one.partition(".")
        if all(part.isascii() and part.isdigit() and len(part) < 10 for part in (number, version)):
            found[int(number)] = int(version)
    return found


def _calls(session: Session, runtime: Runtime, actor: Actor, now: datetime) -> int:
    waiting = claims.waiting(session, runtime.desk, actor, now=now)
    return sum(line.now and line.claimed_by is None for line in waiting)


def _words(wanted: QueueFilter) -> dict[str, Any]:
    """What templates need to speak of filters and to link to others."""
    link: Callable[..., str] = lambda filter_, **place: _address(filter_, **place)  # noqa: E731
    return {
        "wanted": wanted,
        "views": VIEWS,
        "link": link,
        "groups": GROUPS,
        "statuses": tuple(STATUSES),
        "categories": (*NAMES, UNSORTED),
        "channels": CHANNELS,
    }


def _address(wanted: QueueFilter, path: str = "", **place: Key | None) -> str:
    """Never without a query: that would be whatever view somebody begins with."""
    query = wanted.query() or "state=open"
    more = "".join(f"&{name}={key}" for name, key in place.items() if key is not None)
    return f"{LIST}{path}?{query}{more}"


def _moment(written: str | None, now: datetime) -> datetime:
    if written and written.isascii() and written.isdigit() and len(written) < 12:
        return datetime.fromtimestamp(int(written), UTC)
    return now
