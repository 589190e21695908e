"""Stations and their screens."""

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue

from app.console.access import CHARGE, page, who
from app.console.choices import units_below
from app.console.rendering import render, texts, why
from app.desk import kiosks
from app.desk import stations as service
from app.errors import BadInput
from app.runtime import Runtime


def add(blueprint: Blueprint, runtime: Runtime) -> None:
    def _page(wrong: str | None = None) -> ResponseReturnValue:
        signed = who()
        with runtime.db.transaction(read_only=True) as session:
            rows = service.below(session, signed.actor)
            answer = render(
                "stations/list.html",
                rows=rows,
                kiosks=[kiosk for kiosk, _ in kiosks.below(session, signed.actor)],
                open_now={one.id for one, _ in rows if service.is_open(runtime.desk, one, runtime.now())},
                silent=kiosks.SILENT,
                units=units_below(session, signed),
                form=request.form,
                wrong=wrong,
            )
        return (answer, 400) if wrong else answer

    @page(blueprint, "/stations", allow=CHARGE)
    def stations() -> ResponseReturnValue:
        return _page()

    @page(blueprint, "/stations", allow=CHARGE, methods=("POST",))
    def station_add() -> ResponseReturnValue:
        return _save(None)

    @page(blueprint, "/stations/<int:station_id>", allow=CHARGE, methods=("POST",))
    def station_change(station_id: int) -> ResponseReturnValue:
        return _save(station_id)

    def _save(station_id: int | None) -> ResponseReturnValue:
        form = request.form
        given = service.Given(
            unit_id=form.get("unit_id", 0, type=int),
            name=form.get("name", ""),
            letter=form.get("letter", ""),
            address=form.get("address", ""),
            hours=form.get("hours", ""),
            staffed=form.get("staffed") == "1",
            inches=form.get("inches", 0.0, type=float),
            distance_mm=form.get("distance_mm", 0, type=int),
            printer_mm=form.get("printer_mm", type=int),
            speaker=form.get("speaker") == "1",
            active=form.get("active") == "1",
        )
        try:
            with runtime.db.transaction() as session:
                service.save(session, who().actor, station_id, given, now=runtime.now())
        except BadInput as error:
            return _page(why(runtime, error))
        flash(texts(runtime)("记下了。"), "good")
        return redirect("/staff/stations", 303)
