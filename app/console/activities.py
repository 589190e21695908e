"""What goes on in the community: the phone, the text 活动 and the kiosk tell it."""

from datetime import date

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue

from app.console.access import DESK, EVERYBODY, page, who
from app.console.choices import local_moment, unit_of_form, units_below
from app.console.rendering import render, texts, why
from app.desk import activities as service
from app.errors import BadInput
from app.runtime import Runtime


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    zone = runtime.settings.zone

    def _list(wrong: str | None = None) -> ResponseReturnValue:
        signed = who()
        with runtime.db.transaction(read_only=True) as session:
            answer = render(
                "activities.html",
                coming=service.calendar(session, runtime.desk, signed.unit_path, now=runtime.now()),
                units=units_below(session, signed),
                form=request.form,
                wrong=wrong,
                may_plan=signed.role in DESK,
            )
        return (answer, 400) if wrong else answer

    @page(blueprint, "/activities", allow=EVERYBODY)
    def activities() -> ResponseReturnValue:
        return _list()

    @page(blueprint, "/activities", allow=DESK, methods=("POST",))
    def activity_add() -> ResponseReturnValue:
        form = request.form
        try:
            with runtime.db.transaction() as session:
                service.add(
                    session,
                    who().actor,
                    unit_of_form(session, form.get("unit_id")),
                    form.get("theme", ""),
                    form.get("place", ""),
                    local_moment(form.get("starts_at"), zone),
                    weekly=form.get("weekly") == "1",
                    until=_day(form.get("until")),
                    now=runtime.now(),
                )
        except BadInput as error:
            return _list(why(runtime, error))
        flash(texts(runtime)("加上了。居民打电话、发“活动”、在自助屏上都能看到。"), "good")
        return redirect("/staff/activities", 303)

    @page(blueprint, "/activities/<int:activity_id>/cancel", allow=DESK, methods=("POST",))
    def activity_cancel(activity_id: int) -> ResponseReturnValue:
        with runtime.db.transaction() as session:
            service.cancel(session, who().actor, activity_id, now=runtime.now())
        flash(texts(runtime)("取消了，不再告诉居民。"), "good")
        return redirect("/staff/activities", 303)

    @page(blueprint, "/activities/<int:activity_id>/restore", allow=DESK, methods=("POST",))
    def activity_restore(activity_id: int) -> ResponseReturnValue:
        with runtime.db.transaction() as session:
            service.restore(session, who().actor, activity_id)
        flash(texts(runtime)("恢复了。"), "good")
        return redirect("/staff/activities", 303)


def _day(given: str | None) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError as error:
        raise BadInput("截止日期不对") from error
