"""What is done to a ticket from its page: the steps of the lifecycle, taking them back, and talk about it."""

from collections.abc import Callable
from datetime import date, datetime, time

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.console.access import WORKING, page, who
from app.console.rendering import ACTIONS, texts, why
from app.console.ticket_view import Trouble, show
from app.desk import joint, listening, pending, ratings, writing
from app.desk.progress import number_of_slip
from app.desk.rights import Actor
from app.desk.seeing import find_ticket
from app.errors import BadInput, NotFound, StaleTicket, TransitionError
from app.runtime import Runtime
from app.texts.catalogue import mark
from models.base import Json
from models.lifecycle import Action
from models.pending_step import PendingStep
from models.ticket import Ticket

Work = Callable[[Session, Ticket, Actor, datetime], str]
_MORNING = time(8)
"""A wait ends in the morning of its day."""
_DONE = {
    Action.DISPATCH: mark("已派单。1 分钟内改派，原来的人不会收到短信。"),
    Action.ACCEPT: mark("接单了。办好以后点“办结”。"),
    Action.RESUME: mark("继续办理。"),
}


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    def perform(number: int, form: str, work: Work) -> ResponseReturnValue:
        """One form of the page: done and back to it, or shown again with what was typed and why not."""
        try:
            with runtime.db.transaction() as session:
                ticket, _ = find_ticket(session, who().actor, number)
                said = work(session, ticket, who().actor, runtime.now())
        except BadInput as error:
            return show(
                runtime, number, trouble=Trouble(form, why(runtime, error), request.form.to_dict())
            ), 422
        except StaleTicket as error:
            seen = request.form.get("seen", type=int)
            return show(
                runtime, number, trouble=Trouble(form, why(runtime, error), request.form.to_dict(), seen)
            ), 409
        except TransitionError as error:
            return show(runtime, number, trouble=Trouble(form, why(runtime, error))), 409
        flash(said, "good")
        return redirect(f"/staff/tickets/{number}", 303)

    @page(blueprint, "/tickets/<int:number>/do/<action>", allow=WORKING, methods=("POST",))
    def ticket_do(number: int, action: str) -> ResponseReturnValue:
        wanted = next((one for one in ACTIONS if one == action), None)
        if wanted is None:
            raise NotFound("没有这个操作")

        def work(session: Session, ticket: Ticket, actor: Actor, now: datetime) -> str:
            version = request.form.get("version", type=int)
            if version is None:
                raise BadInput("这一页不完整，请重新打开再办")
            given = _given(session, runtime, actor)
            if wanted is Action.DISPATCH:
                if (assignee := given.pop("assignee_id", None)) is None:
                    raise BadInput("请选派给谁")
                listening.dispatch_to(
                    session,
                    runtime.desk,
                    ticket,
                    actor,
                    assignee,
                    now=now,
                    reason=given.get("reason"),
                    expected_version=version,
                )
                return texts(runtime)(_DONE[wanted])
            done = pending.order(
                session, runtime.desk, ticket, wanted, actor, now=now, expected_version=version, **given
            )
            if isinstance(done, PendingStep):
                return texts(runtime)("“{action}”1 分钟后生效，在这之前可以撤回。").format(
                    action=texts(runtime)(ACTIONS[wanted])
                )
            return texts(runtime)(_DONE.get(wanted, mark("办好了。")))

        return perform(number, action, work)

    @page(blueprint, "/tickets/<int:number>/back", allow=WORKING, methods=("POST",))
    def ticket_back(number: int) -> ResponseReturnValue:
        def work(session: Session, ticket: Ticket, actor: Actor, now: datetime) -> str:
            taken = pending.take_back(session, ticket, actor)
            return texts(runtime)("“{action}”撤回了，什么都没有变。").format(
                action=texts(runtime)(ACTIONS[taken])
            )

        try:
            return perform(number, "back", work)
        except NotFound as error:
            flash(why(runtime, error), "warn")
            return redirect(f"/staff/tickets/{number}", 303)

    @page(blueprint, "/tickets/<int:number>/now", allow=WORKING, methods=("POST",))
    def ticket_now(number: int) -> ResponseReturnValue:
        def work(session: Session, ticket: Ticket, actor: Actor, now: datetime) -> str:
            event = pending.at_once(session, runtime.desk, ticket, actor, now=now)
            if event is None:
                return texts(runtime)("这一步没有生效：别人先办了别的一步。请看下面的经过。")
            return texts(runtime)("已经生效。")

        try:
            return perform(number, "back", work)
        except NotFound:
            return redirect(f"/staff/tickets/{number}", 303)

    @page(blueprint, "/tickets/<int:number>/remark", allow=WORKING, methods=("POST",))
    def ticket_remark(number: int) -> ResponseReturnValue:
        def work(session: Session, ticket: Ticket, actor: Actor, now: datetime) -> str:
            words, tell = request.form.get("words", ""), "tell" in request.form
            writing.remark(session, runtime.desk, ticket, actor, words, now=now, tell=tell)
            return texts(runtime)("记下了。")

        return perform(number, "remark", work)

    @page(blueprint, "/tickets/<int:number>/text", allow=WORKING, methods=("POST",))
    def ticket_text(number: int) -> ResponseReturnValue:
        def work(session: Session, ticket: Ticket, actor: Actor, now: datetime) -> str:
            words = request.form.get("words", "")
            writing.text_reporter(session, runtime.desk, ticket, actor, words, now=now)
            return texts(runtime)("短信交给运营商了，送到没有请看下面的经过。")

        return perform(number, "text", work)

    @page(blueprint, "/tickets/<int:number>/rating", allow=WORKING, methods=("POST",))
    def ticket_rating(number: int) -> ResponseReturnValue:
        def work(session: Session, ticket: Ticket, actor: Actor, now: datetime) -> str:
            channel = request.form.get("channel", "")
            if channel not in ("visit", "desk", "meeting"):
                raise BadInput("请选在哪里问的")
            ratings.enter_rating(
                session,
                runtime.desk,
                ticket,
                actor,
                request.form.get("fact", 0, type=int),
                request.form.get("speed", type=int),
                request.form.get("effect", type=int),
                request.form.get("attitude", type=int),
                channel,
                request.form.get("remark"),
                now=now,
                attended=request.form.get("attended"),
            )
            return texts(runtime)("评价登记好了。")

        return perform(number, "rating", work)

    @page(blueprint, "/tickets/<int:number>/helpers", allow=WORKING, methods=("POST",))
    def ticket_helper_add(number: int) -> ResponseReturnValue:
        def work(session: Session, ticket: Ticket, actor: Actor, now: datetime) -> str:
            staff_id = request.form.get("staff", type=int)
            if staff_id is None:
                raise BadInput("请选请谁协办")
            task = request.form.get("task")
            joint.add_helper(session, runtime.desk, ticket, actor, staff_id, task, now=now)
            return texts(runtime)("请来协办了。")

        return perform(number, "helpers", work)

    @page(blueprint, "/tickets/<int:number>/helpers/<int:staff>", allow=WORKING, methods=("POST",))
    def ticket_helper(number: int, staff: int) -> ResponseReturnValue:
        def work(session: Session, ticket: Ticket, actor: Actor, now: datetime) -> str:
            match request.form.get("mark"):
                case "done":
                    joint.mark_done(session, ticket, actor, staff, now=now, words=request.form.get("words"))
                    return texts(runtime)("协办的部分办好了，记下了。")
                case "undone":
                    joint.mark_done(session, ticket, actor, staff, now=now, done=False)
                    return texts(runtime)("改回“还在办”了。")
                case "leave":
                    joint.remove_helper(session, ticket, actor, staff, now=now)
                    return texts(runtime)("不用协办了，记下了。")
            raise BadInput("请重新打开这一页再办")

        return perform(number, "helpers", work)


