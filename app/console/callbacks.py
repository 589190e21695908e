"""The callback desk: the queue, one case at a time, how it went, next."""

from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.console.access import WORKING, page, who
from app.console.rendering import is_fragment, render, texts, why
from app.desk import audit, claims, person_calls, written_down
from app.desk.callback_case import callback_case, recent_marks
from app.desk.catalogue import NAMES
from app.desk.person_calls import Answers
from app.desk.residents import national
from app.desk.rights import Actor
from app.errors import BadInput, NotAllowed
from app.runtime import Runtime
from models.callback import Callback, CallbackKind, CallbackState, Outcome

HOME = "/staff/callbacks"
_BY_TELEPHONE = (
    Outcome.ANSWERED,
    Outcome.NO_ANSWER,
    Outcome.BUSY,
    Outcome.CALL_LATER,
    Outcome.MACHINE,
    Outcome.WRONG_NUMBER,
    Outcome.REFUSED,
    Outcome.FAILED,
)
_AT_THE_DOOR = (
    Outcome.ANSWERED,
    Outcome.NO_ANSWER,
    Outcome.CALL_LATER,
    Outcome.REFUSED,
    Outcome.WRONG_NUMBER,
)


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    @page(blueprint, "/callbacks", allow=WORKING)
    def callbacks() -> ResponseReturnValue:
        actor, now = who().actor, runtime.now()
        shown = request.args.get("show", "all")
        with runtime.db.transaction(read_only=True) as session:
            rows = claims.waiting(session, runtime.desk, actor, now=now)
            return render(
                "callbacks/rows.html" if is_fragment() else "callbacks/queue.html",
                rows=[row for row in rows if _is_shown(row, shown)],
                everybody=rows,
                shown=shown,
                marks=recent_marks(session, actor, now=now),
            )

    @page(blueprint, "/callbacks/next", allow=WORKING, methods=("POST",))
    def callback_next() -> ResponseReturnValue:
        with runtime.db.transaction() as session:
            path, message = _next(session, runtime, who().actor)
        if message:
            flash(message, "warn")
        return redirect(path, 303)

    @page(blueprint, "/callbacks/<int:callback_id>", allow=WORKING)
    def callback(callback_id: int) -> ResponseReturnValue:
        return _case(callback_id)

    def _case(callback_id: int, *, phone: str | None = None, wrong: str | None = None) -> ResponseReturnValue:
        actor, now = who().actor, runtime.now()
        with runtime.db.transaction() as session:
            found = claims.claim(session, runtime.desk, actor, callback_id, now=now)
            visit = found.state is CallbackState.VISIT
            answer = render(
                "callbacks/case.html",
                case=callback_case(session, runtime.desk, actor, found),
                outcomes=_AT_THE_DOOR if visit else _BY_TELEPHONE,
                visit=visit,
                phone=phone,
                wrong=wrong,
                typed=request.form,
                later=_suggested(runtime, now),
                categories=[(code, texts(runtime)(name)) for code, name in NAMES.items()],
                marks=recent_marks(session, actor, now=now),
                renew_seconds=int(claims.LEASE.total_seconds() / 3),
            )
        return (answer, 422) if wrong else answer

    @page(blueprint, "/callbacks/<int:callback_id>/hold", allow=WORKING, methods=("POST",))
    def callback_hold(callback_id: int) -> ResponseReturnValue:
        """The page is still open."""
        with runtime.db.transaction() as session:
            if not claims.renew(session, who().actor, callback_id, now=runtime.now()):
                raise NotAllowed("这件回电已经不在您手里，请看下一位")
        return "", 204

    @page(blueprint, "/callbacks/<int:callback_id>/release", allow=WORKING, methods=("POST",))
    def callback_release(callback_id: int) -> ResponseReturnValue:
        with runtime.db.transaction() as session:
            claims.release(session, who().actor, callback_id)
        return redirect(HOME, 303)

    @page(blueprint, "/callbacks/<int:callback_id>/phone", allow=WORKING, methods=("POST",))
    def callback_phone(callback_id: int) -> ResponseReturnValue:
        """Her number, to be dialled by hand: an act that is written down."""
        signed = who()
        with runtime.db.transaction() as session:
            found = claims.claim(session, runtime.desk, signed.actor, callback_id, now=runtime.now())
            audit.record(
                session,
                signed.staff_id,
                "see_phone",
                now=runtime.now(),
                subject="callback",
                subject_id=callback_id,
            )
            phone = national(found.phone) if found.phone else None
        if is_fragment():
            return render("callbacks/phone.html", phone=phone)
        return _case(callback_id, phone=phone)

    @page(blueprint, "/callbacks/<int:callback_id>/record", allow=WORKING, methods=("POST",))
    def callback_record(callback_id: int) -> ResponseReturnValue:
        actor, form, now = who().actor, request.form, runtime.now()
        try:
            with runtime.db.transaction() as session:
                _record(session, runtime, actor, callback_id, now)
        except BadInput as error:
            return _case(callback_id, wrong=why(runtime, error))
        if form.get("then") != "next":
            return redirect(HOME, 303)
        with runtime.db.transaction() as session:
            path, _ = _next(session, runtime, actor)
        return redirect(path, 303)

    @page(blueprint, "/callbacks/<int:callback_id>/undo", allow=WORKING, methods=("POST",))
    def callback_undo(callback_id: int) -> ResponseReturnValue:
        with runtime.db.transaction() as session:
            person_calls.undo(session, runtime.desk, callback_id, who().actor, now=runtime.now())
        flash(texts(runtime)("撤回了，请重新记。"), "good")
        return redirect(f"{HOME}/{callback_id}", 303)


