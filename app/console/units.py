"""The tree of units, with keepers and duty numbers; and who is on duty when."""

from datetime import date, time

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue

from app.console.access import CHARGE, DESK, EVERYBODY, page, who
from app.console.choices import staff_below, units_below
from app.console.rendering import UNIT_KINDS, render, texts, why
from app.desk import rosters as duty
from app.desk import unit_tree
from app.desk.residents import normalise_phone
from app.errors import BadInput
from app.runtime import Runtime
from app.texts.catalogue import mark
from models.staff import Role

WEEKDAYS = (mark("周一"), mark("周二"), mark("周三"), mark("周四"), mark("周五"), mark("周六"), mark("周日"))


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    region = runtime.settings.default_region

    def _phone(name: str) -> str | None:
        given = request.form.get(name, "").strip()
        return normalise_phone(given, region) if given else None

    def _given() -> unit_tree.Given:
        form = request.form
        return unit_tree.Given(
            kind=form.get("kind", ""),
            name=form.get("name", ""),
            label=form.get("label"),
            duty_phone=_phone("duty_phone"),
            hotline_number=_phone("hotline_number"),
        )

    @page(blueprint, "/units", allow=EVERYBODY)
    def units() -> ResponseReturnValue:
        signed = who()
        with runtime.db.transaction(read_only=True) as session:
            rows = unit_tree.tree(session, signed.actor)
            now_on = duty.duty_phones(session, runtime.desk, [row.unit for row in rows], now=runtime.now())
            return render("units/list.html", rows=rows, on_duty=now_on, may_edit=signed.role in CHARGE)

    def _one(unit_id: int, wrong: str | None = None) -> ResponseReturnValue:
        signed = who()
        with runtime.db.transaction(read_only=True) as session:
            answer = render(
                "units/one.html",
                unit=unit_tree.seen(session, signed.actor, unit_id),
                units=units_below(session, signed),
                kinds=[(kind, texts(runtime)(UNIT_KINDS[kind])) for kind in unit_tree.KINDS],
                form=request.form,
                wrong=wrong,
            )
        return (answer, 400) if wrong else answer

    @page(blueprint, "/units/<int:unit_id>", allow=CHARGE)
    def unit(unit_id: int) -> ResponseReturnValue:
        return _one(unit_id)

    @page(blueprint, "/units/<int:unit_id>", allow=CHARGE, methods=("POST",))
    def unit_change(unit_id: int) -> ResponseReturnValue:
        try:
            with runtime.db.transaction() as session:
                unit_tree.change(session, who().actor, unit_id, _given(), now=runtime.now())
        except BadInput as error:
            return _one(unit_id, why(runtime, error))
        flash(texts(runtime)("记下了。"), "good")
        return redirect("/staff/units", 303)

    @page(blueprint, "/units/<int:unit_id>/below", allow=CHARGE, methods=("POST",))
    def unit_add(unit_id: int) -> ResponseReturnValue:
        try:
            with runtime.db.transaction() as session:
                made = unit_tree.add_below(session, who().actor, unit_id, _given(), now=runtime.now())
                name = made.name
        except BadInput as error:
            return _one(unit_id, why(runtime, error))
        flash(texts(runtime)("加上了：{name}").format(name=name), "good")
        return redirect(f"/staff/units/{unit_id}", 303)

    @page(blueprint, "/units/<int:unit_id>/move", allow=CHARGE, methods=("POST",))
    def unit_move(unit_id: int) -> ResponseReturnValue:
        """With a way back in the message: a slip here moves hundreds of people."""
        parent_id = request.form.get("parent_id", 0, type=int)
        with runtime.db.transaction() as session:
            before = unit_tree.move(session, who().actor, unit_id, parent_id, now=runtime.now())
        flash(texts(runtime)("挪好了。挪错了的话，在“挪到”里选回原来的上级。"), "good")
        return redirect(f"/staff/units/{unit_id}?before={before or ''}", 303)

    @page(blueprint, "/units/<int:unit_id>/remove", allow=CHARGE, methods=("POST",))
    def unit_remove(unit_id: int) -> ResponseReturnValue:
        try:
            with runtime.db.transaction() as session:
                unit_tree.remove(session, who().actor, unit_id, now=runtime.now())
        except BadInput as error:
            return _one(unit_id, why(runtime, error))
        flash(texts(runtime)("删掉了。"), "good")
        return redirect("/staff/units", 303)

    def _roster(wrong: str | None = None) -> ResponseReturnValue:
        signed = who()
        unit_id = request.values.get("unit_id", signed.unit_id, type=int)
        now = runtime.now()
        with runtime.db.transaction(read_only=True) as session:
            unit = unit_tree.seen(session, signed.actor, unit_id)
            shifts = duty.shifts_of(session, unit.id, today=runtime.desk.local(now).date())
            holding = duty.on_duty((shift for shift, _ in shifts), runtime.desk.local(now))
            answer = render(
                "rosters.html",
                unit=unit,
                shifts=shifts,
                holding=holding.id if holding else None,
                units=units_below(session, signed),
                people=staff_below(session, signed),
                weekdays=WEEKDAYS,
                form=request.form,
                wrong=wrong,
                may_plan=signed.role in DESK and signed.role is not Role.VIEWER,
            )
        return (answer, 400) if wrong else answer

    @page(blueprint, "/rosters", allow=EVERYBODY)
    def rosters() -> ResponseReturnValue:
        return _roster()

    @page(blueprint, "/rosters", allow=DESK, methods=("POST",))
    def shift_add() -> ResponseReturnValue:
        form = request.form
        unit_id = form.get("unit_id", 0, type=int)
        try:
            with runtime.db.transaction() as session:
                duty.add_shift(
                    session,
                    who().actor,
                    unit_id,
                    start=_clock(form.get("start")),
                    end=_clock(form.get("end")),
                    weekdays=[day for day in form.getlist("weekday", type=int) if 0 <= day <= 6],
                    on_date=_day(form.get("on_date")),
                    staff_id=form.get("staff_id", type=int),
                    phone=_phone("phone"),
                    now=runtime.now(),
                )
        except BadInput as error:
            return _roster(why(runtime, error))
        flash(texts(runtime)("排好了。"), "good")
        return redirect(f"/staff/rosters?unit_id={unit_id}", 303)

    @page(blueprint, "/rosters/<int:shift_id>/drop", allow=DESK, methods=("POST",))
    def shift_drop(shift_id: int) -> ResponseReturnValue:
        with runtime.db.transaction() as session:
            duty.drop_shift(session, who().actor, shift_id, now=runtime.now())
        flash(texts(runtime)("去掉了。"), "good")
        return redirect(f"/staff/rosters?unit_id={request.form.get('unit_id', '')}", 303)


def _clock(given: str | None) -> time:
    try:
        return time.fromisoformat(given or "")
    except ValueError as error:
        raise BadInput("请写开始和结束的时间") from error


def _day(given: str | None) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError as error:
        raise BadInput("日期不对") from error