def _given(session: Session, runtime: Runtime, actor: Actor) -> Json:
    """The fields of an action's form, as `transition` takes them; what is empty is left out."""
    form = request.form
    given: Json = {name: form[name].strip() for name in ("reason", "text") if form.get(name, "").strip()}
    if until := _day("until"):
        given["until"] = runtime.desk.calendar.at(until, _MORNING)
    if review := _day("review_on"):
        given["review_on"] = review
    if assignee := form.get("assignee", type=int):
        given["assignee_id"] = assignee
    if other := form.get("duplicate_of", "").strip():
        number = number_of_slip(session, other) or (int(other[:10]) if other.isdecimal() else None)
        if number is None:
            raise BadInput("请写另一件事的编号，例如 1024")
        try:
            given["duplicate_of"] = find_ticket(session, actor, number)[0]
        except NotFound as error:
            raise BadInput(error.sentence, **error.gaps) from error
    return given


def _day(name: str) -> date | None:
    written = request.form.get(name, "").strip()
    if not written:
        return None
    try:
        day = date.fromisoformat(written)
    except ValueError as error:
        raise BadInput("没有这个日期，请重新选") from error
    if not 2000 < day.year < 2200:  # beyond it clocks have no time zone
        raise BadInput("没有这个日期，请重新选")
    return day