def _is_shown(row: claims.Waiting, shown: str) -> bool:
    match shown:
        case "now":
            return row.now
        case "visits":
            return row.state is CallbackState.VISIT
        case "dialect":
            return row.dialect is not None
        case _:
            return True


def _next(session: Session, runtime: Runtime, actor: Actor) -> tuple[str, str | None]:
    """Where she goes on, and why not to somebody new."""
    now = runtime.now()
    if (left := person_calls.unrecorded(session, actor)) is not None:
        return f"{HOME}/{left}", texts(runtime)("请先记下这通电话的结果，再打下一位。")
    found = claims.claim_next(session, runtime.desk, actor, now=now)
    if found is None:
        return HOME, texts(runtime)("现在没有要打的电话了。")
    return f"{HOME}/{found}", None


def _record(session: Session, runtime: Runtime, actor: Actor, callback_id: int, now: datetime) -> None:
    form = request.form
    try:
        outcome = Outcome(form.get("outcome", ""))
    except ValueError as error:
        raise BadInput("请先选这通电话的结果") from error
    found = session.get(Callback, callback_id)
    if found is not None and found.kind is not CallbackKind.EVALUATION and form.get("words", "").strip():
        written_down.write_down(
            session,
            runtime.desk,
            found,
            actor,
            form["words"],
            now=now,
            category=form.get("category") or None,
            urgent="urgent" in form,
        )
    fact = form.get("fact", "")
    person_calls.record(
        session,
        runtime.desk,
        callback_id,
        actor,
        outcome,
        now=now,
        later=_moment(runtime, form.get("later", "")) if outcome is Outcome.CALL_LATER else None,
        answers=Answers(
            fact=int(fact) if fact in ("1", "2", "3") else None,
            speed=form.get("speed5") or form.get("speed") or None,
            effect=form.get("effect5") or form.get("effect") or None,
            attitude=form.get("attitude5") or form.get("attitude") or None,
            remark=form.get("remark") or None,
            attended=form.get("attended") or None,
        ),
    )


def _moment(runtime: Runtime, written: str) -> datetime | None:
    """As `<input type=datetime-local>` writes it, local time."""
    try:
        return datetime.fromisoformat(written).replace(tzinfo=runtime.settings.zone)
    except ValueError:
        return None


def _suggested(runtime: Runtime, now: datetime) -> str:
    """In an hour, to the quarter."""
    soon = now.astimezone(runtime.settings.zone) + timedelta(hours=1)
    soon -= timedelta(minutes=soon.minute % 15, seconds=soon.second, microseconds=soon.microsecond)
    return f"{soon:%Y-%m-%dT%H:%M}"
