"""Notices to all who live in a unit: drafted, approved by somebody in charge, followed."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.console.access import CHARGE, DESK, page, who
from app.console.choices import local_moment, unit_of_form, units_below
from app.console.rendering import is_fragment, render, texts, why
from app.desk import announcing, reaching
from app.errors import BadInput
from app.runtime import Runtime
from app.texts.catalogue import mark
from models.notice import Notice, NoticeState
from models.unit import Unit

STATES = {
    NoticeState.DRAFT: mark("草稿"),
    NoticeState.SENDING: mark("正在发"),
    NoticeState.PAUSED: mark("暂停"),
    NoticeState.DONE: mark("发完了"),
    NoticeState.CANCELLED: mark("取消了"),
}


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    zone = runtime.settings.zone

    def _list(wrong: str | None = None) -> ResponseReturnValue:
        signed = who()
        with runtime.db.transaction(read_only=True) as session:
            query = (
                select(Notice, Unit.name)
                .join(Unit, Unit.id == Notice.unit_id)
                .where(Unit.path.startswith(signed.unit_path, autoescape=True))
                .order_by(Notice.id.desc())
                .limit(50)
            )
            answer = render(
                "notices/list.html",
                rows=session.execute(query).all(),
                states=STATES,
                units=units_below(session, signed),
                form=request.form,
                tomorrow=(runtime.now() + timedelta(hours=24)).astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
                wrong=wrong,
            )
        return (answer, 400) if wrong else answer

    @page(blueprint, "/notices", allow=DESK)
    def notices() -> ResponseReturnValue:
        return _list()

    @page(blueprint, "/notices", allow=DESK, methods=("POST",))
    def notice_draft() -> ResponseReturnValue:
        form = request.form
        try:
            with runtime.db.transaction() as session:
                made = announcing.draft(
                    session,
                    who().actor,
                    unit_of_form(session, form.get("unit_id")),
                    form.get("body", ""),
                    not_after=local_moment(form.get("not_after"), zone),
                    urgent=form.get("urgent") == "1",
                    now=runtime.now(),
                )
                number = made.id
        except BadInput as error:
            return _list(why(runtime, error))
        flash(texts(runtime)("写好了，还没有发。请负责人看过再批准。"), "good")
        return redirect(f"/staff/notices/{number}", 303)

    @page(blueprint, "/notices/<int:notice_id>", allow=DESK)
    def notice(notice_id: int) -> ResponseReturnValue:
        """As a fragment: how far it has come, asked for again while it is being sent."""
        with runtime.db.transaction(read_only=True) as session:
            found = announcing.seen_by(session, who().actor, notice_id)
            return render(
                "notices/progress.html" if is_fragment() else "notices/one.html",
                notice=found,
                unit=session.get_one(Unit, found.unit_id),
                state=texts(runtime)(STATES[found.state]),
                reach=reaching.reach(session, runtime.desk, found)
                if found.state is NoticeState.DRAFT
                else None,
                progress=reaching.progress(session, found),
                may_approve=who().role in CHARGE,
            )

    @page(blueprint, "/notices/<int:notice_id>/approve", allow=CHARGE, methods=("POST",))
    def notice_approve(notice_id: int) -> ResponseReturnValue:
        with runtime.db.transaction() as session:
            found = announcing.seen_by(session, who().actor, notice_id)
            count = announcing.approve(session, who().actor, found, now=runtime.now())
        flash(texts(runtime)("开始发了，共 {n} 个号码。发错了可以马上暂停。").format(n=count), "good")
        return redirect(f"/staff/notices/{notice_id}", 303)

    @page(
        blueprint, "/notices/<int:notice_id>/<any(pause,resume,cancel):what>", allow=DESK, methods=("POST",)
    )
    def notice_move(notice_id: int, what: str) -> ResponseReturnValue:
        with runtime.db.transaction() as session:
            actor, found = who().actor, announcing.seen_by(session, who().actor, notice_id)
            if what == "cancel":
                announcing.cancel(session, actor, found, now=runtime.now())
            else:
                (announcing.pause if what == "pause" else announcing.resume)(session, actor, found)
        return redirect(f"/staff/notices/{notice_id}", 303)
