"""Dispatching several tickets at once: choose, see what would happen, do it, take it back."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.console.access import DESK, page, who
from app.console.queue import LIST, picked
from app.console.rendering import is_fragment, render, texts
from app.desk import bulk
from app.errors import BadInput
from app.runtime import Runtime
from app.texts.catalogue import mark

_REASON = mark("批量派单")


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    @page(blueprint, "/tickets/dispatch", allow=DESK)
    def plan_dispatch() -> ResponseReturnValue:
        chosen = picked(request.args.getlist("pick"))
        if not chosen:
            raise BadInput("请先在列表里选中要派的诉求")
        with runtime.db.transaction(read_only=True) as session:
            helpers = bulk.helpers(session, who().actor)
            assignee = next((one for one in helpers if str(one.id) == request.args.get("assignee")), None)
            planned = bulk.plan(
                session,
                runtime.desk,
                who().actor,
                chosen,
                assignee.id if assignee else None,
                now=runtime.now(),
            )
            people = bulk.names_of(session, {id_ for line in planned for id_ in (line.to, line.now_with)})
        return _show("dispatch", planned=planned, helpers=helpers, assignee=assignee, people=people)

    @page(blueprint, "/tickets/dispatch", allow=DESK, methods=("POST",))
    def do_dispatch() -> ResponseReturnValue:
        """`order`: number.version.assignee, as the plan showed it."""
        orders = _orders(request.form.getlist("order"))
        signed, say = who(), texts(runtime)
        back = request.form.get("back") == "1"
        reason = say("撤回刚才的派单") if back else say(_REASON)
        results = bulk.dispatch_many(
            runtime.db, runtime.desk, signed.actor, orders, now=runtime.now(), reason=reason
        )
        with runtime.db.transaction(read_only=True) as session:
            people = bulk.names_of(session, {id_ for one in results for id_ in (one.to, one.before)})
        return _show("dispatched", results=results, people=people, back=back)


def _orders(written: list[str]) -> dict[int, tuple[int, int]]:
    found = {}
    for one in written:
        order, _, assignee = one.rpartition(".")
        for number, version in picked([order]).items():
            if assignee.isascii() and assignee.isdigit() and len(assignee) < 10:
                found[number] = (version, int(assignee))
    return found


def _show(name: str, **context: object) -> str:
    """As a page, or as what fills the dialog."""
    part = f"queue/{name}.html"
    return render(
        part if is_fragment() else "queue/dispatch_page.html", part=f"staff/{part}", list=LIST, **context
    )
